// Write PyScript's core with that of its own Python which the page uses, and this once more, compiled for MicroPython.
//
//     node tools/pyscript.mjs PYSCRIPT OUTPUT
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
const isAsExpected = others.length === 0 && JSON.stringify(Function(`return ${literal}`)()) === JSON.stringify(whole);
if (!isAsExpected) throw new Error(`${name} holds PyScript's own Python in another form than tools/pyscript.mjs knows.`);
writeFileSync(join(output, name), core.replace(literal, () => JSON.stringify(reduced)));
for (const [module, source] of Object.entries(reduced.pyscript)) {
  writeFileSync(join(output, module.replace(/py$/, "mpy")), await mpy(`pyscript/${module}`, source));
}
