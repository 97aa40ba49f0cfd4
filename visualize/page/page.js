// The page: it computes the graph forward and backward from its leaves, makes a step of each operation, and shows one at a time.

const nodes = graph.nodes;
const element = (id) => document.getElementById(id);
const product = " · ";

// Every digit of a number, as Python writes it.
const full = (x) => (Object.is(x, -0) ? "-" : "") + String(x) + (Number.isInteger(x) && !String(x).includes("e") ? ".0" : "");

// Numbers as the pictures write them: exact when that is short, else four significant digits.
function show(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const exact = full(x);
  if (exact.length <= 6 && !exact.includes("e")) return exact;
  const [digits, power] = x.toExponential(3).split("e");
  if (power < -4 || power > 3) return `${String(Number(digits))}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return String(Number(x.toFixed(3 - power)));
}

// A formula is a list of text and of places for nodes; a negative number inside one goes in brackets.
function fill(tokens, write) {
  return tokens
    .map((token, i) => {
      if (typeof token === "string") return token;
      const shown = write(token);
      const alone = (i === 0 || /[(,] ?$/.test(tokens[i - 1])) && (i === tokens.length - 1 || /^[),]/.test(tokens[i + 1]));
      return shown.startsWith("-") && !alone && i > 0 ? `(${shown})` : shown;
    })
    .join("");
}
const factor = (shown) => (shown.startsWith("-") || shown.startsWith("−") || / [^ ]+ /.test(shown) ? `(${shown})` : shown);
const chain = (lines) => lines.filter((line, i) => line !== lines[i - 1]).join(" = ");

// Forward and backward

function value(f, inputs) {
  try {
    return Number(f(...inputs)); // true is 1
  } catch {
    return NaN; // where Python raises an error of arithmetic
  }
}

function computed(leaves) {
  const state = { data: [], locals: [] };
  nodes.forEach((node, i) => {
    if (node.parents.length === 0) {
      state.data[i] = leaves[i];
    } else if (graph.editable) {
      const inputs = node.operands.map((o) => (Array.isArray(o) ? o.map((k) => state.data[k]) : state.data[o]));
      state.data[i] = value(primitive[node.primitive], inputs);
      if (!Number.isFinite(state.data[i]) && node.parents.every((k) => Number.isFinite(state.data[k]))) {
        const where = node.parents.filter((k) => !nodes[k].constant).map((k) => `${nodes[k].name} = ${show(state.data[k])}`);
        throw new Error(`${fill(node.formula, (k) => nodes[k].name)} has no value at ${where.join(", ")}${node.domain}`);
      }
      try {
        state.locals[i] = derivatives[node.rule](state.data[i], node.parents.map((k) => state.data[k])).map(Number);
      } catch {
        throw new Error(`a derivative of ${fill(node.formula, (k) => nodes[k].name)} has no value there`);
      }
    } else {
      state.data[i] = node.data;
      state.locals[i] = node.locals;
    }
  });
  return state;
}

function madeSteps(state) {
  const { data, locals } = state;
  const end = nodes.length - 1;
  const steps = [{ phase: "start", text: "The leaves have their numbers; the rest is still to be computed.", note: "", sources: [] }];
  const grad = nodes.map(() => 0);
  const named = (k) => nodes[k].name;
  nodes.forEach((node, i) => {
    if (node.parents.length === 0) return;
    const text = `${node.name} = ${chain([fill(node.formula, named), fill(node.formula, (k) => show(data[k])), show(data[i])])}`;
    steps.push({ phase: "forward", text, note: "", target: i, sources: node.parents, edges: node.edges.flat() });
  });
  grad[end] = 1;
  steps.push({ phase: "backward", text: `${named(end)}.grad = ${show(1)}`, note: `the derivative of ${named(end)} by itself`, target: end, sources: [], edges: [], grad: 1 });
  for (let i = end; i >= 0; i -= 1) {
    nodes[i].parents.forEach((k, position) => {
      if (nodes[k].constant || !nodes[i].passes[position]) return;
      const before = grad[k];
      const local = locals[i][position];
      const part = grad[i] * local;
      grad[k] += part;
      const symbols = factor(fill(nodes[i].derivatives[position], (n) => `${named(n)}.data`)) + product + `${named(i)}.grad`;
      const numbers = factor(show(local)) + product + factor(show(grad[i]));
      const text = `${named(k)}.grad += ${chain([symbols, numbers, show(part)])}`;
      const note = before !== 0 ? `added to what is there: ${show(before)} + ${factor(show(part))} = ${show(grad[k])}` : `${named(k)}.grad = ${show(grad[k])}`;
      steps.push({ phase: "backward", text, note, target: k, sources: [i], edges: nodes[i].edges[position], grad: grad[k], user: i });
    });
  }
  return { steps, grad };
}

// What is shown

let leaves = nodes.map((node) => node.data);
let state = computed(leaves);
let { steps, grad } = madeSteps(state);
let position = 0;
let selected = null;
let timer = null;

const groups = nodes.map((_, i) => element(`n${i}`));
for (const group of groups) group.parentNode.append(group); // the order of keyboard and screen reader: that of computation
const drawing = element("picture").querySelector("svg");
drawing.setAttribute("role", "group"); // an image would hide the buttons in it
drawing.setAttribute("aria-label", "graph");
const numbers = groups.map((group) => {
  const texts = group.querySelectorAll("text");
  return [texts[texts.length - 3], texts[texts.length - 1]];
});
nodes.forEach((node, i) => {
  if (node.constant) return;
  for (const text of numbers[i]) { // numbers change: keep them flush right
    text.setAttribute("x", Number(text.getAttribute("x")) + text.getComputedTextLength());
    text.setAttribute("text-anchor", "end");
    text.classList.add("number");
  }
  groups[i].setAttribute("tabindex", "0");
  groups[i].setAttribute("role", "button");
  groups[i].addEventListener("click", () => select(i));
  groups[i].addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    select(i);
  });
});

const rows = nodes.map((node, i) => {
  if (node.constant) return null;
  const row = element("values").insertRow();
  const heading = document.createElement("th");
  heading.scope = "row";
  const button = document.createElement("button");
  button.textContent = node.name;
  button.setAttribute("aria-label", `derivation of ${node.name}`);
  button.addEventListener("click", () => select(i));
  heading.append(button);
  row.append(heading);
  row.insertCell().textContent = node.parents.length ? fill(node.formula, (k) => nodes[k].name) : "";
  const [data, gradient] = [row.insertCell(), row.insertCell()];
  if (graph.editable && node.parents.length === 0) {
    const input = document.createElement("input");
    input.type = "text";
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.setAttribute("aria-label", `number of ${node.name}`);
    input.value = show(node.data);
    input.addEventListener("focus", () => { // every digit, to be edited
      if (!refused(input)) input.value = full(leaves[i]);
      input.select();
    });
    input.addEventListener("blur", () => { if (!refused(input)) input.value = show(leaves[i]); });
    input.addEventListener("input", () => edit(i, input));
    data.append(input);
  }
  return { row, data, gradient };
});
element("editing").textContent = graph.editable ? "Type another number for a leaf: everything is computed anew." : graph.reason;

const refused = (input) => input.getAttribute("aria-invalid") === "true";

function edit(i, input) {
  const typed = Number(input.value.replace("−", "-"));
  const changed = [...leaves];
  changed[i] = typed;
  let problem = "";
  if (input.value.trim() === "" || !Number.isFinite(typed)) {
    problem = `${nodes[i].name} needs a number, not "${input.value}"`;
  } else {
    try {
      state = computed(changed);
      leaves = changed;
      ({ steps, grad } = madeSteps(state));
      derive();
    } catch (error) {
      problem = error.message;
    }
  }
  input.setAttribute("aria-invalid", String(problem !== ""));
  element("problem").textContent = problem && `${problem}. The numbers are those from before.`;
  if (!problem) for (const other of document.querySelectorAll("td input")) other.setAttribute("aria-invalid", "false");
  update();
}

function update() {
  const step = steps[position];
  const known = nodes.map((node) => node.parents.length === 0);
  const gradients = nodes.map(() => null);
  const backward = position >= steps.findIndex((one) => one.phase === "backward");
  if (backward) gradients.fill(0);
  for (const one of steps.slice(0, position + 1)) {
    if (one.phase === "forward") known[one.target] = true;
    if (one.phase === "backward") gradients[one.target] = one.grad;
  }
  element("picture").className = step.phase;
  element("formula").className = step.phase;
  element("phase").textContent = `step ${position} of ${steps.length - 1} · ${step.phase}`;
  element("step").textContent = step.text;
  element("note").textContent = step.note;
  for (const edge of document.querySelectorAll(".edge.active")) edge.classList.remove("active");
  for (const edge of step.edges ?? []) for (const part of document.querySelectorAll(`[id="${edge}"]`)) part.classList.add("active");
  nodes.forEach((node, i) => {
    groups[i].classList.toggle("waiting", !known[i]);
    groups[i].classList.toggle("target", step.target === i);
    groups[i].classList.toggle("source", step.sources.includes(i));
    groups[i].classList.toggle("selected", selected === i);
    if (node.constant) return;
    const data = known[i] ? state.data[i] : null;
    const shown = [data, gradients[i]].map((x) => (x === null ? "?" : show(x)));
    numbers[i].forEach((text, which) => { text.textContent = shown[which]; });
    groups[i].setAttribute("aria-label", `${node.name}: data ${shown[0]}, grad ${shown[1]}`);
    const { row, data: dataCell, gradient } = rows[i];
    row.classList.toggle("active", step.target === i);
    if (!dataCell.firstElementChild) dataCell.textContent = shown[0];
    dataCell.dataset.value = data === null ? "" : String(data);
    gradient.textContent = shown[1];
    gradient.dataset.value = gradients[i] === null ? "" : String(gradients[i]);
    row.title = `${node.name}: data ${data ?? "?"}, grad ${gradients[i] ?? "?"}`;
  });
  if (step.target !== undefined) bringIntoView(groups[step.target]);
  const slider = element("slider");
  slider.max = steps.length - 1;
  slider.value = position;
  slider.setAttribute("aria-valuetext", `step ${position} of ${steps.length - 1}`);
  for (const id of ["first", "previous"]) element(id).disabled = position === 0;
  for (const id of ["next", "last"]) element(id).disabled = position === steps.length - 1;
}

// A picture larger than its frame moves to the node that is lit.
function bringIntoView(group) {
  const frame = element("picture").getBoundingClientRect();
  const box = group.getBoundingClientRect();
  element("picture").scrollLeft += Math.max(0, box.right - frame.right + 12) + Math.min(0, box.left - frame.left - 12);
  element("picture").scrollTop += Math.max(0, box.bottom - frame.bottom + 12) + Math.min(0, box.top - frame.top - 12);
}

// The whole derivation of the selected value: its formula, and every step that added to its gradient.
function derive() {
  if (selected === null) return;
  const node = nodes[selected];
  const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const own = steps.filter((step) => step.target === selected);
  const forward = own.filter((step) => step.phase === "forward");
  const backward = own.filter((step) => step.phase === "backward");
  const list = document.createElement("ol");
  list.append(...backward.map((step) => line("li", step.user === undefined ? `${step.text}, ${step.note}` : `through ${nodes[step.user].name}: ${step.text}`)));
  const total = line("p", `${node.name}.grad = ${full(grad[selected])}`);
  total.id = "derived-grad";
  const data = line("p", `${node.name}.data = ${full(state.data[selected])}`);
  data.id = "derived-data";
  element("derivation").replaceChildren(
    line("h3", node.name),
    ...forward.map((step) => line("p", step.text)),
    data,
    line("p", backward.length > 1 ? `Its gradient is the sum over ${backward.length} uses:` : backward.length ? "Its gradient:" : "Nothing passes a gradient on to it."),
    list,
    total,
  );
}

function select(i) {
  selected = i;
  update();
  derive();
  element("derivation").scrollIntoView({ block: "nearest" });
}

function go(to) {
  position = Math.max(0, Math.min(steps.length - 1, to));
  if (position === steps.length - 1) pause();
  update();
}

function pause() {
  clearInterval(timer);
  timer = null;
  element("play").textContent = "▶ play";
  element("play").setAttribute("aria-label", "play");
}

function play() {
  if (timer !== null) {
    pause();
    return;
  }
  if (position === steps.length - 1) go(0);
  timer = setInterval(() => go(position + 1), 1400);
  element("play").textContent = "⏸ pause";
  element("play").setAttribute("aria-label", "pause");
}

const moves = {
  first: () => go(0),
  previous: () => go(position - 1),
  next: () => go(position + 1),
  last: () => go(steps.length - 1),
  play,
};
for (const [id, move] of Object.entries(moves)) element(id).addEventListener("click", move);
element("slider").addEventListener("input", (event) => go(Number(event.target.value)));
const keys = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last", " ": "play" };
document.addEventListener("keydown", (event) => {
  const move = keys[event.key];
  const own = event.target.tagName === "INPUT" || (event.key === " " && event.target.tagName === "BUTTON");
  if (!move || own || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  moves[move]();
});
update();
