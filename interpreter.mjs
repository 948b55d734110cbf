// What PyScript starts in the worker: Pyodide, with an eye on what is fetched.
// The page hears of it in messages: {part: "bytes", loaded, total} as the bytes arrive, and
// {part: "missing", sentence} where something does not; recogniser.py reports the later steps.
import { loadPyodide as load, version } from "./vendor/pyodide/pyodide.mjs";

export { version };

const vendor = new URL("./vendor/", import.meta.url);

export async function loadPyodide(options) {
  await watchFetches();
  return load({ ...options, indexURL: new URL("pyodide/", vendor).href });
}

async function watchFetches() {
  const { fetch } = globalThis;
  const manifest = await fetch(new URL("manifest.json", vendor));
  if (!manifest.ok) miss(manifest.url, `status ${manifest.status}`);
  const { files } = await manifest.json();
  // These are fetched; the modules are imported, which nobody can watch, and are small.
  const sizes = new Map(
    Object.entries(files)
      .filter(([name]) => /^(pyodide|onnxruntime)\/.*\.(wasm|zip|whl)$/.test(name))
      .map(([name, { size }]) => [new URL(name, vendor).href, size]),
  );
  const total = [...sizes.values()].reduce((sum, size) => sum + size);
  let loaded = 0;

  globalThis.fetch = async (...request) => {
    let response;
    try {
      response = await fetch(...request);
    } catch (error) {
      miss(request[0], error.message);
      throw error;
    }
    if (!response.ok) miss(response.url, `status ${response.status}`);
    else if (sizes.has(response.url)) count(response.clone().body);
    return response;
  };

  // Pyodide, for one, waits for ever for what does not arrive: the page has to be told.
  function miss(address, reason) {
    const name = String(address.url ?? address).split("/").pop();
    postMessage({ part: "missing", sentence: `${name} did not arrive (${reason}).` });
  }

  async function count(body) {
    for (const reader = body.getReader(); ; ) {
      const { done, value } = await reader.read().catch(() => ({ done: true }));
      if (done) return;
      loaded += value.byteLength;
      postMessage({ part: "bytes", loaded, total });
    }
  }
}
