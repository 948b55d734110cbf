// Compile Python for MicroPython, so that no visitor's browser has to, on the thread that draws.
import { createRequire } from "node:module";

delete globalThis.fetch; // the compiler takes a machine that has one for a browser, and would fetch its own parts
const { compile } = createRequire(import.meta.url)("@pybricks/mpy-cross-v6");
process.setMaxListeners(0); // it listens for what is not caught, each time

/** Return a module as an `.mpy` file, given its path, which a traceback is to name, and its source. */
export async function mpy(path, source) {
  const { status, mpy, err } = await compile("module.py", source, ["-s", path]);
  if (status !== 0) throw new Error(err.join("\n"));
  return mpy;
}
