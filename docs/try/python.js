// Python as a page sees it, and what it shows.

export class Python {
  // `tell(text, share)` is called with what is being loaded, and how much of it is there: from 0 to 1.
  constructor(tell) {
    this.tell = tell;
    this.runs = new Map();
    this.count = 0;
  }

  // Load it, if it is not there yet.
  start() {
    if (this.worker) return;
    this.tell("Loading …", 0);
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this[data.kind](data);
    this.worker.onerror = (event) => this.failed({ text: event.message ?? "the worker of this page could not be started" });
  }

  // Run a program; `show(kind, text)` is called with each piece that it shows, of a file that it wrote with name and content. A promise of whether it came to its end.
  run(program, show, { session = "page", fresh = false } = {}) {
    this.start();
    const id = ++this.count;
    return new Promise((end) => {
      this.runs.set(id, { show, end });
      this.worker.postMessage({ session, program, fresh, id });
    });
  }

  // End whatever runs: with its thread, and all that the sessions hold.
  stop(reason = "Stopped.") {
    this.worker?.terminate();
    this.worker = null;
    for (const { show, end } of this.runs.values()) {
      show("error", reason);
      end(false);
    }
    this.runs.clear();
  }

  // What the worker says

  loading({ parts, loaded, total }) {
    const inMegabytes = (bytes) => (bytes / 1e6).toFixed(1);
    const arrived = loaded < total ? `Loading ${parts.join(", ")}: ${inMegabytes(loaded)} of ${inMegabytes(total)} MB` : `Starting ${parts.join(", ")}`;
    this.tell(arrived, loaded / total);
  }

  ready({ text }) { this.tell(`Ready: ${text}`, 1); }

  failed({ text }) {
    this.tell(`Not loaded: ${text}`, null);
    this.stop("Python could not be loaded.");
  }

  shown({ id, as, text }) { this.runs.get(id)?.show(as, text); }

  wrote({ id, name, content }) { this.runs.get(id)?.show("file", name, content); }

  ended({ id, well }) {
    this.runs.get(id)?.end(well);
    this.runs.delete(id);
  }
}

// A place where the pieces that a program shows stand below each other.
export class Output {
  constructor(element) {
    this.element = element;
    this.line = "";
  }

  clear() {
    this.element.replaceChildren();
    this.line = "";
  }

  show(kind, text, content) {
    if (kind === "text" || kind === "error" || kind === "code") this.write(kind, text);
    else if (kind === "file") this.offer(text, content);
    else {
      const shown = document.createElement("div");
      shown.className = "shown";
      shown.innerHTML = text;
      for (const frame of shown.querySelectorAll("iframe")) frame.title = "The page that the program made";
      this.element.append(shown);
    }
  }

  // A file that the program wrote, which is nowhere but in this page.
  offer(name, content) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content]));
    link.download = link.textContent = name;
    const line = document.createElement("p");
    line.append("The program wrote ", link, " (in this page: take it from here).");
    this.element.append(line);
  }

  // Text goes on where the last text of its kind ended. A carriage return begins the line anew, as in a terminal.
  write(kind, text) {
    let last = this.element.lastElementChild;
    if (last?.className !== kind) {
      last = document.createElement("pre");
      last.className = kind;
      last.tabIndex = 0; // so that a long line can be scrolled by keys
      this.element.append(last);
    }
    last.textContent = (last.textContent + text).replace(/[^\n]*\r(?!\n)(?=[^\r]*$)/g, "");
  }
}

// A link to the page "Try it" with a program in its editor: base64 for addresses, since scripts of a site look for the fragment
// as the name of a part of the page, whatever stands in it.
export function linkTo(page, program) {
  const bytes = String.fromCharCode(...new TextEncoder().encode(program));
  return `${page}#code=${btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

// The program in a fragment; null if there is none.
export function programIn(fragment) {
  const code = /^#code=([\w-]*)$/.exec(fragment)?.[1];
  if (code === undefined) return null;
  const bytes = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
