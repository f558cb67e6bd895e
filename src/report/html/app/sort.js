// Lists that the reader may sort. The choice, `sort=name` or `sort=-name` for the other way round, stands in the address and
// holds for every list that knows it; the others keep the order in which they say the most important first.

/** The chosen order among those that a list knows, each `{key, value}`; numbers begin with the largest, names with A. */
function orderOf(orders) {
  const key = state.sort.replace(/^-/, "");
  const order = orders.find((known) => known.key === key);
  return order && { ...order, reversed: state.sort.startsWith("-") };
}

/** Items in the chosen order; where none is chosen, or they are alike in it, as they were. */
function ordered(items, orders) {
  const order = orderOf(orders);
  if (!order) return items;
  const values = new Map(items.map((item) => [item, order.value(item)]));
  const compare = (one, other) => (typeof one === "string" ? one.localeCompare(other, "en", { numeric: true }) : other - one);
  return items.toSorted((one, other) => (order.reversed ? -1 : 1) * compare(values.get(one), values.get(other)));
}

/** A click sorts, the second one the other way round, the third as it was. */
function toggleOrder(key) {
  go({ sort: state.sort === key ? `-${key}` : state.sort === `-${key}` ? "" : key }, true);
}

const lists = new Map();

/** Calls `sort` whenever another order is chosen, as long as `node` is in the page. */
function keepSorted(node, sort) {
  lists.set(node, sort);
}

let sortedBy = state.sort;

function sortLists() {
  if (state.sort === sortedBy) return;
  sortedBy = state.sort;
  for (const [node, sort] of lists) {
    if (node.isConnected) sort();
    else lists.delete(node);
  }
}

/** A table whose heads sort it, and which grows when asked. Columns: `{key, label, value, node}`. */
function sortedTable(caption, columns, items, step = 100) {
  const orders = columns.filter(({ key }) => key);
  const body = h("tbody");
  const button = h("button", { type: "button" });
  const heads = columns.map((column) => h("th", { scope: "col" },
    column.key ? h("button", { type: "button", class: "sort", onclick: () => toggleOrder(column.key) }, column.label) : column.label));
  let wanted = Math.min(step, items.length);
  const draw = () => {
    body.replaceChildren(...ordered(items, orders).slice(0, wanted).map((item) =>
      h("tr", {}, columns.map(({ node }, place) => h(place === 0 ? "th" : "td", place === 0 ? { scope: "row" } : {}, node(item))))));
    button.hidden = wanted === items.length;
    button.textContent = `Show ${Math.min(step, items.length - wanted)} more of ${(items.length - wanted).toLocaleString("en")}`;
    const order = orderOf(orders);
    columns.forEach(({ key, value }, place) => {
      if (!key) return;
      const ascends = items.length > 0 && typeof value(items[0]) === "string";
      heads[place].setAttribute("aria-sort", key !== order?.key ? "none" : ascends === order.reversed ? "descending" : "ascending");
    });
  };
  button.addEventListener("click", () => {
    wanted = Math.min(items.length, wanted + step);
    draw();
  });
  draw();
  const table = h("div", { class: "scroll" }, h("table", { class: "list sorted" }, h("caption", { class: "said" }, caption), h("thead", {}, h("tr", {}, heads)), body));
  keepSorted(table, draw);
  return [table, button];
}

/** The pictures of scenarios, and the buttons that sort them. */
function buildOrders() {
  const list = document.querySelector("ul.pictures");
  const pictures = [...list.children];
  const orders = [
    { key: "classes", label: "Classes", value: ({ classes }) => classes },
    { key: "cells", label: "Cells that differ", value: differingCells },
    { key: "silent", label: "Silent changes", value: ({ silent }) => silent.reduce((sum, count) => sum + count, 0) },
    { key: "observations", label: "Observations", value: ({ observations }) => observations },
    { key: "name", label: "Name", value: ({ name }) => name },
  ].map((order) => ({ ...order, value: (picture) => order.value(scenarios[picture.dataset.scenario]) }));
  const buttons = orders.map(({ key, label }) => h("button", { type: "button", "data-sort": key, onclick: () => toggleOrder(key) }, label));
  if (pictures.length > 1) byElementId("orders").append(h("div", { class: "chips", role: "group", "aria-label": "Sort scenarios by" }, h("span", { class: "quiet" }, "Sort by"), buttons));
  const draw = () => {
    list.append(...ordered(pictures, orders));
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(state.sort.replace(/^-/, "") === button.dataset.sort));
    }
  };
  draw();
  keepSorted(list, draw);
}

const QUIET = new Set(["same", "close", "uncompared"]);

/** In how many cells a scenario differs from the baseline. */
const differingCells = ({ keys, worst, counts }) => worst.filter((place, cell) => counts[cell] > 0 && !QUIET.has(keys[place])).length;
