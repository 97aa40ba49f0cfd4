// In the place of a screenshot of the stepper the page itself, to be played. It is as dark as the page around it.

const folder = new URL("built/steppers/", import.meta.url);
const answer = await fetch(new URL("addresses.json", folder));
const addresses = answer.ok ? await answer.json() : {}; // without them the screenshots stay
const isDark = () => document.body.dataset.mdColorScheme === "slate";
const colors = []; // of each frame, the rules that make it dark

function follow() {
  for (const media of colors) media.mediaText = isDark() ? "all" : "not all";
}

for (const picture of document.querySelectorAll('.md-content img[src*="/pictures/steppers/"]')) {
  const address = addresses[/([\w-]+)\.png$/.exec(picture.src)?.[1]];
  if (!address) continue;
  const frame = document.createElement("iframe");
  frame.className = address.includes("embed") ? "stepper-frame" : "stepper-frame whole";
  frame.title = picture.alt;
  frame.loading = "lazy";
  frame.addEventListener("load", () => {
    const rules = [...frame.contentDocument.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
    colors.push(...rules.filter((rule) => rule.conditionText?.includes("prefers-color-scheme")).map((rule) => rule.media));
    follow();
  });
  frame.src = new URL(address, folder);
  (picture.closest("a") ?? picture).replaceWith(frame);
}

new MutationObserver(follow).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
