// What PyScript starts in the worker: Pyodide, with an eye on what is fetched.
// The page hears of it in messages: {part: "bytes", loaded, total} as the bytes arrive, and
// {part: "missing", sentence} where something does not; recogniser.py reports the later steps.
import { loadPyodide as load, version } from "./vendor/pyodide/pyodide.mjs";

export { version };

const vendor = new URL("./vendor/", import.meta.url);
const TELL = 500_000; // bytes from one message to the next

export async function loadPyodide(options) {
  await watchFetches();
  const settings = { ...options, indexURL: new URL("pyodide/", vendor).href };
  try {
    return await load({ ...settings, _loadSnapshot: snapshot() });
  } catch (error) {
    console.warn("Python's snapshot does not fit this browser; starting without it.", error);
    return load(settings);
  }
}

// The memory of a Pyodide that has started already: most of the start is saved.
async function snapshot() {
  const { body } = await fetch(new URL("pyodide/python.snapshot", vendor));
  return new Uint8Array(await new Response(body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

async function watchFetches() {
  const { fetch } = globalThis;
  const manifest = await fetch(new URL("manifest.json", vendor));
  if (!manifest.ok) miss(manifest.url, `status ${manifest.status}`);
  const { files } = await manifest.json();
  // These are fetched; the modules are imported, which nobody can watch, and are small.
  const sizes = new Map(
    Object.entries(files)
      .filter(([name]) => /^(pyodide|onnxruntime)\/.*\.(wasm|zip|whl|snapshot)$/.test(name))
      .map(([name, { size }]) => [new URL(name, vendor).href, size]),
  );
  const total = [...sizes.values()].reduce((sum, size) => sum + size);
  let loaded = 0;
  let told = 0;

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
      if (loaded - told < TELL && loaded < total) continue;
      told = loaded;
      postMessage({ part: "bytes", loaded, total });
    }
  }
}
