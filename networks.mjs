// The networks, in an onnxruntime-web of which only those functions are left that they call (tools/onnxruntime.mjs).
// Should another one be called after all, as where somebody has changed a network, the whole of it takes over.
const reduced = start("reduced.wasm");
let whole;

/** Run a network: its file, the name of its input, that input's data and shape; promise its outputs by their names. */
export async function run(...given) {
  try {
    if (!whole) return await (await reduced)(...given);
  } catch (error) {
    console.warn("The reduced onnxruntime-web does not fit; taking the whole of it.", error);
  }
  whole ??= start("ort-wasm-simd-threaded.wasm");
  return (await whole)(...given);
}

// Each has a state of its own: hence the question mark. Not a static import: in the page in one file (tools/onefile.py)
// no module has an address that another is found by.
async function start(wasm) {
  const { env, InferenceSession, Tensor } = await import(`./vendor/onnxruntime/ort.wasm.bundle.min.mjs?${wasm}`);
  env.wasm.wasmPaths = { wasm: new URL(`./vendor/onnxruntime/${wasm}`, import.meta.url).href };
  env.wasm.numThreads = 1; // more would need headers that a plain static host does not send
  const sessions = new Map(); // promised, by their files
  return async (file, input, data, shape) => {
    if (!sessions.has(file)) sessions.set(file, InferenceSession.create(new URL(file, import.meta.url).href));
    return (await sessions.get(file)).run({ [input]: new Tensor("float32", data, shape) });
  };
}
