// What PyScript starts in the worker: Pyodide, with a count of the bytes that have arrived.
// The page hears of them as messages {part: "bytes", loaded, total}; recogniser.py reports the later steps.
import { loadPyodide as load, version } from "./vendor/pyodide/pyodide.mjs";

export { version };

const vendor = new URL("./vendor/", import.meta.url);

export async function loadPyodide(options) {
  await countBytes();
  return load({ ...options, indexURL: new URL("pyodide/", vendor).href });
}

async function countBytes() {
  const { fetch } = globalThis;
  const { files } = await (await fetch(new URL("manifest.json", vendor))).json();
  // These are fetched; the modules are imported, which nobody can watch, and are small.
  const sizes = new Map(
    Object.entries(files)
      .filter(([name]) => /^(pyodide|onnxruntime)\/.*\.(wasm|zip|whl)$/.test(name))
      .map(([name, { size }]) => [new URL(name, vendor).href, size]),
  );
  const total = [...sizes.values()].reduce((sum, size) => sum + size);
  let loaded = 0;

  globalThis.fetch = async (...request) => {
    const response = await fetch(...request);
    if (sizes.has(response.url) && response.ok) count(response.clone().body);
    return response;
  };

  async function count(body) {
    for (const reader = body.getReader(); ; ) {
      const { done, value } = await reader.read().catch(() => ({ done: true }));
      if (done) return;
      loaded += value.byteLength;
      postMessage({ part: "bytes", loaded, total });
    }
  }
}
