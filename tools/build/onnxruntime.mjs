// Make an onnxruntime-web of those functions alone that the networks call: a third of its bytes, and sooner compiled.
//
//     node tools/build/onnxruntime.mjs ONNXRUNTIME OUTPUT
//
// ONNXRUNTIME is the folder of onnxruntime-web. The folder OUTPUT gets `reduced.wasm`. The networks are run on all kinds
// of shapes, and then once more with what is left: it has to say the same. networks.mjs takes the whole of it where a
// function is called that was left out after all.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { reduced, watched } from "./wasm.mjs";

const [folder, output] = process.argv.slice(2).map((path) => resolve(path));
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const COUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 17, 31, 64, 100, 300];
const COLUMNS = [64, 128, 192, 320, 1024]; // digitpad/reading.py rounds up to 64
const NETWORKS = [
  ["model.onnx", "images", COUNTS.map((count) => [count, 28, 28])],
  ["reader.onnx", "lines", [1, 2, 3, 8].flatMap((count) => COLUMNS.map((columns) => [count, 40, columns]))],
];

// Node would show the whole of onnxruntime-web, which is one line, before it says what is the matter.
process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});

const whole = readFileSync(join(folder, "ort-wasm-simd-threaded.wasm"));
const [said, called] = await run(watched(whole));
const rest = reduced(whole, new Set(Object.keys(called).filter((name) => called[name].value === 1).map(Number)));
const [saidAgain] = await run(rest);
if (!said.every((bytes, n) => bytes.equals(saidAgain[n]))) throw new Error("The reduced onnxruntime-web says otherwise.");
writeFileSync(join(output, "reduced.wasm"), rest);

// Return what the networks say, as bytes, and what the module exports, all with a module of onnxruntime-web.
async function run(module) {
  const { instantiate } = WebAssembly;
  let exports;
  WebAssembly.instantiate = async (...settings) => {
    const made = await instantiate(...settings);
    ({ exports } = made.instance);
    return made;
  };
  const { href } = pathToFileURL(join(folder, "ort.wasm.bundle.min.mjs"));
  const { env, InferenceSession, Tensor } = await import(`${href}?${module.length}`); // a second one starts anew
  env.wasm.numThreads = 1;
  env.wasm.wasmBinary = module;
  const said = [];
  for (const [file, input, shapes] of NETWORKS) {
    const session = await InferenceSession.create(readFileSync(join(root, file)));
    for (const shape of shapes) {
      const size = shape.reduce((product, length) => product * length);
      const data = Float32Array.from({ length: size }, (_, n) => Math.abs(Math.sin(n)));
      const outputs = await session.run({ [input]: new Tensor("float32", data, shape) });
      for (const { data } of Object.values(outputs)) said.push(Buffer.from(data.slice().buffer));
    }
  }
  WebAssembly.instantiate = instantiate;
  return [said, exports];
}
