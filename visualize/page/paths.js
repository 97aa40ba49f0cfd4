// The ways from a value to the result: the derivative is the sum over them, of the product of the local derivatives along each.

const MANY_PATHS = 12; // that are listed at once
const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

// The uses of each value: by which node, and as which of its parents.
const uses = nodes.map(() => []);
nodes.forEach((node, i) => node.parents.forEach((k, place) => { if (node.passes[place]) uses[k].push([i, place]); }));
const ways = nodes.map(() => 0); // how many ways lead from each value to the result
ways[end] = 1;
for (let k = end - 1; k >= 0; k -= 1) ways[k] = uses[k].reduce((count, [i]) => count + ways[i], 0);

// The paths from a value, one after the other: there may be too many for a list of all.
function* pathsFrom(start) {
  const walked = [[start, null]];
  while (walked.length > 0) {
    const [k, path] = walked.pop();
    if (k === end) yield edgesOf(path);
    else for (const [i, place] of [...uses[k]].reverse()) if (ways[i]) walked.push([i, { edge: [i, place], before: path }]);
  }
}
function edgesOf(path) {
  const edges = [];
  for (let part = path; part; part = part.before) edges.unshift(part.edge);
  return edges;
}

const productOf = (path) => path.reduce((all, [i, place]) => all * state.locals[i][place], 1);
const namesOf = (k, path) => [nodes[k].name, ...path.map(([i]) => nodes[i].name)].join(" → ");

// The paths from a value as a list, in which each is a button that lights it in the picture: one, or two to be compared.
function listedPaths(k) {
  unlight();
  const result = nodes[end].name;
  if (k === end || ways[k] === 0) return [];
  const [list, more, compared] = [line("ul"), line("button"), line("p")];
  const paths = pathsFrom(k);
  let listed = 0;
  const listMore = () => {
    for (let count = 0; count < MANY_PATHS && listed < ways[k]; count += 1) {
      list.append(item(k, paths.next().value, compared));
      listed += 1;
    }
    more.textContent = `${ways[k] - listed} more paths`;
    more.hidden = listed === ways[k];
  };
  compared.setAttribute("aria-live", "polite");
  more.addEventListener("click", listMore);
  listMore();
  const title = ways[k] === 1 ? `One path leads to ${result}. The product of its local derivatives is the gradient:` : `${ways[k]} paths lead to ${result}. The gradient is the sum of their products:`;
  const addends = ways[k] <= MANY_PATHS ? [...pathsFrom(k)].map((path) => factor(show(productOf(path)))) : [];
  const sum = addends.length > 1 ? [line("p", `The sum: ${addends.join(" + ")} = ${show(grad[k])}`)] : [];
  return [line("p", title), list, more, ...sum, compared];
}

function item(k, path, compared) {
  const locals = path.map(([i, place]) => factor(show(state.locals[i][place]))).join(product);
  const button = line("button", `${namesOf(k, path)}: ${chain([locals, show(productOf(path))])}`);
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    light(path, button);
    compared.textContent = litPaths.length < 2 ? "" : comparison(k, ...litPaths.map((one) => one.path));
  });
  const entry = document.createElement("li");
  entry.append(button);
  return entry;
}

let litPaths = []; // those whose buttons are pressed, the last two

function light(path, button) {
  const others = litPaths.filter((one) => one.button !== button);
  litPaths = others.length < litPaths.length ? others : [...litPaths, { path, button }].slice(-2);
  for (const one of button.closest("ul").querySelectorAll("button")) one.setAttribute("aria-pressed", String(litPaths.some(({ button: pressed }) => pressed === one)));
  for (const one of drawing.querySelectorAll(".lit")) one.classList.remove("lit", "other");
  litPaths.forEach(({ path: edges }, which) => {
    for (const [i, place] of edges) for (const edge of nodes[i].edges[place]) for (const one of edgeGroups.get(edge) ?? []) one.classList.add("lit", ...(which ? ["other"] : []));
  });
}

function unlight() {
  litPaths = [];
  for (const one of drawing.querySelectorAll(".lit")) one.classList.remove("lit", "other");
}

// Two paths side by side: what each brings, and where they are the same way.
function comparison(k, one, other) {
  const shared = one.filter(([i, place]) => other.some(([j, at]) => i === j && place === at)).map(([i, place]) => `${nodes[nodes[i].parents[place]].name} → ${nodes[i].name}`);
  const [first, second] = [productOf(one), productOf(other)];
  const common = shared.length > 0 ? `They share ${shared.join(", ")}.` : "They share no edge.";
  return `${namesOf(k, one)} brings ${show(first)}, and ${namesOf(k, other)}, dashed, ${show(second)}: together ${show(first + second)} of ${show(grad[k])}. ${common}`;
}

const ROUNDING = 1e-13; // of a number: a smaller change is not told from rounding

// What a small change of a leaf does to the result, beside what its gradient says.
function nudged(k) {
  const size = Math.abs(leaves[k]);
  const by = size < 1e6 || !Number.isFinite(size) ? 0.001 : 10 ** (Math.floor(Math.log10(size)) - 8); // not lost in rounding
  try {
    const changed = computed(leaves.map((number, i) => (i === k ? number + by : number))).data[end];
    const difference = changed - state.data[end];
    if (!Number.isFinite(difference)) return "";
    const { name } = nodes[k];
    const isLost = grad[k] !== 0 && Math.abs(grad[k] * by) < ROUNDING * Math.abs(state.data[end]);
    const change = isLost ? "changes by less than its digits can hold" : `changes by ${show(difference)}, which is ${show(difference / by)} times as much`;
    return `Nudge: with ${name} + ${show(by)}, ${nodes[end].name} ${change}; ${name}.grad = ${show(grad[k])}.`;
  } catch {
    return "";
  }
}
