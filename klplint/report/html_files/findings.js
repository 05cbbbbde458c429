// The list of findings.

const levels = ["error", "warning", "note"];

const findingsView = {
  name: "findings",
  noun: "finding",
  entries: data.findings,
  choices: [
    { key: "level", label: "Level", of: (each) => each.level, order: levels },
    { key: "code", label: "Rule", of: (each) => each.code, order: Object.keys(data.rules) },
  ],
  file: (each) => each.file,
  text: (each) =>
    [each.file, each.line, each.function, each.code, data.rules[each.code]?.[0], each.message]
      .concat(each.lines.map((line) => line.text))
      .join(" "),

  summary: (each) => [
    el("span", { class: `level ${each.level}` }, each.level),
    el("span", { class: "rule" }, each.code),
    el("span", { class: "message" }, prose(each.message)),
    el(
      "span",
      { class: "place" },
      path(`${each.file}:${each.line}`),
      each.function ? ` in ${called(each.function)}` : "",
    ),
    each.suppressed ? el("span", { class: "tag" }, "suppressed") : null,
  ],

  body: (each) => [
    each.suppressed ? el("p", {}, `Suppressed: ${each.suppressed}`) : null,
    excerpts(each),
    each.fix ? fixed(each.fix, each.file) : null,
    ruleNote(each.code),
    foot(pairLink(each), entryLink("findings", each.id)),
  ],
};

const foot = (...links) => el("p", { class: "foot" }, links);

const entryLink = (view, id) => el("a", { href: link(view, { open: id }) }, "Link to this entry");

const ruleNote = (rule) => {
  const [name, summary] = data.rules[rule] ?? [];
  return name ? el("p", { class: "muted" }, `${rule} ${name}: `, prose(summary)) : null;
};

const pairLink = (finding) => {
  const pair = data.pairs.find((each) => each.id === `${finding.file}:${finding.line}`);
  if (!pair) return null;
  return el("a", { href: link("pairs", { open: pair.id }) }, "Both sides of the pair");
};

// The marked lines of a finding, a block for each file, with the labels below the lines.
const excerpts = (finding) => {
  const blocks = [];
  for (const file of new Set(finding.lines.map((line) => line.file))) {
    const lines = [];
    let last = 0;
    for (const line of finding.lines.filter((each) => each.file === file)) {
      if (last && line.line > last + 1) lines.push(gap(""));
      lines.push(...labelledLine(line));
      last = line.line;
    }
    if (file !== finding.file) blocks.push(el("p", { class: "file" }, code(file)));
    blocks.push(sourceBlock(`Source of ${file}`, lines));
  }
  return el("div", {}, blocks);
};

const labelledLine = (line) => {
  const primary = line.marks.some((mark) => mark.primary);
  const marks = line.marks
    .filter((mark) => mark.span)
    .map((mark) => [...mark.span, { class: mark.primary ? "primary" : "related" }]);
  const labels = line.marks.filter((mark) => mark.label);
  return [
    sourceLine(line.line, marked(line.text, marks), primary ? "primary" : ""),
    ...labels.map((mark) =>
      el("div", { class: `label ${mark.primary ? "primary" : "related"}` }, prose(mark.label)),
    ),
  ];
};

const fixed = (fix, file) =>
  el(
    "div",
    { class: "fix" },
    el("p", {}, el("strong", {}, "Fix: "), prose(fix.title), fix.safe ? "" : " (needs a review)"),
    fix.edits.map((edit) => [
      edit.file === file ? null : el("p", { class: "file" }, code(edit.file)),
      sourceBlock("The change", [
        ...edit.old.map((text, index) => sourceLine(edit.line + index, `-${text}`, "removed")),
        ...edit.new.map((text) => sourceLine("", `+${text}`, "added")),
      ]),
    ]).flat(),
  );
