// Write PyScript's core with that of its own Python which the page uses, and this once more, compiled for MicroPython.
//
//     node tools/build/pyscript.mjs PYSCRIPT OUTPUT
//
// PYSCRIPT is the folder of its package. The folder OUTPUT gets the file of `dist/` that has its Python in it, and the
// compiled modules; pyscript.toml has these laid where MicroPython finds them.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mpy } from "./mpy.mjs";
import { stdlib } from "./stdlib.mjs";

const [folder, output] = process.argv.slice(2);
const { whole, reduced } = await stdlib(folder);
const [name] = readdirSync(join(folder, "dist")).filter((name) => /^core-.*\.js$/.test(name));
const core = readFileSync(join(folder, "dist", name), "utf-8");
const [literal, ...others] = core.match(/\{pyscript:\{"__init__\.py":.*?"\}\}/gs) ?? [];
// To say where an exception comes from, V8 parses all of the core anew. Most hosts have no SharedArrayBuffer to be tried.
const TRIAL = /(try\{new (\w+)\(4,\{maxByteLength:8\}\)\}catch\(\w+\))(\{.*?\}\}\})/gs;
const isAsExpected = others.length === 0 && JSON.stringify(Function(`return ${literal}`)()) === JSON.stringify(whole);
if (!isAsExpected || !TRIAL.test(core)) throw new Error(`${name} has another form than tools/build/pyscript.mjs knows.`);
const untried = core.replace(TRIAL, "if(!$2)$3else $1$3");
writeFileSync(join(output, name), untried.replace(literal, () => JSON.stringify(reduced)));
for (const [module, source] of Object.entries(reduced.pyscript)) {
  writeFileSync(join(output, module.replace(/py$/, "mpy")), await mpy(`pyscript/${module}`, source));
}
