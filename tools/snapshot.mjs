// Start Pyodide once, here, and keep its memory, so that no visitor's browser has to start it from nothing.
//
//     node tools/snapshot.mjs vendor/pyodide OUTPUT
//
// The output is gzip; interpreter.mjs unpacks it. It fits this very build of Pyodide and no other.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const [folder, output] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")));
const pyodide = await loadPyodide({ _makeSnapshot: true });
writeFileSync(output, gzipSync(pyodide.makeMemorySnapshot(), { level: 9 }));
