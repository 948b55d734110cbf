// The page opened from the disk: finds in itself what tools/onefile.py has put there, and starts PyScript with it.
{
  const base = new URL(".", document.baseURI).href;
  const files = new Map();
  const parsed = new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
  const source = (id) => document.getElementById(id).textContent;

  // The bytes of a part are the characters of the document, whose encoding has one for each byte, but for four that
  // HTML does not leave as they are: these follow a “=”, moved by 64.
  const bytes = new Uint8Array(65536);
  for (let byte = 0; byte < 256; byte++) {
    bytes[new TextDecoder("windows-1252").decode(Uint8Array.of(byte)).charCodeAt(0)] = byte;
  }
  const ESCAPE = "=".charCodeAt(0);

  function decoded(text) {
    const content = new Uint8Array(text.length);
    let length = 0;
    for (let i = 0; i < text.length; i++) {
      const byte = bytes[text.charCodeAt(i)];
      content[length++] = byte === ESCAPE ? text.charCodeAt(++i) - 64 : byte;
    }
    return new Blob([content.subarray(0, length)]);
  }

  function take(part) {
    const { path, packed } = part.dataset;
    files.set(path, { content: decoded(part.textContent), isPacked: packed !== undefined });
    part.remove();
  }

  async function find(path) {
    const isHere = () => files.has(path) || document.querySelector(`[data-path="${CSS.escape(path)}"]`);
    if (!isHere()) await parsed;
    const part = isHere();
    if (part instanceof Element) take(part);
    return files.get(path);
  }

  async function all() {
    await parsed;
    for (const part of document.querySelectorAll("[data-path]")) {
      take(part);
      await new Promise((resolve) => setTimeout(resolve)); // the page is not to stand still meanwhile
    }
    return files;
  }

  carry(base, find);

  // A worker may neither be a module here nor see the page's blobs. So it gets a classic script, with PyScript's own as
  // the last part of it, and the files in a message. Early.js, which comes next, cannot take this one's place: where
  // the browser denies the worker a database, it is given one anyway.
  Object.defineProperty(globalThis, "Worker", {
    value: class extends Worker {
      constructor(module) {
        const script = [
          source("for-both"),
          `const base = ${JSON.stringify(base)};`,
          source("for-the-worker"),
          "(async () => {",
          textOf(module),
          "})();",
        ];
        super(URL.createObjectURL(new Blob([script.join("\n")])));
        const { postMessage } = Worker.prototype;
        all().then((files) => postMessage.call(this, { inside: files }));
      }
    },
  });

  // At once, for a worker is to be had at once.
  function textOf(address) {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    request.send();
    return request.responseText;
  }

  globalThis.start = () =>
    inside.import(inside.address("vendor/pyscript/core.js")).catch((error) => {
      document.documentElement.dataset.fromDisk = ""; // shows what to do
      throw error;
    });
}
