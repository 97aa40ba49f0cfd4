// The page "Try it": an editor, and what the program in it shows. Its state is the fragment of the page's address.

import { linkTo, Output, programIn, Python } from "./python.js";

const part = Object.fromEntries([...document.querySelectorAll("#try [id]")].map((one) => [one.id, one]));
const output = new Output(part.output);
const python = new Python((text, share) => {
  part.status.textContent = text;
  part.loaded.hidden = share === null || share === 1;
  part.loaded.value = share ?? 0;
});
const examples = fetch(new URL("built/examples.json", import.meta.url)).then((answer) => (answer.ok ? answer.json() : []));

// The program, in the editor and in the address

const address = () => linkTo(location.href.split("#")[0], part.program.value);

function edit(program) {
  part.program.value = program;
  part.program.rows = Math.min(28, Math.max(8, program.split("\n").length + 1));
}

let waiting;
function keepInAddress() {
  clearTimeout(waiting); // of what was typed before
  history.replaceState(null, "", address());
}
part.program.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(keepInAddress, 300);
});
addEventListener("hashchange", () => edit(programIn(location.hash) ?? part.program.value));

// Ctrl+Enter runs it. Enter goes on as deep as the line before, and deeper behind a colon.
part.program.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) part.run.click();
  else {
    const { value, selectionStart, selectionEnd } = part.program;
    const line = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
    const depth = line.match(/^ */)[0] + (/:\s*$/.test(line) ? "    " : "");
    if (!depth) return;
    part.program.setRangeText(`\n${depth}`, selectionStart, selectionEnd, "end");
    part.program.dispatchEvent(new Event("input"));
  }
  event.preventDefault();
});

// The buttons

function running(on) {
  part.run.disabled = on;
  part.stop.disabled = !on;
  part.output.setAttribute("aria-busy", on);
}

part.run.addEventListener("click", async () => {
  keepInAddress();
  output.clear();
  running(true);
  await python.run(part.program.value, (...piece) => output.show(...piece), { fresh: true });
  running(false);
  if (!part.output.hasChildNodes()) output.show("text", "The program came to its end, and showed nothing.");
});
part.stop.addEventListener("click", () => {
  python.stop();
  python.start(); // for the next program
});
part.copy.addEventListener("click", async () => {
  keepInAddress();
  try {
    await navigator.clipboard.writeText(address());
    part.copied.textContent = "Copied: whoever opens it finds this program.";
  } catch {
    part.copied.textContent = "It is in the address line: copy it from there.";
  }
});
part.example.addEventListener("change", async () => {
  keepInAddress(); // so that the browser's "back" leads to the program that was here
  edit((await examples)[part.example.value].code);
  history.pushState(null, "", address());
  part.run.click();
});

const found = await examples;
part.example.append(...found.map(({ title }, place) => new Option(title, place)));
edit(programIn(location.hash) ?? found[0]?.code ?? "");
part.example.selectedIndex = found.findIndex(({ code }) => code === part.program.value);
running(false);
python.start();
