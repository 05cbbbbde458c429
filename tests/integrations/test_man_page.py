"""The manual page: as --help has it, current, and good roff."""

from __future__ import annotations

import runpy
import shutil
import subprocess

import click
import pytest

from klplint.cli.commands import main
from tests.support.paths import ROOT

PAGE = ROOT / "man" / "klplint.1"


def test_the_page_in_git_is_current() -> None:
    made = runpy.run_path(str(ROOT / "man" / "make_page.py"))["page"]()
    assert PAGE.read_text(encoding="utf-8") == made, "run `make man`"


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_has_no_complaint_and_every_command_and_option_is_reported() -> None:
    command = ["groff", "-man", "-Tutf8", "-ww", "-P-cbou", str(PAGE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    for name, entry in main.commands.items():
        assert f"klplint {name}" in done.stdout
        for option in entry.params:
            is_shown = isinstance(option, click.Option) and not option.hidden
            assert not is_shown or option.opts[-1] in done.stdout
