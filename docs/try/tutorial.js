// On every page of the site: those of the tutorial, and the notebook, get buttons that run their examples, and pages that play.

if (/\/(tutorial|backpropagation)\//.test(location.pathname)) {
  await import("./examples.js");
  await import("./steppers.js");
}
