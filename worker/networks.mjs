// The networks, in an onnxruntime-web that has only the functions that they call (tools/build/onnxruntime.mjs).
// Should another one be called after all, as where somebody has changed a network, the whole of it takes over.
const reduced = start("reduced.wasm");
let whole;

/** Run a network: its file, the name of its input, that input's data and shape; promise its outputs by their names. */
export async function run(...given) {
  try {
    if (!whole) return await reduced(...given);
  } catch (error) {
    console.warn("The reduced onnxruntime-web does not fit; taking the whole of it.", error);
  }
  whole ??= start("ort-wasm-simd-threaded.wasm");
  return whole(...given);
}

/** Have a network's file fetched now, for when it is needed. */
export function keep(file) {
  (whole ?? reduced)(file);
}

// In a worker of its own: to start, it takes half as long as Python, and can do so at the same time.
function start(wasm) {
  const worker = new Worker(new URL("./onnxruntime.mjs", import.meta.url), { type: "module", name: wasm });
  let isListening = false;
  let listen;
  const listening = new Promise((resolve) => (listen = resolve));
  const asked = []; // what settles the promises of answers, in the order in which these come
  worker.addEventListener("message", ({ data }) => {
    if (data.part === "session") listen((isListening = true));
    else if (data.part) postMessage(data); // news for the page
    else asked.shift()(data);
  });
  worker.onerror = () => postMessage({ part: "failed", sentence: "worker/onnxruntime.mjs, or what it imports, did not arrive." });
  return async (...given) => {
    if (!isListening) await listening; // else it is asked before Python goes on
    worker.postMessage(given);
    const { outputs, error } = await new Promise((resolve) => asked.push(resolve));
    if (error !== undefined) throw new Error(error);
    return outputs;
  };
}
