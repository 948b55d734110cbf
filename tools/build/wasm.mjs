// See which functions of a WebAssembly module are called, and leave out the others. Modules are arrays of bytes; their
// format: https://webassembly.github.io/spec/core/binary/modules.html
const [GLOBALS, EXPORTS, CODE] = [6, 7, 10];
const NOTHING = Uint8Array.of(3, 0, 0x00, 0x0b); // a function of 3 bytes: no locals, `unreachable`, `end`

/** Return the module with an exported global for each function, named by its number, that is 1 once it was called. */
export function watched(module) {
  const sections = sectionsOf(module);
  const globals = vectorOf(sections.get(GLOBALS));
  const exports = vectorOf(sections.get(EXPORTS));
  const functions = functionsOf(sections);
  const exported = (n) => [...text(String(n)), 3, ...number(globals.count + n)];
  const set = (n) => [0x41, 1, 0x24, ...number(globals.count + n)]; // i32.const 1, global.set
  const bodies = functions.map((body, n) => {
    const start = endOfLocals(body);
    return sized(joined([body.subarray(0, start), set(n), body.subarray(start)]));
  });
  sections.set(GLOBALS, extended(globals, functions.map(() => [0x7f, 1, 0x41, 0, 0x0b]))); // i32, changeable, 0
  sections.set(EXPORTS, extended(exports, functions.map((_, n) => exported(n))));
  sections.set(CODE, joined([number(bodies.length), ...bodies]));
  return moduleOf(sections);
}

/** Return the module with the functions that are not `kept` emptied: where one is called, the module traps. */
export function reduced(module, kept) {
  const sections = sectionsOf(module);
  const bodies = functionsOf(sections).map((body, n) => (kept.has(n) ? sized(body) : NOTHING));
  sections.set(CODE, joined([number(bodies.length), ...bodies]));
  return moduleOf(sections);
}

function sectionsOf(module) {
  const sections = new Map();
  for (let at = 8; at < module.length; ) {
    const [size, start] = numberAt(module, at + 1);
    sections.set(module[at], module.subarray(start, start + size));
    at = start + size;
  }
  return sections;
}

function moduleOf(sections) {
  const parts = [...sections].map(([id, content]) => joined([[id], sized(content)]));
  return joined([[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...parts]);
}

function functionsOf(sections) {
  const { count, content } = vectorOf(sections.get(CODE));
  const bodies = [];
  for (let n = 0, at = 0; n < count; n++) {
    const [size, start] = numberAt(content, at);
    bodies.push(content.subarray(start, start + size));
    at = start + size;
  }
  return bodies;
}

function endOfLocals(body) {
  let [groups, at] = numberAt(body, 0);
  for (; groups > 0; groups--) at = numberAt(body, at)[1] + 1; // after how many they are stands of which type
  return at;
}

function vectorOf(section) {
  const [count, start] = numberAt(section, 0);
  return { count, content: section.subarray(start) };
}

function extended({ count, content }, entries) {
  return joined([number(count + entries.length), content, ...entries]);
}

function numberAt(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value >>> 0, at];
  }
}

function number(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

function text(value) {
  const bytes = new TextEncoder().encode(value);
  return [...number(bytes.length), ...bytes];
}

function sized(content) {
  return joined([number(content.length), content]);
}

function joined(parts) {
  return Buffer.concat(parts.map((part) => Uint8Array.from(part)));
}
