// The networks, as onnxruntime-web's sessions; each is made once, and may be asked for before Python has started.
// Not a static import: in the page in one file (tools/onefile.py) no module has an address that another is found by.
const { env, InferenceSession, Tensor } = await import("./vendor/onnxruntime/ort.wasm.bundle.min.mjs");

export { Tensor };

// More threads would need headers that a plain static host does not send.
env.wasm.numThreads = 1;

const sessions = new Map();

export function session(file) {
  if (!sessions.has(file)) sessions.set(file, InferenceSession.create(new URL(file, import.meta.url).href));
  return sessions.get(file);
}
