// onnxruntime-web, in a worker that networks.mjs starts; the worker's name is that of the wasm to run. Each message is
// what to run, and is answered in its turn, with {outputs} or {error}; a message that names no input but a file alone has
// that file kept for later.
import { fetchEarly, watch } from "./downloads.mjs";

const { fetch } = globalThis; // unwatched: nobody is to hear of what is not needed yet
const wasm = addressOf(`vendor/onnxruntime/${name}`);
watch();
fetchEarly([wasm, addressOf("model.onnx")]);
const { env, InferenceSession, Tensor } = await import("../vendor/onnxruntime/ort.wasm.bundle.min.mjs");
env.wasm.wasmPaths = { wasm };
env.wasm.numThreads = 1; // more would need headers that a plain static host does not send

const sessions = new Map(); // promised, by their files
const kept = new Map(); // promised contents of files; nothing where a file could not be had

async function run(file, input, data, shape) {
  if (!input) return keep(file);
  if (!sessions.has(file)) sessions.set(file, start(file));
  const outputs = await (await sessions.get(file)).run({ [input]: new Tensor("float32", data, shape) });
  return Object.fromEntries(Object.entries(outputs).map(([name, { data, dims }]) => [name, { data, dims }]));
}

async function start(file) {
  return InferenceSession.create((await kept.get(file)) ?? addressOf(file));
}

function keep(file) {
  const arriving = fetch(addressOf(file)).then((response) => (response.ok ? response.arrayBuffer() : undefined));
  kept.set(file, arriving.catch(() => {}));
}

function addressOf(file) {
  return new URL(`../${file}`, import.meta.url).href;
}

let turn = Promise.resolve();

addEventListener("message", ({ data }) => {
  turn = turn
    .then(() => run(...data))
    .then(
      (outputs) => postMessage({ outputs }),
      (error) => postMessage({ error: String(error?.message ?? error) }),
    );
});
postMessage({ part: "session" });
