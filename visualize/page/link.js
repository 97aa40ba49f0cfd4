// What is shown, as a link: the leaves' numbers, the step and the selected value stand behind the # of the address.

const named = {}; // of each name: one that several values have says nothing
for (const { name, constant } of nodes) if (!constant) named[name] = (named[name] ?? 0) + 1;
const keyOf = (i) => (!nodes[i].number && named[nodes[i].name] === 1 ? `value.${nodes[i].name}` : `node.${i}`);
const variable = nodes.flatMap((node, i) => (node.constant && !node.number ? [] : [i]));
const linked = Object.fromEntries(variable.map((i) => [keyOf(i), i]));
const atFirst = nodes.map((node) => node.data);
const isLeaf = (i) => graph.editable && nodes[i].parents.length === 0;

function address() {
  const said = new URLSearchParams();
  for (const i of variable) if (isLeaf(i) && !Object.is(leaves[i], atFirst[i])) said.set(keyOf(i), full(leaves[i]));
  if (part.grain.value !== "edge") said.set("by", part.grain.value);
  if (position > 0) said.set("step", String(position));
  if (selected !== null) said.set("selected", keyOf(selected));
  return `${location.href.split("#")[0]}#${said}`;
}

// The page as the address describes it. What it does not have is told, and left out.
function visit() {
  if (!location.hash.includes("=")) return; // an address without a state, or one of a heading
  const { by, step, selected: chosen, ...numbers } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const problems = [];
  const changed = [...atFirst];
  for (const [key, text] of Object.entries(numbers)) {
    try {
      if (linked[key] === undefined || !isLeaf(linked[key])) throw new Error("the graph has no such leaf");
      changed[linked[key]] = typedNumber(text);
    } catch (error) {
      problems.push(`${key}: ${error.message}`);
    }
  }
  try {
    take(changed);
    if (graph.editable) restart();
  } catch (error) {
    problems.push(error.message);
  }
  if ([...part.grain.options].some((option) => option.value === by)) part.grain.value = by;
  selected = linked[chosen] ?? null;
  go(Number(step) || 0);
  derive();
  part.problem.textContent = problems.length ? `The link asks for what is not here. ${problems.join("; ")}.` : "";
}

if (root === pages[0] && location.protocol !== "about:") { // a frame of a notebook has no address
  part.copy.hidden = false;
  part.copy.addEventListener("click", async () => {
    history.replaceState(null, "", address());
    try {
      await navigator.clipboard.writeText(location.href);
      part.copied.textContent = "copied";
    } catch {
      part.copied.textContent = "it is in the address bar"; // where a page may not write to the clipboard
    }
    setTimeout(() => { part.copied.textContent = ""; }, 4000);
  });
  addEventListener("hashchange", visit);
  visit();
}

// In a frame of another page: the picture, the strip and nothing else.
root.classList.toggle("embed", new URLSearchParams(location.search).get("embed") === "1");

// On paper every step is written out.
function writeOut() {
  part.printed.replaceChildren(...["forward", "backward", "tangent", "update"].flatMap((phase) => {
    const own = steps.filter((step) => step.phase === phase);
    const list = document.createElement("ol");
    list.append(...own.map((step) => line("li", step.note ? `${step.text} (${step.note})` : step.text)));
    return own.length ? [line("h2", `Every step: ${phase}`), list] : [];
  }));
}
addEventListener("beforeprint", writeOut);
matchMedia("print").addEventListener("change", writeOut);
