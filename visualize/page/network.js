// The second view: the network that the graph computes. The same steps are lit in it, and its numbers are those of the graph. Of a
// graph with many samples it shows one: that which the step belongs to, or one that was chosen.

let run = 0; // the sample that is shown, by its place among those of the graph
let drawNetwork = () => {};
if (part.network) {
  const { runs, weights, biases } = graph.network;
  const gaps = runs[0].columns.map((_, l) => Object.entries(part).find(([name]) => name.startsWith(`gap-${l}-`))?.[1]);
  const circles = runs[0].columns.flatMap((column, l) => column.map((_, j) => ({ shape: part[`a-${l}-${j}`], value: () => runs[run].columns[l][j], l, j }))).filter(({ shape }) => shape);
  const lines = weights.flatMap((rows, l) => rows.flatMap((row, j) => row.map((i, k) => ({ shape: part[`w-${l + 1}-${j}-${k}`], value: () => i, l: l + 1, j, k })))).filter(({ shape }) => shape);
  if (part.loss) circles.push({ shape: part.loss, value: () => end, l: runs[0].columns.length, j: 0 });

  // Of a neuron's output the values that it was computed from, back to the weighted sum, which is the last of them.
  const within = (a, z) => {
    const found = [];
    const depends = new Set([z]);
    for (let i = z + 1; i <= a; i += 1) if (nodes[i].parents.some((k) => depends.has(k))) depends.add(i);
    const stack = [a];
    while (stack.length > 0) {
      const i = stack.pop();
      if (found.includes(i) || !depends.has(i)) continue;
      found.push(i);
      if (i !== z) stack.push(...nodes[i].parents);
    }
    return found;
  };

  // What stands for each value of the graph in this picture: its node, its weight, or the loss; for what is folded, the note of it.
  const shapesOf = ({ columns, sums }) => {
    const shapes = nodes.map(() => part.loss);
    columns.forEach((column, l) => column.forEach((a, j) => {
      for (const i of l ? within(a, sums[l - 1][j]) : [a]) shapes[i] = part[`a-${l}-${j}`] ?? gaps[l];
      const bias = l ? biases[l - 1][j] : null;
      if (bias !== null) shapes[bias] = part[`a-${l}-${j}`] ?? gaps[l];
    }));
    weights.forEach((rows, l) => rows.forEach((row, j) => row.forEach((i, k) => { shapes[i] = part[`w-${l + 1}-${j}-${k}`] ?? (part[`a-${l + 1}-${j}`] ? gaps[l] : gaps[l + 1]); })));
    return shapes;
  };
  const shapes = runs.map(shapesOf);
  const own = runs.map(({ columns, sums }) => new Set(columns.flatMap((column, l) => column.flatMap((a, j) => (l ? within(a, sums[l - 1][j]) : [a])))));
  const runOf = (step) => own.findIndex((values) => [nodes[step.user] ? step.user : -1, ...step.targets, ...step.sources].some((i) => values.has(i)));

  const buttons = [...circles, ...lines].sort((one, other) => one.l - other.l || one.j - other.j || (one.k ?? -1) - (other.k ?? -1));
  const reach = (chosen) => buttons.forEach(({ shape }) => shape.setAttribute("tabindex", shape === chosen ? "0" : "-1"));
  buttons.forEach(({ shape, value, l, j, k }, place) => {
    const press = () => (k === undefined ? openNeuron(value(), l, j) : select(value()));
    shape.setAttribute("role", "button");
    shape.addEventListener("click", press);
    shape.addEventListener("focus", () => reach(shape));
    shape.addEventListener("keydown", (event) => {
      const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (move) buttons[place + move]?.shape.focus();
      else if (event.key === "Enter" || event.key === " ") press();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  });
  reach(buttons[0].shape);

  const see = (network) => {
    part.network.hidden = !network;
    part.picture.hidden = part.way.hidden = network;
    part.coloring.hidden = !network;
    part.runs.hidden = !network || runs.length === 1;
    part["see-graph"].setAttribute("aria-pressed", String(!network));
    part["see-network"].setAttribute("aria-pressed", String(network));
    follow();
  };
  part["see-graph"].addEventListener("click", () => {
    see(false);
    seenAt = null; // in a graph of parts, the one that the step takes place in
    update();
  });
  part["see-network"].addEventListener("click", () => see(true));
  part.coloring.addEventListener("change", update);
  runs.forEach((_, k) => part["shown-run"].append(new Option(`${k + 1} of ${runs.length}`, String(k))));
  part["shown-run"].addEventListener("change", () => {
    run = Number(part["shown-run"].value);
    derive();
    update();
  });

  // The scalar graph of a neuron: its inputs and their weights, its sum and its output.
  const openNeuron = (i, l, j) => {
    see(false);
    const { columns, sums } = runs[run];
    if (l === 0 || l === columns.length) {
      select(i);
      return;
    }
    const z = sums[l - 1][j];
    select(i, { inputs: columns[l - 1], weights: weights[l - 1][j], bias: biases[l - 1][j], computed: within(i, z).reverse() });
    part.picture.scrollIntoView({ block: "nearest" });
  };

  // The strength of a colour, from 0 to 1, beside the largest number: its root, or where they are too far apart their logarithm.
  const { faintest, widest: apart, hatch: striped, thin, thick } = graph.network.strength; // as in all pictures
  const strength = (numbers) => {
    const logs = numbers.filter((x) => Number.isFinite(x) && x !== 0).map((x) => Math.log(Math.abs(x)));
    const [low, high] = [Math.min(...logs), Math.max(...logs)];
    const share = (log) => (high - low > Math.log(apart) ? (log - low) / (high - low) : Math.exp((log - high) / 2));
    return (x) => (x === 0 ? 0 : faintest + (1 - faintest) * bounded(0, share(Math.log(Math.abs(x))), 1));
  };
  const hue = (x) => `var(${x < 0 ? "--negative" : "--positive"})`;
  const color = (x, strong, from) => `color-mix(in srgb, ${hue(x)} ${Math.round(100 * strong(x))}%, var(${from}))`;
  const largest = (numbers) => Math.max(...numbers.filter(Number.isFinite).map(Math.abs), 0) || 1;

  let seenRun = null; // the step whose sample was shown
  drawNetwork = (step, known, gradients, word) => {
    if (seenRun !== position && following && runOf(step) >= 0) run = runOf(step);
    seenRun = position;
    part["shown-run"].value = String(run);
    for (const phase of ["forward", "backward"]) part.network.classList.toggle(phase, step.phase === phase);
    part.network.classList.toggle("third", step.phase === "tangent");
    const byGradient = part.color.value === "gradient";
    const numbers = (i) => [known[i] ? show(state.data[i]) : "?", gradients[i] === null ? "?" : show(gradients[i])];
    const widest = largest(lines.map(({ value }) => state.data[value()]));
    const colored = (i) => (byGradient ? gradients[i] ?? 0 : state.data[i]);
    const strongLine = strength(lines.map(({ value }) => colored(value())));
    for (const { shape, value } of lines) {
      const i = value();
      const [line, number] = [shape.querySelector("path"), colored(i)];
      const wide = Math.min(1, Math.abs(state.data[i]) / widest);
      line.style.strokeWidth = `${thin + (thick - thin) * (Number.isNaN(wide) ? 1 : wide)}px`;
      line.style.stroke = Number.isNaN(number) ? "var(--quiet)" : color(number, strongLine, "--badge");
      line.style.strokeDasharray = Number.isFinite(number) ? "none" : "2 2";
      describe(shape, i, numbers(i), word);
    }
    const strongNode = strength(circles.map(({ value }) => (known[value()] ? state.data[value()] : 0)));
    for (const { shape, value } of circles) {
      const i = value();
      const [[data], number] = [numbers(i), known[i] ? state.data[i] : 0];
      const text = [...shape.querySelectorAll("text")].at(-1);
      text.textContent = data;
      text.style.fontSize = `${Math.min(9, 52 / data.length)}px`;
      shape.querySelector("ellipse").style.fill = Number.isFinite(number) ? color(number, strongNode, "--node") : `url(#${hatch(number)})`;
      describe(shape, i, numbers(i), word);
    }
    const what = byGradient ? "the gradient is above 0" : "it is above 0";
    writeCaption(`a line is a weight: blue where ${what}, orange below, the widest ${show(widest)} in size${lines.every(({ value }) => Number.isFinite(colored(value()))) ? "" : "; dashed: infinite or no number"}`);
    for (const shape of new Set(shapes[run].filter(Boolean))) shape.classList.remove("target", "source", "selected");
    step.sources.forEach((i) => shapes[run][i]?.classList.add("source"));
    step.targets.forEach((i) => shapes[run][i]?.classList.add("target"));
    shapes[run][selected]?.classList.add("selected");
  };
  const caption = part.caption.querySelector("text");
  const writeCaption = (words) => { // in letters so small that it is as wide as the picture at most
    caption.textContent = words;
    caption.style.fontSize = `${Math.min(10, (12 * part.network.querySelector("svg").viewBox.baseVal.width) / (LETTER * words.length))}px`;
  };
  const describe = (shape, i, [data, gradient], word) => shape.setAttribute("aria-label", `${nodes[i].name} ${data}, ${word} ${gradient}`);

  // The pattern of a node whose number is infinite or none: stripes.
  const hatches = new Map();
  const hatch = (number) => {
    if (!hatches.has(number)) {
      const paint = Number.isNaN(number) ? "var(--quiet)" : hue(number);
      const pattern = svgElement("pattern", { id: `${part.network.id}-hatch-${hatches.size}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
      for (const [x, fill] of [[0, "var(--node)"], [3, `color-mix(in srgb, ${paint} ${100 * striped}%, var(--node))`]]) {
        pattern.append(svgElement("rect", { x, width: 3, height: 6, style: `fill: ${fill}` }));
      }
      part.network.querySelector("svg").prepend(pattern);
      hatches.set(number, pattern.id);
    }
    return hatches.get(number);
  };
  if (nodes.length > 100) see(true); // the graph would be far larger than the screen
}
