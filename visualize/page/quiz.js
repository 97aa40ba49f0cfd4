// The quiz: the number of a step is hidden until it is typed, within 1 %, or asked for. Then the step shows its rule.

const TOLERANCE = 0.01; // of the number
const special = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const told = { right: 0, shown: 0 };
let asking = false; // whether the quiz is on
let hidden = false; // whether the number of this step is still to be told

// A step was come to: if that was by going on, it is a question.
function ask(onward) {
  hidden = asking && onward && steps[position].answer !== undefined;
  part.answer.value = "";
  say("");
  if (hidden) setTimeout(() => part.answer.focus({ preventScroll: true })); // when it is shown
}

function say(verdict, wrong = false) {
  part.verdict.textContent = verdict;
  if (wrong) part.answer.setAttribute("aria-invalid", "true");
  else part.answer.removeAttribute("aria-invalid");
  part.count.textContent = `${told.right} of ${told.right + told.shown} right`;
}

const isNear = (typed, answer) => Object.is(typed, answer) || (Number.isFinite(answer) && Math.abs(typed - answer) <= TOLERANCE * Math.abs(answer));

function check() {
  try {
    const typed = part.answer.value.trim().toLowerCase();
    const number = typed in special ? special[typed] : typedNumber(part.answer.value);
    if (isNear(number, steps[position].answer)) reveal("right");
    else say(`Not ${show(number)}. Try again; → shows it.`, true);
  } catch (error) {
    say(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`, true);
  }
}

// The number is shown: it was found, or given up.
function reveal(how) {
  hidden = false;
  told[how] += 1;
  say(how === "right" ? "Right." : "");
  update();
}

// The question, in the place of the step's text.
function showQuestion() {
  part.question.hidden = !asking || steps[position].answer === undefined;
  part.answer.readOnly = !hidden;
  part.check.textContent = hidden ? "check" : "next";
  if (!hidden) return;
  part.step.textContent = steps[position].question();
  part.note.textContent = "";
}

const answered = () => (hidden ? check() : moves.next());
part.check.addEventListener("click", answered);
part.answer.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) answered(); });
part.quiz.addEventListener("click", () => {
  asking = !asking;
  told.right = told.shown = 0;
  pause();
  root.classList.toggle("asking", asking); // what would tell the numbers is not shown then
  part.quiz.setAttribute("aria-pressed", String(asking));
  part.grain.disabled = part.play.disabled = asking;
  part.grain.value = "edge";
  if (asking) position = position === steps.length - 1 ? 1 : Math.max(1, position);
  ask(true);
  update();
});
