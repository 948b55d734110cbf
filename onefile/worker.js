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
  // Its own, a blob's, is none that another address could be resolved against.
  Object.defineProperty(globalThis, "location", { value: new URL(base) });
  carry(base, async (path) => (await files).get(path));
}
