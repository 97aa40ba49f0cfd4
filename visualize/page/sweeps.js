// Forward mode, as a third sweep: the derivatives of all values by one leaf, its tangents, on the way from that leaf to the result.
// And how many sweeps either mode takes for the derivatives of the result by every leaf.

const free = nodes.flatMap((node, i) => (node.parents.length === 0 && !node.constant ? [i] : []));
let seed = null; // the leaf of the third sweep; null where there is none

// For each node that depends on a leaf, the positions of the parents through which it does.
function dependents(leaf) {
  const places = nodes.map(() => []);
  nodes.forEach((node, i) => {
    places[i] = node.parents.flatMap((k, place) => (node.passes[place] && (k === leaf || places[k].length > 0) ? [place] : []));
  });
  return places;
}

function tangentSteps({ data, locals }, leaf) {
  const tangents = nodes.map((_, i) => Number(i === leaf));
  const begin = `${nodes[leaf].name}.tangent = `;
  const first = { phase: "tangent", text: begin + show(1), note: `the derivative of ${nodes[leaf].name} by itself`, question: () => `${begin}?`, answer: 1, target: leaf, sources: [], edges: [], tangent: 1 };
  const others = dependents(leaf).flatMap((places, i) => (places.length > 0 ? [pushedForward(i, places)] : []));

  // One step of the chain rule: the tangents of the parents, each times its local derivative.
  function pushedForward(i, places) {
    const node = nodes[i];
    const name = (k) => nodes[k].name;
    const chosen = places.filter((place) => !(node.chooses && locals[i][place] === 0)); // the others pass nothing on
    const before = new Map(chosen.map((place) => [place, tangents[node.parents[place]]]));
    tangents[i] = chosen.reduce((sum, place) => sum + locals[i][place] * before.get(place), 0);
    const all = (write) => chosen.map(write).join(" + ") || show(0);
    const symbols = () => all((place) => factor(fill(node.derivatives[place], dataOfName)) + product + `${name(node.parents[place])}.tangent`);
    const numbers = () => all((place) => factor(show(locals[i][place])) + product + factor(show(before.get(place))));
    const [last, tangent] = [i === end, tangents[i]];
    return {
      phase: "tangent",
      get text() { return `${node.name}.tangent = ${chain([symbols(), numbers(), show(tangent)])}`; },
      note: last ? `the derivative of ${node.name} by ${name(leaf)}, as ${name(leaf)}.grad is; for another leaf the sweep is made anew` : "",
      question: () => `${node.name}.tangent = ?`,
      answer: tangent,
      target: i,
      sources: places.map((place) => node.parents[place]),
      edges: places.flatMap((place) => node.edges[place]),
      tangent,
    };
  }
  return [first, ...others];
}

// The products of the sweeps for all leaves: of each edge as many as there are leaves that it comes from.
function productsForward() {
  const [from, size] = [nodes.map(() => null), Math.ceil(free.length / 32)]; // for each value the set of its leaves, a bit for each
  free.forEach((leaf, k) => {
    from[leaf] = new Uint32Array(size);
    from[leaf][k >> 5] |= 1 << (k & 31);
  });
  const bits = (word) => { let [rest, count] = [word, 0]; for (; rest; rest &= rest - 1) count += 1; return count; };
  let products = 0;
  nodes.forEach((node, i) => node.parents.forEach((k, place) => {
    if (!node.passes[place] || !from[k]) return;
    from[i] ??= new Uint32Array(size);
    from[k].forEach((word, at) => {
      products += bits(word);
      from[i][at] |= word;
    });
  }));
  return products;
}

// The two modes side by side, with the products that each computes.
function showCounts() {
  const backward = made.steps.filter((step) => step.user !== undefined).length;
  const leavesInWords = `${free.length} ${free.length === 1 ? "leaf" : "leaves"}`;
  const rows = [
    ["backward", `once, for ${leavesInWords}`, backward],
    ["forward mode", free.length === 1 ? "once" : `${free.length} times, once for each leaf`, productsForward()],
  ];
  for (const [mode, sweeps, products] of rows) {
    const row = part.counts.insertRow();
    row.append(Object.assign(line("th", mode), { scope: "row" }), line("td", sweeps), line("td", String(products)));
  }
}

for (const leaf of free) part.seed.append(Object.assign(line("option", `+ forward mode by ${nodes[leaf].name}`), { value: leaf }));
part.seed.addEventListener("change", () => {
  seed = part.seed.value === "" ? null : Number(part.seed.value);
  renew();
  go(seed === null ? position : steps.findIndex((step) => step.phase === "tangent"));
});
