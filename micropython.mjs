// What PyScript starts in the page: MicroPython, in pieces. It is compiled and run on the thread that draws, which has its
// turn in between.
const folder = new URL("./vendor/micropython/", import.meta.url);

// PyScript puts Python of its own before the page's: that writes its modules, imports them, and forgets what that took.
const PIECES = /^(?=_path = |import pyscript as _pyscript$)|(?<=^del _pyscript$)/m;

export async function loadMicroPython(settings) {
  const { loadMicroPython: load } = await import("./vendor/micropython/micropython.mjs");
  await turn();
  const python = await load({ ...settings, url: new URL("micropython.wasm", folder).href });
  const { runPythonAsync } = python;
  python.runPythonAsync = async (code) => {
    for (const piece of code.split(PIECES)) {
      await turn();
      await runPythonAsync(piece);
    }
  };
  await turn();
  return python;
}
