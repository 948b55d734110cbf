// The page opened from the disk: finds in itself what tools/onefile/write.py has put there, and starts PyScript with it.
{
  const folder = new URL(".", document.baseURI).href;
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
    return content.slice(0, length);
  }

  function take(part) {
    const { path, packed } = part.dataset;
    files.set(path, { content: decoded(part.textContent), isPacked: packed !== undefined });
    part.remove();
    return files.get(path);
  }

  async function find(path) {
    const part = () => document.querySelector(`[data-path="${CSS.escape(path)}"]`);
    // While the document is being parsed, a part may be missing still, or be there by half.
    if (!files.has(path) && !part()?.nextSibling) await parsed;
    return files.get(path) ?? (part() && take(part()));
  }

  carry(folder, find);

  // A worker may neither be a module here nor see the page's blobs. So the page's only one, that ui/boot/recogniser.js makes, gets a
  // classic script, and asks for files.
  globalThis.Worker = class extends Worker {
    constructor() {
      const start = [source("for-both"), `const folder = ${JSON.stringify(folder)};`, source("for-the-worker")].join("\n");
      const script = [start, `const START = ${JSON.stringify(start)};`, `(${importWorker})();`];
      super(URL.createObjectURL(new Blob([script.join("\n")])));
      attend(this, find);
    }
  };

  function importWorker() {
    inside.import("worker/main.mjs").catch(({ message }) => postMessage({ part: "failed", sentence: message }));
  }

  globalThis.start = () =>
    inside.import("vendor/pyscript/core.js").catch((error) => {
      document.documentElement.dataset.fromDisk = ""; // shows what to do
      throw error;
    });
}
