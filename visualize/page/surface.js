// The decision surface: what a network gives over the plane of its two inputs, as colours, at the weights of the moment.

let drawSurface = () => {};
if (graph.editable && graph.plane) {
  const { inputs, outputs } = graph.plane;
  let [output] = outputs;
  const cells = document.createElement("canvas"); // a pixel for each; the page's own canvas shows it larger, without steps

  // What has to be computed for each cell, in order: the nodes between the inputs and the output.
  const depends = nodes.map((_, i) => inputs.includes(i));
  nodes.forEach((node, i) => { depends[i] ||= node.parents.some((k) => depends[k]); });
  const between = nodes.flatMap((node, i) => (node.parents.length && depends[i] && i <= outputs.at(-1) ? [i] : []));

  // The inputs and the target of each sample. The plane goes around them all, or around the one sample that there is.
  const places = inputs.map((i) => given.indexOf(i));
  const points = many > 1 && !places.includes(-1) ? samples.map((row) => places.map((place) => row[place])) : [];
  const others = given.flatMap((i, place) => (inputs.includes(i) ? [] : [place]));
  const targets = points.length && others.length === outputs.length ? samples.map((row) => others.map((place) => row[place])) : [];
  const ranges = inputs.map((i, axis) => {
    const numbers = (points.length ? points.map((point) => point[axis]) : [leaves[i]]).filter(Number.isFinite);
    const [least, most] = numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : [0, 0];
    const margin = 0.2 * (most - least || 5 * Math.max(1, Math.abs(most)));
    return [least - margin, most + margin];
  });
  const at = (axis, share) => ranges[axis][0] + share * (ranges[axis][1] - ranges[axis][0]);

  // What the network gives in each cell, row by row from the top.
  const surface = (side) => {
    const data = [...state.data];
    return Array.from({ length: side * side }, (_, cell) => {
      data[inputs[0]] = at(0, ((cell % side) + 0.5) / side);
      data[inputs[1]] = at(1, 1 - (Math.floor(cell / side) + 0.5) / side);
      for (const i of between) data[i] = dataOf(nodes[i], data);
      return data[output];
    });
  };

  const rgb = (name) => {
    const color = getComputedStyle(root).getPropertyValue(name).trim();
    return [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
  };

  drawSurface = () => {
    const side = running === null ? 40 : 20; // while it runs, fewer cells are soon computed
    const found = surface(side);
    const finite = found.filter(Number.isFinite);
    const ends = (numbers) => (numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : [NaN, NaN]);
    const wanted = targets.map((row) => row[outputs.indexOf(output)]);
    const [least, most] = ends(wanted.length ? wanted : finite);
    const middle = (least + most) / 2;
    const [above, below, page] = [rgb("--positive"), rgb("--negative"), rgb("--page")];
    cells.width = cells.height = side;
    const context = cells.getContext("2d");
    const image = context.createImageData(side, side);
    found.forEach((number, cell) => {
      const share = Math.max(-1, Math.min(1, (2 * (number - middle)) / (most - least || 1)));
      const full = share > 0 ? above : below;
      full.forEach((color, k) => { image.data[4 * cell + k] = page[k] + Math.abs(share) * (color - page[k]); });
      image.data[4 * cell + 3] = Number.isFinite(number) ? 255 : 0;
    });
    context.putImageData(image, 0, 0);
    part.heat.getContext("2d").drawImage(cells, 0, 0, part.heat.width, part.heat.height);
    part.plane.textContent = `${nodes[output].name} over ${inputs.map((i) => nodes[i].name).join(" and ")}`;
    part.heat.setAttribute("aria-label", `${part.plane.textContent}: from ${ends(finite).map(show).join(" to ")}`);
    [part.low.textContent, part.high.textContent] = [show(least), show(most)];
    drawPoints(wanted.map((target) => target > middle));
  };

  // The samples on the plane: each coloured as its target, and a ring around the one in the leaves.
  const drawPoints = (high) => {
    const share = (axis, number) => (100 * (number - ranges[axis][0])) / (ranges[axis][1] - ranges[axis][0]);
    const dot = ([x, y], kind, size) => {
      const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      for (const [name, number] of Object.entries({ cx: share(0, x), cy: 100 - share(1, y), r: size, class: kind })) circle.setAttribute(name, number);
      return circle;
    };
    part.points.replaceChildren(...[...points.map((point, k) => [point, high[k] ? "above" : "below", 2]), [inputs.map((i) => leaves[i]), "now", 3.2]]
      .filter(([place]) => place.every(Number.isFinite))
      .map((described) => dot(...described)));
  };

  part.surface.hidden = false;
  part.chosen.hidden = outputs.length === 1;
  part.output.append(...outputs.map((i) => new Option(nodes[i].name, String(i))));
  part.output.addEventListener("change", () => {
    output = Number(part.output.value);
    drawSurface();
  });
  inputs.forEach((i, axis) => {
    part[["across", "upward"][axis]].textContent = `${nodes[i].name} from ${show(ranges[axis][0])} to ${show(ranges[axis][1])}, ${["to the right", "upward"][axis]}`;
  });
  for (const media of ["(prefers-color-scheme: dark)", "print"]) matchMedia(media).addEventListener("change", () => drawSurface());
}
