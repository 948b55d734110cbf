// The worker of a page from the disk: before PyScript's own script, which follows, it waits for the page's files.
{
  const files = new Promise((resolve) => {
    addEventListener("message", function take(event) {
      if (!event.data.inside) return;
      event.stopImmediatePropagation();
      removeEventListener("message", take);
      resolve(event.data.inside);
    });
  });
  // Its own, a blob's, is none that another could be resolved against, as libraries do.
  Object.defineProperty(globalThis, "location", { value: new URL(HOME) });
  // Pyodide would load its parts with this; they are modules.
  globalThis.importScripts = undefined;
  carry(folder, async (path) => (await files).get(path));
}
