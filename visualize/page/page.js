// The page: it shows one step at a time, and takes other numbers for the leaves.

const root = document.currentScript.closest(".stepper");
const part = Object.fromEntries([...root.querySelectorAll("[id]")].map((one) => [one.id, one]));
const pages = [...document.querySelectorAll(".stepper")];
if (root !== pages[0]) { // another page is in this document: identifiers stay unique
  const suffix = `-${pages.indexOf(root) + 1}`;
  for (const one of Object.values(part)) one.id += suffix;
  for (const one of root.querySelectorAll("[aria-labelledby]")) one.setAttribute("aria-labelledby", one.getAttribute("aria-labelledby") + suffix);
}
for (const name of ["formula", "play", "explained", "problem"]) part[name].classList.add(name);

let leaves = nodes.map((node) => node.data);
let state = computed(leaves);
let { steps, grad } = madeSteps(state);
let position = 0;
let selected = null;
let timer = null;
let edited = ""; // what the last edit changed, shown until the next step

// The picture

const drawing = part.picture.querySelector("svg");
const groups = nodes.map((_, i) => part[`n${i}`]);
for (const group of groups) group.parentNode.append(group); // the order of keyboard and screen reader: that of computation
const numbers = groups.map((group) => [...group.querySelectorAll(".number")]);
const shownIn = (group) => [...group.querySelectorAll("text")].map((text) => text.textContent).join(" ");
const headings = groups.map((group) => shownIn(group).split(/\s+data\s+\S+\s+grad\s+\S+\s*$/)[0].replace(/\s+/g, " ").trim());
const stops = nodes.map((_, i) => i).filter((i) => !nodes[i].constant);
const titles = groups.map((group, i) => {
  if (nodes[i].constant) return null;
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  group.prepend(title);
  group.setAttribute("role", "button");
  group.addEventListener("click", () => select(i));
  group.addEventListener("focus", () => enter(i));
  group.addEventListener("keydown", (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) groups[stops[stops.indexOf(i) + move]]?.focus();
    else if (event.key === "Enter" || event.key === " ") select(i);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return title;
});

// One value at a time can be reached with Tab: the one that was last in use. Arrows lead to the others.
function enter(i) {
  for (const k of stops) groups[k].setAttribute("tabindex", k === i ? "0" : "-1");
}
enter(stops[0]);

// The table

const rows = nodes.map((node, i) => {
  if (node.constant) return null;
  const row = part.values.insertRow();
  const heading = document.createElement("th");
  heading.scope = "row";
  const button = document.createElement("button");
  button.textContent = node.name;
  button.setAttribute("aria-label", `derivation of ${node.name}`);
  button.addEventListener("click", () => select(i));
  heading.append(button);
  row.append(heading);
  const formula = row.insertCell();
  if (node.parents.length) formula.textContent = fill(node.formula, (k) => nodes[k].name);
  else if (graph.editable) formula.append(learns(i));
  const [data, gradient] = [row.insertCell(), row.insertCell()];
  if (graph.editable && node.parents.length === 0) data.append(field(i));
  return { row, data, gradient };
});
part.editing.textContent = graph.editable ? "Type another number for a leaf, and Enter: everything is computed anew." : graph.reason;

// Where a leaf's number is typed: it counts at Enter, or when the field is left. Escape gives it up.
function field(i) {
  const input = document.createElement("input");
  input.type = "text"; // on a phone the keys for numbers alone have no minus
  input.enterKeyHint = "done";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.setAttribute("aria-label", `number of ${nodes[i].name}`);
  input.setAttribute("aria-describedby", part.problem.id);
  input.value = show(leaves[i]);
  const restore = () => { input.value = document.activeElement === input ? full(leaves[i]) : show(leaves[i]); };
  const commit = () => {
    if (input.value !== full(leaves[i]) && input.value !== show(leaves[i])) edit(i, input);
    restore();
  };
  input.addEventListener("focus", () => { // every digit, to be edited
    restore();
    input.select();
  });
  input.addEventListener("blur", commit);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    if (event.key === "Enter") commit();
    else restore();
    input.select();
  });
  return input;
}

// Other numbers for the leaves: everything is computed anew.
function take(changed) {
  state = computed(changed);
  leaves = changed;
  ({ steps, grad } = madeSteps(state));
  steps.push(...updateSteps(state, grad));
  position = Math.min(position, steps.length - 1);
}

function edit(i, input) {
  const before = state.data[nodes.length - 1];
  let problem = "";
  try {
    const changed = [...leaves];
    changed[i] = typedNumber(input.value);
    take(changed);
    restart();
    const result = end === i ? "" : `: ${nodes[end].name} becomes ${show(state.data[end])}, it was ${show(before)}`;
    edited = `${nodes[i].name} is now ${show(leaves[i])}${result}.`;
    derive();
  } catch (error) {
    problem = `${nodes[i].name}: ${error.message}. It stays ${show(leaves[i])}.`;
    edited = "";
  }
  for (const other of part.values.querySelectorAll("input")) other.removeAttribute("aria-invalid");
  if (problem) input.setAttribute("aria-invalid", "true");
  part.problem.textContent = problem;
  update();
}

// Whether gradient descent moves a leaf.
function learns(i) {
  const [label, box] = [document.createElement("label"), document.createElement("input")];
  box.type = "checkbox";
  box.checked = nodes[i].learns;
  box.setAttribute("aria-label", `${nodes[i].name} learns`);
  box.addEventListener("change", () => {
    if (box.checked) learning.add(i);
    else learning.delete(i);
    take(leaves);
    update();
  });
  label.append(box, " learns");
  return label;
}

// What is shown of a step

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
  for (const one of [part.picture, part.formula]) {
    one.classList.toggle("forward", step.phase === "forward");
    one.classList.toggle("backward", step.phase === "backward");
  }
  part.phase.textContent = `step ${position} of ${steps.length - 1} · ${step.phase}`;
  part.step.textContent = step.text;
  part.note.textContent = edited || step.note;
  for (const edge of drawing.querySelectorAll(".edge.active, .edge.lit")) edge.classList.remove("active", "lit");
  for (const edge of step.edges ?? []) for (const one of drawing.querySelectorAll(`[data-edge="${edge}"]`)) one.classList.add("active");
  nodes.forEach((node, i) => {
    groups[i].classList.toggle("waiting", !known[i]);
    groups[i].classList.toggle("target", step.target === i);
    groups[i].classList.toggle("source", step.sources.includes(i));
    groups[i].classList.toggle("selected", selected === i);
    if (!node.constant) updateNumbers(i, known[i] ? state.data[i] : null, gradients[i], step.target === i);
  });
  drawNetwork(step, known, gradients);
  follow();
  part.slider.max = steps.length - 1;
  part.slider.value = position;
  part.slider.setAttribute("aria-valuetext", `step ${position} of ${steps.length - 1}`);
  for (const name of ["first", "previous"]) part[name].disabled = position === 0;
  for (const name of ["next", "last"]) part[name].disabled = position === steps.length - 1;
}

// The two numbers of a value, in its box and in its row; null where one is not known yet.
function updateNumbers(i, data, gradient, active) {
  const shown = [data, gradient].map((x) => (x === null ? "?" : show(x)));
  numbers[i].forEach((text, which) => { text.textContent = shown[which]; });
  groups[i].setAttribute("aria-label", `${headings[i]}: data ${shown[0]}, grad ${shown[1]}`);
  const { row, data: dataCell, gradient: gradientCell } = rows[i];
  row.classList.toggle("active", active);
  const input = dataCell.firstElementChild;
  if (!input) dataCell.textContent = shown[0];
  else if (input !== document.activeElement) input.value = shown[0];
  dataCell.dataset.value = data === null ? "" : String(data);
  gradientCell.textContent = shown[1];
  gradientCell.dataset.value = gradient === null ? "" : String(gradient);
  row.title = titles[i].textContent = `${nodes[i].name}: data ${data ?? "?"}, grad ${gradient ?? "?"}`;
}

// What is lit is in the frame: a picture larger than it moves, and shrinks where the parts are too far from each other.
function follow() {
  const frame = part.picture;
  const lit = groups.filter((group) => group.matches(".target, .source"));
  drawing.style.width = "";
  if (lit.length === 0 || frame.clientWidth === 0) return; // or nothing is to be seen yet
  const margin = 12;
  const around = () => {
    const boxes = lit.map((group) => group.getBoundingClientRect());
    const [left, top] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])) - margin);
    const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])) + margin);
    return { left, top, right, bottom };
  };
  let box = around();
  const share = Math.min(frame.clientWidth / (box.right - box.left), frame.clientHeight / (box.bottom - box.top));
  if (share < 1) {
    drawing.style.width = `${drawing.getBoundingClientRect().width * share * 0.97}px`;
    box = around();
  }
  const inside = frame.getBoundingClientRect();
  frame.scrollLeft += Math.max(0, box.right - inside.left - frame.clientWidth) + Math.min(0, box.left - inside.left);
  frame.scrollTop += Math.max(0, box.bottom - inside.top - frame.clientHeight) + Math.min(0, box.top - inside.top);
}
new ResizeObserver(follow).observe(part.picture); // on another screen, or when a page that was hidden is shown

// The whole derivation of the selected value: its formula, and every step that added to its gradient.
function derive() {
  if (selected === null) return;
  const node = nodes[selected];
  const own = steps.filter((step) => step.target === selected);
  const forward = own.filter((step) => step.phase === "forward");
  const backward = own.filter((step) => step.phase === "backward");
  const list = document.createElement("ol");
  list.append(...backward.map((step) => line("li", step.user === undefined ? `${step.text}, ${step.note}` : `through ${nodes[step.user].name}: ${step.text}`)));
  const total = line("p", `${node.name}.grad = ${full(grad[selected])}`);
  total.id = part.derivation.id.replace("derivation", "derived-grad");
  const data = line("p", `${node.name}.data = ${full(state.data[selected])}`);
  data.id = part.derivation.id.replace("derivation", "derived-data");
  part.derivation.replaceChildren(
    line("h3", node.name),
    ...chainRule(selected),
    ...forward.map((step) => line("p", step.text)),
    data,
    line("p", backward.length > 1 ? `Its gradient is the sum over ${backward.length} uses:` : backward.length ? "Its gradient:" : "Nothing passes a gradient on to it."),
    ...(backward.length ? [list] : []),
    total,
    ...listedPaths(selected),
    ...(graph.editable && node.parents.length === 0 ? [line("p", nudged(selected))] : []),
  );
}

function select(i) {
  selected = i;
  enter(i);
  update();
  derive();
  part.explained.scrollIntoView({ block: "nearest" });
}

// The controls

function go(to) {
  position = Math.max(0, Math.min(steps.length - 1, to));
  edited = "";
  if (position === steps.length - 1) pause();
  update();
  part.formula.scrollTop = 0;
  const { top, bottom } = part.picture.getBoundingClientRect();
  if (bottom > 0 && top < innerHeight) part.picture.scrollIntoView({ block: "nearest" }); // unless the reader has left it
}

function pause() {
  clearInterval(timer);
  timer = null;
  part.play.textContent = "▶ play";
  part.play.setAttribute("aria-label", "play");
}

function play() {
  if (timer !== null) {
    pause();
    return;
  }
  if (position === steps.length - 1) go(0);
  timer = setInterval(() => go(position + 1), 1400);
  part.play.textContent = "⏸ pause";
  part.play.setAttribute("aria-label", "pause");
}

const moves = {
  first: () => go(0),
  previous: () => go(position - 1),
  next: () => go(position + 1),
  last: () => go(steps.length - 1),
  play,
};
for (const [name, move] of Object.entries(moves)) part[name].addEventListener("click", move);
part.slider.addEventListener("input", (event) => go(Number(event.target.value)));
const keys = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last", " ": "play" };
document.addEventListener("keydown", (event) => {
  const move = keys[event.key];
  const page = event.target.closest(".stepper") ?? document.querySelector(".stepper"); // with the focus nowhere: the first one
  const own = /INPUT|TEXTAREA|SELECT/.test(event.target.tagName) || (event.key === " " && event.target.tagName === "BUTTON");
  if (!move || page !== root || own || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  moves[move]();
});
