// The samples that gradient descent learns from: one of them is in the leaves. A step takes that one, one after another, or all.

const { leaves: given, rows: samples } = graph.samples;
const many = samples.length;
let sample = 0; // which one is in the leaves; -1: numbers that were typed
let taking = many > 1 ? "all" : "one"; // what a step learns from: this "one", the "next" one each time, or "all" of them

const withSample = (numbers, k) => {
  const changed = [...numbers];
  given.forEach((i, place) => { changed[i] = samples[k][place]; });
  return changed;
};
const sampleIn = (numbers) => samples.findIndex((row) => row.every((number, place) => number === numbers[given[place]]));

// The gradients that a step follows: those of the sample in the leaves, or the mean over all samples.
function slopes(own) {
  if (taking !== "all") return own;
  const sums = nodes.map(() => 0);
  for (let k = 0; k < many; k += 1) madeSteps(computed(withSample(leaves, k))).grad.forEach((part, i) => { sums[i] += part; });
  return sums.map((sum) => sum / many);
}

// What is to become smaller: the result, or of several samples its mean.
function lossOf(numbers) {
  if (many < 2) return state.data[end];
  let sum = 0;
  for (let k = 0; k < many; k += 1) sum += forward(withSample(numbers, k))[end];
  return sum / many;
}

// The leaves after a step, with the sample that is to be looked at then.
function inTurn(numbers) {
  if (taking !== "next") return numbers;
  sample = (sample + 1) % many;
  return withSample(numbers, sample);
}

function describedSample(k) {
  return `${k + 1} of ${many}: ${given.map((i, place) => `${nodes[i].name} = ${show(samples[k][place])}`).join(", ")}`;
}

function shownSample() {
  part.sample.value = String(sample);
}

if (graph.editable && many > 1) {
  part.sampling.hidden = false;
  part.sample.append(...samples.map((_, k) => new Option(describedSample(k), String(k))), new Option("numbers of your own", "-1"));
  sample = sampleIn(leaves);
  part.sample.addEventListener("change", () => {
    stop();
    const chosen = Number(part.sample.value);
    try {
      if (chosen >= 0) take(withSample(leaves, chosen));
      sample = chosen;
      course[taken] = here();
      tell();
    } catch (error) {
      tell(`Sample ${chosen + 1}: ${error.message}.`);
    }
    finish();
  });
  part.taking.addEventListener("change", () => {
    stop();
    tell();
    learnFrom(part.taking.value);
    finish();
  });
}

// What a step learns from; if a sample has no value, what it learnt from before, or at first the one in the leaves.
function learnFrom(ones, otherwise = taking) {
  taking = ones;
  try {
    renew();
  } catch (error) {
    taking = otherwise;
    renew();
    tell(`One of the samples: ${error.message}. A step learns from ${taking === "next" ? "one after another" : "this one alone"}.`);
  }
  part.taking.value = taking;
}
