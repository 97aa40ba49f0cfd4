// Plain numbers: they have no name and no gradient, but can be others. Such a number is written wherever it stands: in its box, in
// the formulas of the boxes and of the table, in the heading.

const ALONE = 40; // points that a number has in its own box
const plain = nodes.flatMap((node, i) => (node.number ? [i] : []));
const readers = new Map(plain.map((i) => [i, []])); // what is computed from each
nodes.forEach(({ parents }, user) => parents.forEach((k) => readers.get(k)?.push(user)));
let before = plain.map((i) => leaves[i]); // as they were written last
for (const i of plain) {
  const { name, data } = nodes[i]; // as it was given: 2 is no 2.0
  Object.defineProperty(nodes[i], "name", { get: () => (Object.is(leaves[i], data) ? name : show(leaves[i])) });
}

// What a leaf is called in a message.
const calledAs = (i) => (nodes[i].number ? `the number in ${nodes[readers.get(i)[0]].name}` : nodes[i].name);
const formulaOf = (i) => fill(nodes[i].formula, (k) => nodes[k].name);

function numberRow(i) {
  const made = part.numbers.insertRow();
  made.append(Object.assign(line("th", "number"), { scope: "row", className: "quiet" }), line("td", ""));
  const data = made.insertCell();
  data.append(field(inLeaf(i)));
  made.insertCell();
  return { row: made, data };
}

// A class that was given is one number: its row gives 1 to the leaf of that class, and 0 to those of the others.
function inClass({ name, shares }) {
  const chosen = () => {
    const some = shares.filter((i) => leaves[i] !== 0);
    return some.length === 1 && leaves[some[0]] === 1 ? String(shares.indexOf(some[0])) : "several";
  };
  const taking = (typed) => {
    if (shares[typed] === undefined) throw new Error(`a class is needed, one of 0 to ${shares.length - 1}`);
    return leaves.map((other, i) => (shares.includes(i) ? Number(i === shares[typed]) : other));
  };
  return { what: () => name, label: name, short: chosen, whole: chosen, taking };
}
function classRow(given) {
  const made = part.numbers.insertRow();
  const weighted = given.weight === null ? "" : `; ${calledAs(given.weight)}, which may be the weight of this class alone, stays as it is`;
  const told = `1 for it, 0 for the others: ${given.shares.map((i) => nodes[i].name).join(", ")}${weighted}`;
  made.append(Object.assign(line("th", given.name), { scope: "row", className: "quiet" }), line("td", told));
  const number = inClass(given);
  made.insertCell().append(field(number));
  made.insertCell();
  classes.push([made.cells[2].firstElementChild, number]);
}
let classes = []; // the fields of those on the sheet, with their numbers
function writeClasses() {
  for (const [input, number] of classes) if (input !== document.activeElement) input.value = number.short();
}

// Write the plain numbers of a value's formula, and its own if it is one, as they are now.
function writeNumber(i) {
  const [node, group] = [nodes[i], groups[i]];
  if (node.number) {
    const text = group.querySelector("text");
    if (text.textContent !== node.name) rewrite([text], node.name, ALONE);
    if (!rows[i]) return;
    rows[i].row.cells[1].textContent = `in ${readers.get(i).map((user) => `${nodes[user].name} = ${formulaOf(user)}`).join(", ")}`;
    const input = rows[i].data.firstElementChild;
    if (input !== document.activeElement) input.value = show(leaves[i]);
  }
  if (node.constant) return;
  if (node.parents.length) {
    rows[i].row.cells[1].textContent = formulaOf(i);
    if (node.parents.some((k) => nodes[k].number && !Object.is(leaves[k], nodes[k].data)) || group.querySelector(".written[data-first]")) {
      const written = [...group.querySelectorAll(".written")];
      const { x, width } = sidesOf(group);
      rewrite(written, ` = ${formulaOf(i)}`, x + width - Number(written[0].getAttribute("x")));
    }
  }
  headings[i] = [...group.querySelectorAll("text")].map((text) => text.textContent).join(" ").split(/\s+data\s+\S+\s+grad\s+\S+\s*$/)[0].replace(/\s+/g, " ").trim();
}

// Other numbers were taken: what is written of them is no longer true.
function writeNumbers() {
  writeClasses();
  const changed = new Set(plain.filter((k, place) => !Object.is(leaves[k], before[place])));
  if (changed.size === 0) return;
  before = plain.map((i) => leaves[i]);
  for (const i of values) if (changed.has(i) || nodes[i].parents.some((k) => changed.has(k))) writeNumber(i);
  writeHeading();
}

// The heading; in its title true and false stand where an exponent begins and ends.
function writeHeading() {
  let into = part.heading;
  into.replaceChildren();
  graph.title.forEach((token, i) => {
    if (token === true) into = into.appendChild(line("sup", ""));
    else if (token === false) into = into.parentNode;
    else into.append(filled(graph.title, i, (k) => nodes[k].name));
  });
}

// Another text in the place of these, in letters so small that it stays in the box.
const LETTER = 6.6; // points, of the size of 12
function rewrite(texts, written, room) {
  const [first, ...rest] = texts;
  first.dataset.first = "";
  for (const name of ["textLength", "lengthAdjust"]) first.removeAttribute(name);
  first.textContent = written;
  first.style.fontSize = `${Math.min(12, (12 * room) / (LETTER * written.length))}px`;
  for (const text of rest) text.textContent = "";
}
