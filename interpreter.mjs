// What PyScript starts in the worker: Pyodide, from a snapshot, with all that is needed fetched at once, as soon as this
// module is imported.
// The page hears of it in messages: {part: "total", bytes}, how many are to arrive, and those of watch.mjs; recogniser.py
// reports the later steps.
import { loadPyodide as load, version } from "./vendor/pyodide/pyodide.mjs";
import { COUNTED, watch } from "./watch.mjs";

export { version };

const vendor = new URL("./vendor/", import.meta.url);
const EARLY = ["pyodide.asm.wasm", "python.snapshot", "python.zip"]; // what Pyodide would ask for one after the other
const WHEEL = /^pyodide\/.*\.whl$/;
const NEEDED = /^pyodide\/|^onnxruntime\/reduced/;

const early = new Map(); // promised responses by their addresses; each is given away once

watch();
for (const { href } of EARLY.map((name) => new URL(`pyodide/${name}`, vendor))) early.set(href, fetch(href));
const manifest = fetch(new URL("manifest.json", vendor)).then(async (response) => (await response.json()).files);
giveEarly();
// Beside Python, not after it. A failure is told where the networks are used.
const pad = [new Float32Array(28 * 28), [1, 28, 28]];
import("./networks.mjs").then(({ run }) => run("model.onnx", "images", ...pad)).catch(() => {});
const core = import("./vendor/pyodide/pyodide.asm.mjs"); // last, for it keeps this thread busy for a while
core.catch(() => {}); // told where it is used

const starting = start();
starting.catch(() => {}); // told to PyScript

export async function loadPyodide({ stdout, stderr }) {
  const pyodide = await starting;
  pyodide.setStdout({ batched: stdout });
  pyodide.setStderr({ batched: stderr });
  return pyodide;
}

async function start() {
  const files = Object.entries(await manifest);
  const sizes = files.map(([name, { size }]) => (NEEDED.test(name) && COUNTED.test(name) ? size : 0));
  postMessage({ part: "total", bytes: sizes.reduce((sum, size) => sum + size) });
  const names = files.map(([name]) => name).filter((name) => WHEEL.test(name));
  const wheels = names.map(async (name) => (await fetch(new URL(name, vendor))).arrayBuffer());
  const pyodide = await startPython();
  // Not by its `loadPackage`, which links all that a wheel has; what is imported is linked as it is.
  const into = pyodide.runPython("import site; site.getsitepackages()[0]");
  for (const wheel of wheels) pyodide.unpackArchive(await wheel, "wheel", { extractDir: into });
  return pyodide;
}

async function startPython() {
  const settings = { indexURL: new URL("pyodide/", vendor).href };
  try {
    return await load({ ...settings, stdLibURL: new URL("pyodide/python.zip", vendor).href, ...(await started()) });
  } catch (error) {
    console.warn("Python's snapshot does not fit this browser; starting without it.", error);
    return load(settings);
  }
}

// What makes Pyodide go on where it was when tools/reduce.mjs took a snapshot of its memory; the file's form is told
// there. What the memory holds from the beginning is not in the file.
async function started() {
  const { body } = await fetch(new URL("pyodide/python.snapshot", vendor));
  const [start, whole] = body.pipeThrough(new DecompressionStream("gzip")).tee();
  const arriving = new Response(whole).arrayBuffer();
  const snapshot = new Uint8Array(await numberAtStart(start));
  return {
    _loadSnapshot: snapshot,
    createPyodideModule: async (settings) => {
      const { instantiateWasm } = settings;
      // It compiles while the file arrives; but once its memory is there, nothing else is to have a turn.
      settings.instantiateWasm = (imports, goOn) =>
        instantiateWasm(imports, (...made) => {
          const then = () => goOn(...made);
          arriving.then(then, then);
        });
      const module = await (await core).default(settings);
      const file = await arriving;
      const [length, head, sum, count] = new Uint32Array(file, 0, 4);
      const edges = new Uint32Array(file, 16, 2 * count);
      const runs = new Uint8Array(file, 16 + edges.byteLength);
      snapshot.set(module.HEAPU8.subarray(0, length - head), head);
      for (let n = 0, from = 0; n < edges.length; n += 2) {
        const size = edges[n + 1] - edges[n];
        snapshot.set(runs.subarray(from, from + size), edges[n]);
        from += size;
      }
      if (sumOf(snapshot) !== sum) throw new Error("Python's memory was another one before it started.");
      return module;
    },
  };
}

async function numberAtStart(stream) {
  const reader = stream.getReader();
  const { value } = await reader.read();
  reader.cancel();
  return new DataView(value.buffer, value.byteOffset).getUint32(0, true);
}

function sumOf({ buffer }) {
  let sum = 0;
  for (const word of new Uint32Array(buffer)) sum = (sum + word) | 0;
  return sum >>> 0;
}

function giveEarly() {
  const { fetch } = globalThis;

  globalThis.fetch = (...request) => {
    const address = String(request[0].url ?? request[0]);
    const promised = early.get(address);
    early.delete(address);
    return promised ?? fetch(...request);
  };
}
