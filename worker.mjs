// The recogniser's worker, from before PyScript is there (ahead.js): it begins to load Python at once. PyScript's own
// script comes in the first message, and is run here.
import("./networks.mjs").catch(() => {}); // these begin to load in a worker of their own; told where they are used
import("./interpreter.mjs").catch(() => {}); // told to PyScript, which imports it too

// That script takes the three messages that follow each by a listener of its own, for once, which it may add only after
// the one before has come; what comes too soon for its listener would be lost.
const LISTENERS = 3;
const { addEventListener, postMessage } = globalThis;
const early = [];
const news = [];
let listening = 0;
let heard = 0;

addEventListener("message", ({ data: { scripts } }) => run(scripts), { once: true });
postMessage("listening");

async function run(scripts) {
  addEventListener("message", hold);
  globalThis.addEventListener = (type, listener, options) => {
    addEventListener(type, listener, options);
    if (type !== "message" || !options?.once) return; // Pyodide listens, too, to messages of its own
    listening++;
    pass();
  };
  // Only now is there anybody in the page to hear of how the start goes on.
  globalThis.postMessage = postMessage;
  for (const message of news) postMessage(message);
  for (const script of scripts) await import(script);
}

globalThis.postMessage = (message) => news.push(message);

function hold(event) {
  if (!event.isTrusted) return;
  event.stopImmediatePropagation();
  early.push(event);
  pass();
}

function pass() {
  while (early.length && (heard < listening || heard >= LISTENERS)) {
    heard++;
    const { data, ports } = early.shift();
    dispatchEvent(new MessageEvent("message", { data, ports }));
  }
  if (heard < LISTENERS) return;
  removeEventListener("message", hold);
  globalThis.addEventListener = addEventListener;
}
