// Playing: from step to step, by edge, by node or by layer, and at which pace.

const PACE = 1400; // milliseconds a step, at speed 1
let timer = null;

// What a step belongs to: steps side by side of one unit are shown as one.
function unit(k) {
  const { phase, target, user } = steps[k];
  const grain = part.grain.value;
  if (grain === "edge" || target === undefined) return k;
  const node = phase === "backward" ? user : target;
  const layer = grain === "layer" ? nodes[node]?.layer : undefined;
  return layer === undefined ? `${phase} ${node}` : `${phase} layer ${layer}`;
}

// The first and the last step of the unit that a step is of.
function unitAround(k) {
  let [first, last] = [k, k];
  while (first > 0 && unit(first - 1) === unit(k)) first -= 1;
  while (last < steps.length - 1 && unit(last + 1) === unit(k)) last += 1;
  return [first, last];
}

// The step that is shown: one, or those of a unit together.
function shownStep() {
  const shown = steps.slice(unitAround(position)[0], position + 1);
  const [{ phase, text, note, target, user }] = shown;
  if (shown.length === 1) return { phase, text, note, targets: target === undefined ? [] : [target], sources: shown[0].sources, edges: shown[0].edges };
  const targets = shown.map((step) => step.target);
  const layer = part.grain.value === "layer" ? nodes[phase === "backward" ? user : target].layer : undefined;
  return {
    phase,
    text: shown.map((step) => step.text).join("\n"),
    note: `${layer === undefined ? "" : `${graph.layers[layer]}: `}${shown.length} ${phase === "backward" ? "edges" : "values"}`,
    targets,
    sources: shown.flatMap((step) => step.sources),
    edges: shown.flatMap((step) => step.edges),
  };
}

function go(to) {
  const before = position;
  [, position] = unitAround(bounded(0, to, steps.length - 1));
  edited = "";
  ask(position > before);
  if (position === steps.length - 1) pause();
  update();
  part.formula.scrollTop = 0;
  const { top, bottom } = shownFrame().getBoundingClientRect();
  if (bottom > 0 && top < innerHeight) shownFrame().scrollIntoView({ block: "nearest" }); // unless the reader has left it
}

function pause() {
  clearInterval(timer);
  timer = null;
  part.play.textContent = "▶ play";
  part.play.setAttribute("aria-label", "play");
}

function play() {
  if (timer !== null) {
    pause();
    return;
  }
  if (position === steps.length - 1) go(0);
  timer = setInterval(moves.next, PACE / Number(part.speed.value));
  part.play.textContent = "⏸ pause";
  part.play.setAttribute("aria-label", "pause");
}

const moves = {
  first: () => go(0),
  previous: () => go(unitAround(position)[0] - 1),
  next: () => (hidden ? reveal("shown") : go(position + 1)),
  last: () => go(steps.length - 1),
  play: () => { if (!asking) play(); },
};
for (const [name, move] of Object.entries(moves)) part[name].addEventListener("click", move);
part.slider.addEventListener("input", (event) => go(Number(event.target.value)));
part.grain.querySelector("[value=layer]").hidden = graph.layers.length === 0;
part.grain.addEventListener("change", () => go(position));
part.speed.addEventListener("change", () => {
  if (timer === null) return;
  pause();
  play();
});

const keys = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last", " ": "play" };
const viewKeys = { "+": "larger", "=": "larger", "-": "smaller", 0: "fit", 1: "whole", f: "full" };
document.addEventListener("keydown", (event) => {
  const move = moves[keys[event.key]] ?? views[viewKeys[event.key]];
  const page = event.target.closest(".stepper") ?? document.querySelector(".stepper"); // with the focus nowhere: the first one
  const own = /INPUT|TEXTAREA|SELECT/.test(event.target.tagName) || (event.key === " " && event.target.tagName === "BUTTON");
  if (!move || page !== root || own || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  move();
});
