"""A job summary in GitHub's Markdown: counts by rule, the findings, what was not analysed.

A summary may hold 1 MiB. Beyond that rows are left out of the tables, and each table says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from klplint.catalogue.rule import Rule
from klplint.findings.finding import Finding, NotAnalysed
from klplint.findings.levels import LEVELS
from klplint.report.base import Report
from klplint.report.counts import counted, summarised
from klplint.report.markdown_text import as_code, as_prose

_LARGEST = 1024 * 1024
"""Bytes of a step's summary that GitHub accepts; a larger one is not shown at all."""


class _Table(msgspec.Struct, frozen=True):
    """A section with a table."""

    head: str
    """The heading, and the head of the table."""
    rows: tuple[str, ...]


class _Cut(msgspec.Struct, frozen=True):
    """A summary that is short enough."""

    text: str
    left_out: int
    """The number of rows that were left out for this."""


def render(report: Report) -> str:
    """The summary, at most 1 MiB long."""
    return _summary(report).text


def limits_exceeded(report: Report) -> str | None:
    """A sentence for the user where the summary does not list everything, else None."""
    left_out = _summary(report).left_out
    if not left_out:
        return None
    return (
        f"the Markdown summary omits {counted(left_out, 'row')}, because GitHub accepts at most "
        "1 MiB; use --sarif-output or --json-output for everything"
    )


def _summary(report: Report) -> _Cut:
    head = "".join(f"{line}\n" for line in _head(report))
    return _fitted(head, list(_tables(report)), _LARGEST)


def _head(report: Report) -> Iterator[str]:
    """How much was found, by rule and in all."""
    result = report.result
    yield "## klplint"
    yield ""
    yield f"{summarised(result.findings)}."
    if result.suppressed:
        yield f"Suppressed: {counted(len(result.suppressed), 'finding')}."
    if result.not_analysed:
        yield f"Not fully analysed: {counted(len(result.not_analysed), 'place')}, listed below."
    yield (
        f"Examined: {counted(result.files, 'file')}, "
        f"{counted(result.occurrences, 'occurrence')} of watched names."
    )
    if result.findings:
        yield ""
        yield from _by_rule(report)


def _by_rule(report: Report) -> Iterator[str]:
    """A table of how many findings of each level each rule has."""
    names = {rule.code: rule.header.name for rule in report.rules}
    levels = list(reversed(LEVELS))
    by_rule = Counter(finding.code for finding in report.result.findings)
    by_level = Counter((finding.code, finding.level) for finding in report.result.findings)
    yield f"| rule | {' | '.join(f'{level}s' for level in levels)} | all |"
    yield f"|---|{'---:|' * len(levels)}---:|"
    for code in sorted(by_rule):
        counts = [by_level[code, level] for level in levels] + [by_rule[code]]
        yield f"| {code} {names[code]} | {' | '.join(f'{n:,}' if n else '-' for n in counts)} |"


def _tables(report: Report) -> Iterator[_Table]:
    """A table for each rule with findings, and one of what was not analysed."""
    rules = {rule.code: rule for rule in report.rules}
    ordered = sorted(report.findings, key=lambda finding: finding.code)
    for code, group in groupby(ordered, key=lambda finding: finding.code):
        yield _Table(_rule_head(rules[code]), tuple(map(_finding, group)))
    if report.result.not_analysed:
        head = "\n### Not fully analysed\n\n| place | reason |\n|---|---|\n"
        yield _Table(head, tuple(map(_not_analysed, report.result.not_analysed)))


def _rule_head(rule: Rule) -> str:
    return (
        f"\n### {rule.code} {rule.header.name}\n\n"
        f"{as_prose(rule.header.summary)}. More: `klplint explain {rule.code}`\n\n"
        "| level | place | function | finding |\n|---|---|---|---|\n"
    )


def _finding(finding: Finding) -> str:
    function = as_code(f"{finding.function}()") if finding.function else ""
    position = f"{finding.place.file}:{finding.place.region.line}:{finding.place.region.column}"
    text = "<br>".join(_text(finding))
    return f"| {finding.level} | {as_code(position)} | {function} | {text} |\n"


def _text(finding: Finding) -> Iterator[str]:
    """The message, then the related places."""
    suppressed = f" (suppressed: {finding.justification})" if finding.suppressed else ""
    yield as_prose(f"{finding.message}{suppressed}")
    for place in finding.related:
        where = as_code(f"{place.file}:{place.region.line}")
        yield f"{where} {as_prose(place.label)}".rstrip()


def _not_analysed(missed: NotAnalysed) -> str:
    where = f"{missed.file}:{missed.line}" if missed.line else missed.file
    return f"| {as_code(where)} | {as_prose(missed.reason)} |\n"


def _fitted(head: str, tables: list[_Table], largest: int) -> _Cut:
    """`head` and the tables, with as many of their rows as fit into `largest` bytes."""
    fixed = [head, *(table.head + _omission(len(table.rows)) for table in tables)]
    room = largest - sum(map(_size, fixed))
    texts, left_out = [head], 0
    for table in tables:
        shown = _fitting(table.rows, room)
        room -= sum(map(_size, table.rows[:shown]))
        missing = len(table.rows) - shown
        left_out += missing
        texts += [table.head, *table.rows[:shown], _omission(missing) if missing else ""]
    return _Cut("".join(texts), left_out)


def _fitting(rows: Iterable[str], room: int) -> int:
    """How many of the first rows fit into `room` bytes."""
    number = 0
    for row in rows:
        room -= _size(row)
        if room < 0:
            break
        number += 1
    return number


def _omission(number: int) -> str:
    return f"\n**{counted(number, 'more row')} omitted: a job summary is limited to 1 MiB.**\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8"))
