// Elements. Text only ever becomes text: nothing in this program parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element: `h("a", {href: "#/", onclick: go}, "text", child)`. */
function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Makes an element of a drawing. */
function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

const byElementId = (id) => document.getElementById(id);

/** Tells those who cannot see it what happened. */
function announce(text) {
  byElementId("live").textContent = text;
}

/** `1 cell`, `1,200 cells`. */
function plural(number, noun) {
  const nouns = number === 1 ? noun : noun.endsWith("s") ? `${noun}es` : `${noun}s`;
  return `${number.toLocaleString("en")} ${nouns}`;
}

/** Makes control characters and marks that hide or turn text visible. */
function visible(text) {
  // eslint-disable-next-line no-control-regex
  return String(text).replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (it) =>
    it === "\t" ? "    " : `\\u{${it.codePointAt(0).toString(16)}}`);
}

/** A button that copies a text and says so. */
function copyButton(text, label = "Copy") {
  const button = h("button", { type: "button", class: "copy" }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without permission, as in a page from a file, the old way still works.
      const area = h("textarea", { class: "said" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  return button;
}
