"""The mail format: a reply to a patch, with each finding below the lines that it is about.

It is plain text as reviewers write it: quoted lines of the patch as they are, other lines wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from textwrap import wrap

from klplint.findings.finding import Finding, HunkPart, NotAnalysed
from klplint.findings.fix import Fix
from klplint.printable import one_line, visible
from klplint.report.base import Report
from klplint.report.counts import by_level, counted

_WIDTH = 75
"""The width of text in mails to the kernel's lists: with some levels of quotes, it fits in 80."""
_MOST_PLACES = 10
"""Places that were not analysed and that the mail lists; it states the number of the others."""
_PLAIN_WORD = re.compile(r"[a-z]+ ")
_INDENT = "  "
_OMITTED = "[ ... ]"
_NOTHING = "klplint found nothing to report in this patch."

_Numbered = tuple[HunkPart, Finding]


def render(report: Report) -> str:
    """The reply; a sentence if there is nothing to report."""
    result = report.result
    if not result.findings and not result.not_analysed:
        return f"{_NOTHING}\n"
    names = {rule.code: rule.header.name for rule in report.rules}
    lines = list(_opening(report))
    quoted = [(each.hunk, each) for each in result.findings if each.hunk is not None]
    quoted.sort(key=lambda pair: (pair[0].number, pair[1].order))
    for _, group in groupby(quoted, key=lambda pair: (pair[0].names, pair[0].header)):
        lines += _hunk(list(group), names)
    for finding in result.findings:
        if finding.hunk is None:
            lines += ["", *_finding(finding, names)]
    if result.not_analysed:
        lines += ["", *_not_analysed(result.not_analysed)]
    lines += ["", "-- ", f"klplint {report.version}"]
    return "".join(f"{line}\n" for line in lines)


def _opening(report: Report) -> Iterator[str]:
    findings = report.result.findings
    if findings:
        yield f"klplint reports {by_level(findings)} for this patch."
    else:
        yield _NOTHING


def _hunk(pairs: list[_Numbered], names: dict[str, str]) -> Iterator[str]:
    """The lines of a hunk up to the last with findings, each followed by its findings."""
    first = pairs[0][0]
    texts: dict[int, str] = {}
    for part, _ in pairs:
        texts |= {part.number - part.at + n: line for n, line in enumerate(part.lines)}
    below: dict[int, list[Finding]] = {}
    for part, finding in pairs:
        below.setdefault(part.number, []).append(finding)
    yield ""
    for line in (f"--- {first.names[0]}", f"+++ {first.names[1]}", first.header):
        yield f"> {_as_it_is(line)}"
    last = None
    for number in sorted(texts):
        if number > max(below):
            break
        if last is not None and number > last + 1:
            yield f"> {_OMITTED}"
        last = number
        yield f"> {_as_it_is(texts[number])}".rstrip(" ")
        for finding in below.get(number, ()):
            yield ""
            yield from _finding(finding, names)
        if number in below and number < max(below):
            yield ""


def _finding(finding: Finding, names: dict[str, str]) -> Iterator[str]:
    """What is wrong, where, what else to look at, and how to correct it."""
    function = f" in {one_line(finding.function)}()" if finding.function else ""
    where = f"{one_line(finding.place.file)}:{finding.place.region.line}{function}"
    cause = ", which this change seems to cause" if finding.caused else ""
    title = f"{finding.level} {finding.code} ({names[finding.code]}), {where}{cause}:"
    yield from _wrapped(title[:1].upper() + title[1:])
    if finding.caused:
        yield ""
        yield f"{_INDENT}{_as_it_is(finding.place.excerpt.strip())}"
        yield ""
    yield from _wrapped(_sentence(finding.message))
    related = [p for p in finding.related if finding.hunk is None or p != finding.hunk.place]
    for place in related:
        label = f": {one_line(place.label)}" if place.label else ""
        yield from _item(f"{one_line(place.file)}:{place.region.line}{label}")
    if finding.fix:
        yield ""
        yield from _fix(finding.fix, finding.place.file)


def _fix(fix: Fix, file: str) -> Iterator[str]:
    """A suggestion, with the lines before and after."""
    yield from _wrapped(f"Suggestion: {one_line(fix.title)}.")
    for edit in fix.edits:
        place = "line " if edit.file == file else f"{one_line(edit.file)}:"
        yield f"{_INDENT}{place}{edit.region.line}:"
        for sign, lines in (("-", edit.old_lines), ("+", edit.new_lines)):
            for line in lines:
                yield f"{_INDENT}{sign}{_as_it_is(line)}"


def _not_analysed(missed: tuple[NotAnalysed, ...]) -> Iterator[str]:
    yield f"Not fully analysed: {counted(len(missed), 'place')}"
    for each in missed[:_MOST_PLACES]:
        line = f":{each.line}" if each.line else ""
        yield from _item(f"{one_line(each.file)}{line}: {one_line(each.reason)}")
    if len(missed) > _MOST_PLACES:
        yield from _item(f"and {len(missed) - _MOST_PLACES:,} more")


def _item(text: str) -> Iterable[str]:
    return _wrapped(text, _INDENT, 2 * _INDENT)


def _sentence(message: str) -> str:
    text = one_line(message)
    if _PLAIN_WORD.match(text):  # the name of a function stays as it is
        text = text[:1].upper() + text[1:]
    return text + ("" if text.endswith((".", "!", "?")) else ".")


def _wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    """Lines of a text; names and places are never broken."""
    return wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _as_it_is(line: str) -> str:
    """A line of source, with its tabs, and nothing else that a terminal would interpret."""
    return "".join(c if c == "\t" else visible(c) for c in line)
