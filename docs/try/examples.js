// On the pages of the tutorial each example has a button that runs it, behind those before it, and shows what it gives.

import { linkTo, Output, Python } from "./python.js";

const blocks = [...document.querySelectorAll(".md-content .language-pycon.highlight, .md-content .language-python.highlight")];
const tryIt = new URL("./", import.meta.url);
let done = 0; // blocks that have run

// What was typed in a session: a list of statements. A block without prompts is a program of its own.
function typed(block) {
  const lines = block.querySelector("code").textContent.split("\n");
  const statements = [];
  for (const line of lines) {
    if (line.startsWith(">>> ")) statements.push(line.slice(4));
    else if (line.startsWith("... ") || line === "...") statements[statements.length - 1] += `\n${line.slice(4)}`;
  }
  return statements;
}

const isProgram = (block) => block.classList.contains("language-python");

async function run(block, python) {
  const output = block.nextElementSibling.output;
  output.clear();
  const show = (...piece) => output.show(...piece);
  if (isProgram(block)) {
    const well = await python.run(block.querySelector("code").textContent, show, { session: "program", fresh: true });
    if (well) show("text", "The program came to its end.");
    return;
  }
  for (const statement of typed(block)) {
    show("code", `>>> ${statement.replaceAll("\n", "\n... ")}\n`);
    await python.run(`${statement}\n`, show);
  }
}

let python = null;
const status = document.createElement("p");
status.className = "try-status";
status.setAttribute("role", "status");

async function runUpTo(last) {
  python ??= new Python((text) => { status.textContent = text; });
  blocks[last].nextElementSibling.querySelector(".try-bar").after(status);
  const sessions = blocks.slice(done, last).filter((block) => !isProgram(block));
  for (const block of [...sessions, blocks[last]]) await run(block, python);
  done = Math.max(done, last + 1);
}

blocks.forEach((block, place) => {
  const below = document.createElement("div");
  below.className = "try-example";
  below.innerHTML = '<div class="try-bar"><button type="button">▶ run</button> <a>edit</a></div><div class="try-output" aria-live="polite"></div>';
  below.output = new Output(below.lastElementChild);
  const [button, link] = below.firstElementChild.children;
  button.title = place ? "Run this, and the examples before it" : "Run this";
  button.addEventListener("click", async () => {
    button.disabled = true;
    await runUpTo(place);
    button.disabled = false;
  });
  const before = isProgram(block) ? [] : blocks.slice(0, place).filter((one) => !isProgram(one));
  const program = isProgram(block) ? block.querySelector("code").textContent : [...before, block].flatMap(typed).join("\n");
  link.href = linkTo(tryIt, program);
  link.title = "Open it in an editor";
  block.after(below);
});
