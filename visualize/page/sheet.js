// The sheet: the picture that is seen, and the table of its values. A large graph has a sheet for each of its parts, and one with a box
// for each part, that opens it. What is on no open sheet is computed all the same.

const SVG = "http://www.w3.org/2000/svg";
const sheets = [...root.querySelectorAll(".sheet")];
root.classList.toggle("large", graph.parts.length > 0);
let open = 0; // the part whose sheet is seen
let drawing, edgeGroups, stops;
let values = []; // those on the sheet, by number
let groups, numbers, words, titles, headings, rows, looks; // of each of them what shows it

// Make the picture and the table ready for these values.
function mount(shown) {
  const focused = document.activeElement;
  if (part.values.contains(focused) || part.numbers.contains(focused)) focused.blur(); // what is typed there counts
  values = shown;
  [groups, numbers, words, titles, headings, rows, looks, stops] = Array.from({ length: 8 }, () => []);
  drawing = part.picture.querySelector("svg");
  edgeGroups = new Map(); // two for an edge on which the box of a weight stands
  for (const one of drawing.querySelectorAll(".edge[data-edge]")) edgeGroups.set(one.dataset.edge, [...(edgeGroups.get(one.dataset.edge) ?? []), one]);
  for (const [edge, both] of edgeGroups) for (const one of both) nameEdge(one, ...edge.match(/\d+/g).map(Number));
  for (const group of drawing.querySelectorAll("g.node[id]")) groups[Number.parseInt(group.id.slice(1), 10)] = group;
  part.values.replaceChildren();
  part.numbers.replaceChildren();
  classes = [];
  for (const i of shown) {
    const group = groups[i];
    group.parentNode.append(group); // the order of keyboard and screen reader: that of computation
    looks[i] = ""; // what is shown already: a step changes little
    if (nodes[i].constant) {
      if (nodes[i].number && graph.editable) rows[i] = numberRow(i);
      continue;
    }
    numbers[i] = [...group.querySelectorAll(".number")];
    words[i] = group.querySelector(".word");
    titles[i] = group.insertBefore(document.createElementNS(SVG, "title"), group.firstChild);
    group.classList.toggle("outside", graph.parts.length > 0 && nodes[i].part !== open);
    rows[i] = row(i);
    addStop(group, () => select(i));
  }
  for (const group of drawing.querySelectorAll("[data-part]")) {
    const { title } = graph.parts[group.dataset.part];
    group.setAttribute("aria-label", [...group.querySelectorAll("text")].map((text) => text.textContent.trim()).join(" "));
    addStop(group, () => openPart(Number(group.dataset.part)), title);
  }
  if (graph.editable) for (const given of graph.classes) if (given.shares.every((i) => groups[i])) classRow(given);
  for (const i of shown) writeNumber(i);
  enter(stops[0]);
  const editing = shown.length > 0 ? "Type another number for a leaf, and Enter: everything is computed anew." : "Open a part to see its values.";
  part.editing.textContent = graph.editable || shown.length === 0 ? editing : graph.reason;
}

// A box that can be reached and pressed. One at a time can be reached with Tab: the one that was last in use. Arrows lead to the others.
function addStop(group, press) {
  const place = stops.push(group) - 1;
  group.setAttribute("role", "button");
  group.addEventListener("click", press);
  group.addEventListener("focus", () => enter(group));
  group.addEventListener("keydown", (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) stops[place + move]?.focus();
    else if (event.key === "Enter" || event.key === " ") press();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
function enter(group) {
  for (const one of stops) one.setAttribute("tabindex", one === group ? "0" : "-1");
}

// Another part's sheet in the place of this one.
function openPart(which) {
  if (aside) closeAlone();
  if (which === open) return;
  const focused = part.picture.contains(document.activeElement);
  open = which;
  part.picture.innerHTML = sheets[graph.parts[which].sheet].textContent;
  part.picture.style.cssText = sheets[graph.parts[which].sheet].dataset.sizes;
  writeSheet(graph.parts[which]);
  mount(graph.parts[which].shown);
  showWay();
  update();
  if (focused) stops[0].focus({ preventScroll: true });
}

// A sheet is drawn once for all parts of one shape. Its boxes are numbered by their order in it; what is written in them is what was
// written for the first of these parts.
function writeSheet({ shown, words }) {
  if (shown.length === 0) return; // it has boxes of parts
  for (const group of part.picture.querySelectorAll("g.node[id]")) {
    const place = Number(group.id.slice(1));
    group.id = `n${shown[place]}`;
    const texts = [...group.querySelectorAll("text")].filter((text) => text.textContent.trim());
    words[place]?.forEach((word, k) => { texts[k].textContent = texts[k].textContent.replace(/\S.*\S|\S/s, () => word); });
  }
  for (const edge of part.picture.querySelectorAll("[data-edge]")) edge.dataset.edge = edge.dataset.edge.replace(/\d+/, (place) => shown[place]);
}

// From which value to which an edge leads, where the pointer rests on it.
function nameEdge(edge, i, place) {
  const title = edge.querySelector(":scope > title") ?? edge.insertBefore(document.createElementNS(SVG, "title"), edge.firstChild);
  title.textContent = `${nodes[nodes[i].parents[place]].name} → ${nodes[i].name}`;
}

// From the whole graph to the part that is open: each of these parts can be opened again.
function showWay() {
  const way = [];
  if (graph.parts.length > 0) for (let which = open; which !== null; which = graph.parts[which].parent) way.unshift([graph.parts[which].title, () => openPart(which)]);
  else if (aside) way.push(["all values", closeAlone]);
  if (aside) way.push([nodes[selected].name, () => {}]);
  part.way.replaceChildren(...way.map(([title, open], place) => {
    const button = line("button", title);
    if (place === way.length - 1) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => {
      open();
      update();
    });
    return button;
  }));
}

// The part that a step takes place in; and which of the parts on this sheet another one is in.
const partOf = ({ target, user }) => nodes[user ?? target]?.part ?? 0;
function boxOf(which) {
  for (let inner = which; inner !== null; inner = graph.parts[inner].parent) if (graph.parts[inner].parent === open) return inner;
  return null;
}
function showParts(step) {
  const targets = new Set(step.targets.map((i) => boxOf(nodes[i].part)));
  const sources = new Set(step.sources.map((i) => boxOf(nodes[i].part)));
  for (const group of drawing.querySelectorAll("[data-part]")) {
    const which = Number(group.dataset.part);
    group.classList.toggle("target", targets.has(which));
    group.classList.toggle("source", sources.has(which) && !targets.has(which));
  }
}

// The table

const [BRIEF, SHORT] = [16, 20]; // letters of a name that stands on one line, on a phone and elsewhere
function row(i) {
  const node = nodes[i];
  const made = part.values.insertRow();
  const heading = document.createElement("th");
  heading.scope = "row";
  const button = line("button", node.name);
  button.setAttribute("aria-label", `derivation of ${node.name}`);
  button.classList.toggle("brief", node.name.length <= BRIEF);
  button.classList.toggle("short", node.name.length <= SHORT);
  button.addEventListener("click", () => select(i));
  heading.append(button);
  made.append(heading);
  const formula = made.insertCell();
  if (node.parents.length === 0 && graph.editable) formula.append(learns(i));
  const [data, gradient] = [made.insertCell(), made.insertCell()];
  if (graph.editable && node.parents.length === 0) data.append(field(inLeaf(i)));
  return { row: made, data, gradient };
}

// The two numbers of a value, in its box and in its row, null where one is not known yet; and how its box looks.
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
  const { row: made, data: dataCell, gradient: gradientCell } = rows[i];
  made.classList.toggle("active", role.includes("target"));
  const input = dataCell.firstElementChild;
  if (!input) dataCell.textContent = shown[0];
  else if (input !== document.activeElement) input.value = shown[0];
  dataCell.dataset.value = data === null ? "" : String(data);
  gradientCell.textContent = shown[1];
  gradientCell.dataset.value = gradient === null ? "" : String(gradient);
  made.title = titles[i].textContent = `${nodes[i].name}: data ${data ?? "?"}, ${word} ${gradient ?? "?"}`;
}
