// Python as tools/build/reduce.mjs has kept it for the page, and how Pyodide goes on from there. It makes two files, each of a
// number of 32 bits, how long the JSON is that follows, that JSON, and bytes.
// `python.snapshot` is Python's memory, when all was imported that is needed up to a first reading. Its bytes are the head
// that Pyodide gives to its snapshots, and then the runs of memory that are not there from the beginning; its JSON has
//   head    the size of that head
//   memory  the size of Python's memory
//   edges   where each run begins and ends
//   sum     over all between the runs, by which one knows that it is the same
//   table   the size of the table of functions, before Python starts and in the end
//   opened  the shared libraries that Python has opened: path and handle of each
// `python.rest` is the packages' files. Its JSON has path and size of each.

/** Where the packages lie; the paths of shared libraries begin there. */
export const SITE = "/lib/python3.14/site-packages";

/** What Python is started with: the language would else be the browser's, and move what lies behind it in memory. */
export const SETTINGS = { env: { LANG: "C.UTF-8" } };

const HEAD = 1 << 16; // bytes, more than such a head takes
const TABLE = 1 << 14; // functions, more than Pyodide itself has

/** Return what has Pyodide go on from a memory; all is promised: Pyodide's module, the file, the shared libraries. */
export function goingOn(core, file, libraries) {
  const head = new Uint8Array(HEAD);
  const all = Promise.all([file, libraries]);
  return {
    ...SETTINGS,
    _loadSnapshot: head,
    createPyodideModule: async (settings) => {
      const { instantiateWasm } = settings;
      // It compiles while the file arrives; but once its memory is there, nothing else is to have a turn.
      settings.instantiateWasm = (imports, goOn) =>
        instantiateWasm(imports, (instance, made) => {
          unify(instance.exports.__indirect_function_table, 0, instance);
          const then = () => goOn(instance, made);
          all.then(([, libraries]) => link(settings, libraries)).then(then, then);
        });
      const module = await (await core).default(settings);
      fill(module, head, (await all)[0]);
      return module;
    },
  };
}

/**
 * Have shared libraries, pairs of path and WebAssembly.Module, linked when Pyodide's module starts, before Python does.
 * Always the same ones in the same order, they get the same places in its memory and its table.
 */
export function link(settings, libraries) {
  settings.onRuntimeInitialized = () => {
    const { wasmTable } = settings;
    const { Instance } = WebAssembly;
    wasmTable.grow(TABLE - wasmTable.length);
    WebAssembly.Instance = function (library, imports) {
      const instance = new Instance(library, imports);
      unify(wasmTable, imports.env.__table_base, instance);
      return instance;
    };
    try {
      for (const [path, library] of libraries) {
        const place = `${SITE}/${path}`;
        settings.preloadedWasm[place] = settings.loadWebAssemblyModule(library, {}, place, {});
      }
    } finally {
      WebAssembly.Instance = Instance;
    }
  };
}

// WebKit has two objects for a function that is in the table and is exported. Pyodide knows functions by them, and would
// put such a one into the table again, and all that follow to another place than in other browsers.
function unify(table, start, { exports }) {
  const byName = new Map(Object.values(exports).map((value) => [value.name, value])); // a name is a number, its own
  for (let n = start; n < table.length; n++) {
    const name = table.get(n)?.name;
    if (name !== undefined && byName.has(name)) table.set(n, byName.get(name));
  }
}

/** Return a sum over what of a memory is between runs, whose edges these are. */
export function sumBetween({ buffer, length }, edges) {
  const words = new Uint32Array(buffer);
  let sum = 0;
  for (let n = 0, word = 0; n <= edges.length; n += 2) {
    for (const end = (edges[n] ?? length) / 4; word < end; word++) sum = (sum + words[word]) | 0;
    word = edges[n + 1] / 4;
  }
  return sum;
}

/** Write the packages' files to where they belong, given what they are kept in. */
export function plant({ FS }, file) {
  const [sizes, take] = contentOf(file);
  for (const [path, size] of sizes) write(FS, path, take(size));
}

/** Write a package's file. */
export function write(FS, path, content) {
  FS.mkdirTree(`${SITE}/${path}`.replace(/\/[^/]*$/, ""));
  FS.writeFile(`${SITE}/${path}`, content);
}

/** Return a file of the form that is told above. */
export function fileOf(about, parts) {
  const text = new TextEncoder().encode(JSON.stringify(about));
  const all = [new Uint8Array(Uint32Array.of(text.length).buffer), text, ...parts];
  const file = new Uint8Array(all.reduce((size, { length }) => size + length, 0));
  let end = 0;
  for (const part of all) {
    file.set(part, end);
    end += part.length;
  }
  return file;
}

// Return such a file's JSON, and a function that takes its bytes, so many at a time.
function contentOf(file) {
  const length = new DataView(file).getUint32(0, true);
  let start = 4 + length;
  const take = (size) => new Uint8Array(file, (start += size) - size, size);
  return [JSON.parse(new TextDecoder().decode(new Uint8Array(file, 4, length))), take];
}

// Pyodide would have all of the memory follow the head. Here nothing does: the memory is filled by the runs alone.
function fill(module, head, file) {
  const [about, take] = contentOf(file);
  head.set(take(about.head));
  new Uint32Array(head.buffer)[1] = HEAD;
  module.growMemory(about.memory);
  const { edges, table } = about;
  for (let n = 0; n < edges.length; n += 2) module.HEAPU8.set(take(edges[n + 1] - edges[n]), edges[n]);
  if (module.wasmTable.length !== table[0] || sumBetween(module.HEAPU8, edges) !== about.sum) {
    throw new Error("Python's memory was another one before it started.");
  }
  module.wasmTable.grow(table[1] - table[0]); // with nothing: what was there was for once, but its place may be known
  for (const [path, handle] of about.opened) {
    const place = `${SITE}/${path}`;
    module.newDSO(place, handle, module.preloadedWasm[place]).global = false;
  }
}
