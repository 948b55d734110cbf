// What PyScript starts in the page: MicroPython, in pieces. It is compiled and run on the thread that draws, which has its
// turn in between.
const folder = new URL("../../vendor/micropython/", import.meta.url);

// PyScript puts Python of its own before the page's, that writes its modules and imports them. They are there already,
// compiled: pyscript.toml names them.
const OWN = /^import os as _os$.*^del _pyscript$/ms;

export async function loadMicroPython(settings) {
  const { loadMicroPython: load } = await import("../../vendor/micropython/micropython.mjs");
  await turn();
  const python = await load({ ...settings, url: new URL("micropython.wasm", folder).href });
  const { runPythonAsync } = python;
  python.runPythonAsync = async (code) => {
    await turn();
    await runPythonAsync(code.replace(OWN, ""));
  };
  await turn();
  return python;
}
