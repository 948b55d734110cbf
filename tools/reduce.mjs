// Make what Python starts from small and quick: run once what the page does, keep the modules that this has imported,
// compiled, and keep the memory of an interpreter that has started, so that no visitor's browser has to start one.
//
//     node tools/reduce.mjs PYODIDE OUTPUT WHEEL…
//
// PYODIDE is the folder of Pyodide's core. The folder OUTPUT gets the reduced wheels, `python.snapshot`, and
// `python.zip`: what the snapshot does not hold of the standard library.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

// Python would learn this script's path from them, and the snapshot would hold it.
const [core, output, ...wheels] = process.argv.splice(1).slice(1).map((path) => resolve(path));
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { loadPyodide } = await import(pathToFileURL(join(core, "pyodide.mjs")));
const { default: createPyodideModule } = await import(pathToFileURL(join(core, "pyodide.asm.mjs")));
const WORD = 64; // bytes that are kept or left out together
const AROUND = 1024; // bytes on either side
const bytes = (...path) => new Uint8Array(readFileSync(join(...path)));

// Node would show the whole of Pyodide, which is one line, before it says what is the matter.
process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});

const names = reduce(await loadPyodide());
const { snapshot, fresh } = await start(names);
rehearse(await loadPyodide({ stdLibURL: join(output, "python.zip"), _loadSnapshot: snapshot }));
writeFileSync(join(output, "python.snapshot"), gzipSync(difference(snapshot, fresh), { level: 9 }));

function install(pyodide, wheels) {
  const { FS } = pyodide;
  const copy = (folder, pattern) => {
    FS.mkdirTree(`/home/pyodide/${folder}`);
    for (const name of readdirSync(join(root, folder)).filter((name) => pattern.test(name))) {
      FS.writeFile(`/home/pyodide/${folder}/${name}`, bytes(root, folder, name));
    }
  };
  copy("digitpad", /\.py$/);
  copy("samples", /./);
  copy("tools", /^(reduce|rehearsal)\.py$/);
  FS.mkdir("/wheels");
  FS.mkdir("/reduced");
  for (const wheel of wheels) {
    FS.writeFile(`/wheels/${basename(wheel)}`, bytes(wheel));
    pyodide.unpackArchive(bytes(wheel), "wheel", { extractDir: "/lib/python3.14/site-packages" });
  }
  pyodide.runPython('import sys; sys.path.insert(0, "/home/pyodide")');
}

// What was left out is not needed: all is done once more with what is there.
function rehearse(pyodide) {
  install(pyodide, wheels.map((wheel) => join(output, basename(wheel))));
  pyodide.runPython("from tools.reduce import rehearse; rehearse()");
}

function reduce(pyodide) {
  const { FS } = pyodide;
  install(pyodide, wheels);
  const names = pyodide.runPython(`
    from pathlib import Path
    from tools.reduce import reduce
    reduce(Path("/wheels"), Path("/reduced"))
  `);
  for (const name of FS.readdir("/reduced").filter((name) => !name.startsWith("."))) {
    writeFileSync(join(output, name), FS.readFile(`/reduced/${name}`));
  }
  return names.toJs();
}

// Start Python with the reduced standard library, and return its memory, and what that was before the start.
async function start(names) {
  const settings = { stdLibURL: join(output, "start.zip") };
  const pyodide = await loadPyodide({ ...settings, _makeSnapshot: true });
  const globals = pyodide.toPy({ names, sources: await sources() });
  pyodide.runPython(readFileSync(join(root, "tools", "prepare.py"), "utf-8"), { globals });
  globals.destroy();
  const snapshot = pyodide.makeMemorySnapshot();
  const fresh = [];
  // The second time as in a browser that has another language.
  for (const env of [{}, { LANG: "a_language_with_a_name_that_is_longer_than_any_other.UTF-8" }]) {
    await loadPyodide({
      ...settings,
      env,
      _loadSnapshot: snapshot,
      createPyodideModule: async (options) => {
        const module = await createPyodideModule(options);
        fresh.push(module.HEAPU8.slice());
        return module;
      },
    });
  }
  return { snapshot, fresh };
}

// What the browser has as sources: Digitpad's modules, and PyScript's, which write themselves into this folder.
async function sources() {
  const found = {};
  const add = (path, content) => {
    if (typeof content === "string") found[path] = content;
    else for (const [name, part] of Object.entries(content)) add(`${path}/${name}`, part);
  };
  const own = readdirSync(join(root, "digitpad")).filter((name) => name.endsWith(".py"));
  for (const name of own) add(`/home/pyodide/digitpad/${name}`, readFileSync(join(root, "digitpad", name), "utf-8"));
  const pyscript = join(core, "..", "@pyscript", "core", "src", "stdlib", "pyscript.js");
  add("/home/pyodide", (await import(pathToFileURL(pyscript))).default);
  return found;
}

function isSame(one, other) {
  return Buffer.compare(one, other) === 0;
}

// Return the parts of a snapshot that a fresh memory does not hold already: most of it is the program's own data.
// As numbers of 32 bits: the snapshot's length, the length of its head, a sum over all, how many runs follow, and the
// start and the end of each run; then the runs' bytes.
function difference(snapshot, fresh) {
  const head = new Uint32Array(snapshot.buffer, snapshot.byteOffset, 2)[1];
  const isKept = (start) => {
    if (start < head) return true;
    const here = start - head;
    const around = [Math.max(here - AROUND, 0), here + WORD + AROUND];
    // What two fresh memories do not agree on is no ground to stand on, nor what is near it: some of that is random,
    // and does not differ every time.
    if (!isSame(fresh[0].subarray(...around), fresh[1].subarray(...around))) return true;
    return !isSame(snapshot.subarray(start, start + WORD), fresh[0].subarray(here, here + WORD));
  };
  const runs = [];
  for (let start = 0; start < snapshot.length; start += WORD) {
    if (!isKept(start)) continue;
    if (runs.at(-1)?.[1] === start) runs.at(-1)[1] += WORD;
    else runs.push([start, start + WORD]);
  }
  const words = new Uint32Array(snapshot.buffer, snapshot.byteOffset, snapshot.length / 4);
  const sum = words.reduce((sum, word) => (sum + word) | 0, 0) >>> 0;
  const table = new Uint32Array([snapshot.length, head, sum, runs.length, ...runs.flat()]);
  return Buffer.concat([new Uint8Array(table.buffer), ...runs.map(([start, end]) => snapshot.subarray(start, end))]);
}
