"""Reports: the outcome of a run written in one of several formats, one module a format.

A report is a function of the result alone: no time, no absolute path, no order of a hash
table goes into it, so the same tree gives the same bytes.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

import msgspec

from klplint.catalogue.rule import Rule
from klplint.findings.finding import Finding, Result

FORMATS = ("text", "concise", "json", "sarif", "github", "markdown")
LISTING_FORMATS = ("text", "json")
_LIMITED = ("sarif", "github", "markdown")


class Report(msgspec.Struct, frozen=True):
    """What there is to report: the result, the enabled rules by code, klplint's version."""

    result: Result
    rules: tuple[Rule, ...]
    version: str
    show_suppressed: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings to show, in order; only those of `result.findings` count."""
        if not self.show_suppressed:
            return self.result.findings
        both = (*self.result.findings, *self.result.suppressed)
        return tuple(sorted(both, key=lambda finding: finding.order))


class Style(msgspec.Struct, frozen=True):
    """How the text format should look; the other formats have but one look."""

    colour: bool = False
    width: int = 100


class _Format(Protocol):
    def render(self, report: Report, style: Style) -> str: ...
    def limits_exceeded(self, report: Report) -> str | None: ...


def render(name: str, report: Report, style: Style) -> str:
    """`report` in the format `name`, one of FORMATS; ends with a newline unless empty.

    A format's module is loaded only when asked for: sarif_om and rich take their time.
    """
    if name not in FORMATS:
        raise ValueError(f"no such format: {name}")
    return _module(name).render(report, style)


def limits_exceeded(name: str, report: Report) -> str | None:
    """A sentence for the user where those for whom a format is will not take, or show, it all."""
    return _module(name).limits_exceeded(report) if name in _LIMITED else None


def _module(name: str) -> _Format:
    return cast(_Format, importlib.import_module(f"klplint.report.{name}"))
