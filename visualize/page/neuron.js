// The scalar graph of one neuron, on a sheet of its own until the next step: its boxes in the picture, put close together.

const BESIDE = 46; // points between two columns
const LANE = 9; // between two boxes of a column, for each line that passes there
const AROUND = 16;
const ROWS = 8; // inputs of a column
const READABLE = 0.45; // pixels a point, from which all of it is brought into the frame; else the sum and the output
const RING = 4; // from a box to the ring around it
let aside = null; // the picture that the neuron's stands in the place of, its sizes and its values

const svgElement = (tag, attributes) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

// Where a box stands in its picture, in points.
function sidesOf(group) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(group.querySelector(".ring").getAttribute(name)));
  return { x: x + RING, y: y + RING, width: width - 2 * RING, height: height - 2 * RING };
}

// A neuron reads inputs, each with a weight, and perhaps has a bias; computed are its weighted sum and what leads to its output.
function openAlone({ inputs, weights, bias, computed }) {
  const [sum] = computed;
  const between = nodes[sum].edges[weights.length].length > 1; // whether the weights stand on the edges from the inputs
  const blocks = Array.from({ length: Math.ceil(inputs.length / ROWS) }, (_, b) => [inputs, weights].map((all) => all.slice(b * ROWS, (b + 1) * ROWS)));
  if (bias !== null) blocks.at(-1)[1].push(bias);
  const leading = blocks.flat(); // the columns before the sum
  const columns = [...leading, ...computed.map((i) => [i])].map((column) => [...new Set(column)].filter((i) => groups[i] && !nodes[i].constant));
  const shown = [...new Set(columns.flat())];
  const sides = new Map(shown.map((i) => [i, sidesOf(groups[i])]));
  const lanes = leading.flatMap((_, place) => (place < leading.length - 1 && (!between || place % 2) ? [place] : [])); // columns whose lines pass others
  const gap = LANE * (lanes.length + 1);
  const pitch = Math.max(...shown.map((i) => sides.get(i).height)) + gap;
  const height = Math.max(...columns.map((column) => column.length)) * pitch;
  const at = new Map(); // of each box the left, the middle and the column
  let left = AROUND;
  columns.forEach((column, place) => {
    const top = place < leading.length ? 0 : (height - pitch) / 2;
    column.forEach((i, k) => at.set(i, [left, AROUND + top + (k + 0.5) * pitch, place]));
    left += Math.max(0, ...column.map((i) => sides.get(i).width)) + BESIDE;
  });
  const reach = at.get(sum)[0] - BESIDE; // to where a line to the sum passes between the boxes

  const width = left - BESIDE + AROUND;
  const picture = drawing.cloneNode(false);
  picture.removeAttribute("style");
  picture.setAttribute("viewBox", `0 0 ${width} ${height + 2 * AROUND}`);
  const lead = (from, to, edge, arrow) => {
    const [[x, y, column], [right, down, next]] = [at.get(from), at.get(to)];
    const start = x + sides.get(from).width;
    const passing = next === leading.length && lanes.includes(column);
    const [begin, lane] = passing ? [start + BESIDE, y + (pitch - gap) / 2 + LANE * (lanes.indexOf(column) + 1)] : [start, y];
    const aside = passing ? `C${start + BESIDE / 2},${y} ${start + BESIDE / 2},${lane} ${begin},${lane}H${reach}` : "";
    const [leave, bend] = [passing ? reach : start, (right - (passing ? reach : start)) / 2];
    const group = picture.appendChild(svgElement("g", { class: "edge", "data-edge": edge }));
    group.append(svgElement("path", { d: `M${start},${y}${aside}C${leave + bend},${lane} ${right - bend},${down} ${right - (arrow ? 6 : 0)},${down}`, fill: "none", stroke: "var(--line)", "stroke-width": 1.1 }));
    if (arrow) group.append(svgElement("polygon", { points: `${right},${down} ${right - 7},${down - 3} ${right - 7},${down + 3}`, fill: "var(--line)", stroke: "var(--line)" }));
  };
  for (const i of computed) {
    nodes[i].parents.forEach((k, place) => {
      if (!at.has(k) || !at.has(i)) return;
      const weight = i === sum && between && place >= weights.length && place < 2 * weights.length ? weights[place - weights.length] : i;
      lead(k, weight, nodes[i].edges[place][0], weight === i);
    });
  }
  const whole = Math.min(part.picture.clientWidth / width, part.picture.clientHeight / height) >= READABLE;
  for (const i of shown) {
    const [copy, { x, y, height: high }] = [groups[i].cloneNode(true), sides.get(i)];
    const [toX, middle] = at.get(i);
    copy.querySelector("title")?.remove();
    copy.classList.toggle("opened", computed.includes(i) || whole);
    copy.setAttribute("transform", `translate(${toX - x},${middle - high / 2 - y})`);
    picture.append(copy);
  }
  aside = { picture: drawing, sizes: part.picture.style.cssText, values };
  part.picture.replaceChildren(picture);
  part.picture.style.setProperty("--width", width);
  part.picture.style.setProperty("--height", height + 2 * AROUND);
  mount(shown.sort((one, other) => one - other));
  showWay();
}

// The picture that was there before.
function closeAlone() {
  const { picture, sizes: before, values: shown } = aside;
  aside = null;
  part.picture.replaceChildren(picture);
  part.picture.style.cssText = before;
  mount(shown);
  showWay();
}
