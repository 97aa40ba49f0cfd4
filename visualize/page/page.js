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
let seenAt = 0; // the step that was followed to its part
let edited = ""; // what the last edit changed, shown until the next step

// Where a number is typed that is in leaves: it counts at Enter, or when the field is left. Escape gives it up. It is called
// `what()`, reads `short()`, or in every digit `whole()`; with another one `taking(number)` are the leaves.
function field(number) {
  const { what, label, short, whole } = number;
  const input = document.createElement("input");
  input.type = "text"; // on a phone the keys for numbers alone have no minus
  input.enterKeyHint = "done";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.setAttribute("aria-label", label);
  input.setAttribute("aria-describedby", part.problem.id);
  input.value = short();
  let untouched = input.value; // what nobody has typed, be the number another by now, since it learns
  const restore = () => { untouched = input.value = document.activeElement === input ? whole() : short(); };
  const commit = () => {
    if (input.value !== untouched) edit(number, input);
    restore();
  };
  input.addEventListener("focus", () => { // every digit, to be edited
    restore();
    input.select();
  });
  input.addEventListener("blur", commit);
  input.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== "Escape") || event.isComposing) return; // these end what an input method composes
    if (event.key === "Enter") commit();
    else restore();
    input.select();
  });
  return input;
}
const inLeaf = (i) => ({
  what: () => calledAs(i),
  label: nodes[i].number ? calledAs(i) : `number of ${nodes[i].name}`,
  short: () => show(leaves[i]),
  whole: () => full(leaves[i]),
  taking: (number) => leaves.map((other, k) => (k === i ? number : other)),
});

// Other numbers for the leaves: everything is computed anew; or nothing is changed, and the error says what has no value.
function take(changed) {
  const before = { state, leaves };
  [state, leaves] = [computed(changed), changed];
  try {
    renew();
  } catch (error) { // a sample that is not in the leaves
    ({ state, leaves } = before);
    renew();
    throw error;
  }
  writeNumbers();
}

// The steps of the page: of the sweeps, the third one if it is asked for, and of gradient descent.
function renew() {
  made = madeSteps(state);
  grad = made.grad;
  steps = [...made.steps, ...(seed === null ? [] : tangentSteps(state, seed)), ...(graph.editable ? updateSteps(state, grad) : [])];
  position = Math.min(position, steps.length - 1);
}

function edit({ what, short, taking }, input) {
  const before = state.data[end];
  let problem = "";
  try {
    take(taking(typedNumber(input.value)));
    restart();
    const result = nodes[end].parents.length === 0 ? "" : `: ${nodes[end].name} becomes ${show(state.data[end])}, it was ${show(before)}`;
    edited = `${what()} is now ${short()}${result}.`;
    derive();
  } catch (error) {
    problem = `${what()}: ${error.message}. It stays ${short()}.`;
    edited = "";
  }
  for (const other of root.querySelectorAll("td input")) other.removeAttribute("aria-invalid");
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
  if (aside && position !== seenAt) closeAlone();
  if (graph.parts.length > 0 && following && !part.picture.hidden && open !== partOf(steps[position]) && position !== seenAt) {
    seenAt = position;
    openPart(partOf(steps[position])); // and so this is done anew
    return;
  }
  seenAt = position;
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
  for (const i of values) updateNode(i, known[i] ? state.data[i] : null, gradients[i], known[i] ? roles[i] : `${roles[i]} waiting`, word);
  if (values.length === 0) showParts(step);
  drawNetwork(step, known, gradients, word);
  follow();
  part.slider.max = steps.length - 1;
  part.slider.value = position;
  part.slider.setAttribute("aria-valuetext", `step ${position} of ${steps.length - 1}`);
  for (const name of ["first", "previous"]) part[name].disabled = position === 0;
  for (const name of ["next", "last"]) part[name].disabled = position === steps.length - 1;
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

// A value is chosen, in the picture or the table; `neuron` is what the scalar graph of a neuron is made of, if that is to be seen.
function select(i, neuron = null) {
  selected = i;
  if (aside && (neuron || !groups[i])) closeAlone();
  if (graph.parts.length > 0 && (neuron || !groups[i])) openPart(nodes[neuron ? neuron.computed[0] : i].part); // as from the network's picture
  if (neuron) openAlone(neuron);
  enter(groups[i] ?? stops[0]);
  update();
  derive();
  part.explained.scrollIntoView({ block: "nearest" });
}
