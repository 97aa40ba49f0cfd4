// The chain rule for a weight, a bias or an activation of a network, as the documents write it: typeset, in the numbers of the moment.

const MATH = "http://www.w3.org/1998/Math/MathML";
const mark = (tag, ...inside) => {
  const element = document.createElementNS(MATH, tag);
  element.append(...inside);
  return element;
};

const steady = (sign) => { // a bracket that does not grow with the indices in it
  const operator = mark("mo", sign);
  operator.setAttribute("stretchy", "false");
  return operator;
};

// A formula that is written in one line, typeset: fractions of derivatives, indices, numbers and signs.
const PIECE = /∂(?<of>[^\s/]+)\/∂(?<by>[^\s·)=]+)|(?<number>[\d.]+(?:e[+-]?\d+)?)|(?<letters>[\p{L}\p{M}_′]+)(?<below>[₀-₉,]*)(?:⁽(?<layer>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)⁾)?(?<power>[²³]?)|(?<sign>[()+\-−×·÷=|])|(?<rest>\S+)/gu;
const onTheLine = (digits) => [...digits].map((digit) => ("₀₁₂₃₄₅₆₇₈₉".includes(digit) ? "₀₁₂₃₄₅₆₇₈₉".indexOf(digit) : "⁰¹²³⁴⁵⁶⁷⁸⁹".includes(digit) ? "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit) : digit)).join("");

function typeset(formula) {
  return mark("mrow", ...[...formula.matchAll(PIECE)].map(({ groups }) => {
    const { of, by, number, letters, below, layer, power, sign, rest } = groups;
    if (of) return mark("mfrac", mark("mrow", mark("mo", "∂"), typeset(of)), mark("mrow", mark("mo", "∂"), typeset(by)));
    if (number) return mark("mn", number);
    if (sign) return steady(sign === "-" ? "−" : sign);
    if (rest) return mark("mtext", rest);
    const name = mark("mi", letters);
    const above = layer ? `(${onTheLine(layer)})` : power ? { "²": "2", "³": "3" }[power] : "";
    if (below && above) return mark("msubsup", name, mark("mn", onTheLine(below)), mark("mn", above));
    return below ? mark("msub", name, mark("mn", onTheLine(below))) : above ? mark("msup", name, mark("mn", above)) : name;
  }));
}

// Equations below one another, each a name and what it is equal to, step by step.
function equations(rows) {
  const lines = rows.flatMap(([name, ...steps]) => chain(steps).split(" = ").map((step, i) => [i ? "" : name, step]));
  const math = mark("math", mark("mtable", ...lines.map(([name, step]) => mark("mtr", mark("mtd", typeset(name)), mark("mtd", mark("mo", "=")), mark("mtd", typeset(step))))));
  math.setAttribute("display", "block");
  math.setAttribute("alttext", lines.map(([name, step]) => `${name} = ${step}`.trim()).join("\n"));
  return math;
}

let chainRule = () => [];
if (graph.network) {
  const { columns, sums, weights, biases, slopes: ofLoss } = graph.network;
  const last = columns.length - 1;
  const result = nodes[end].name;
  const named = (i) => nodes[i].name;
  const partial = (i, k) => `∂${named(i)}/∂${named(k)}`;
  const bySlope = (i) => `∂${result}/∂${named(i)}`;
  const local = (i, k) => state.locals[i][nodes[i].parents.indexOf(k)];
  const formula = (i, k) => fill(nodes[i].derivatives[nodes[i].parents.indexOf(k)], named);
  const inNumbers = (i, k) => fill(nodes[i].derivatives[nodes[i].parents.indexOf(k)], (n) => show(state.data[n]));
  const times = (factors) => factors.map(factor).join(product);

  // The way from one value of the network to the next: an output and its sum, or the sum alone where nothing is between them.
  const links = (l, j, k) => {
    const [a, z] = [columns[l][j], sums[l - 1][j]];
    return [...(a !== z && nodes[a].parents.includes(z) ? [[a, z]] : []), [z, k]];
  };
  const slopeOf = (l, j) => (l === last && ofLoss[j].length ? fill(ofLoss[j], named) : bySlope(columns[l][j]));

  // A derivative as a product: in symbols, in formulas, in numbers, and its own number.
  const productOf = (l, j, k) => {
    const steps = links(l, j, k);
    return [
      times([bySlope(columns[l][j]), ...steps.map(([i, n]) => partial(i, n))]),
      times([slopeOf(l, j), ...steps.map(([i, n]) => formula(i, n))]),
      times([grad[columns[l][j]], ...steps.map(([i, n]) => local(i, n))].map(show)),
      show(steps.reduce((all, [i, n]) => all * local(i, n), grad[columns[l][j]])),
    ];
  };
  const where = (l, j, k) => links(l, j, k).map(([i, n]) => [partial(i, n), formula(i, n), inNumbers(i, n), show(local(i, n))]);

  // The derivative by an activation: at the output the slope of the loss, before it a sum over the nodes of the next layer.
  const byActivation = (l, j) => {
    const a = columns[l][j];
    if (l === last) return [[bySlope(a), ...(ofLoss[j].length ? [fill(ofLoss[j], named), fill(ofLoss[j], (n) => show(state.data[n]))] : []), show(grad[a])]];
    const terms = columns[l + 1].map((_, i) => productOf(l + 1, i, a));
    const sum = (which) => terms.map((term) => term[which]).join(" + ");
    return [[bySlope(a), sum(0), sum(1), sum(2), terms.map((term) => factor(term[3])).join(" + "), show(grad[a])]];
  };

  chainRule = (selected) => {
    for (let l = 1; l <= last; l += 1) {
      for (let j = 0; j < columns[l].length; j += 1) {
        if (weights[l - 1][j].includes(selected) || biases[l - 1][j] === selected) {
          return [
            equations([[bySlope(selected), ...productOf(l, j, selected)]]),
            line("p", "where"),
            equations([...byActivation(l, j), ...where(l, j, selected)]),
          ];
        }
        if (columns[l][j] === selected && selected !== end) return [equations(byActivation(l, j))];
      }
    }
    return [];
  };
}
