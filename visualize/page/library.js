// Python's own functions, for the primitives that are translated from Python.
const python = {
  max: (...args) => (args.length === 1 ? args[0] : args).reduce((a, b) => (b > a ? b : a)),
  min: (...args) => (args.length === 1 ? args[0] : args).reduce((a, b) => (b < a ? b : a)),
  sum: (terms, start = 0) => terms.reduce((total, term) => total + term, start),
  map: (f, a, b, ...others) => (others.length ? a.map((x, i) => f(x, b[i], ...others.map((list) => list[i]))) : b ? a.map((x, i) => f(x, b[i])) : a.map((x) => f(x))),
  prod: (factors) => factors.reduce((product, factor) => product * factor, 1),
  isinf: (x) => x === Infinity || x === -Infinity,
  copysign: (size, sign) => (sign < 0 || Object.is(sign, -0) ? -Math.abs(size) : Math.abs(size)),
  divide: (x, y) => {
    if (y === 0) throw new Error("ZeroDivisionError");
    return x / y;
  },
  modulo: (x, y) => {
    if (y === 0) throw new Error("ZeroDivisionError");
    const rest = x % y;
    return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
  },
  floordiv: (x, y) => {
    const rest = python.modulo(x, y);
    return Math.round((x - rest) / y);
  },
  pow: (x, y) => {
    if (x === 0 && y < 0) throw new Error("ZeroDivisionError");
    const result = x === 1 ? 1 : x ** y;
    if (python.isinf(result) && Number.isFinite(x) && Number.isFinite(y)) throw new Error("OverflowError");
    return result;
  },
  round: (x) => {
    const below = Math.floor(x);
    const rest = x - below;
    return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1; // a tie goes to the even number
  },
  // erf by its series of positive terms, erfc beyond by its continued fraction (Abramowitz and Stegun 7.1.6 and 7.1.14)
  erf: (x) => (Math.abs(x) < 2 ? erfSeries(x) : Math.sign(x) * (1 - erfcFraction(Math.abs(x)))),
  erfc: (x) => (Number.isNaN(x) ? NaN : x < 2 ? 1 - python.erf(x) : erfcFraction(x)),
};
// Python's math raises an error where JavaScript has NaN, or infinity, of numbers that are none.
for (const [names, atInfinity] of [
  ["exp expm1 sinh cosh", "OverflowError"],
  ["log log1p log2 log10 sqrt sin cos tan asin acos acosh atanh", "ValueError"],
]) {
  for (const name of names.split(" ")) {
    python[name] = (x) => {
      const y = Math[name](x);
      if (Number.isNaN(y) && !Number.isNaN(x)) throw new Error("ValueError");
      if (python.isinf(y) && Number.isFinite(x)) throw new Error(atInfinity);
      return y;
    };
  }
}
function erfSeries(x) {
  let term = x;
  let total = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(total); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}
function erfcFraction(x) {
  let fraction = x;
  for (let n = 120; n > 0; n -= 1) fraction = x + n / 2 / fraction;
  const high = Math.round(x * 1048576) / 1048576; // the exponent in twice the precision, as x * x alone would lose digits
  return (Math.exp(-high * high) * Math.exp(-(x - high) * (x + high))) / fraction / Math.sqrt(Math.PI);
}
