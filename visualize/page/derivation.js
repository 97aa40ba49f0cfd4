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
const PIECE = /∂(?<of>[^\s/]+)\/∂(?<by>[^\s·)=]+)|(?<number>[\d.]+(?:e[+-]?\d+)?)|(?<letters>(?:(?!ⱼ)[\p{L}\p{M}_′])+)(?<below>[₀-₉,ⱼ]*)(?:⁽(?<layer>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)⁾)?(?<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*)|(?<sign>[()+\-−×·÷=|])|(?<rest>\S+)/gu;
const RAISED = "₀₁₂₃₄₅₆₇₈₉ⱼ⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
const LEVEL = "0123456789j0123456789−";
const onTheLine = (digits) => [...digits].map((digit) => LEVEL[RAISED.indexOf(digit)] ?? digit).join("");

function typeset(formula) {
  return mark("mrow", ...[...formula.matchAll(PIECE)].map(({ groups }) => {
    const { of, by, number, letters, below, layer, power, sign, rest } = groups;
    if (of) return mark("mfrac", mark("mrow", mark("mo", "∂"), typeset(of)), mark("mrow", mark("mo", "∂"), typeset(by)));
    if (number) return mark("mn", number);
    if (sign) return steady(sign === "-" ? "−" : sign);
    if (rest) return mark("mtext", rest);
    const name = mark("mi", letters);
    const above = layer ? `(${onTheLine(layer)})` : onTheLine(power);
    if (below && above) return mark("msubsup", name, mark("mn", onTheLine(below)), mark("mn", above));
    return below ? mark("msub", name, mark("mn", onTheLine(below))) : above ? mark("msup", name, mark("mn", above)) : name;
  }));
}

// Equations below one another: rows of a name, a sign and a formula, and below a line perhaps what that comes to. A reader may
// scroll them where they are wider than the page.
function equations(rows) {
  const braced = (formula, below) => {
    const above = typeset(formula);
    above.setAttribute("class", "braced");
    return mark("munder", above, typeset(below));
  };
  const cells = ([name, sign, formula, below]) => [typeset(name), typeset(sign), below ? braced(formula, below) : typeset(formula)];
  const math = mark("math", mark("mtable", ...rows.map((row) => mark("mtr", ...cells(row).map((cell) => mark("mtd", cell))))));
  math.setAttribute("display", "block");
  const frame = Object.assign(document.createElement("div"), { className: "formulas", tabIndex: 0, role: "region" });
  frame.setAttribute("aria-label", rows.map((row) => `${row.slice(0, 3).join(" ")}${row[3] ? ` = ${row[3]}` : ""}`.trim()).join("\n"));
  frame.append(math);
  return frame;
}
const defined = (name, ...steps) => chain(steps).split(" = ").map((step, i) => [i ? "" : name, "=", step]);

let chainRule = () => [];
if (graph.network) {
  const { runs, weights, biases } = graph.network;
  const last = runs[0].columns.length - 1;
  const MOST_TERMS = 10; // of a sum, that are written
  const ALIKE = 1e-9; // of the size of what is added: by no more do two sums of the same terms differ
  const result = nodes[end].name;
  const named = (i) => nodes[i].name;
  const partial = (i, k) => `∂${named(i)}/∂${named(k)}`;
  const bySlope = (i) => `∂${result}/∂${named(i)}`;
  const local = (i, k) => state.locals[i][nodes[i].parents.indexOf(k)];
  const formula = (i, k) => fill(nodes[i].derivatives[nodes[i].parents.indexOf(k)], named);
  const inNumbers = (i, k) => fill(nodes[i].derivatives[nodes[i].parents.indexOf(k)], (n) => show(state.data[n]));
  const times = (factors) => factors.map(factor).join(product);

  // The way from one value of the network to the next: an output and its sum, or the sum alone where nothing is between them.
  const links = ({ columns, sums }, l, j, k) => {
    const [a, z] = [columns[l][j], sums[l - 1][j]];
    return [...(a !== z && nodes[a].parents.includes(z) ? [[a, z]] : []), [z, k]];
  };
  const slopeOf = ({ columns, slopes }, l, j) => (l === last && slopes[j].length ? fill(slopes[j], named) : bySlope(columns[l][j]));

  // A derivative as a product: in symbols, in formulas, in numbers, and its own number.
  const productOf = (sample, l, j, k) => {
    const steps = links(sample, l, j, k);
    const above = sample.columns[l][j];
    const number = steps.reduce((all, [i, n]) => all * local(i, n), grad[above]);
    return Object.assign([
      times([bySlope(above), ...steps.map(([i, n]) => partial(i, n))]),
      times([slopeOf(sample, l, j), ...steps.map(([i, n]) => formula(i, n))]),
      times([grad[above], ...steps.map(([i, n]) => local(i, n))].map(show)),
      show(number),
    ], { number });
  };
  const where = (sample, l, j, k) => links(sample, l, j, k).flatMap(([i, n]) => defined(partial(i, n), formula(i, n), inNumbers(i, n), show(local(i, n))));

  // What comes to a value besides these terms: by uses of it that are not the network's. Null where there is nothing.
  const besides = (i, terms) => {
    const rest = terms.reduce((left, { number }) => left - number, grad[i]);
    const size = terms.reduce((sum, { number }) => sum + Math.abs(number), Math.abs(grad[i]));
    return Math.abs(rest) > ALIKE * size ? rest : null;
  };

  // A derivative as the sum of these terms, each with what it is of, and of what comes besides.
  const sumOf = (i, terms, general = "") => {
    const [name, rest] = [bySlope(i), besides(i, terms)];
    if (terms.length === 1 && rest === null) return defined(name, ...terms[0]);
    const written = terms.map((term, place) => ["", place ? "+" : "=", term[1], chain(term.slice(2))]);
    if (terms.length > MOST_TERMS) {
      const left = terms.slice(MOST_TERMS - 1, -1).reduce((sum, { number }) => sum + number, 0);
      written.splice(MOST_TERMS - 1, terms.length - MOST_TERMS, ["", "+", `… ${terms.length - MOST_TERMS} more, together ${show(left)}`]);
    }
    if (rest !== null) written.push(["", "+", factor(show(rest)), `by other uses of ${named(i)}`]);
    const rows = [...(general ? [["", "=", general]] : []), ...written, ["", "=", show(grad[i])]];
    return rows.map((row, place) => (place ? row : [name, ...row.slice(1)]));
  };

  // The derivative by an activation: at the output the slope of the loss, before it a sum over the nodes of the next layer.
  const byActivation = (sample, l, j) => {
    const { columns, sums, slopes } = sample;
    const a = columns[l][j];
    if (l === last) return defined(bySlope(a), ...(slopes[j].length ? [slopeOf(sample, l, j), fill(slopes[j], (n) => show(state.data[n]))] : []), show(grad[a]));
    const terms = columns[l + 1].map((_, i) => productOf(sample, l + 1, i, a));
    const [first, z] = [columns[l + 1][0], sums[l][0]].map(named);
    const general = [first, z].reduce((all, one) => all.replaceAll(one, one.replace(/[₀-₉,]+/, "ⱼ")), terms[0][0]);
    return sumOf(a, terms, terms.length > 1 && general.includes("ⱼ") ? `Σⱼ ${general}` : "");
  };

  chainRule = (selected) => {
    const sample = runs[run];
    for (let l = 1; l <= last; l += 1) {
      for (let j = 0; j < sample.columns[l].length; j += 1) {
        if (weights[l - 1][j].includes(selected) || biases[l - 1][j] === selected) {
          const terms = runs.map((one) => productOf(one, l, j, selected));
          return [
            ...(runs.length > 1 ? [line("p", `A sum over the ${runs.length} samples:`)] : []),
            equations(sumOf(selected, terms)),
            line("p", runs.length > 1 ? `where, of sample ${run + 1}` : "where"),
            equations([...byActivation(sample, l, j), ...where(sample, l, j, selected)]),
          ];
        }
      }
    }
    for (const one of runs) {
      for (let l = 1; l <= last; l += 1) {
        const j = one.columns[l].indexOf(selected);
        if (j >= 0 && selected !== end) return [equations(byActivation(one, l, j))];
      }
    }
    return [];
  };
}
