// The ways from a value to the result: the derivative is the sum over them, of the product of the local derivatives along each.

const MOST_PATHS = 12; // that are listed; of more only their number is told

// The uses of each value: by which node, and as which of its parents.
const uses = nodes.map(() => []);
nodes.forEach((node, i) => node.parents.forEach((k, place) => { if (node.passes?.[place]) uses[k].push([i, place]); }));
const ways = nodes.map(() => 0); // how many ways lead from each value to the result
ways[nodes.length - 1] = 1;
for (let k = nodes.length - 2; k >= 0; k -= 1) ways[k] = uses[k].reduce((count, [i]) => count + ways[i], 0);

function pathsFrom(k) {
  if (k === nodes.length - 1) return [[]];
  return uses[k].flatMap(([i, place]) => (ways[i] ? pathsFrom(i).map((rest) => [[i, place], ...rest]) : []));
}

const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

// The paths from a value as a list, in which each is a button that lights it in the picture.
function listedPaths(k) {
  const end = nodes[nodes.length - 1].name;
  if (k === nodes.length - 1 || ways[k] === 0) return [];
  if (ways[k] > MOST_PATHS) return [line("p", `${ways[k]} paths lead to ${end}; the gradient is the sum of their products.`)];
  const list = document.createElement("ul");
  for (const path of pathsFrom(k)) {
    const names = [nodes[k].name, ...path.map(([i]) => nodes[i].name)].join(" → ");
    const locals = path.map(([i, place]) => state.locals[i][place]);
    const whole = locals.reduce((all, local) => all * local, 1);
    const button = line("button", `${names}: ${chain([locals.map((local) => factor(show(local))).join(product), show(whole)])}`);
    button.addEventListener("click", () => {
      for (const one of drawing.querySelectorAll(".lit")) one.classList.remove("lit");
      for (const [i, place] of path) for (const edge of nodes[i].edges[place]) for (const one of drawing.querySelectorAll(`[data-edge="${edge}"]`)) one.classList.add("lit");
    });
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
  const title = ways[k] === 1 ? `One path leads to ${end}. The product of its local derivatives is the gradient:` : `${ways[k]} paths lead to ${end}. The gradient is the sum of their products:`;
  return [line("p", title), list];
}

// What a small change of a leaf does to the result, beside what its gradient says.
function nudged(k) {
  const [by, end] = [0.001, nodes.length - 1];
  try {
    const changed = computed(leaves.map((number, i) => (i === k ? number + by : number))).data[end];
    const difference = changed - state.data[end];
    const { name } = nodes[k];
    return `Nudge: with ${name} + ${by}, ${nodes[end].name} changes by ${show(difference)}, which is ${show(difference / by)} times as much; ${name}.grad = ${show(grad[k])}.`;
  } catch {
    return "";
  }
}
