// The recogniser's worker: loads Python, and has recogniser.py answer what the page asks. These messages are sent:
//
// to the worker    {number, name, given}         a request: a function of recogniser.py, and its arguments
// to the page      {number, answer}              what the function answers to the request of that number
//                  {number, error}               or a sentence, where it broke
//                  {part: "listening"}           from now on requests are heard
//                  {part: "total", bytes}        how many bytes of what is counted are to arrive
//                  {part: "bytes", bytes}        so many more of them have arrived
//                  {part: "python"}              Python runs
//                  {part: "packages"}            what it needs is imported
//                  {part: "ready"}               requests are answered
//                  {part: "failed", sentence}    the recogniser cannot go on, for what the sentence says
//
// Where what the visitor brought cannot be used, the answer itself is {error}, a sentence for the visitor.
import { loadPython } from "./python.mjs";
import * as networks from "./networks.mjs";

const starting = start();
starting.then(
  () => postMessage({ part: "ready" }),
  (error) => postMessage({ part: "failed", sentence: lastLine(error) }),
);

async function start() {
  const [python, source] = await Promise.all([loadPython(), sourceOf("recogniser.py")]);
  python.registerJsModule("networks", networks);
  await python.runPythonAsync(source, { filename: "recogniser.py" });
  return python.globals;
}

async function sourceOf(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name} did not arrive (status ${response.status}).`);
  return response.text();
}

async function answer({ data: { number, name, given } }) {
  let task;
  try {
    task = (await starting).get(name)(...given);
    postMessage({ number, answer: await task });
  } catch (error) {
    postMessage({ number, error: lastLine(error) });
  }
  task?.destroy();
}

// What Python raises is a traceback here, which ends with what was the matter.
function lastLine(error) {
  return String(error?.message ?? error).trim().split("\n").pop();
}

addEventListener("message", answer);
postMessage({ part: "listening" });
