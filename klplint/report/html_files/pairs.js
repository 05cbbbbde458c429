// The map of pairs as a list: each entry opens to both sides, next to each other.

const states = ["misordered", "contradicted", "ordered", "named", "by-code", "unpaired"];
const stateTitles = {
  misordered: "Misordered",
  contradicted: "Contradicted",
  ordered: "Ordered",
  named: "Named",
  "by-code": "By the code",
  unpaired: "Unpaired",
};
const readings = { explicit: "names the barrier", implicit: "names the writer", none: "names nobody" };
const accesses = { load: "loaded", store: "stored", both: "changed", address: "passed on" };

const glyph = (state) => el("span", { class: `glyph ${state}`, "aria-hidden": "true" });

const isLinked = (other) => (other.in_comment || other.certain) && other.side.barrier;

const pairsView = {
  name: "pairs",
  noun: "barrier",
  entries: data.pairs,
  choices: [
    {
      key: "state",
      label: "State",
      of: (each) => each.state,
      order: states,
      title: (state) => stateTitles[state],
    },
    {
      key: "reading",
      label: "Comment",
      of: (each) => each.reading,
      order: Object.keys(readings),
      title: (reading) => readings[reading],
    },
  ],
  shapes: true,
  file: (each) => each.side.file,
  text: (each) =>
    [each.id, each.side.function, each.side.barrier, each.sentence, ...each.says, ...each.code, ...each.order]
      .concat(each.others.map((other) => `${other.side.file} ${other.side.function}`))
      .concat(each.others.flatMap((other) => other.objects.map((object) => object.name)))
      .join(" "),

  summary: (each) => {
    const other = each.others.find(isLinked);
    const here = el("span", { class: "end" }, code(called(each.side.barrier)), inFunction(each.side));
    const there = other
      ? el("span", { class: "end" }, code(called(other.side.barrier)), inFunction(other.side))
      : el("span", { class: "end none" }, each.says[0] ?? "no partner");
    return [
      el("span", { class: `state ${each.state}` }, glyph(each.state), stateTitles[each.state]),
      here,
      el("span", { class: "arrow", "aria-hidden": "true" }, other ? "↔" : "–"),
      there,
      el("span", { class: "place" }, path(each.id)),
    ];
  },

  body: (each) => [pairNotes(each), bothSides(each), findingLinks(each), foot(entryLink("pairs", each.id))],
};

const inFunction = (side) => (side.function ? [" in ", code(called(side.function))] : "");

// How the comment was read, and what the code shows.
const pairNotes = (pair) => {
  const elsewhere = pair.attached === "remote" ? " (it is not at the barrier)" : "";
  const reading = ["Read as ", el("strong", {}, pair.reading), elsewhere];
  if (pair.because) reading.push(", because of ", code(pair.because));
  return el(
    "div",
    { class: "notes" },
    el(
      "section",
      {},
      el("h4", {}, "Comment"),
      pair.sentence ? el("blockquote", {}, pair.sentence) : null,
      pair.attached === "none" ? null : el("p", {}, reading, "."),
      lineList(pair.says),
    ),
    el(
      "section",
      {},
      el("h4", {}, "Code"),
      lineList(pair.code.length ? pair.code : ["no partner"]),
    ),
    el("section", {}, el("h4", {}, "Order"), lineList(verdict(pair), pair.others[0]?.objects)),
  );
};

const verdict = (pair) => (pair.order.length ? pair.order : ["not checked: there is no pair"]);

const lineList = (lines, objects = []) =>
  el("ul", { class: "said" }, lines.map((line) => el("li", {}, prose(line, objects))));

// Both sides; if there are several other sides, buttons choose the one on the right.
const bothSides = (pair) => {
  const place = el("div", { class: "sides" });
  const buttons = pair.others.map((other, index) =>
    el(
      "button",
      { type: "button", class: "choice", "aria-pressed": String(index === 0) },
      `${called(other.side.function) || other.side.file}: `,
      other.side.barrier ? called(other.side.barrier) : "no barrier",
      el("span", { class: "tag" }, standing(other)),
    ),
  );
  const show = (index) => {
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === index)));
    place.replaceChildren(...sidesWith(pair, pair.others[index]));
  };
  buttons.forEach((button, index) => button.addEventListener("click", () => show(index)));
  show(0);
  const choice = buttons.length > 1
    ? el("div", { class: "chips", role: "group", "aria-label": "The other side" },
        el("span", { class: "muted" }, "The other side:"), buttons)
    : null;
  return el("div", {}, choice, place);
};

const standing = (other) => {
  if (other.in_comment && other.certain) return "comment and code";
  if (other.in_comment) return "comment";
  return other.certain ? "code" : "perhaps";
};

const sidesWith = (pair, other) => {
  const objects = other?.objects ?? [];
  const isWriter = pair.stands === "write";
  const right = other
    ? pane(isWriter ? "Reader" : "Writer", other.side, sideLines(other.side, objects.map((o) => o.writer)))
    : el(
        "figure",
        { class: "pane" },
        el("figcaption", {}, "The other side"),
        el("p", { class: "nothing" }, "Neither the comment nor the code leads to a place in the tree."),
      );
  return [
    objects.length ? objectTable(objects) : null,
    el(
      "div",
      { class: "panes" },
      pane(
        isWriter ? "Writer" : "Reader",
        pair.side,
        sideLines(pair.side, objects.map((o) => o.reader), pair.comment),
      ),
      right,
    ),
  ].filter(Boolean);
};

const pane = (role, side, lines) =>
  el(
    "figure",
    { class: "pane" },
    el(
      "figcaption",
      {},
      el("strong", {}, role),
      " ",
      side.function ? code(called(side.function)) : "",
      el("span", { class: "place" }, path(`${side.file}:${side.line}`)),
    ),
    lines.length
      ? sourceBlock(`${role}: ${side.file}`, lines)
      : el("p", { class: "nothing" }, "This file could not be read again."),
  );

// What both sides access: a row for each object, in the colour that it has in the source.
const objectTable = (objects) =>
  el(
    "div",
    { class: "scroll", role: "region", tabindex: "0", "aria-label": "What both sides access" },
    el(
      "table",
      { class: "objects" },
      el("caption", {}, "What both sides access"),
      el(
        "thead",
        {},
        el("tr", {}, ["Object", "Reader", "Writer"].map((head) => el("th", { scope: "col" }, head))),
      ),
      el(
        "tbody",
        {},
        objects.map((object, index) =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              el("mark", { class: "object", "data-object": letter(index) }, object.name),
            ),
            el("td", {}, object.reader.map(inWords).join("; ")),
            el("td", {}, object.writer.map(inWords).join("; ")),
          ),
        ),
      ),
    ),
  );

const inWords = (use) =>
  `${accesses[use.access]} ${use.where} (line ${use.line}${use.via ? `, by ${called(use.via)}` : ""})`;

const findingLinks = (pair) => {
  const here = data.findings.filter((each) => `${each.file}:${each.line}` === pair.id);
  if (!here.length) return null;
  return el(
    "ul",
    { class: "findings-here" },
    here.map((each) =>
      el("li", {}, el("a", { href: link("findings", { open: each.id }) }, `${each.level} ${each.code}`), ": ", prose(each.message)),
    ),
  );
};
