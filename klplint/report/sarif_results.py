"""The results in SARIF: findings with places, steps, fixes, and what a baseline has of them."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import quote

import sarif_om as om

from klplint.findings.finding import Finding, GoneFinding, Place
from klplint.findings.fix import Edit, Fix
from klplint.report.base import Report
from klplint.report.counts import counted

ROOT = "%SRCROOT%"
"""The name of the base of all URIs."""

_Suppression = dict[str, str]
_IN_BASELINE: _Suppression = {
    "kind": "external",
    "status": "accepted",
    "justification": "The baseline has it.",
}
"""Who suppressed a finding. A plain object: sarif_om writes the status as `state`, which no reader
knows."""


class _Standing(NamedTuple):
    """How a result stands to what was accepted."""

    state: Literal["new", "unchanged"] | None
    """Compared with the baseline; None without one."""
    suppressions: list[_Suppression] | None
    """None if no result of the run has any: the standard wants a list for all results, or none."""


def results(report: Report) -> list[om.Result]:
    """All results; with a baseline, those that it has and those that are gone are suppressed."""
    indexes = {rule.code: index for index, rule in enumerate(report.rules)}
    old = report.result.in_baseline if report.shows_baselined else ()
    gone = report.result.gone if report.shows_baselined else ()
    lists = report.show_suppressed or report.shows_baselined
    state: Literal["new"] | None = "new" if report.shows_baselined else None
    rows = [
        (finding, _Standing(state, _suppressions(finding) if lists else None))
        for finding in report.findings
    ]
    rows += [(finding, _Standing("unchanged", [_IN_BASELINE])) for finding in old]
    rows.sort(key=lambda row: row[0].order)
    return [
        *(_result(finding, indexes[finding.code], standing) for finding, standing in rows),
        *(_gone(each, indexes[each.code]) for each in gone),
    ]


def number_of_results(report: Report) -> int:
    """How many results there are."""
    result = report.result
    more = len(result.in_baseline) + len(result.gone) if report.shows_baselined else 0
    return len(report.findings) + more


def _gone(gone: GoneFinding, rule_index: int) -> om.Result:
    """A finding of the baseline that is not there any more; its line is not recorded."""
    where = f" in {gone.function}()" if gone.function else ""
    times = f", {counted(gone.number, 'time')}" if gone.number > 1 else ""
    return om.Result(
        rule_id=gone.code,
        rule_index=rule_index,
        level="none",
        kind="pass",
        message=om.Message(
            text=sentence(escaped(f"A finding of the baseline{where} is gone{times}"))
        ),
        # Readers want a region; the first line stands for the file.
        locations=[om.Location(physical_location=physical(gone.file, om.Region(start_line=1)))],
        partial_fingerprints={"klplintBaseline/v1": gone.fingerprint},
        baseline_state="absent",
        suppressions=[_IN_BASELINE],
    )


def _suppressions(finding: Finding) -> list[_Suppression]:
    """Who suppressed a finding in the source, if somebody did."""
    if not finding.suppressed:
        return []
    return [
        {"kind": "inSource", "status": "accepted", "justification": finding.justification},
    ]


def _result(finding: Finding, rule_index: int, standing: _Standing) -> om.Result:
    """A finding with its places, its steps, and the fingerprints by which GitHub recognises it."""
    fingerprints = {
        "primaryLocationLineHash": finding.line_hash,
        "klplint/v1": finding.fingerprint,
    }
    return om.Result(
        rule_id=finding.code,
        rule_index=rule_index,
        level=finding.level,
        message=om.Message(text=_message(finding)),
        locations=[_location(finding.place, function=finding.function)],
        related_locations=_related(finding),
        code_flows=_code_flows(finding),
        partial_fingerprints={name: value for name, value in fingerprints.items() if value},
        suppressions=standing.suppressions,
        baseline_state=standing.state,
        fixes=[_fix(finding.fix)] if finding.fix else None,
        properties={"caused": True} if finding.caused else None,
    )


def _related(finding: Finding) -> list[om.Location] | None:
    """The related places; the one for the cause has the lines of the hunk as a property."""
    hunk = finding.hunk
    locations = []
    for number, place in enumerate(finding.related, 1):
        location = _location(place, number=number)
        if hunk is not None and hunk.is_cause and place == hunk.place:
            location.properties = {"hunk": "\n".join((hunk.header, *hunk.lines))}
        locations.append(location)
    return locations or None


def _fix(fix: Fix) -> om.Fix:
    """A fix, with the edits of each file together."""
    files = dict.fromkeys(edit.file for edit in fix.edits)
    return om.Fix(
        description=om.Message(text=sentence(escaped(fix.title[:1].upper() + fix.title[1:]))),
        artifact_changes=[
            om.ArtifactChange(
                artifact_location=_artifact(file),
                replacements=[_replacement(edit) for edit in fix.edits if edit.file == file],
            )
            for file in files
        ],
    )


def _replacement(edit: Edit) -> om.Replacement:
    region = edit.region
    return om.Replacement(
        deleted_region=om.Region(
            start_line=region.line,
            start_column=region.column,
            end_line=region.end_line,
            end_column=region.end_column,
        ),
        inserted_content=om.ArtifactContent(text=edit.text) if edit.text else None,
    )


def _code_flows(finding: Finding) -> list[om.CodeFlow] | None:
    """The steps of a finding as one thread of execution."""
    if not finding.steps:
        return None
    steps = [
        om.ThreadFlowLocation(
            location=om.Location(
                physical_location=physical(step.file, _region(step)),
                message=om.Message(text=escaped(_title(step))),
            )
        )
        for step in finding.steps
    ]
    return [om.CodeFlow(thread_flows=[om.ThreadFlow(locations=steps)])]


def _message(finding: Finding) -> str:
    """The message, with a link to each related place: GitHub shows only those linked to."""
    text = sentence(escaped(finding.message))
    links = [
        f"[{escaped(_title(place))}]({number})" for number, place in enumerate(finding.related, 1)
    ]
    return f"{text} See {', '.join(links)}." if links else text


def _title(place: Place) -> str:
    return place.label or f"{place.file}:{place.region.line}"


def _location(place: Place, *, function: str | None = None, number: int = -1) -> om.Location:
    return om.Location(
        id=number,
        physical_location=physical(place.file, _region(place)),
        logical_locations=[om.LogicalLocation(fully_qualified_name=function, kind="function")]
        if function
        else None,
        message=om.Message(text=escaped(_title(place))) if number > 0 else None,
    )


def physical(file: str, region: om.Region | None) -> om.PhysicalLocation:
    """A region of a file, or the whole file."""
    return om.PhysicalLocation(artifact_location=_artifact(file), region=region)


def _artifact(file: str) -> om.ArtifactLocation:
    """A file by its relative, percent-encoded URI; names of any bytes have one."""
    return om.ArtifactLocation(
        uri=quote(file, safe="/", errors="surrogateescape"), uri_base_id=ROOT
    )


def _region(place: Place) -> om.Region:
    region = place.first_line
    return om.Region(
        start_line=region.line,
        start_column=region.column,
        end_line=region.end_line,
        end_column=region.end_column,
    )


def sentence(text: str) -> str:
    """`text` with a full stop, unless it has one: viewers join messages into prose."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def escaped(text: str) -> str:
    """Text in which `[`, `]` (C arrays) and backslashes are not read as links.

    Braces stay: they are placeholders only in messages with arguments, and klplint's have none.
    """
    return re.sub(r"([\\\[\]])", r"\\\1", text)
