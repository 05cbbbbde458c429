"""The start of `klplint check`: other processes list the tree while this one loads what lints."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from klplint.config.settings import Settings
from klplint.kernel.sources import list_ahead


def check(paths: Sequence[Path], settings: Settings) -> int:
    """Lint, write all outputs, and return the exit status."""
    kernel = settings.source.kernel
    with list_ahead(paths, Path(kernel) if kernel else None) or contextlib.nullcontext() as ahead:
        from klplint.cli.check import lint_and_report

        return lint_and_report(paths, settings, ahead)
