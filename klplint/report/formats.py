"""The formats of `check`, by name."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from klplint.config.choices import Format
from klplint.report.base import PLAIN, Appearance, Report

_LIMITED: tuple[Format, ...] = ("sarif", "github", "markdown")
"""The formats of which GitHub does not accept, or not show, any amount."""


class _Format(Protocol):
    def render(self, report: Report) -> str: ...
    def limits_exceeded(self, report: Report) -> str | None: ...


def render(name: Format, report: Report, appearance: Appearance = PLAIN) -> str:
    """`report` in the format `name`; ends with a newline unless empty.

    Only text has an `appearance`: the other formats are for programs.
    """
    if name == "text":
        from klplint.report import text

        return text.render(report, appearance)
    return _format(name).render(report)


def expect_available(name: Format) -> None:
    """UsageError for a format that needs a package which is not installed."""
    if name == "html":
        from klplint.report.html_page import expect_jinja

        expect_jinja()


def limits_exceeded(name: Format, report: Report) -> str | None:
    """A sentence for the user where GitHub will not accept, or not show, the whole report."""
    return _format(name).limits_exceeded(report) if name in _LIMITED else None


def _format(name: Format) -> _Format:
    """The module of a format, which is loaded only when needed: sarif_om and rich load slowly."""
    return cast("_Format", importlib.import_module(f"klplint.report.{name}"))
