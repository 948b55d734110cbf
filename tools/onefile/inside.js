// What the page and its worker share: a `fetch` and an `import` that answer from what the file carries.
//
// A browser lets a page from the disk neither fetch nor import the files beside it, but it may answer with what it
// holds itself, and import addresses that are a script each. tools/onefile/write.py has each `import()` of the modules call
// this one.

// As their address the modules are told one on no server there is: libraries treat those on the disk in ways of their own.
const HOME = "https://digitpad.invalid/";

/** Return a script's address: not a blob's, from which in WebKit a worker of a page from the disk may import nothing. */
function addressOf(script) {
  return `data:text/javascript,${encodeURIComponent(script)}`;
}

/** Answer a worker that asks for files, as worker.js does; `find` is as below. */
function attend(worker, find) {
  worker.addEventListener("message", async (event) => {
    const wanted = event.data?.wanted;
    if (!wanted) return;
    event.stopImmediatePropagation();
    worker.postMessage({ found: wanted, file: await find(wanted) });
  });
}

/** Answer for addresses below HOME and below `folder`; `find(path)` promises `{content, isPacked}` of a file, or nothing. */
function carry(folder, find) {
  const TYPES = { json: "application/json", wasm: "application/wasm", js: "text/javascript", mjs: "text/javascript" };
  const { fetch } = globalThis;
  const modules = new Map(); // their addresses by the paths and queries of the modules

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
    return new Response(content).body.pipeThrough(new DecompressionStream("gzip"));
  }

  async function makeModule(name) {
    const response = await fetchInside(HOME + name);
    if (!response.ok) throw new Error(`${name} is not in this file.`);
    return addressOf(`${await response.text()}\n//# sourceURL=${HOME}${name}`);
  }

  globalThis.fetch = fetchInside;
  globalThis.inside = {
    async import(address) {
      const path = pathOf(address);
      if (!path) return import(address);
      const name = path + new URL(address, folder).search;
      if (!modules.has(name)) modules.set(name, makeModule(name));
      return import(await modules.get(name));
    },

    /** Return a module's `import.meta`, and its `import`, that takes addresses as the module gives them. */
    metaOf(name) {
      const url = HOME + name;
      return { url, import: (address) => inside.import(new URL(address, url)) };
    },
  };
}
