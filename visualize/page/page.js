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
let made, steps, grad; // the two sweeps; all steps of the page; the gradients
let position = 0;
let selected = null;
let edited = ""; // what the last edit changed, shown until the next step

// The picture

const drawing = part.picture.querySelector("svg");
const groups = nodes.map((_, i) => part[`n${i}`]);
for (const group of groups) group.parentNode.append(group); // the order of keyboard and screen reader: that of computation
const edgeGroups = new Map(); // two for an edge on which the box of a weight stands
for (const one of drawing.querySelectorAll(".edge")) edgeGroups.set(one.dataset.edge, [...(edgeGroups.get(one.dataset.edge) ?? []), one]);
const numbers = groups.map((group) => [...group.querySelectorAll(".number")]);
const words = groups.map((group) => group.querySelector(".word"));
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
  renew();
}

// The steps of the page: of the sweeps, the third one if it is asked for, and of gradient descent.
function renew() {
  made = madeSteps(state);
  grad = made.grad;
  steps = [...made.steps, ...(seed === null ? [] : tangentSteps(state, seed)), ...(graph.editable ? updateSteps(state, grad) : [])];
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
  const step = shownStep();
  const word = step.phase === "tangent" ? "tangent" : "grad"; // what is shown beside the data
  const sweep = word === "grad" ? "backward" : "tangent";
  const begun = steps.slice(0, position + 1).some((one) => one.phase === sweep);
  const known = nodes.map((node) => node.parents.length === 0);
  const gradients = nodes.map(() => (begun ? 0 : null));
  for (const one of steps.slice(0, position + (hidden ? 0 : 1))) {
    if (one.phase === "forward") known[one.target] = true;
    if (one.phase === sweep) gradients[one.target] = one[word];
  }
  for (const one of [part.picture, part.formula]) {
    one.classList.toggle("forward", step.phase === "forward");
    one.classList.toggle("backward", step.phase === "backward");
    one.classList.toggle("third", step.phase === "tangent");
  }
  part.phase.textContent = `step ${position} of ${steps.length - 1} · ${step.phase}`;
  part.step.textContent = step.text;
  part.note.textContent = edited || step.note;
  showQuestion();
  for (const edge of drawing.querySelectorAll(".edge.active")) edge.classList.remove("active");
  for (const edge of step.edges) for (const one of edgeGroups.get(edge) ?? []) one.classList.add("active");
  const roles = nodes.map(() => "");
  for (const k of step.sources) roles[k] = "source";
  for (const k of step.targets) roles[k] = "target";
  part.gradient.textContent = word;
  nodes.forEach((_, i) => updateNode(i, known[i] ? state.data[i] : null, gradients[i], known[i] ? roles[i] : `${roles[i]} waiting`, word));
  drawNetwork(step, known, gradients, word);
  follow();
  part.slider.max = steps.length - 1;
  part.slider.value = position;
  part.slider.setAttribute("aria-valuetext", `step ${position} of ${steps.length - 1}`);
  for (const name of ["first", "previous"]) part[name].disabled = position === 0;
  for (const name of ["next", "last"]) part[name].disabled = position === steps.length - 1;
}

// The two numbers of a value, in its box and in its row, null where one is not known yet; and how its box looks.
const looks = nodes.map(() => ""); // what is shown already: of a large graph a step changes little
function updateNode(i, data, gradient, role, word) {
  const look = [...[data, gradient].map((x) => (x === null ? "?" : full(x))), role, selected === i, word].join();
  if (look === looks[i]) return;
  looks[i] = look;
  for (const name of ["waiting", "target", "source"]) groups[i].classList.toggle(name, role.includes(name));
  groups[i].classList.toggle("selected", selected === i);
  if (nodes[i].constant) return;
  const shown = [data, gradient].map((x) => (x === null ? "?" : show(x)));
  numbers[i].forEach((text, which) => { text.textContent = shown[which]; });
  words[i].textContent = word;
  groups[i].setAttribute("aria-label", `${headings[i]}: data ${shown[0]}, ${word} ${shown[1]}`);
  const { row, data: dataCell, gradient: gradientCell } = rows[i];
  row.classList.toggle("active", role.includes("target"));
  const input = dataCell.firstElementChild;
  if (!input) dataCell.textContent = shown[0];
  else if (input !== document.activeElement) input.value = shown[0];
  dataCell.dataset.value = data === null ? "" : String(data);
  gradientCell.textContent = shown[1];
  gradientCell.dataset.value = gradient === null ? "" : String(gradient);
  row.title = titles[i].textContent = `${nodes[i].name}: data ${data ?? "?"}, ${word} ${gradient ?? "?"}`;
}

// The whole derivation of the selected value: its formula, and every step that added to its gradient.
function derive() {
  if (selected === null) return;
  const node = nodes[selected];
  const own = made.steps.filter((step) => step.target === selected);
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
