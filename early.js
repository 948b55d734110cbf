// What cannot wait for Python: what the visitor has chosen must show from the first picture on; and on a page opened
// from the disk, where no module loads, PyScript never comes.
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

// Another tab has let a new version in while this page was loading: nothing can have been drawn yet, and its files are
// not to be of both. Once Python is there, ui/offline.py sees to it.
if (navigator.serviceWorker?.controller) {
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (document.getElementById("unstarted")) location.reload();
  });
}
