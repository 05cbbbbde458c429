// The page: what it shows is in the fragment of its address, so that each view is a link.

const views = { findings: findingsView, pairs: pairsView };
const shownViews = [...document.querySelectorAll("[data-view]")].map((tab) => views[tab.dataset.view]);
const OPEN_AT_FIRST = 120; // entries of groups that are open at once; the others are made when asked for

const link = (view, parameters = {}) => {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  return `#${view}${query.size ? `?${query}` : ""}`;
};

const readAddress = () => {
  const [name, query = ""] = location.hash.slice(1).split("?");
  const view = shownViews.find((each) => each.name === name) ?? shownViews[0];
  return { view, parameters: Object.fromEntries(new URLSearchParams(query)) };
};

let current = readAddress();
const list = document.getElementById("list");
const filters = document.getElementById("filters");

const chosen = (key) => new Set((current.parameters[key] ?? "").split(",").filter(Boolean));

// The texts that are searched, made when the first search needs them.
const texts = new Map();
const textOf = (view, entry) => {
  if (!texts.has(entry)) texts.set(entry, view.text(entry).toLowerCase());
  return texts.get(entry);
};

const matching = ({ view, parameters }) => {
  const words = (parameters.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const within = (parameters.path ?? "").toLowerCase();
  const choices = view.choices
    .map((choice) => [choice.of, chosen(choice.key)])
    .filter(([, values]) => values.size);
  return view.entries.filter(
    (entry) =>
      view.file(entry).toLowerCase().includes(within) &&
      choices.every(([of, values]) => values.has(of(entry))) &&
      words.every((word) => textOf(view, entry).includes(word)),
  );
};

// ---- the list ----

const showList = () => {
  const { view, parameters } = current;
  let entries = matching(current);
  const opened = view.entries.find((entry) => entry.id === parameters.open);
  if (opened && !entries.includes(opened)) entries = [...entries, opened];
  const groups = Map.groupBy ? Map.groupBy(entries, (entry) => entry.group) : grouped(entries);
  let room = OPEN_AT_FIRST;
  const sections = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, members]) => {
    const isOpen = room > 0 || members.includes(opened) || name === parameters.group;
    room -= members.length;
    return groupSection(name, members, isOpen);
  });
  const isGraph = view.shapes && parameters.show === "graph";
  list.replaceChildren(...(isGraph ? [graphLegend()] : []), ...sections);
  if (!entries.length) list.append(el("p", { class: "empty" }, "Nothing matches these filters."));
  const all = view.entries.length;
  const number = plural(entries.length, view.noun);
  document.getElementById("result").textContent =
    entries.length === all ? `${number}.` : `${number} of ${all.toLocaleString("en")}.`;
  if (opened) showEntry(opened);
  else if (parameters.group) showGroup(parameters.group);
};

const showGroup = (name) => {
  const titles = [...list.querySelectorAll(".group h3")];
  const summary = titles.find((title) => title.textContent === name)?.parentElement;
  summary?.scrollIntoView({ block: "start" });
  summary?.focus({ preventScroll: true });
};

const grouped = (entries) => {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return groups;
};

// What fills each group; the event that a group was opened comes too late for printing.
const makers = new WeakMap();

const groupSection = (name, members, isOpen) => {
  const content = el("div", { class: "members" });
  const section = el(
    "details",
    { class: "group", open: isOpen },
    el(
      "summary",
      {},
      el("h3", {}, path(name)),
      el("span", { class: "count" }, String(members.length)),
      stateBar(members),
    ),
    content,
  );
  const make = () => {
    if (section.open && !content.childElementCount) content.append(...groupContent(members));
  };
  section.addEventListener("toggle", make);
  makers.set(section, make);
  make();
  return section;
};

const groupContent = (members) => {
  if (current.view.shapes && current.parameters.show === "graph") {
    return drawGraph(members, list.clientWidth - 34);
  }
  return members.map(entryElement);
};

// How many pairs of a group are in which state.
const stateBar = (members) => {
  if (!current.view.shapes) return null;
  let x = 0;
  const counts = states
    .map((state) => [state, members.filter((each) => each.state === state).length])
    .filter(([, count]) => count);
  const parts = counts.map(([state, count]) => {
    const width = (100 * count) / members.length;
    x += width;
    return drawn("rect", { class: state, x: x - width, width, height: 8 });
  });
  const text = counts.map(([state, count]) => `${count} ${stateTitles[state].toLowerCase()}`).join(", ");
  const frame = { class: "bar states", viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": text };
  return drawn("svg", frame, drawn("title", {}, text), parts);
};

const entryId = (entry) => `${current.view.name}-${entry.id}`;

const entryElement = (entry) => {
  const { view } = current;
  const item = el("details", { class: `item ${view.name}`, id: entryId(entry) },
    el("summary", {}, view.summary(entry).filter(Boolean)));
  item.addEventListener("toggle", () => {
    if (item.open && item.childElementCount === 1) {
      item.append(el("div", { class: "body" }, view.body(entry)));
    }
  });
  return item;
};

const showEntry = (entry) => {
  const item = document.getElementById(entryId(entry));
  if (!item) return;
  item.open = true;
  item.scrollIntoView({ block: "start" });
  item.querySelector("summary").focus({ preventScroll: true });
};

// ---- the filters ----

const setParameter = (key, value) => {
  const parameters = { ...current.parameters, [key]: value };
  delete parameters.open;
  delete parameters.group;
  history.replaceState(null, "", link(current.view.name, parameters));
  current = { ...current, parameters };
  showList();
};

const toggled = (key, value) => {
  const values = chosen(key);
  if (!values.delete(value)) values.add(value);
  return [...values].join(",");
};

const field = (key, label, placeholder) => {
  const input = el("input", {
    type: "search",
    id: `filter-${key}`,
    placeholder,
    autocomplete: "off",
    spellcheck: "false",
    value: current.parameters[key] ?? "",
  });
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => setParameter(key, input.value), 80);
  });
  return el("div", { class: "field" }, el("label", { for: input.id }, label), input);
};

const chip = (key, value, title, number) => {
  const button = el(
    "button",
    { type: "button", class: "chip", "aria-pressed": String(chosen(key).has(value)) },
    key === "state" ? glyph(value) : null,
    title,
    el("span", { class: "count" }, String(number)),
  );
  button.addEventListener("click", () => {
    setParameter(key, toggled(key, value));
    button.setAttribute("aria-pressed", String(chosen(key).has(value)));
  });
  return button;
};

const chips = ({ key, label, of, order, title = (value) => value }, entries) => {
  const values = order.filter((value) => entries.some((entry) => of(entry) === value));
  if (values.length < 2 && !chosen(key).size) return null;
  return el(
    "div",
    { class: "chips", role: "group", "aria-label": label },
    el("span", { class: "chips-label" }, label),
    values.map((value) => chip(key, value, title(value), entries.filter((e) => of(e) === value).length)),
  );
};

const shapes = () => {
  const buttons = ["list", "graph"].map((shape) => {
    const isShown = (current.parameters.show ?? "list") === shape;
    const button = el("button", { type: "button", class: "chip", "aria-pressed": String(isShown) }, `as a ${shape}`);
    button.addEventListener("click", () => {
      buttons.forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
      setParameter("show", shape === "list" ? "" : shape);
    });
    return button;
  });
  return el("div", { class: "chips", role: "group", "aria-label": "Shape" }, buttons);
};

const allGroups = (isOpen) => {
  const button = el("button", { type: "button", class: "chip" }, isOpen ? "Open all" : "Close all");
  button.addEventListener("click", () => {
    for (const group of document.querySelectorAll(".group")) group.open = isOpen;
  });
  return button;
};

const showFilters = () => {
  const { view } = current;
  filters.replaceChildren(
    el("div", { class: "fields" },
      field("q", "Search", "text, function, rule ( / )"),
      field("path", "Path", "drivers/net/")),
    el("div", { class: "choices" },
      [
        ...view.choices.map((choice) => chips(choice, view.entries)),
        view.shapes ? shapes() : null,
        el("div", { class: "chips", role: "group", "aria-label": "Directories" }, allGroups(true), allGroups(false)),
      ].filter(Boolean)),
  );
};

const showPage = () => {
  current = readAddress();
  for (const tab of document.querySelectorAll("[data-view]")) {
    if (tab.dataset.view === current.view.name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  showFilters();
  showList();
};

// ---- keyboard, colours, printing ----

const step = (by) => {
  const entries = [...document.querySelectorAll(".group[open] .item > summary, .group[open] .node")];
  if (!entries.length) return;
  const at = entries.indexOf(document.activeElement.closest?.(".item > summary, .node"));
  const next = at < 0 ? (by > 0 ? 0 : entries.length - 1) : at + by;
  const entry = entries[Math.min(Math.max(next, 0), entries.length - 1)];
  entry.focus();
  entry.scrollIntoView({ block: "nearest" });
};

const showHelp = () => document.getElementById("help").showModal();

const keys = {
  "/": () => document.getElementById("filter-q").focus(),
  j: () => step(1),
  k: () => step(-1),
  1: () => shownViews[0] && (location.hash = link(shownViews[0].name)),
  2: () => shownViews[1] && (location.hash = link(shownViews[1].name)),
  "?": showHelp,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input")) {
    if (event.key !== "Escape") return;
    event.target.value = "";
    event.target.dispatchEvent(new Event("input"));
    event.target.blur();
  } else if (Object.hasOwn(keys, event.key)) {
    event.preventDefault();
    keys[event.key]();
  }
});

const themes = { auto: "Colours: system", light: "Colours: light", dark: "Colours: dark" };
// A page that was opened from a disk may not be allowed to remember anything.
const remembered = () => {
  try {
    return localStorage.getItem("klplint-theme");
  } catch {
    return null;
  }
};
const remember = (theme) => {
  try {
    localStorage.setItem("klplint-theme", theme);
  } catch {
    // it is asked for again next time
  }
};
const setTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
  document.getElementById("theme").textContent = themes[theme];
};

document.getElementById("theme").addEventListener("click", () => {
  const names = Object.keys(themes);
  const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
  setTheme(next);
  remember(next);
});
document.getElementById("help-button").addEventListener("click", showHelp);
filters.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", showPage);
addEventListener("beforeprint", () => {
  for (const group of document.querySelectorAll(".group")) {
    group.open = true;
    makers.get(group)();
  }
});
let width = 0;
new ResizeObserver(() => {
  if (list.clientWidth !== width && width && current.parameters.show === "graph") showList();
  width = list.clientWidth;
}).observe(list);

setTheme(Object.hasOwn(themes, remembered() ?? "") ? remembered() : "auto");
for (const part of document.querySelectorAll(".scripted")) part.hidden = false;
if (shownViews.length) showPage();
