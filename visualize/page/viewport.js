// The viewport: how large the picture is in its frame, and which part of it is seen. The frame scrolls; zooming transforms the
// picture, whose texts need not be laid out anew then. Where everything stands was laid out before: `--width` and `--height` of a
// figure are those of its picture, in points.

const figures = [part.picture, part.network].filter(Boolean);
const shownFrame = () => figures.find((one) => !one.hidden);
const shownPicture = () => shownFrame().querySelector("svg");
const sideOf = (side) => Number.parseFloat(shownFrame().style.getPropertyValue(side));
const WHOLE = 4 / 3; // pixels a point at 100 %
const [SMALLEST, LARGEST, NOTCH] = [0.1, 6, 1.25]; // pixels a point; and what a press of a key changes them by
const MARGIN = 12; // pixels between what is lit and the edge of the frame
const PADDING = 4; // between the picture and the edge of the frame
let size = "read"; // "read": as wide as the frame, but neither tiny nor huge; "fit": all of it in the frame; or pixels a point
let following = true;

const bounded = (low, x, high) => Math.max(low, Math.min(high, x));
const fitting = () => Math.min((shownFrame().clientWidth - MARGIN) / sideOf("--width"), (shownFrame().clientHeight - MARGIN) / sideOf("--height"));
const smallest = () => bounded(SMALLEST, fitting(), 0.6);
const shownSize = () => shownPicture().getBoundingClientRect().width / sideOf("--width");

// Pixels a point, as long as nothing is lit that needs another size.
function chosenSize() {
  if (size === "read" && shownFrame() === part.network) return bounded(SMALLEST, fitting(), 1.5); // all of it
  if (size === "read") return bounded(0.9, (shownFrame().clientWidth - 8) / sideOf("--width"), 1.5);
  return size === "fit" ? bounded(SMALLEST, fitting(), LARGEST / 2) : size;
}

const sizes = new WeakMap(); // of the pictures that were given one
function resize(points = chosenSize()) {
  const picture = shownPicture();
  const placed = (side, room) => Math.max(PADDING, (room - points * sideOf(side)) / 2); // in the middle, where there is room
  const [x, y] = [placed("--width", shownFrame().clientWidth), placed("--height", shownFrame().clientHeight)];
  picture.style.transform = `translate(${x}px, ${y}px) scale(${points})`;
  sizes.set(picture, points);
}

// Another size, in which the point of the screen at x and y (the middle of the frame if not given) shows what it showed.
function zoom(to, x, y) {
  const frame = shownFrame();
  if (frame.clientWidth === 0) return;
  const [inside, before] = [frame.getBoundingClientRect(), shownPicture().getBoundingClientRect()];
  const [left, top] = [x ?? inside.left + inside.width / 2, y ?? inside.top + inside.height / 2];
  size = bounded(smallest(), to, LARGEST);
  resize();
  const after = shownPicture().getBoundingClientRect();
  frame.scrollLeft += after.left - left + ((left - before.left) * after.width) / before.width;
  frame.scrollTop += after.top - top + ((top - before.top) * after.height) / before.height;
  seen();
}

function fit() {
  size = "fit";
  resize();
  seen();
}

function moveBy(x, y) {
  shownFrame().scrollLeft += x;
  shownFrame().scrollTop += y;
}

// What is lit is in the frame: a picture larger than it moves, and shrinks where the parts are too far from each other, by whole
// notches, so that it seldom does. Where all of it would be too small to be read, the value that is computed is.
const LEGIBLE = 0.06; // pixels a point: below that boxes are dots
function follow() {
  const frame = shownFrame();
  if (frame.clientWidth === 0) return; // nothing is to be seen yet
  const opened = [...frame.querySelectorAll("g.opened")]; // a neuron that was asked for
  const lit = opened.length || !following ? opened : [...frame.querySelectorAll("g.target, g.source")];
  if (lit.length === 0) resize(following ? undefined : sizes.get(shownPicture()));
  else {
    if (!sizes.has(shownPicture())) resize();
    const roomFor = ({ left, top, right, bottom }) => Math.min((frame.clientWidth - 2 * MARGIN) / (right - left), (frame.clientHeight - 2 * MARGIN) / (bottom - top));
    const [all, aimed] = [around(lit), lit.filter((one) => one.matches(".target"))];
    const { left, top, right, bottom } = roomFor(all) < LEGIBLE && aimed.length > 0 ? around(aimed) : all;
    const room = roomFor({ left, top, right, bottom });
    const chosen = chosenSize();
    const points = room >= chosen ? chosen : chosen / NOTCH ** Math.ceil(Math.log(chosen / room) / Math.log(NOTCH));
    resize(points);
    const [inside, picture] = [frame.getBoundingClientRect(), shownPicture().getBoundingClientRect()];
    const [across, down] = [picture.left - inside.left, picture.top - inside.top];
    moveBy(
      Math.max(0, across + right * points + MARGIN - frame.clientWidth) + Math.min(0, across + left * points - MARGIN),
      Math.max(0, down + bottom * points + MARGIN - frame.clientHeight) + Math.min(0, down + top * points - MARGIN),
    );
  }
  seen();
  if (lit.length > 0 && !part.map.hidden) placeMap(lit);
}

// The small map stands in the corner of the frame where it covers least of what is lit; if it would cover some in each, it is faint.
const CORNERS = [[false, false], [true, false], [false, true], [true, true]]; // whether at the left, and at the top
function placeMap(lit) {
  const boxes = lit.map((group) => group.getBoundingClientRect());
  const over = CORNERS.map(([left, top]) => {
    part.map.classList.toggle("aside", left);
    part.map.classList.toggle("up", top);
    const map = part.map.getBoundingClientRect();
    const shared = (box, [low, high]) => Math.max(0, Math.min(box[high], map[high]) - Math.max(box[low], map[low]));
    return boxes.reduce((sum, box) => sum + shared(box, ["left", "right"]) * shared(box, ["top", "bottom"]), 0);
  });
  const best = over.indexOf(Math.min(...over));
  part.map.classList.toggle("aside", CORNERS[best][0]);
  part.map.classList.toggle("up", CORNERS[best][1]);
  part.map.classList.toggle("faint", over[best] > 0);
}

const places = new WeakMap(); // where each box stands in its picture, in points: that never changes
function placeIn(picture, group) {
  if (!places.has(group)) {
    const [whole, box, points] = [picture.getBoundingClientRect(), group.getBoundingClientRect(), sizes.get(picture)];
    places.set(group, ["left", "top", "right", "bottom"].map((side) => (box[side] - whole[side === "left" || side === "right" ? "left" : "top"]) / points));
  }
  return places.get(group);
}
function around(lit) {
  const [lefts, tops, rights, bottoms] = [0, 1, 2, 3].map((side) => lit.map((group) => placeIn(shownPicture(), group)[side]));
  return { left: Math.min(...lefts), top: Math.min(...tops), right: Math.max(...rights), bottom: Math.max(...bottoms) };
}

// The size in words, and the small map: the part of the picture that is in the frame, if that is not all of it.
function seen() {
  const frame = shownFrame();
  const points = shownSize();
  if (points === 0) return;
  part.size.textContent = `${Math.round((100 * points) / WHOLE)} %`;
  const larger = frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1;
  part.map.toggleAttribute("hidden", frame !== part.picture || !(aside ? open : larger || open)); // it is no map of a neuron
  for (const [name, value] of Object.entries(open ? placeOf(open) : placeInFrame(frame, points))) part.seen.setAttribute(name, value.toFixed(1));
}

// The place in the small map of what is in the frame; or of a part, as the one among the parts of the whole that it is in.
function placeInFrame(frame, points) {
  const [inside, picture] = [frame.getBoundingClientRect(), shownPicture().getBoundingClientRect()];
  return {
    x: (inside.left - picture.left) / points,
    y: (inside.top - picture.top) / points,
    width: frame.clientWidth / points,
    height: frame.clientHeight / points,
  };
}
function placeOf(which) {
  const { parent, place } = graph.parts[which];
  if (parent) return placeOf(parent);
  const [left, top, right, bottom] = place;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

const views = {
  larger: () => zoom(shownSize() * NOTCH),
  smaller: () => zoom(shownSize() / NOTCH),
  whole: () => zoom(WHOLE),
  fit,
  follow: () => {
    following = !following;
    part.follow.setAttribute("aria-pressed", String(following));
    follow();
  },
  full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
};
for (const [name, change] of Object.entries(views)) part[name].addEventListener("click", change);
part.full.hidden = !document.fullscreenEnabled; // as in a frame that may not
root.addEventListener("fullscreenchange", () => {
  size = document.fullscreenElement ? "fit" : "read";
  part.full.setAttribute("aria-pressed", String(size === "fit"));
});

const listen = (event, heard, options) => figures.forEach((one) => one.addEventListener(event, heard, options));

// The wheel zooms where the pointer is. At the smallest size, and while the frame is not wholly on the screen, it scrolls the page.
listen("wheel", (event) => {
  const { top, bottom } = shownFrame().getBoundingClientRect();
  const [aside, out] = [Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey, event.deltaY > 0];
  const elsewhere = !event.ctrlKey && (aside || top < -1 || bottom > innerHeight + 1);
  if (elsewhere || (out && shownSize() <= smallest() * 1.001)) return;
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
  zoom(shownSize() * Math.exp(-bounded(-60, pixels, 60) * (event.ctrlKey ? 0.01 : 0.003)), event.clientX, event.clientY);
}, { passive: false });

// Two fingers zoom, and one scrolls, as everywhere.
let fingers = null; // how far they are from each other
listen("touchmove", (event) => {
  if (event.touches.length !== 2) return;
  event.preventDefault();
  const [one, other] = event.touches;
  const apart = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  if (fingers) zoom((shownSize() * apart) / fingers, (one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2);
  fingers = apart;
}, { passive: false });
for (const change of ["touchstart", "touchend", "touchcancel"]) listen(change, () => { fingers = null; });

// A mouse drags the picture; and in the small map, what is seen of it.
let held = null; // where the mouse was pressed and is, and whether it has moved
listen("pointerdown", (event) => {
  if (event.pointerType === "mouse" && event.button === 0) held = { x: event.clientX, y: event.clientY, moved: false };
});
listen("pointermove", (event) => {
  if (!held || event.buttons !== 1) return;
  const [x, y] = [event.clientX - held.x, event.clientY - held.y];
  if (!held.moved && Math.hypot(x, y) < 4) return; // a click with a trembling hand
  if (!held.moved) shownFrame().setPointerCapture(event.pointerId);
  moveBy(-x, -y);
  held = { x: event.clientX, y: event.clientY, moved: true };
});
listen("click", (event) => { // where the mouse is let go after dragging selects nothing
  if (held?.moved) event.stopPropagation();
  held = null;
}, { capture: true });
listen("scroll", seen, { passive: true });
function goThere(event) {
  if (event.buttons !== 1) return;
  const { left, top, width, height } = part.map.getBoundingClientRect();
  const [across, down] = [(event.clientX - left) / width, (event.clientY - top) / height];
  if (open) {
    openPart(nearestPart(across * part.map.viewBox.baseVal.width, down * part.map.viewBox.baseVal.height));
    return;
  }
  const [inside, picture] = [part.picture.getBoundingClientRect(), drawing.getBoundingClientRect()];
  moveBy(
    picture.left - inside.left + across * picture.width - part.picture.clientWidth / 2,
    picture.top - inside.top + down * picture.height - part.picture.clientHeight / 2,
  );
}
function nearestPart(x, y) {
  const distances = graph.parts.map(({ place }) => (place ? Math.hypot(x - (place[0] + place[2]) / 2, y - (place[1] + place[3]) / 2) : Infinity));
  return distances.indexOf(Math.min(...distances));
}
for (const name of ["pointerdown", "pointermove"]) part.map.addEventListener(name, goThere);

const observer = new ResizeObserver(follow);
figures.forEach((one) => observer.observe(one)); // on another screen, or when a page that was hidden is shown
