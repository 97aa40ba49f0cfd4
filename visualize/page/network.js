// The second view: the network that the graph computes. The same steps are lit in it, and its numbers are those of the graph.

let drawNetwork = () => {};
if (part.network) {
  const { columns, sums, weights, biases } = graph.network;
  const THIN = 0.6; // of a weight, in points
  const THICK = 4.5;

  // What stands for each value of the graph in this picture: its node, its weight, or the loss; for what is folded, the note of it.
  const shapes = nodes.map(() => part.loss);
  const gaps = columns.map((_, l) => Object.entries(part).find(([name]) => name.startsWith(`gap-${l}-`))?.[1]);
  const circles = columns.flatMap((column, l) => column.map((i, j) => ({ shape: part[`a-${l}-${j}`], i, l, j })).filter(({ shape }) => shape));
  const lines = weights.flatMap((rows, l) => rows.flatMap((row, j) => row.map((i, k) => ({ shape: part[`w-${l + 1}-${j}-${k}`], i, l: l + 1, j, k })))).filter(({ shape }) => shape);
  const inNetwork = (l, j) => [columns[l][j], ...(l ? [sums[l - 1][j], biases[l - 1][j]] : [])].filter((i) => i !== null);
  columns.forEach((column, l) => column.forEach((_, j) => inNetwork(l, j).forEach((i) => { shapes[i] = part[`a-${l}-${j}`] ?? gaps[l]; })));
  weights.forEach((rows, l) => rows.forEach((row, j) => row.forEach((i, k) => { shapes[i] = part[`a-${l + 1}-${j}`] ? gaps[l] : gaps[l + 1]; })));
  for (const { shape, i } of lines) shapes[i] = shape;

  if (part.loss) circles.push({ shape: part.loss, i: end, l: columns.length, j: 0 });

  const buttons = [...circles, ...lines].sort((one, other) => one.l - other.l || one.j - other.j || (one.k ?? -1) - (other.k ?? -1));
  const reach = (chosen) => buttons.forEach(({ shape }) => shape.setAttribute("tabindex", shape === chosen ? "0" : "-1"));
  buttons.forEach(({ shape, i, l, j, k }, place) => {
    const open = () => (k === undefined ? openNeuron(i, l, j) : select(i));
    shape.setAttribute("role", "button");
    shape.addEventListener("click", open);
    shape.addEventListener("focus", () => reach(shape));
    shape.addEventListener("keydown", (event) => {
      const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (move) buttons[place + move]?.shape.focus();
      else if (event.key === "Enter" || event.key === " ") open();
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

  // The scalar graph of a neuron: its part of the graph, in the frame until the next step.
  const MANY = 8; // inputs, above which they and their weights stand too far from the neuron to be read with it
  let openedAt = null;
  const openNeuron = (i, l, j) => {
    const sum = l && l < columns.length ? [sums[l - 1][j]] : [];
    const read = sum.length && columns[l - 1].length <= MANY ? [...inNetwork(l, j), ...weights[l - 1][j], ...columns[l - 1]] : [];
    see(false);
    select(i);
    for (const k of [i, ...sum, ...read]) groups[k]?.classList.add("opened");
    openedAt = position;
    follow();
    part.picture.scrollIntoView({ block: "nearest" });
  };

  const strength = (numbers) => Math.max(...numbers.filter(Number.isFinite).map(Math.abs), 0) || 1;
  const color = (number, largest, from) => `color-mix(in srgb, var(${number < 0 ? "--negative" : "--positive"}) ${Math.round(100 * Math.min(1, Math.sqrt(Math.abs(number) / largest || 0)))}%, var(${from}))`;

  drawNetwork = (step, known, gradients, word) => {
    if (position !== openedAt) for (const one of part.picture.querySelectorAll(".opened")) one.classList.remove("opened");
    for (const phase of ["forward", "backward"]) part.network.classList.toggle(phase, step.phase === phase);
    part.network.classList.toggle("third", step.phase === "tangent");
    const byGradient = part.color.value === "gradient";
    const numbers = (i) => [known[i] ? show(state.data[i]) : "?", gradients[i] === null ? "?" : show(gradients[i])];
    const largest = strength(lines.map(({ i }) => state.data[i]));
    const steepest = strength(lines.map(({ i }) => gradients[i] ?? 0));
    for (const { shape, i } of lines) {
      const line = shape.querySelector("path");
      const number = byGradient ? gradients[i] ?? 0 : state.data[i];
      line.style.strokeWidth = `${THIN + (THICK - THIN) * Math.min(1, Math.abs(state.data[i]) / largest)}px`;
      line.style.stroke = color(number, byGradient ? steepest : largest, "--badge");
      describe(shape, i, numbers(i), word);
    }
    const most = strength(circles.map(({ i }) => (known[i] ? state.data[i] : 0)));
    for (const { shape, i } of circles) {
      const [data] = numbers(i);
      const text = [...shape.querySelectorAll("text")].at(-1);
      text.textContent = data;
      text.style.fontSize = `${Math.min(9, 52 / data.length)}px`;
      shape.querySelector("ellipse").style.fill = known[i] && Number.isFinite(state.data[i]) ? color(state.data[i], most, "--node") : "var(--node)";
      describe(shape, i, numbers(i), word);
    }
    const hue = byGradient ? "the gradient is above 0" : "it is above 0";
    part.caption.querySelector("text").textContent = `a line is a weight: blue where ${hue}, orange below, the widest ${show(largest)} in size`;
    for (const shape of new Set(shapes.filter(Boolean))) shape.classList.remove("target", "source", "selected");
    step.sources.forEach((i) => shapes[i]?.classList.add("source"));
    step.targets.forEach((i) => shapes[i]?.classList.add("target"));
    shapes[selected]?.classList.add("selected");
  };
  const describe = (shape, i, [data, gradient], word) => shape.setAttribute("aria-label", `${nodes[i].name} ${data}, ${word} ${gradient}`);
  if (nodes.length > 100) see(true); // the graph would be far larger than the screen
}
