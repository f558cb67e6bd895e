// The panel under the grid: a heading that takes the focus, and what it is about.

const panel = byElementId("panel");
let opened = 0;

/** Shows what `build` makes, unless another panel was asked for meanwhile. */
async function showPanel(title, build) {
  const turn = ++opened;
  const content = await build();
  if (turn !== opened) return;
  const heading = h("h3", { tabindex: "-1", id: "panel-heading" }, title);
  panel.replaceChildren(h("section", { class: "panel", "aria-labelledby": "panel-heading" },
    h("div", { class: "panel-head" }, heading, h("div", { class: "buttons" },
      copyButton(location.href, "Copy link"),
      h("button", { type: "button", onclick: closePanel }, "Close"))),
    content));
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  panel.dataset.shown = location.hash;
}

function clearPanel() {
  opened++;
  panel.replaceChildren();
  delete panel.dataset.shown;
}

/** Closes the panel and goes back to the square it belongs to. */
function closePanel() {
  const id = state.kind === "cell" ? state.path[0] : state.cell;
  go({ kind: "", path: [], cell: "" });
  const square = squares.get(cellNumber.get(id));
  (square?.querySelector("a") ?? document.querySelector("a.face[tabindex='0']"))?.focus();
}

/** Says that the address names something that is not here. */
function unknownPanel(what) {
  const day = index.run.started.split("T")[0];
  return showPanel("Not in this report", () => h("p", {}, `This report (of ${day}) has no ${what}.`));
}

const chip = (key, text = symbolOf(key)) => h("span", { class: `chip m-${key}`, "aria-hidden": "true" }, text);

/** A list that grows when asked. */
function growingList(items, node, step = 100) {
  const list = h("ul", { class: "plain" });
  const button = h("button", { type: "button" });
  let shown = 0;
  const grow = () => {
    list.append(...items.slice(shown, shown + step).map((item) => h("li", {}, node(item))));
    shown = Math.min(items.length, shown + step);
    button.hidden = shown === items.length;
    button.textContent = `Show ${Math.min(step, items.length - shown)} more of ${(items.length - shown).toLocaleString("en")}`;
  };
  button.addEventListener("click", grow);
  grow();
  return items.length > shown ? [list, button] : [list];
}

/** Details whose content is made when they are opened. */
function lazyDetails(summary, build, open = false) {
  const node = h("details", {}, h("summary", {}, summary));
  const make = () => { if (node.open && node.childElementCount === 1) node.append(build()); };
  node.addEventListener("toggle", make);
  if (open) {
    node.open = true;
    make();
  }
  return node;
}

/** Facts in two columns; those without a text are left out. */
function factList(facts) {
  return h("dl", { class: "facts" }, facts.filter(([, text]) => text != null && text !== "" && text !== false)
    .map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]));
}
