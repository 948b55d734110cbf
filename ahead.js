// Starts the recogniser's worker with the page: Python loads in it while the page gets ready to be drawn on. When
// PyScript makes a worker it is given this one; where that one has failed or is taken, as at a second start, a new one.
{
  // Made from a blob, it may do what the page may, by the page's Content-Security-Policy, and no more.
  const source = new Blob([`import "${new URL("worker.mjs", document.baseURI)}";`], { type: "text/javascript" });
  const { Worker } = globalThis;
  const start = () => new Worker(URL.createObjectURL(source), { type: "module" });
  let ahead = start();
  ahead.onerror = () => (ahead = undefined);

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
      const worker = ahead ?? start();
      ahead = undefined;
      worker.postMessage({ scripts: isDenied ? [forgetful, script] : [script] });
      return Object.setPrototypeOf(worker, new.target.prototype);
    }
  };
}
