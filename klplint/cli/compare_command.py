"""`klplint compare`: what two reports in JSON differ in."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from klplint.cli import console
from klplint.cli.output_files import OutputFile
from klplint.compare.reports import STANDARD_INPUT, compared, read_report
from klplint.config.choices import ListingFormat
from klplint.config.settings import DisplaySettings, Settings
from klplint.errors import OutputError, UsageError
from klplint.report.base import PLAIN
from klplint.report.comparison import render


def compare(old: Path, new: Path, form: ListingFormat, output: Path | None) -> int:
    """Compare two reports; the exit status is 1 if the second one has something more."""
    inputs = {os.path.realpath(path) for path in (old, new)}
    if output is not None and os.path.realpath(output) in inputs:
        raise OutputError(f"{output}: is read by this run; give another output file")
    if str(old) == str(new) == STANDARD_INPUT:
        raise UsageError("standard input holds one report; give a file for the other one")
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(OutputFile(output)) if output is not None else None
        differences = compared(read_report(old), read_report(new))
        names = str(old), str(new)
        if file is not None:
            file.write(render(form, differences, names, PLAIN))
        else:
            display: DisplaySettings = Settings().display
            console.write(render(form, differences, names, console.appearance(display)))
    return int(differences.has_new)
