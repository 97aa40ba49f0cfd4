// On every page of the site: those of the tutorial, and the notebook, get buttons that run their examples.

if (/\/(tutorial|backpropagation)\//.test(location.pathname)) await import("./examples.js");
