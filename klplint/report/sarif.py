"""The SARIF 2.1.0 format, as GitHub code scanning and SARIF viewers read it.

The only module that knows sarif_om, which has the objects; sarif_writer writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import quote

import sarif_om as om

from klplint.catalogue.rule import Rule
from klplint.findings.finding import Finding, NotAnalysed, Place
from klplint.findings.fix import Edit, Fix
from klplint.findings.levels import Level
from klplint.report.base import Report
from klplint.report.sarif_writer import write

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_INFORMATION = "https://docs.kernel.org/livepatch/livepatch.html"
"""Where readers of a result can learn more: klplint has no site, but the contract it checks has."""
_RESULTS_KEPT = 5_000
_RESULTS_ACCEPTED = 25_000
_PROBLEM_SEVERITY: dict[Level, Literal["error", "warning", "recommendation"]] = {
    "error": "error",
    "warning": "warning",
    "note": "recommendation",
}


def render(report: Report) -> str:
    """One run as a SARIF log, with suppressed findings only where they are asked for."""
    return write(
        om.SarifLog(
            schema_uri=_SCHEMA,
            version="2.1.0",
            runs=[
                om.Run(
                    tool=om.Tool(driver=_driver(report)),
                    automation_details=om.RunAutomationDetails(id="klplint/"),
                    column_kind="unicodeCodePoints",
                    original_uri_base_ids={_ROOT: _root()},
                    invocations=[_invocation(report.result.not_analysed)],
                    results=_results(report),
                )
            ],
        )
    )


def limits_exceeded(report: Report) -> str | None:
    """A sentence for the user where GitHub would not keep all results, else None."""
    count = len(report.findings)
    if count > _RESULTS_ACCEPTED:
        return (
            f"the SARIF file has {count:,} results, but GitHub accepts at most "
            f"{_RESULTS_ACCEPTED:,}; narrow the run with --select, PATHs or --diff-from"
        )
    if count > _RESULTS_KEPT:
        return (
            f"the SARIF file has {count:,} results, but GitHub keeps only the "
            f"{_RESULTS_KEPT:,} most severe; narrow the run with --select, PATHs or --diff-from"
        )
    return None


def _driver(report: Report) -> om.ToolComponent:
    return om.ToolComponent(
        name="klplint",
        version=report.version,
        semantic_version=report.version,
        information_uri=_INFORMATION,
        rules=[_descriptor(rule) for rule in report.rules],
    )


def _descriptor(rule: Rule) -> om.ReportingDescriptor:
    header = rule.header
    return om.ReportingDescriptor(
        id=rule.code,
        name="".join(word.capitalize() for word in header.name.split("-")),
        short_description=_text(_sentence(header.summary)),
        full_description=_text(_sentence(header.description)),
        help_uri=header.help_uri or None,
        help=om.MultiformatMessageString(text=rule.page, markdown=rule.page),
        default_configuration=om.ReportingConfiguration(level=header.level),
        properties={
            "tags": list(header.tags),
            "precision": header.precision,
            "problem.severity": _PROBLEM_SEVERITY[header.level],
        },
    )


def _root() -> om.ArtifactLocation:
    """The base of all URIs: described, but not given, so that no path of this machine leaks."""
    return om.ArtifactLocation(
        description=om.Message(text="The root of the kernel tree that was checked.")
    )


def _invocation(not_analysed: Iterable[NotAnalysed]) -> om.Invocation:
    """The run succeeded even if some places could not be analysed; each is a notification."""
    return om.Invocation(
        execution_successful=True,
        tool_execution_notifications=[
            om.Notification(
                level="warning",
                message=om.Message(
                    text=_sentence(_escaped(f"Not fully analysed: {missed.reason}"))
                ),
                locations=[
                    om.Location(
                        physical_location=_physical(
                            missed.file, om.Region(start_line=missed.line) if missed.line else None
                        )
                    )
                ],
            )
            for missed in not_analysed
        ],
    )


def _results(report: Report) -> list[om.Result]:
    indexes = {rule.code: index for index, rule in enumerate(report.rules)}
    return [
        _result(
            finding,
            indexes[finding.code],
            _suppressions(finding) if report.show_suppressed else None,
        )
        for finding in report.findings
    ]


def _suppressions(finding: Finding) -> list[dict[str, str]]:
    """Who suppressed a finding. The standard wants a list for all results of a run, or for none.

    A plain object: sarif_om writes the status as `state`, which no reader knows.
    """
    if not finding.suppressed:
        return []
    return [
        {"kind": "inSource", "status": "accepted", "justification": finding.justification},
    ]


def _result(
    finding: Finding, rule_index: int, suppressions: list[dict[str, str]] | None
) -> om.Result:
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
        suppressions=suppressions,
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
        description=om.Message(text=_sentence(_escaped(fix.title[:1].upper() + fix.title[1:]))),
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
                physical_location=_physical(step.file, _region(step)),
                message=om.Message(text=_escaped(_title(step))),
            )
        )
        for step in finding.steps
    ]
    return [om.CodeFlow(thread_flows=[om.ThreadFlow(locations=steps)])]


def _message(finding: Finding) -> str:
    """The message, with a link to each related place: GitHub shows only those linked to."""
    text = _sentence(_escaped(finding.message))
    links = [
        f"[{_escaped(_title(place))}]({number})" for number, place in enumerate(finding.related, 1)
    ]
    return f"{text} See {', '.join(links)}." if links else text


def _title(place: Place) -> str:
    return place.label or f"{place.file}:{place.region.line}"


def _location(place: Place, *, function: str | None = None, number: int = -1) -> om.Location:
    return om.Location(
        id=number,
        physical_location=_physical(place.file, _region(place)),
        logical_locations=[om.LogicalLocation(fully_qualified_name=function, kind="function")]
        if function
        else None,
        message=om.Message(text=_escaped(_title(place))) if number > 0 else None,
    )


def _physical(file: str, region: om.Region | None) -> om.PhysicalLocation:
    return om.PhysicalLocation(artifact_location=_artifact(file), region=region)


def _artifact(file: str) -> om.ArtifactLocation:
    """A file by its relative, percent-encoded URI; names of any bytes have one."""
    return om.ArtifactLocation(
        uri=quote(file, safe="/", errors="surrogateescape"), uri_base_id=_ROOT
    )


def _region(place: Place) -> om.Region:
    region = place.first_line
    return om.Region(
        start_line=region.line,
        start_column=region.column,
        end_line=region.end_line,
        end_column=region.end_column,
    )


def _text(text: str) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=text)


def _sentence(text: str) -> str:
    """`text` with a full stop, unless it has one: viewers join messages into prose."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _escaped(text: str) -> str:
    """Text in which `[`, `]` (C arrays) and backslashes are not read as links.

    Braces stay: they are placeholders only in messages with arguments, and klplint's have none.
    """
    return re.sub(r"([\\\[\]])", r"\\\1", text)
