"""The HTML format: a page to look findings up in, with the map of the pairs of barriers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from klplint.engine.pair_listing import PairList
from klplint.findings.levels import LEVELS, Level
from klplint.printable import one_line
from klplint.report.base import Gone, Report, Trend
from klplint.report.counts import counted, summarised
from klplint.report.html_findings import PageFinding, listed
from klplint.report.html_page import fill
from klplint.report.html_pairs import Lines, MapPair, mapped
from klplint.report.html_text import source_line
from klplint.report.pair_states import MEANINGS, STATES, TITLES
from klplint.report.subsystems import subsystems

_MOST_DIRECTORIES = 18
"""Directories in the overview; the list below it has all."""


class PageRule(msgspec.Struct, frozen=True):
    """A rule, with its findings counted."""

    code: str
    name: str
    summary: str
    levels: tuple[int, ...]
    """Findings of each level that any finding has, the worst first."""
    total: int
    before: int | None
    """Findings that the baseline has; None without a baseline."""
    gone: int
    new: int


class Row(msgspec.Struct, frozen=True):
    """A name with a number, a text, and the share of the largest number in percent."""

    key: str
    title: str
    text: str
    number: int
    share: float


class _Data(msgspec.Struct, frozen=True):
    """What the script of a page reads."""

    findings: list[PageFinding]
    pairs: list[MapPair]
    lines: dict[str, dict[int, str]]
    rules: dict[str, tuple[str, str]]
    """The name and the summary of each rule."""


def render(report: Report) -> str:
    """The page of a run of `check`: findings, and the map of pairs if the report has one."""
    pairs = report.pairs.pairs if report.pairs else ()
    paths = [f.place.file for f in report.findings] + [entry.file for entry in pairs]
    groups, lines = subsystems(paths), Lines()
    findings = listed(report.findings, groups)
    map_pairs = mapped(pairs, groups, lines)
    rules = {rule.code: rule.header for rule in report.rules}
    data = _Data(
        findings,
        map_pairs,
        _shown(lines),
        {code: (one_line(each.name), one_line(each.summary)) for code, each in rules.items()},
    )
    context = {
        "title": "klplint report",
        "has_findings": True,
        "findings": findings,
        "rules": list(_rules(report)),
        "levels": _levels(report),
        "subsystems": _ranked(Counter(each.group for each in findings)),
        "trend": report.trend,
        "gone": [_gone(each) for each in report.trend.gone] if report.trend else [],
        "summary": list(_summary(report)),
        "missed": [
            _missed(each.file, each.line, each.reason) for each in report.result.not_analysed
        ],
        **_of_pairs(map_pairs if report.pairs else None),
        **_origin(report.version, report.kernel),
    }
    return fill(context, msgspec.json.encode(data))


def render_pairs(pairs: PairList, version: str, kernel: str) -> str:
    """The page of `klplint pairs`: the map of pairs alone."""
    lines = Lines()
    map_pairs = mapped(pairs.pairs, subsystems(entry.file for entry in pairs.pairs), lines)
    context = {
        "title": "klplint map of pairs",
        "has_findings": False,
        "findings": [],
        "rules": [],
        "levels": (),
        "subsystems": _ranked(Counter(each.group for each in map_pairs)),
        "trend": None,
        "gone": [],
        "summary": [f"{counted(len(map_pairs), 'barrier')} in {_files(map_pairs)}."],
        "missed": [_missed(each.file, each.line, each.reason) for each in pairs.unreadable],
        **_of_pairs(map_pairs),
        **_origin(version, kernel),
    }
    return fill(context, msgspec.json.encode(_Data([], map_pairs, _shown(lines), {})))


def _origin(version: str, kernel: str) -> dict[str, object]:
    return {
        "version": version,
        "kernel": f"Linux {one_line(kernel)}" if kernel else "",
        "most_directories": _MOST_DIRECTORIES,
    }


def _files(pairs: Sequence[MapPair]) -> str:
    return counted(len({each.side.file for each in pairs}), "file")


def _of_pairs(pairs: list[MapPair] | None) -> dict[str, object]:
    """What the template says about pairs; None where there is no map."""
    counts = Counter(each.state for each in pairs or ())
    largest = max(counts.values(), default=0)
    return {
        "has_pairs": pairs is not None,
        "pairs": pairs or [],
        "states": [
            Row(
                state, TITLES[state], MEANINGS[state], counts[state], _share(counts[state], largest)
            )
            for state in STATES
        ],
    }


def _shown(lines: Lines) -> Lines:
    """The lines of source text as the page shows them."""
    return {
        file: {number: source_line(text).text for number, text in sorted(of_file.items())}
        for file, of_file in sorted(lines.items())
    }


def _levels(report: Report) -> tuple[Level, ...]:
    """The levels of the findings, the worst first."""
    present = {finding.level for finding in report.result.findings}
    return tuple(level for level in reversed(LEVELS) if level in present)


def _rules(report: Report) -> Iterator[PageRule]:
    """The rules with findings, or with a difference to the baseline."""
    gone: Counter[str] = Counter()
    trend = report.trend or Trend({}, {}, ())
    for each in trend.gone:
        gone[each.code] += each.number
    for rule in report.rules:
        levels = Counter(f.level for f in report.result.findings if f.code == rule.code)
        before = trend.old.get(rule.code, 0) + gone[rule.code]
        if levels or before:
            yield PageRule(
                rule.code,
                one_line(rule.header.name),
                one_line(rule.header.summary),
                tuple(levels[level] for level in _levels(report)),
                levels.total(),
                before if report.trend else None,
                gone[rule.code],
                trend.new.get(rule.code, 0),
            )


def _ranked(counts: Counter[str]) -> list[Row]:
    """Groups by size, then by name."""
    largest = max(counts.values(), default=0)
    return [
        Row(group, group, "", number, _share(number, largest))
        for group, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _share(number: int, largest: int) -> float:
    return round(100 * number / largest, 1) if largest else 0.0


def _summary(report: Report) -> Iterator[str]:
    """What was found, left out and examined, in sentences."""
    result = report.result
    yield f"{summarised(result.findings)}."
    if result.suppressed:
        yield f"Suppressed by comments: {counted(len(result.suppressed), 'finding')}."
    if result.baselined:
        yield f"In the baseline, and not listed: {counted(result.baselined, 'finding')}."
    yield (
        f"Examined: {counted(result.files, 'file')}, "
        f"{counted(result.occurrences, 'occurrence')} of watched names."
    )


def _gone(each: Gone) -> dict[str, object]:
    return {
        "code": each.code,
        "file": one_line(each.file),
        "function": one_line(each.function),
        "number": each.number,
    }


def _missed(file: str, line: int, reason: str) -> dict[str, object]:
    return {"file": one_line(file), "line": line, "reason": one_line(reason)}
