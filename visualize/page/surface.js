// The decision surface: what a network gives over the plane of its two inputs, as colours, at the weights of the moment.

let drawSurface = () => {};
if (graph.editable && graph.plane) {
  const { inputs, output } = graph.plane;
  const CELLS = 40; // along each side
  const cells = document.createElement("canvas"); // a pixel for each; the page's own canvas shows it larger, without steps
  cells.width = cells.height = CELLS;

  // What has to be computed for each cell, in order: the nodes between the inputs and the output.
  const depends = nodes.map((_, i) => inputs.includes(i));
  nodes.forEach((node, i) => { depends[i] ||= node.parents.some((k) => depends[k]); });
  const between = nodes.flatMap((node, i) => (i <= output && node.parents.length && depends[i] ? [i] : []));

  // The inputs and the target of each sample. The plane goes around them all, or around the one sample that there is.
  const places = inputs.map((i) => given.indexOf(i));
  const points = many > 1 && !places.includes(-1) ? samples.map((row) => places.map((place) => row[place])) : [];
  const others = given.flatMap((i, place) => (inputs.includes(i) ? [] : [place]));
  const targets = points.length && others.length === 1 ? samples.map((row) => row[others[0]]) : [];
  const ranges = inputs.map((i, axis) => {
    const numbers = points.length ? points.map((point) => point[axis]) : [leaves[i] - 1, leaves[i] + 1];
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    const margin = 0.2 * (most - least || 1);
    return [least - margin, most + margin];
  });
  const at = (axis, share) => ranges[axis][0] + share * (ranges[axis][1] - ranges[axis][0]);

  const outputs = () => {
    const data = [...state.data];
    return Array.from({ length: CELLS * CELLS }, (_, cell) => {
      data[inputs[0]] = at(0, ((cell % CELLS) + 0.5) / CELLS);
      data[inputs[1]] = at(1, 1 - (Math.floor(cell / CELLS) + 0.5) / CELLS);
      for (const i of between) data[i] = dataOf(nodes[i], data);
      return data[output];
    });
  };

  const rgb = (name) => {
    const color = getComputedStyle(root).getPropertyValue(name).trim();
    return [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
  };

  drawSurface = () => {
    const found = outputs();
    const finite = found.filter(Number.isFinite);
    const ends = (numbers) => [Math.min(...numbers), Math.max(...numbers)];
    const [least, most] = ends(targets.length ? targets : finite);
    const middle = (least + most) / 2;
    const [above, below, page] = [rgb("--positive"), rgb("--negative"), rgb("--page")];
    const context = cells.getContext("2d");
    const image = context.createImageData(CELLS, CELLS);
    found.forEach((number, cell) => {
      const share = Math.max(-1, Math.min(1, (2 * (number - middle)) / (most - least || 1)));
      const full = share > 0 ? above : below;
      full.forEach((color, k) => { image.data[4 * cell + k] = page[k] + Math.abs(share) * (color - page[k]); });
      image.data[4 * cell + 3] = Number.isFinite(number) ? 255 : 0;
    });
    context.putImageData(image, 0, 0);
    part.heat.getContext("2d").drawImage(cells, 0, 0, part.heat.width, part.heat.height);
    part.heat.setAttribute("aria-label", `${nodes[output].name} over ${inputs.map((i) => nodes[i].name).join(" and ")}: from ${ends(finite).map(show).join(" to ")}`);
    [part.low.textContent, part.high.textContent] = [show(least), show(most)];
    drawPoints(middle);
  };

  // The samples on the plane: each coloured as its target, and a ring around the one in the leaves.
  const drawPoints = (middle) => {
    const share = (axis, number) => (100 * (number - ranges[axis][0])) / (ranges[axis][1] - ranges[axis][0]);
    const dot = ([x, y], kind, size) => {
      const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      for (const [name, number] of Object.entries({ cx: share(0, x), cy: 100 - share(1, y), r: size, class: kind })) circle.setAttribute(name, number);
      return circle;
    };
    part.points.replaceChildren(...points.map((point, k) => dot(point, targets[k] > middle ? "above" : "below", 2)), dot(inputs.map((i) => leaves[i]), "now", 3.2));
  };

  part.surface.hidden = false;
  part.plane.textContent = `${nodes[output].name} over ${inputs.map((i) => nodes[i].name).join(" and ")}`;
  inputs.forEach((i, axis) => {
    part[["across", "upward"][axis]].textContent = `${nodes[i].name} from ${show(ranges[axis][0])} to ${show(ranges[axis][1])}, ${["to the right", "upward"][axis]}`;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawSurface());
}
