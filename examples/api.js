const frame = document.getElementById("reader");
const files = document.getElementById("files");
const state = document.getElementById("state");
const rows = document.getElementById("rows");

// `digitpad` is there as soon as the frame's Python has started, and `digitpad.ready` when it can read.
async function reader() {
  while (!frame.contentWindow.digitpad?.ready) await new Promise((resolve) => setTimeout(resolve, 50));
  const { digitpad } = frame.contentWindow;
  await digitpad.ready;
  return digitpad;
}

async function tell(digitpad, file) {
  const row = rows.insertRow();
  row.insertCell().textContent = file.name;
  try {
    const { text, digits } = await digitpad.read(file);
    row.insertCell().textContent = text || "nothing";
    row.insertCell().textContent = digits.map(({ confidence }) => `${Math.round(100 * confidence)} %`).join(" ");
  } catch (error) {
    const cell = row.insertCell();
    cell.colSpan = 2;
    cell.textContent = error.message;
  }
}

try {
  const digitpad = await reader();
  state.textContent = "Ready.";
  files.disabled = false;
  files.addEventListener("change", async () => {
    for (const file of files.files) await tell(digitpad, file);
  });
} catch (error) {
  state.textContent = error.message;
}
