// Gradient descent on the page's graph: each step moves the leaves that learn against their gradients, and can be taken back.

const learning = new Set(nodes.flatMap((node, i) => (node.learns ? [i] : [])));
let rate = 0.1;
let slope = grad; // what a step follows
let course = [here()]; // where the leaves were after 0, 1, 2 … steps
let taken = 0;
let running = null;
const PAUSE = 60; // milliseconds between the steps of a run
const LONGEST = 10000; // steps of a run, if nobody stops it

// A step of the third phase for each leaf that learns: what gradient descent makes of it.
function updateSteps({ data }, gradients) {
  const layer = (i) => nodes[i].layer ?? -1;
  slope = slopes(gradients);
  return [...learning].sort((a, b) => layer(a) - layer(b) || a - b).map((i) => {
    const { name } = nodes[i];
    const by = taking === "all" ? `(the mean of ${name}.grad over ${many} samples)` : `${name}.grad`;
    const [rule, answer] = [`${name} ← ${name} − ${show(rate)}${product}${by}`, moved(data[i], slope[i])];
    const [before, after] = apart(data[i], answer);
    const numbers = `${before} − ${factor(show(rate))}${product}${factor(show(slope[i]))}`;
    const note = "where the next step moves it";
    return { phase: "update", text: `${rule} = ${numbers} = ${after}`, question: () => `${rule} = ?`, answer, note, target: i, sources: [], edges: [] };
  });
}
function here() {
  return { leaves, loss: lossOf(leaves), sample };
}
const moved = (number, gradient) => number - rate * gradient;

// Why no step can be taken at any rate; "" where one can.
function nowhere() {
  if (learning.size === 0) return "no leaf learns, tick one in the table";
  const lost = [...learning].find((i) => !Number.isFinite(slope[i]));
  return lost === undefined ? "" : `the gradient of ${nodes[lost].name} is ${show(slope[lost])}`;
}

// One step. False if there is none: then the message says why, and nothing has changed.
function descend() {
  const why = nowhere();
  if (why) {
    tell(`There is no step: ${why}.`);
    return false;
  }
  const changed = leaves.map((number, i) => (learning.has(i) ? moved(number, slope[i]) : number));
  try {
    if (!changed.every((number, i) => Number.isFinite(number) || !learning.has(i))) throw new Error("a leaf would be infinite");
    take(inTurn(changed));
    if (!Number.isFinite(state.data[end])) throw new Error(`${nodes[end].name} would be ${show(state.data[end])}`);
  } catch (error) {
    lookAt(course[taken]);
    tell(`Stopped before step ${taken + 1}: ${error.message}. ${taken > 0 ? "Undo, or take" : "Take"} a smaller rate.`);
    return false;
  }
  course = [...course.slice(0, taken + 1), here()];
  taken += 1;
  return true;
}

function tell(problem = "") {
  part["descent-problem"].textContent = problem;
}

// What was learnt so far: the text, the curve and the buttons.
function shownCourse() {
  const [first, now] = apart(course[0].loss, course[taken].loss);
  const loss = many > 1 ? `mean ${nodes[end].name} of ${many} samples` : nodes[end].name;
  part.course.textContent = taken === 0 ? `${loss} = ${first} before the first step.` : `After ${taken} step${taken > 1 ? "s" : ""} ${loss} = ${now}; it was ${first}.`;
  part.undo.disabled = part.reset.disabled = taken === 0;
  part.taken.max = course.length - 1;
  part.taken.value = taken;
  part.taken.disabled = course.length === 1;
  part.taken.setAttribute("aria-valuetext", part.course.textContent);
  part.run.textContent = running === null ? "run" : "stop";
  shownSample();
  drawCurve();
  drawSurface();
}

// The curve of the result over the steps, from 0 to 1 both ways.
function drawCurve() {
  const losses = course.map(({ loss }) => loss);
  const [least, most] = [Math.min(...losses), Math.max(...losses)];
  const x = (k) => (losses.length > 1 ? (300 * k) / (losses.length - 1) : 0);
  const y = (loss) => (most > least ? 5 + 90 * (1 - (loss - least) / (most - least)) : 50);
  part.line.setAttribute("points", losses.map((loss, k) => `${x(k).toFixed(2)},${y(loss).toFixed(2)}`).join(" "));
  part.here.setAttribute("d", `M${x(taken)},${y(losses[taken])}h0`);
  [part.most.textContent, part.least.textContent] = apart(most, least);
}

function lookAt(place) {
  if (taking !== "all" || sample < 0 || place.sample < 0) sample = place.sample; // else the one that is looked at stays
  take(many > 1 && sample >= 0 ? withSample(place.leaves, sample) : place.leaves);
}

// Back to a step that was taken, or on to one that was taken back.
function returnTo(k) {
  taken = Math.max(0, Math.min(course.length - 1, k));
  lookAt(course[taken]);
  tell();
  finish();
}

function finish() {
  edited = "";
  derive();
  update();
  shownCourse();
}

function stop() {
  clearInterval(running);
  running = null;
}

function descendSteps(count) {
  stop();
  tell();
  for (let k = 0; k < count && descend(); k += 1);
  finish();
}

// A leaf was given another number: what was learnt belongs to the old one.
function restart() {
  stop();
  sample = many ? sampleIn(leaves) : 0;
  course = [here()];
  taken = 0;
  tell();
  shownCourse();
}

if (graph.editable) {
  part.descent.hidden = false;
  if (many > 1 || graph.plane) part.descent.parentNode.prepend(part.descent); // to be seen beside the picture
  part.rate.addEventListener("change", () => {
    try {
      const typed = typedNumber(part.rate.value);
      if (typed <= 0) throw new Error("a rate is above 0");
      rate = typed;
      tell();
      part.rate.removeAttribute("aria-invalid");
      take(leaves);
      update();
    } catch (error) {
      part.rate.setAttribute("aria-invalid", "true");
      tell(`rate: ${error.message}. It stays ${show(rate)}.`);
    }
  });
  part.descend.addEventListener("click", () => descendSteps(1));
  part.ten.addEventListener("click", () => descendSteps(10));
  part.run.addEventListener("click", () => {
    if (running !== null) {
      stop();
      shownCourse();
      return;
    }
    tell();
    const last = taken + LONGEST;
    running = setInterval(() => {
      if (taken >= last || !descend()) stop();
      finish();
    }, PAUSE);
    shownCourse();
  });
  part.undo.addEventListener("click", () => { stop(); returnTo(taken - 1); });
  part.reset.addEventListener("click", () => { stop(); returnTo(0); });
  part.taken.addEventListener("input", () => { stop(); returnTo(Number(part.taken.value)); });
  part.curve.addEventListener("click", (event) => {
    const { left, width } = part.curve.getBoundingClientRect();
    stop();
    returnTo(Math.round(((event.clientX - left) / width) * (course.length - 1)));
  });
}
mount(graph.parts.length > 0 ? [] : nodes.map((_, i) => i));
if (graph.parts.length > 0) showWay();
learnFrom(taking, "one");
showCounts();
if (graph.editable) shownCourse();
update();
