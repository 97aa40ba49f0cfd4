// What the page shows: the graph computed forward and backward from its leaves, and a step for each operation.

const nodes = graph.nodes;
const end = nodes.length - 1; // the result
const product = " · ";

// Every digit of a number, as Python writes it.
function full(x) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  const [digits, power] = x.toExponential().split("e");
  if (power < -4 || power > 15) return exponential(digits, power);
  return (Object.is(x, -0) ? "-" : "") + String(x) + (Number.isInteger(x) ? ".0" : "");
}
const exponential = (digits, power) => `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;

// Numbers as the pictures write them: exact when that is short, else four significant digits.
function show(x) {
  const exact = full(x);
  if (!Number.isFinite(x) || (exact.length <= 6 && !exact.includes("e"))) return exact;
  const [digits, power] = x.toExponential(3).split("e");
  if (power < -4 || power > 3) return exponential(String(Number(digits)), power);
  const rounded = String(Number(x.toFixed(3 - power)));
  if (!/^-?\d{1,3}$/.test(rounded)) return rounded;
  // It would read as a whole number: as many digits as tell it from that, or the zeros that say that it is rounded.
  return [4, 5, 6, 7].map((places) => String(Number(x.toExponential(places)))).find((more) => more.includes(".")) ?? x.toFixed(3);
}

// Two numbers with as many digits as tell them from each other.
const MOST_DIGITS = 17; // by these any two floats differ
function apart(one, other) {
  if (!Number.isFinite(one - other) || one === other || show(one) !== show(other)) return [show(one), show(other)];
  let digits = 5;
  while (digits < MOST_DIGITS && one.toPrecision(digits) === other.toPrecision(digits)) digits += 1;
  return [one, other].map((x) => full(Number(x.toPrecision(digits))));
}

// A formula is a list of text and of places for nodes; a negative number inside one, or with an exponent, goes in brackets.
function filled(tokens, i, write) {
  if (typeof tokens[i] !== "number") return tokens[i];
  const [before, after] = [i > 0 ? tokens[i - 1] : "(", i < tokens.length - 1 ? tokens[i + 1] : ")"];
  const raised = /^([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]| \*\*|true)/.test(after);
  const alone = i === 0 || (/[(,] ?$/.test(before) && /^[),]/.test(after));
  const shown = write(tokens[i]);
  return shown.startsWith("-") && (raised || !alone) ? `(${shown})` : shown;
}
const fill = (tokens, write) => tokens.map((_, i) => filled(tokens, i, write)).join("");
const dataOfName = (k) => (nodes[k].number ? nodes[k].name : `${nodes[k].name}.data`); // in a derivative
const factor = (shown) => (shown.startsWith("-") || shown.startsWith("−") || / [^ ]+ /.test(shown) ? `(${shown})` : shown);
const chain = (lines) => lines.filter((line, i) => line !== lines[i - 1]).join(" = ");

// Forward and backward

function value(f, inputs) {
  try {
    return Number(f(...inputs)); // true is 1
  } catch (error) {
    return error.message === "OverflowError" ? Infinity : NaN; // where Python raises an error of arithmetic
  }
}

// The number that a node's operands give.
function dataOf(node, data) {
  return value(primitive[node.primitive], node.operands.map((o) => (Array.isArray(o) ? o.map((k) => data[k]) : data[o])));
}

// The numbers of all nodes, without their derivatives.
function forward(leaves) {
  const data = [...leaves];
  nodes.forEach((node, i) => { if (node.parents.length) data[i] = dataOf(node, data); });
  return data;
}

function computed(leaves) {
  const state = { data: [], locals: [] };
  nodes.forEach((node, i) => {
    if (node.parents.length === 0) {
      state.data[i] = leaves[i];
    } else if (graph.editable) {
      state.data[i] = dataOf(node, state.data);
      if (!Number.isFinite(state.data[i]) && node.parents.every((k) => Number.isFinite(state.data[k]))) {
        const named = (k) => (nodes[k].number ? show(state.data[k]) : nodes[k].name); // a plain number by that which was asked for
        const where = node.parents.filter((k) => !nodes[k].constant).map((k) => `${nodes[k].name} = ${show(state.data[k])}`);
        const what = Number.isNaN(state.data[i]) ? "has no value" : "is too large a number";
        throw new Error(`${fill(node.formula, named)} ${what} at ${where.join(", ")}${Number.isNaN(state.data[i]) ? node.domain : ""}`);
      }
      try {
        state.locals[i] = derivatives[node.rule](state.data[i], node.parents.map((k) => state.data[k])).map(Number);
      } catch {
        throw new Error(`a derivative of ${fill(node.formula, (k) => nodes[k].name)} has no value there`);
      }
    } else {
      state.data[i] = node.data;
      state.locals[i] = node.locals;
    }
  });
  return state;
}

// The steps of the two sweeps, and the gradients that they end with. Each step has a target, whose number it gives; sources, and the
// edges between; and in words, written when they are asked for: what is computed, with a note, and as a question.
function madeSteps(state) {
  const { data } = state;
  const steps = [{ phase: "start", text: "The leaves have their numbers; the rest is still to be computed.", note: "", sources: [], edges: [] }];
  const grad = nodes.map(() => 0);
  const named = (k) => nodes[k].name;
  nodes.forEach((node, i) => {
    if (node.parents.length === 0) return;
    steps.push({
      phase: "forward",
      get text() { return `${node.name} = ${chain([fill(node.formula, named), fill(node.formula, (k) => show(data[k])), show(data[i])])}`; },
      note: "",
      question: () => `${node.name} = ${fill(node.formula, named)} = ?`,
      answer: data[i],
      target: i,
      sources: node.parents,
      edges: node.edges.flat(),
    });
  });
  grad[end] = 1;
  steps.push({
    phase: "backward",
    text: `${named(end)}.grad = ${show(1)}`,
    note: `the derivative of ${named(end)} by itself`,
    question: () => `${named(end)}.grad = ?`,
    answer: 1,
    target: end,
    sources: [],
    edges: [],
    grad: 1,
  });
  const arrived = nodes.map((_, i) => i === end); // where a gradient came; elsewhere there is none to pass on, not even 0 · infinity
  for (let i = end; i >= 0; i -= 1) {
    nodes[i].parents.forEach((k, position) => {
      if (nodes[k].constant || !nodes[i].passes[position]) return;
      const step = pulledBack(state, i, position, grad[i], grad[k], arrived[i]);
      arrived[k] ||= step.arrives;
      grad[k] = step.grad;
      steps.push(step);
    });
  }
  return { steps, grad };
}

// One step of the chain rule: what a node with this gradient adds to that of its parent at this position.
function pulledBack({ locals }, i, position, above, before, arrived) {
  const [k, node] = [nodes[i].parents[position], nodes[i]];
  const local = locals[i][position];
  const arrives = arrived && !(local === 0 && node.chooses); // what was not chosen gets nothing
  const part = arrives ? above * local : 0;
  const grad = arrives ? before + part : before;
  const name = nodes[k].name;
  return {
    phase: "backward",
    get text() {
      const symbols = factor(fill(node.derivatives[position], dataOfName)) + product + `${node.name}.grad`;
      return `${name}.grad += ${chain([symbols, factor(show(local)) + product + factor(show(above)), show(part)])}`;
    },
    get note() {
      if (!arrives) return "it was not chosen, so nothing is passed on to it";
      return before !== 0 ? `added to what is there: ${show(before)} + ${factor(show(part))} = ${show(grad)}` : `${name}.grad = ${show(grad)}`;
    },
    question: () => `${name}.grad += ? (what ${node.name} adds to it)`,
    answer: part,
    target: k,
    sources: [i],
    edges: node.edges[position],
    grad,
    user: i,
    arrives,
  };
}

// The number that was typed. Throws an error that says what is wrong with it. Full-width signs are those signs, a space of any kind
// may stand before each three digits, and one comma is a decimal sign. A superscript is no digit: 10² is not 102.
function typedNumber(text) {
  const plain = text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replace(/\p{Zs}/gu, " ");
  const written = plain.trim().replaceAll("−", "-").replace(/(?<=\d) (?=(\d{3})+(?!\d))/g, "").replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  if (written === "") throw new Error("a number is needed, and the field was empty");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written)) throw new Error(`a number is needed, not "${text}"`);
  const number = Number(written);
  if (!Number.isFinite(number)) throw new Error(`${text.trim()} is too large: the largest number is 1.797e+308`);
  if (number === 0 && /[1-9]/.test(written.split(/e/i)[0])) throw new Error(`${text.trim()} is too small: the smallest number is 5e-324`);
  return number;
}
