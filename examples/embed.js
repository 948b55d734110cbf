const frame = document.getElementById("pad");
const verdict = document.getElementById("verdict");

function listen() {
  frame.contentWindow.addEventListener("digitpad", ({ detail }) => {
    verdict.textContent = detail.text === "8" ? "8 is right." : `You wrote ${detail.text}. Try again.`;
  });
}

// The frame may have loaded before this script came, or not.
frame.addEventListener("load", listen);
if (frame.contentDocument.readyState === "complete") listen();
