"""The SARIF 2.1.0 format, as GitHub code scanning and SARIF viewers read it.

sarif_om has the objects, sarif_writer writes them; the results have a module of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import sarif_om as om

from klplint.catalogue.rule import Rule
from klplint.findings.finding import NotAnalysed
from klplint.findings.levels import Level
from klplint.report.base import Report
from klplint.report.sarif_results import (
    ROOT,
    escaped,
    number_of_results,
    physical,
    results,
    sentence,
)
from klplint.report.sarif_writer import write

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
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
                    automation_details=om.RunAutomationDetails(id=f"{report.sarif_category}/"),
                    column_kind="unicodeCodePoints",
                    original_uri_base_ids={ROOT: _root()},
                    invocations=[_invocation(report.result.not_analysed)],
                    results=results(report),
                )
            ],
        )
    )


def limits_exceeded(report: Report) -> str | None:
    """A sentence for the user where GitHub would not keep all results, else None."""
    count = number_of_results(report)
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
        short_description=_text(sentence(header.summary)),
        full_description=_text(sentence(header.description)),
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
                message=om.Message(text=sentence(escaped(f"Not fully analysed: {missed.reason}"))),
                locations=[
                    om.Location(
                        physical_location=physical(
                            missed.file, om.Region(start_line=missed.line) if missed.line else None
                        )
                    )
                ],
            )
            for missed in not_analysed
        ],
    )


def _text(text: str) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=text)
