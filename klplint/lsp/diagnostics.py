"""Findings as diagnostics."""

from __future__ import annotations

import os
from collections.abc import Mapping

from lsprotocol import types

from klplint.findings.finding import Finding, Place
from klplint.findings.levels import Level
from klplint.lsp.documents import Documents, uri_of
from klplint.lsp.messages import RuleNote

SOURCE = "klplint"
_SEVERITIES: dict[Level, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
_UNNECESSARY = "KLP000"


def diagnostic(
    finding: Finding, root: str, rules: Mapping[str, RuleNote], documents: Documents
) -> types.Diagnostic:
    """A finding as a diagnostic; `root` is where the paths in it start."""
    path = os.path.join(root, finding.place.file)  # noqa: PTH118 - thousands in a workspace
    rule = rules.get(finding.code)
    return types.Diagnostic(
        range=documents.lines_of(path).range(finding.place.region, documents.encoding),
        message=finding.message,
        severity=_SEVERITIES[finding.level],
        code=finding.code,
        code_description=types.CodeDescription(uri_of(rule.page)) if rule else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.code == _UNNECESSARY else None,
        related_information=[
            _related(place, root, documents) for place in (*finding.related, *finding.steps)
        ],
        data={"fingerprint": finding.fingerprint, "rule": rule.name if rule else ""},
    )


def _related(place: Place, root: str, documents: Documents) -> types.DiagnosticRelatedInformation:
    path = os.path.join(root, place.file)  # noqa: PTH118
    location = documents.location(path, place.region)
    return types.DiagnosticRelatedInformation(location, place.label)
