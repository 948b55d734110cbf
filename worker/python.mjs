// Pyodide, from a snapshot, with all that is needed fetched at once.
import { goingOn, plant, write } from "./pyodide_internals.mjs";
import { run } from "./networks.mjs";
import { loadPyodide } from "../vendor/pyodide/pyodide.mjs";
import { COUNTED, fetchEarly, watch } from "./downloads.mjs";

const vendor = new URL("../vendor/", import.meta.url);
const EARLY = ["pyodide.asm.wasm", "python.snapshot", "python.zip"]; // what Pyodide would ask for one after the other
const LIBRARY = /^pyodide\/libraries\/(.*)\.wasm$/;
const NEEDED = /^pyodide\/|^onnxruntime\/reduced/;

const { fetch: fetchUnwatched } = globalThis; // what is not needed at the start breaks none off

/** Promise Pyodide with all that a first reading needs; its `bringRest` promises the rest. */
export async function loadPython() {
  watch();
  fetchEarly(EARLY.map((name) => new URL(`pyodide/${name}`, vendor).href));
  const manifest = fetch(new URL("manifest.json", vendor)).then(async (response) => (await response.json()).files);
  const libraries = manifest.then((files) => {
    const names = Object.keys(files).filter((name) => LIBRARY.test(name));
    return Promise.all(names.sort().map(library));
  });
  const linkable = libraries.then((libraries) => Promise.all(libraries.map(compiled)));
  linkable.catch(() => {}); // told where they are used
  // Beside Python, not after it. A failure is told where the networks are used.
  run("model.onnx", "images", new Float32Array(28 * 28), [1, 28, 28]).catch(() => {});
  const core = import("../vendor/pyodide/pyodide.asm.mjs"); // last, for it keeps this thread busy for a while
  core.catch(() => {}); // told where it is used
  const needed = Object.entries(await manifest).filter(([name]) => NEEDED.test(name) && COUNTED.test(name));
  postMessage({ part: "total", bytes: needed.reduce((sum, [, { size }]) => sum + size, 0) });
  const settings = { indexURL: new URL("pyodide/", vendor).href };
  let pyodide, rest;
  try {
    const file = fetch(new URL("pyodide/python.snapshot", vendor)).then(unpacked);
    const stdLibURL = new URL("pyodide/python.zip", vendor).href;
    pyodide = await loadPyodide({ ...settings, stdLibURL, ...goingOn(core, file, linkable) });
  } catch (error) {
    console.warn("Python's snapshot does not fit this browser; starting without it.", error);
    pyodide = await loadPyodide(settings);
    for (const [path, content] of await libraries) write(pyodide.FS, path, content);
    await bringRest(pyodide);
    rest = Promise.resolve();
  }
  pyodide.bringRest = () => {
    rest ??= bringRest(pyodide);
    rest.catch(() => (rest = undefined)); // told to whoever waits for it, and tried again by the next
    return rest;
  };
  return pyodide;
}

// What is not in the snapshot, for it is not needed for a first reading.
async function bringRest(pyodide) {
  const response = await fetchUnwatched(new URL("pyodide/python.rest", vendor)).catch(() => undefined);
  if (!response?.ok) throw new Error("A part of Digitpad did not arrive.");
  plant(pyodide, await unpacked(response));
}

// Return path and content of a shared library.
async function library(name) {
  const response = await fetch(new URL(name, vendor));
  return [LIBRARY.exec(name)[1], new Uint8Array(await response.arrayBuffer())];
}

async function compiled([path, content]) {
  return [path, await WebAssembly.compile(content)];
}

function unpacked({ body }) {
  return new Response(body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
