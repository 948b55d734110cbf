// What cannot wait for Python: what the visitor has chosen must show from the first picture on; who wants to write is not
// to wait; and on a page opened from the disk, where no module loads, PyScript never comes.
const root = document.documentElement;
const KEPT = ["theme", "live", "mode"]; // attributes of <html> that last from visit to visit

if (location.protocol === "file:") root.dataset.fromDisk = "";
if (new URLSearchParams(location.search).has("embed")) root.dataset.embed = "";

// Lets the page do what it has to do meanwhile: paint, and answer its visitor. By a message: in a tab that is not seen, a
// timer takes a second.
globalThis.turn = () => {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => resolve(port1.close());
    port2.postMessage(true);
  });
};

// A browser may deny storage: then a choice lasts as long as the page does.
try {
  for (const name of KEPT) if (name in localStorage) root.dataset[name] = localStorage[name];
  new MutationObserver(() => {
    for (const name of KEPT) if (name in root.dataset) localStorage[name] = root.dataset[name];
  }).observe(root, { attributeFilter: KEPT.map((name) => `data-${name}`) });
} catch {}

// The pad before Python is there: it shows a line where the pen goes, and keeps what the pen does, until main.py calls
// `writeAnew`: then ui/pad.py, which listens by then, is told all of it, one after the other, as if it happened only now.
{
  const BRUSH = 0.025; // as there
  const TYPES = ["pointerdown", "pointermove", "pointerup", "pointercancel", "lostpointercapture"];
  const events = [];
  let pointer; // that draws
  let place; // where it was last
  let told; // the last event that ui/pad.py was told
  let isTold = false;
  let isOutdated = false;

  function take(event) {
    const pad = event.target;
    if (pad.id !== "pad" || event === told) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    const all = moves.length ? moves : [event];
    events.push(...all);
    // A script's own events come from no pointer that could be captured.
    if (isDown(event) && event.isTrusted) pad.setPointerCapture(event.pointerId);
    if (isTold) event.stopImmediatePropagation(); // its turn comes
    else show(pad, event, all);
  }

  function isDown({ type, button }) {
    return type === "pointerdown" && button === 0;
  }

  function show(pad, event, all) {
    if (isDown(event) && pointer === undefined) begin(pad, event);
    if (event.pointerId !== pointer) return;
    if (/up|cancel|lost/.test(event.type)) pointer = undefined;
    else for (const each of all) draw(pad, each);
  }

  function begin(pad, { pointerId }) {
    if (place === undefined) {
      pad.width = pad.height = Math.round(pad.clientWidth * devicePixelRatio);
      document.getElementById("hint").hidden = true;
    }
    const paper = pad.getContext("2d");
    paper.strokeStyle = getComputedStyle(pad).color;
    paper.lineWidth = BRUSH * pad.width;
    paper.lineCap = "round";
    pointer = pointerId;
    place = [];
  }

  function draw(pad, { clientX, clientY }) {
    const { left, top, width } = pad.getBoundingClientRect();
    const to = [clientX - left, clientY - top].map((distance) => (distance / width) * pad.width);
    const paper = pad.getContext("2d");
    paper.beginPath();
    paper.moveTo(...(place.length ? place : [to[0] - 0.1, to[1]])); // of a line without length nothing is drawn
    paper.lineTo(...to);
    paper.stroke();
    place = to;
  }

  for (const type of TYPES) addEventListener(type, take, true);

  globalThis.writeAnew = async () => {
    isTold = true;
    const pad = document.getElementById("pad");
    for (const event of events) {
      told = new PointerEvent(event.type, event);
      pad.dispatchEvent(told);
      await turn();
    }
    for (const type of TYPES) removeEventListener(type, take, true);
    if (isOutdated) navigator.serviceWorker.dispatchEvent(new Event("controllerchange"));
  };

  // Another tab has let a new version in while this page was loading: its files are not to be of both. Where something
  // is written already, that is for ui/offline.py to tell.
  if (navigator.serviceWorker?.controller) {
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      if (!document.getElementById("unstarted")) return;
      isOutdated = true;
      if (place === undefined) location.reload();
    });
  }
}
