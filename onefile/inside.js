// What the page and its worker share: a `fetch` and an `import` that answer from what the file carries.
//
// A browser lets a page from the disk neither fetch nor import the files beside it, but it may make blobs of what it
// holds itself, and fetch and import those. tools/onefile.py has each `import()` of the modules call this one.

// As their address the modules are told one on no server there is: libraries treat those on the disk in ways of their own.
const HOME = "https://digitpad.invalid/";

/** Answer a worker that asks for files, as worker.js does; `find` is as below. */
function attend(worker, find) {
  const { postMessage } = Worker.prototype; // PyScript puts one in its place that waits for the code
  worker.addEventListener("message", async (event) => {
    const wanted = event.data?.wanted;
    if (!wanted) return;
    event.stopImmediatePropagation();
    postMessage.call(worker, { found: wanted, file: await find(wanted) });
  });
}

/** Answer for addresses below HOME and below `folder`; `find(path)` promises `{content, isPacked}` of a file, or nothing. */
function carry(folder, find) {
  const TYPES = { json: "application/json", wasm: "application/wasm", js: "text/javascript", mjs: "text/javascript" };
  const { fetch } = globalThis;
  const modules = new Map(); // addresses of the blobs by the paths and queries of the modules

  function pathOf(address) {
    const { href } = Object.assign(new URL(address, folder), { search: "" });
    const start = [HOME, folder].find((start) => href.startsWith(start));
    return start && decodeURIComponent(href.slice(start.length));
  }

  async function fetchInside(request, options) {
    const address = request.url ?? request;
    const path = pathOf(address);
    if (!path) return fetch(request, options);
    const file = await find(path);
    const type = TYPES[path.split(".").pop()] ?? "application/octet-stream";
    const response = file
      ? new Response(file.isPacked ? unpacked(file.content) : file.content, { headers: { "Content-Type": type } })
      : new Response(null, { status: 404 });
    return Object.defineProperty(response, "url", { value: new URL(address, folder).href });
  }

  function unpacked(content) {
    return content.stream().pipeThrough(new DecompressionStream("gzip"));
  }

  async function makeModule(path) {
    const response = await fetchInside(HOME + path);
    if (!response.ok) throw new Error(`${path} is not in this file.`);
    return URL.createObjectURL(await response.blob());
  }

  globalThis.fetch = fetchInside;
  globalThis.inside = {
    async import(address) {
      const path = pathOf(address);
      if (!path) return import(address);
      const name = path + new URL(address, folder).search;
      if (!modules.has(name)) modules.set(name, makeModule(path));
      return import(await modules.get(name));
    },
  };
}
