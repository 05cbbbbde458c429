// The map of pairs as graphs: the barriers of a directory on the left, the other sides on the right.

const graphSizes = { row: 40, top: 24, narrow: 620, middle: 0.16, character: 7.3 };

// The barriers and the other sides of some pairs, and which are joined.
const graphOf = (pairs) => {
  const others = new Map();
  const edges = [];
  pairs.forEach((pair, row) => {
    for (const other of pair.others.filter(isLinked)) {
      const key = `${other.side.file}:${other.side.line}`;
      if (!others.has(key)) others.set(key, { side: other.side, key, pair, rows: [] });
      others.get(key).rows.push(row);
      edges.push({ pair, row, key, kind: standing(other).replaceAll(" ", "-") });
    }
  });
  const mean = (rows) => rows.reduce((sum, row) => sum + row, 0) / rows.length;
  const right = [...others.values()].sort((a, b) => mean(a.rows) - mean(b.rows));
  return { pairs, right, edges };
};

const drawGraph = (members, width) => {
  const pairs = members.filter((pair) => pair.others.some(isLinked));
  const alone = members.filter((pair) => !pairs.includes(pair));
  const graph = graphOf(pairs);
  const parts = [];
  if (pairs.length) parts.push(width < graphSizes.narrow ? graphTree(graph) : graphPicture(graph, width));
  if (alone.length) parts.push(aloneList(alone));
  return parts;
};

// The barriers of which nothing leads to another place.
const aloneList = (pairs) =>
  el(
    "div",
    { class: "alone" },
    el("h4", {}, `Without a partner in the tree: ${pairs.length}`),
    el(
      "ul",
      {},
      pairs.map((pair) =>
        el("li", {}, graphLink(pair, [glyph(pair.state), called(pair.side.function) || pair.side.barrier]),
          " ", el("span", { class: "place" }, path(pair.id))),
      ),
    ),
  );

// On a narrow screen: each barrier, with the other sides below it.
const graphTree = ({ pairs }) =>
  el(
    "ul",
    { class: "tree" },
    pairs.map((pair) =>
      el(
        "li",
        {},
        graphLink(pair, [glyph(pair.state), `${called(pair.side.function) || pair.id} ${pair.side.barrier}`]),
        el(
          "ul",
          {},
          pair.others.filter(isLinked).map((other) =>
            el("li", {}, `${called(other.side.function)} ${other.side.barrier}`,
              el("span", { class: "tag" }, standing(other))),
          ),
        ),
      ),
    ),
  );

const graphLink = (pair, children) => el("a", { href: link("pairs", { open: pair.id }) }, children);

const graphPicture = ({ pairs, right, edges }, width) => {
  const { row, top, middle } = graphSizes;
  const height = top + row * Math.max(pairs.length, right.length, 1);
  const left = Math.round(width * (0.5 - middle / 2));
  const start = width - left;
  const spread = pairs.length > right.length ? pairs.length / Math.max(right.length, 1) : 1;
  const leftAt = (index) => top + row * (index + 0.5);
  const rightAt = (index) => top + row * ((index + 0.5) * spread);
  const places = new Map(right.map((each, index) => [each.key, rightAt(index)]));
  const room = Math.floor((left - 24) / graphSizes.character);
  return drawn(
    "svg",
    { class: "graph", width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Graph of pairs" },
    drawn("text", { class: "head", x: left - 12, y: 14, "text-anchor": "end" }, "barrier"),
    drawn("text", { class: "head", x: start + 12, y: 14 }, "the other side"),
    edges.map(({ pair, row: index, key, kind }) =>
      drawn("path", {
        class: `edge ${pair.state} ${kind}`,
        d: curve(left, leftAt(index), start, places.get(key)),
      }),
    ),
    pairs.map((pair, index) => graphNode(pair, pair.side, left, leftAt(index), room, pair.state)),
    right.map((each) => graphNode(each.pair, each.side, start, places.get(each.key), room, "")),
  );
};

const curve = (x, y, toX, toY) => {
  const half = (x + toX) / 2;
  return `M${x + 6} ${y}C${half} ${y} ${half} ${toY} ${toX - 6} ${toY}`;
};

// A node is a link to its pair; on the left it has a state, and its text before it.
const graphNode = (pair, side, x, y, room, state) => {
  const anchor = state ? { "text-anchor": "end", x: x - 12 } : { x: x + 12 };
  const name = called(side.function) || side.file;
  const place = `${side.barrier}, ${side.file}:${side.line}`;
  return drawn(
    "a",
    { href: link("pairs", { open: pair.id }), class: "node" },
    drawn("title", {}, `${name} ${place}${state ? `: ${stateTitles[state]}` : ""}`),
    drawn("rect", { class: "hit", x: state ? 0 : x - 8, y: y - 18, width: state ? x + 8 : x, height: 36 }),
    drawn("circle", { class: `dot ${state || "other"}`, cx: x, cy: y, r: 5 }),
    drawn("text", { ...anchor, y: y - 2 }, shortened(name, room)),
    drawn("text", { ...anchor, y: y + 12, class: "small" }, shortened(place, room)),
  );
};

// The end of a text says more: it has the name of the file and the line.
const shortened = (text, room) => (text.length <= room ? text : `…${text.slice(text.length - room + 1)}`);

const graphLegend = () =>
  el(
    "p",
    { class: "legend muted" },
    [["comment-and-code", "comment and code agree"], ["comment", "only the comment names it"], ["code", "only the code shows it"]].map(
      ([kind, text]) =>
        el("span", {}, drawn("svg", { width: 34, height: 8, "aria-hidden": "true" },
          drawn("path", { class: `edge ordered ${kind}`, d: "M1 4H33" })), text),
    ),
  );
