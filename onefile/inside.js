// What the page and its worker share: a `fetch` and an `import` that answer from what the file carries.
//
// A browser lets a page from the disk neither fetch nor import the files beside it, but it may make blobs of what it
// holds itself, and fetch and import those. tools/onefile.py has each `import()` of the modules call this one.

/** Answer for addresses below `base`; `find(path)` promises `{content, isPacked}` of a file, or nothing. */
function carry(base, find) {
  const TYPES = { json: "application/json", wasm: "application/wasm", js: "text/javascript", mjs: "text/javascript" };
  const { fetch } = globalThis;
  const modules = new Map(); // addresses of the blobs by those of the modules

  async function fetchInside(request, options) {
    const { href } = new URL(request.url ?? request, base);
    if (!href.startsWith(base)) return fetch(request, options);
    const path = decodeURIComponent(href.slice(base.length));
    const file = await find(path);
    const type = TYPES[path.split(".").pop()] ?? "application/octet-stream";
    const response = file
      ? new Response(file.isPacked ? unpacked(file.content) : file.content, { headers: { "Content-Type": type } })
      : new Response(null, { status: 404 });
    return Object.defineProperty(response, "url", { value: href });
  }

  function unpacked(content) {
    return content.stream().pipeThrough(new DecompressionStream("gzip"));
  }

  async function makeModule(address) {
    const response = await fetchInside(address);
    if (!response.ok) throw new Error(`${address} is not in this file.`);
    return URL.createObjectURL(await response.blob());
  }

  globalThis.fetch = fetchInside;
  globalThis.inside = {
    address: (path) => new URL(path, base).href,
    async import(address) {
      const { href } = new URL(address, base);
      if (!href.startsWith(base)) return import(address);
      if (!modules.has(href)) modules.set(href, makeModule(href));
      return import(await modules.get(href));
    },
  };
}
