// The pad of the two pages that Digitpad is measured beside: a canvas that takes a pointer's line at once.
const pad = document.getElementById("pad");
const pen = pad.getContext("2d", { willReadFrequently: true });
pen.lineWidth = 16;
pen.lineCap = pen.lineJoin = "round";

const place = ({ clientX, clientY }) => {
  const { left, top } = pad.getBoundingClientRect();
  return [clientX - left, clientY - top];
};
let last = null; // where the pen is, while it is down

pad.addEventListener("pointerdown", (event) => {
  if (event.isTrusted) pad.setPointerCapture(event.pointerId);
  last = place(event);
});
pad.addEventListener("pointermove", (event) => {
  if (!last) return;
  pen.beginPath();
  pen.moveTo(...last);
  last = place(event);
  pen.lineTo(...last);
  pen.stroke();
});
pad.addEventListener("pointerup", () => (last = null));

// Resolves when the first line is there to be read.
const drawn = new Promise((resolve) => pad.addEventListener("pointerup", resolve, { once: true }));

function show(probabilities) {
  document.getElementById("reading").textContent = probabilities.indexOf(Math.max(...probabilities));
}

document.body.dataset.state = "drawable";
