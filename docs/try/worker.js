// Python in a thread of its own, so that the page answers while a program runs: Pyodide, Graphviz as WebAssembly, the library.
// The page sends { session, program, fresh, id }. It is told what is loaded, what a program shows, and that it has ended.

const built = new URL("built/", import.meta.url);
const sessions = new Map();
const ready = load().catch((error) => postMessage({ kind: "failed", text: String(error.message ?? error) }));

async function load() {
  const answer = await fetch(new URL("files.json", built));
  if (!answer.ok) throw new Error("this site was built without what the page needs: python docs/try.py makes it");
  const files = await answer.json();
  const parts = new Set(Object.keys(files.parts));
  const total = Object.values(files.sizes).reduce((sum, size) => sum + size, 0);
  let loaded = 0;
  const tell = () => postMessage({ kind: "loading", parts: [...parts].map((part) => files.parts[part]), loaded, total });
  const finish = (part) => (result) => { parts.delete(part); tell(); return result; };

  // What is fetched is counted as it arrives, by whomever it is fetched.
  const fetched = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    const response = await fetched(...request);
    if (!response.ok) throw new Error(`${response.url} could not be loaded: ${response.status} ${response.statusText}`);
    const counted = new TransformStream({
      transform(chunk, controller) { loaded += chunk.byteLength; tell(); controller.enqueue(chunk); },
    });
    return new Response(response.body.pipeThrough(counted), { headers: response.headers });
  };

  tell();
  const wheels = files.wheels.map(async (name) => (await fetch(new URL(name, built))).arrayBuffer());
  const [python, graphviz] = await Promise.all([
    import(new URL("pyodide/pyodide.mjs", built)).then(({ loadPyodide }) => loadPyodide()).then(finish("python")),
    import(new URL("graphviz/index.js", built)).then(({ Graphviz }) => Graphviz.load()).then(finish("graphviz")),
  ]);
  for (const wheel of wheels) python.unpackArchive(await wheel, "wheel");
  python.registerJsModule("wasm_graphviz", { layout: (...picture) => graphviz.layout(...picture) });
  const { Session } = python.pyimport("autograd_lite.repl.browser");
  finish("library")();
  postMessage({ kind: "ready", text: `${files.parts.python}, ${files.parts.library}` });
  return { Session, FS: python.FS };
}

onmessage = async ({ data: { session, program, fresh, id } }) => {
  const { Session, FS } = (await ready) ?? {};
  if (!Session) return;
  const show = (kind, text) => postMessage({ kind: "shown", id, as: kind, text });
  if (fresh || !sessions.has(session)) sessions.set(session, Session(show));
  const running = sessions.get(session);
  running.show = show;
  const before = written(FS);
  let well = false;
  try {
    well = running.run(program);
  } catch (error) { // what Python itself cannot catch, such as an end of the browser's stack
    show("error", String(error.message ?? error));
  }
  for (const [name, when] of written(FS)) {
    if (before.get(name) !== when) postMessage({ kind: "wrote", id, name, content: FS.readFile(name) });
  }
  postMessage({ kind: "ended", id, well });
};

// The files in the folder of the program, each with the time of its last change.
function written(FS) {
  const all = FS.readdir(FS.cwd()).map((name) => [name, FS.stat(name)]);
  return new Map(all.filter(([, { mode }]) => FS.isFile(mode)).map(([name, { mtime }]) => [name, mtime.getTime()]));
}
