// Compile the page's Python for MicroPython, so that no visitor's browser has to, on the thread that draws.
//
//     node tools/mpy.mjs SOURCE OUTPUT
//
// SOURCE is a folder with modules of a package; the folder OUTPUT gets each as an `.mpy` file.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

delete globalThis.fetch; // the compiler takes a machine that has one for a browser, and would fetch its own parts
const { compile } = createRequire(import.meta.url)("@pybricks/mpy-cross-v6");
process.setMaxListeners(0); // it listens for what is not caught, each time

const [source, output] = process.argv.slice(2);
for (const name of readdirSync(source).filter((name) => name.endsWith(".py"))) {
  const shown = `${basename(source)}/${name}`; // in a traceback
  const { status, mpy, err } = await compile(name, readFileSync(join(source, name), "utf-8"), ["-s", shown]);
  if (status !== 0) throw new Error(err.join("\n"));
  writeFileSync(join(output, name.replace(/py$/, "mpy")), mpy);
}
