// Make what Python starts from small and quick: run once what the page does, keep the modules that this has imported,
// compiled, and keep the memory of an interpreter that has imported them, so that no visitor's browser has to.
//
//     node tools/build/reduce.mjs PYODIDE OUTPUT WHEEL…
//
// PYODIDE is the folder of Pyodide's core. The folder OUTPUT gets `python.snapshot`, where all is imported that is needed
// up to a first reading; the shared libraries of that, below `libraries`; and what is needed later, or where the snapshot
// does not fit: `python.zip`, of the standard library, and `python.rest`. The forms of both are told in worker/pyodide_internals.mjs.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { fileOf, goingOn, link, plant, SETTINGS, SITE, sumBetween, write } from "../../worker/pyodide_internals.mjs";

// Python would learn this script's path from them, and the snapshot would hold it.
const [core, output, ...wheels] = process.argv.splice(1).slice(1).map((path) => resolve(path));
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { loadPyodide } = await import(pathToFileURL(join(core, "pyodide.mjs")));
const pyodideModule = await import(pathToFileURL(join(core, "pyodide.asm.mjs")));
const WORD = 64; // bytes that are kept or left out together
const AROUND = 1024; // bytes on either side
const WORK = [
  ["assets/samples", "/home/pyodide/samples", /./],
  ["tools/build", "/home/pyodide/tools/build", /^(reduce|rehearsal)\.py$/],
];
const bytes = (...path) => new Uint8Array(readFileSync(join(...path)));

// Node would show the whole of Pyodide, which is one line, before it says what is the matter.
process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});

const names = reduce(await loadPyodide());
const libraries = filesBelow(join(output, "libraries")).map(([name, content]) => {
  return [name.replace(/\.wasm$/, ""), new WebAssembly.Module(content)];
});
const rest = filesBelow(join(output, "rest"));
const settings = { ...SETTINGS, stdLibURL: join(output, "start.zip") };
const memory = memoryFile(await start());
const restFile = fileOf(rest.map(([path, { length }]) => [path, length]), rest.map(([, content]) => content));
const going = goingOn(pyodideModule, memory.buffer, libraries);
rehearse(await loadPyodide({ stdLibURL: join(output, "python.zip"), ...going }));
writeFileSync(join(output, "python.snapshot"), gzipSync(memory, { level: 9 }));
writeFileSync(join(output, "python.rest"), gzipSync(restFile, { level: 9 }));

// Have in Python's file system what is rehearsed, and what it is rehearsed with.
function install({ FS }, folders) {
  for (const [folder, target, pattern] of folders) {
    FS.mkdirTree(target);
    for (const name of readdirSync(join(root, folder)).filter((name) => pattern.test(name))) {
      FS.writeFile(`${target}/${name}`, bytes(root, folder, name));
    }
  }
}

// What was left out is not needed: all is done once more with what is there, the start without the rest.
function rehearse(pyodide) {
  install(pyodide, WORK);
  pyodide.runPython(`
    import sys
    sys.path.insert(0, "/home/pyodide")
    from tools.build.reduce import rehearse_all_else, rehearse_start
    rehearse_start()
  `);
  plant(pyodide, restFile.buffer);
  pyodide.runPython("rehearse_all_else()");
}

function reduce(pyodide) {
  for (const wheel of wheels) pyodide.unpackArchive(bytes(wheel), "wheel", { extractDir: SITE });
  install(pyodide, [...WORK, ["digitpad", `${SITE}/digitpad`, /\.py$/]]);
  const names = pyodide.runPython(`
    import sys
    from pathlib import Path
    sys.path.insert(0, "/home/pyodide")
    from tools.build.reduce import reduce
    reduce(Path("/reduced"))
  `);
  save(pyodide.FS, "/reduced", output);
  return names.toJs();
}

// Start Python, import what is needed up to a first reading, and return what is to be kept: the memory, what that was
// before the start, the size of the table, and the shared libraries that were opened.
async function start() {
  const pyodide = await loadPyodide({ ...settings, _makeSnapshot: true, createPyodideModule: linked });
  const { LDSO, wasmTable } = pyodide._module;
  // The libraries are linked already: they are only to be found.
  for (const [path, content] of [...rest, ...libraries.map(([path]) => [path, ""])]) write(pyodide.FS, path, content);
  const globals = pyodide.toPy({ names });
  pyodide.runPython(readFileSync(join(root, "tools", "build", "prepare.py"), "utf-8"), { globals });
  globals.destroy();
  const snapshot = pyodide.makeMemorySnapshot();
  const opened = Object.entries(LDSO.loadedLibsByHandle)
    .filter(([, { name }]) => name.startsWith(SITE))
    .map(([handle, { name }]) => [relative(SITE, name), Number(handle)]);
  const fresh = [await freshMemory(snapshot), await freshMemory(snapshot)];
  return { snapshot, fresh, table: [fresh[0].table, wasmTable.length], opened };
}

// Return what Python's memory is before it starts, as large as it is in a snapshot, and how large its table is then.
async function freshMemory(snapshot) {
  let memory, table;
  const createPyodideModule = async (options) => {
    const module = await linked(options);
    module.growMemory(snapshot.length - headOf(snapshot));
    memory = module.HEAPU8.slice();
    table = module.wasmTable.length;
    return module;
  };
  await loadPyodide({ ...settings, _loadSnapshot: snapshot, createPyodideModule });
  return { memory, table };
}

function linked(options) {
  link(options, libraries);
  return pyodideModule.default(options);
}

function isSame(one, other) {
  return Buffer.compare(one, other) === 0;
}

// How long what Pyodide puts before the memory is.
function headOf(snapshot) {
  return new Uint32Array(snapshot.buffer, snapshot.byteOffset, 2)[1];
}

// Return the file of a memory. Most of it is the program's own data, and is there already.
function memoryFile({ snapshot, fresh, table, opened }) {
  const head = headOf(snapshot);
  const memory = snapshot.slice(head);
  const [one, other] = fresh.map(({ memory }) => memory);
  const isKept = (start) => {
    const around = [Math.max(start - AROUND, 0), start + WORD + AROUND];
    // What two fresh memories do not agree on is no ground to stand on, nor what is near it: some of that is random,
    // and does not differ every time.
    if (!isSame(one.subarray(...around), other.subarray(...around))) return true;
    return !isSame(memory.subarray(start, start + WORD), one.subarray(start, start + WORD));
  };
  const edges = [];
  for (let start = 0; start < memory.length; start += WORD) {
    if (!isKept(start)) continue;
    if (edges.at(-1) === start) edges.pop();
    else edges.push(start);
    edges.push(start + WORD);
  }
  const about = { head, memory: memory.length, table, sum: sumBetween(memory, edges), opened, edges };
  const runs = edges.filter((_, n) => n % 2 === 0).map((start, n) => memory.subarray(start, edges[2 * n + 1]));
  return fileOf(about, [snapshot.subarray(0, head), ...runs]);
}

// Return the names and contents of the files in a folder and all below it, in the order of their names.
function filesBelow(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, name)).isFile());
  return names.sort().map((name) => [name, readFileSync(join(folder, name))]);
}

// Write the files of Python's file system below a folder into one of this machine's.
function save(FS, folder, output) {
  mkdirSync(output, { recursive: true });
  for (const name of FS.readdir(folder).filter((name) => !/^\.+$/.test(name))) {
    const path = `${folder}/${name}`;
    if (FS.isDir(FS.stat(path).mode)) save(FS, path, join(output, name));
    else writeFileSync(join(output, name), FS.readFile(path));
  }
}
