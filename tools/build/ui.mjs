// Compile the page's Python.
//
//     node tools/build/ui.mjs SOURCE OUTPUT
//
// SOURCE is a folder with modules of a package; the folder OUTPUT gets each as an `.mpy` file.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { mpy } from "./mpy.mjs";

const [source, output] = process.argv.slice(2);
for (const name of readdirSync(source).filter((name) => name.endsWith(".py"))) {
  const module = await mpy(`${basename(source)}/${name}`, readFileSync(join(source, name), "utf-8"));
  writeFileSync(join(output, name.replace(/py$/, "mpy")), module);
}
