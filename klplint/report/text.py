"""The text format, for people at a terminal: findings with excerpts, then a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.text import Text

from klplint.findings.finding import Finding, Place, Result
from klplint.findings.levels import Level
from klplint.printable import one_line
from klplint.report.base import Appearance, Report
from klplint.report.counts import by_level, counted, summarised
from klplint.report.excerpt import Mark, Page, draw
from klplint.report.fix_rows import fix_rows
from klplint.report.hunk_rows import hunk_rows
from klplint.report.terminal_cells import wrap

_LEVEL_STYLES: dict[Level, str] = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
}
_RELATED_STYLE = "bold blue"
_HEADING_STYLE = "bold"
_INDENT = "  "
_NOT_ON_PATH = (
    "These commands need klplint on your PATH, where pre-commit does not install it: see "
    "docs/pre-commit.md"
)


def render(report: Report, appearance: Appearance) -> str:
    """The findings in order, what was not analysed, and a summary with the next steps."""
    sections = [_finding(finding, appearance.width) for finding in report.findings]
    if report.result.not_analysed:
        sections.append(_not_analysed(report.result, appearance.width))
    sections.append(_summary(report, appearance))
    return _string(sections, colour=appearance.colour)


def _string(sections: Iterable[Iterable[Text]], *, colour: bool) -> str:
    """The sections as text, with an empty line between any two."""
    if not colour:  # the same as below, in a tenth of the time
        return "\n".join("".join(f"{row.plain}\n" for row in rows) for rows in sections)
    from klplint.report.rich_text import console

    page = console(Appearance(colour=colour))
    with page.capture() as captured:
        for number, rows in enumerate(sections):
            if number:
                page.print()
            page.print(Text("\n").join(rows), soft_wrap=True)
    return captured.get()


def _finding(finding: Finding, width: int) -> Iterator[Text]:
    """A finding: what is wrong, where, with excerpts of the place and of related places."""
    yield from _headline(finding, width)
    mark = Mark(finding.place, "^", _LEVEL_STYLES[finding.level])
    cause = finding.hunk if finding.caused else None
    shown = [p for p in finding.related if cause is None or p != cause.place]
    related = [Mark(place, "-", _RELATED_STYLE) for place in shown]
    numbers = [place.region.line for place in (finding.place, *finding.related)]
    page = Page(len(str(max(numbers))), width)
    yield from _whereabouts(finding, page)
    here = [other for other in related if other.place.file == finding.place.file]
    yield from draw([mark, *here], page)
    elsewhere = [other for other in related if other.place.file != finding.place.file]
    elsewhere.sort(key=lambda other: (other.place.file, other.place.region))
    for _, group in groupby(elsewhere, key=lambda other: other.place.file):
        marks = list(group)
        yield page.row(None)
        yield page.heading(":::", _position(marks[0].place))
        yield page.row(None)
        yield from draw(marks, page)
    if cause:
        yield from hunk_rows(cause, page)
    if finding.fix:
        yield from fix_rows(finding.fix, finding.place.file, page)


def _whereabouts(finding: Finding, page: Page) -> Iterator[Text]:
    """The place and its function, which gets a row of its own if it would not fit."""
    function = f"in {one_line(finding.function)}()" if finding.function else ""
    alone = page.heading("-->", _position(finding.place))
    joined = page.heading("-->", f"{_position(finding.place)} {function}".rstrip())
    fits = joined.cell_len <= page.width
    yield joined if fits else alone
    yield page.row(None, "" if fits else function)


def _headline(finding: Finding, width: int) -> Iterator[Text]:
    """Level, code and message, wrapped."""
    title = f"{finding.level}[{finding.code}]"
    message = one_line(finding.message)
    if finding.suppressed:
        message += f" (suppressed: {one_line(finding.justification)})"
    first, *rest = wrap(message, width - len(title) - 2, width - len(_INDENT))
    yield Text.assemble((title, _LEVEL_STYLES[finding.level]), (f": {first}", _HEADING_STYLE))
    for line in rest:
        yield Text(f"{_INDENT}{line}", _HEADING_STYLE)


def _position(place: Place) -> str:
    return f"{one_line(place.file)}:{place.region.line}:{place.region.column}"


def _not_analysed(result: Result, width: int) -> Iterator[Text]:
    """What could not be analysed, place by place, with the reason."""
    yield Text(f"Not fully analysed: {counted(len(result.not_analysed), 'place')}", _HEADING_STYLE)
    for missed in result.not_analysed:
        where = one_line(missed.file) + (f":{missed.line}" if missed.line else "")
        text = f"{where}: {one_line(missed.reason)}"
        first, *rest = wrap(text, width - len(_INDENT), width - 2 * len(_INDENT))
        yield Text(f"{_INDENT}{first}")
        for line in rest:
            yield Text(f"{2 * _INDENT}{line}")


def _summary(report: Report, appearance: Appearance) -> Iterator[Text]:
    """How many findings of each rule there are, and what to do next."""
    result, width = report.result, appearance.width
    if result.findings:
        yield Text("Summary", _HEADING_STYLE)
        yield from _by_rule(report, width)
        yield Text()
    clean = not result.findings and not result.not_analysed
    for sentence in _totals(report):
        for line in wrap(sentence, width, width):
            yield Text(line, "bold green" if clean else "")
    if result.findings:
        yield Text()
        yield Text("What to do next", _HEADING_STYLE)
        yield from _next_steps(result, width)
        if appearance.by_pre_commit:
            for line in wrap(_NOT_ON_PATH, width - len(_INDENT), width - len(_INDENT)):
                yield Text(_INDENT + line)


def _next_steps(result: Result, width: int) -> Iterator[Text]:
    """Commands with their purpose, side by side where there is room for it."""
    by_rule = Counter(finding.code for finding in result.findings)
    frequent = max(sorted(by_rule), key=lambda code: by_rule[code])
    steps = {f"klplint explain {frequent}": "what the rule means, and how to fix the code"}
    if not result.baselined:
        steps["klplint baseline -o FILE"] = (
            "accept today's findings; then run check --baseline FILE"
        )
    steps["/* klplint: ignore[CODE] reason */"] = "suppress one finding, on the line above it"
    column = max(map(len, steps)) + len(_INDENT)
    beside = len(_INDENT) + column + max(map(len, steps.values())) <= width
    for step, purpose in steps.items():
        shown = Text.assemble(_INDENT, (step.ljust(column) if beside else step, _HEADING_STYLE))
        yield shown.append(purpose) if beside else shown
        if not beside:
            yield from (Text(2 * _INDENT + line) for line in wrap(purpose, width - 4, width - 4))


def _by_rule(report: Report, width: int) -> Iterator[Text]:
    """A line for each rule: how many findings, and of which levels where there is room for it."""
    names = {rule.code: rule.header.name for rule in report.rules}
    by_rule: dict[str, list[Finding]] = {}
    for finding in report.result.findings:
        by_rule.setdefault(finding.code, []).append(finding)
    digits = max(len(f"{len(group):,}") for group in by_rule.values())
    column = max(len(names[code]) for code in by_rule)
    for code, group in sorted(by_rule.items()):
        line = f"{_INDENT}{len(group):>{digits},}  {code}  {names[code]}"
        longer = f"{_INDENT}{len(group):>{digits},}  {code}  {names[code]:<{column}}  "
        longer += by_level(group)
        yield Text(longer if len(longer) <= width else line)


def _totals(report: Report) -> Iterator[str]:
    """What was found, missed and examined: a line each, or a single one without findings."""
    result = report.result
    examined = (
        f"Examined: {counted(result.files, 'file')}, "
        f"{counted(result.occurrences, 'occurrence')} of watched names."
    )
    missed = counted(len(result.not_analysed), "place")
    not_analysed = [f"Not fully analysed: {missed}, listed above."] if result.not_analysed else []
    suppressed = [*_suppressed(report), *_baselined(result)]
    sentences = (f"{summarised(result.findings)}.", *suppressed, *not_analysed, examined)
    yield from sentences if result.findings else [" ".join(sentences)]


def _suppressed(report: Report) -> Iterator[str]:
    """How many findings are suppressed, and where to see them."""
    if number := len(report.result.suppressed):
        where = "marked above" if report.show_suppressed else "shown with --show-suppressed"
        yield f"Suppressed: {counted(number, 'finding')}, {where}."


def _baselined(result: Result) -> Iterator[str]:
    """How many findings a baseline has."""
    if result.baselined:
        yield f"In the baseline: {counted(result.baselined, 'finding')}, not reported."
