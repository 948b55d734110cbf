// What PyScript's own Python is reduced to: the page's Python imports no more of it, and every visitor's browser would
// compile and run all the rest, on the thread that draws.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const KEPT = ["__init__.py", "context.py", "ffi.py", "util.py"];
const IMPORTS = /^from (polyscript|pyscript\.context) import .*$/gm; // of `__init__.py`, which imports nearly all modules

/** Return PyScript's own Python, the modules by their names, as its package has it and as it is reduced. */
export async function stdlib(folder) {
  const { pyscript } = (await import(pathToFileURL(join(folder, "src", "stdlib", "pyscript.js")))).default;
  const kept = Object.fromEntries(KEPT.map((name) => [name, pyscript[name]]));
  kept["__init__.py"] = pyscript["__init__.py"].match(IMPORTS).join("\n");
  return { whole: { pyscript }, reduced: { pyscript: kept } };
}
