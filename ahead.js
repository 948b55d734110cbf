// Starts the recogniser's worker with the page: Python loads in it while the page gets ready to be drawn on. When
// PyScript makes a worker it is given this one; where that one has failed or is taken, as at a second start, a new one.
{
  // Made from a blob, it may do what the page may, by the page's Content-Security-Policy, and no more. Firefox asks a
  // service worker for what is imported in this way, but not for what stands in an import statement.
  const address = JSON.stringify(new URL("worker.mjs", document.baseURI));
  const missing = JSON.stringify({ part: "missing", sentence: "worker.mjs did not arrive." });
  const source = `import(${address}).catch(() => postMessage(${missing}));`;
  const blob = new Blob([source], { type: "text/javascript" });
  const { Worker } = globalThis;
  const listening = new WeakMap(); // what workers promise: what they are told before would be lost

  function start() {
    const worker = new Worker(URL.createObjectURL(blob), { type: "module" });
    const first = new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
    listening.set(worker, first);
    first.then(({ data }) => {
      if (data.part === "missing" && worker === ahead) ahead = undefined;
    });
    return worker;
  }

  let ahead = start();

  // PyScript's worker opens a database and cannot start without one. Where the browser denies it, as with all cookies
  // forbidden, the worker gets one that forgets. Deleting what is not there changes nothing, and tells.
  const forgetful = new URL("vendor/fake-indexeddb/auto/index.mjs", document.baseURI).href;
  let isDenied = false;
  try {
    indexedDB.deleteDatabase("digitpad-is-there-storage").onerror = () => (isDenied = true);
  } catch {
    isDenied = true;
  }

  globalThis.Worker = class extends Worker {
    constructor(script) {
      const worker = Object.setPrototypeOf(ahead ?? start(), new.target.prototype);
      ahead = undefined;
      worker.postMessage({ scripts: isDenied ? [forgetful, script] : [script] });
      return worker;
    }

    postMessage(...message) {
      listening.get(this).then(() => super.postMessage(...message));
    }
  };
}
