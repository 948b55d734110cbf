// What cannot wait for Python: what the visitor has chosen must show from the first picture on; on a page opened from
// the disk, where no module loads, PyScript never comes; and PyScript takes the browser as it finds it.
const root = document.documentElement;
const KEPT = ["theme", "live", "manner"]; // attributes of <html> that last from visit to visit

if (location.protocol === "file:") root.dataset.fromDisk = "";
if (new URLSearchParams(location.search).has("embed")) root.dataset.embed = "";

// A browser may deny storage: then a choice lasts as long as the page does.
try {
  for (const name of KEPT) if (name in localStorage) root.dataset[name] = localStorage[name];
  new MutationObserver(() => {
    for (const name of KEPT) if (name in root.dataset) localStorage[name] = root.dataset[name];
  }).observe(root, { attributeFilter: KEPT.map((name) => `data-${name}`) });
} catch {}

// PyScript's worker opens a database and cannot start without one. Where the browser denies it, as with all cookies
// forbidden, the worker gets one that forgets. Deleting what is not there changes nothing, and tells.
let isDenied = false;
try {
  indexedDB.deleteDatabase("digitpad-is-there-storage").onerror = () => (isDenied = true);
} catch {
  isDenied = true;
}
const forgetful = new URL("vendor/fake-indexeddb/auto/index.mjs", document.baseURI);

globalThis.Worker = class extends Worker {
  constructor(source, options) {
    const imports = [`import "${forgetful}";`, `import "${source}";`];
    super(isDenied ? URL.createObjectURL(new Blob(imports, { type: "text/javascript" })) : source, options);
  }
};

// Another tab has let a new version in while this page was loading: nothing can have been drawn yet, and its files are
// not to be of both. Once Python is there, ui/offline.py sees to it.
if (navigator.serviceWorker?.controller) {
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (document.getElementById("unstarted")) location.reload();
  });
}
