// A worker of a page from the disk, before its own module is imported: it has the page find the files.
{
  const files = new Map(); // what was asked for, by path: promises, and what settles them
  addEventListener("message", (event) => {
    if (!event.data?.found) return;
    event.stopImmediatePropagation();
    files.get(event.data.found).resolve(event.data.file);
  });
  function find(path) {
    if (!files.has(path)) {
      let resolve;
      const promise = new Promise((settle) => (resolve = settle));
      files.set(path, { promise, resolve });
      postMessage({ wanted: path });
    }
    return files.get(path).promise;
  }
  // Its own, a blob's, is none that another could be resolved against, as libraries do.
  Object.defineProperty(globalThis, "location", { value: new URL(HOME) });
  // Pyodide would load its parts with this; they are modules.
  globalThis.importScripts = undefined;
  carry(folder, find);

  // Its own workers are as it is, and ask it for the files. What they run it is told in START, as is all up to here.
  globalThis.Worker = class extends Worker {
    constructor(module, { name }) {
      const script = [START, `inside.import(${JSON.stringify(String(module))});`];
      super(addressOf(script.join("\n")), { name });
      attend(this, find);
    }
  };
}
