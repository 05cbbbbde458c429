// Source text with line numbers and marks.

// The parts of a line: plain text, and a mark for each [start, end, attributes]; of marks that
// overlap, the first counts.
const marked = (text, marks) => {
  const parts = [];
  let done = 0;
  for (const [start, end, attributes] of [...marks].sort((a, b) => a[0] - b[0])) {
    if (start < done) continue;
    parts.push(text.slice(done, start), el("mark", attributes, text.slice(start, end)));
    done = end;
  }
  return [...parts, text.slice(done)];
};

const sourceLine = (number, parts, kind = "", note = "") =>
  el(
    "div",
    { class: `line ${kind}`.trim() },
    el("span", { class: "number" }, String(number)),
    el("span", { class: "text" }, parts),
    note ? el("span", { class: "note" }, note) : null,
  );

const gap = (text) => el("div", { class: "gap" }, `⋯ ${text}`.trim());

// A block of lines; it can be scrolled, so the keyboard has to reach it.
const sourceBlock = (label, lines) =>
  el(
    "div",
    { class: "source", role: "region", tabindex: "0", "aria-label": label },
    el("div", { class: "lines" }, lines),
  );

// The lines of one side of a pair. `objects` has a list of uses for each shared object.
const sideLines = (side, objects, comment) => {
  const text = data.lines[side.file] ?? {};
  const lines = [];
  side.chunks.forEach((chunk, index) => {
    const elsewhere = chunk.function !== side.function && chunk.function;
    if (index || elsewhere) lines.push(gap(elsewhere ? `in ${called(chunk.function)}` : ""));
    for (let number = chunk.first; number <= chunk.last; number++) {
      const isBarrier = number === side.line && side.barrier;
      const isRead = comment && comment[0] <= number && number <= comment[1];
      const kind = isBarrier ? "barrier" : isRead ? "read" : "";
      const parts = marked(text[number] ?? "", marksOn(number, side, objects));
      lines.push(sourceLine(number, parts, kind, isBarrier ? "barrier" : ""));
    }
  });
  return lines;
};

const marksOn = (number, side, objects) => {
  const marks = [];
  if (side.mark?.line === number) marks.push([...side.mark.span, { class: "name" }]);
  objects.forEach((uses, index) => {
    for (const { mark } of uses) {
      if (mark?.line !== number) continue;
      marks.push([...mark.span, { class: "object", "data-object": letter(index) }]);
    }
  });
  return marks;
};
