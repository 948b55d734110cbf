// onnxruntime-web, in a worker that networks.mjs starts; the worker's name is that of the wasm to run. Each message is
// what to run, and is answered in its turn, with {outputs} or {error}.
import { env, InferenceSession, Tensor } from "./vendor/onnxruntime/ort.wasm.bundle.min.mjs";
import { watch } from "./watch.mjs";

watch();
env.wasm.wasmPaths = { wasm: new URL(`./vendor/onnxruntime/${name}`, import.meta.url).href };
env.wasm.numThreads = 1; // more would need headers that a plain static host does not send

const sessions = new Map(); // promised, by their files

async function run(file, input, data, shape) {
  if (!sessions.has(file)) sessions.set(file, InferenceSession.create(new URL(file, import.meta.url).href));
  const outputs = await (await sessions.get(file)).run({ [input]: new Tensor("float32", data, shape) });
  return Object.fromEntries(Object.entries(outputs).map(([name, { data, dims }]) => [name, { data, dims }]));
}

let turn = Promise.resolve();

addEventListener("message", ({ data }) => {
  turn = turn
    .then(() => run(...data))
    .then(
      (outputs) => postMessage({ outputs }),
      (error) => postMessage({ error }),
    );
});
postMessage({ part: "session" });
