"""Files that change while klplint runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Result
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.paths import MINIKERNEL

HEAD = "#include <linux/livepatch.h>\n#include <linux/sched.h>\n"
CALL = "void touch(struct task_struct *t)\n{\n\tklp_update_patch_state(t);\n\tsmp_rmb();\n}\n"


class Meddler(Silence):
    """Changes the tree while klplint works: acts when a phase begins or is reported."""

    def __init__(self, phase: str, action: Callable[[], object]) -> None:
        self._phase = phase
        self._action: Callable[[], object] | None = action

    def begin(self, phase: str, steps: int) -> None:
        self._act(phase)

    def got(self, findings: int) -> None:
        self._act("found")

    def _act(self, phase: str) -> None:
        if phase == self._phase and self._action:
            self._action()
            self._action = None


def run(directory: Path, phase: str, action: Callable[[], object]) -> Result:
    """Lint good.c and odd.c of a directory, with something done to odd.c in between."""
    directory.mkdir()
    (directory / "good.c").write_text(HEAD + CALL)
    (directory / "odd.c").write_text(HEAD + CALL)
    sources = find_sources([directory], MINIKERNEL, ())
    return lint(Plan(sources, load_catalogue(), Execution(jobs=1)), Meddler(phase, action))


PHASES = ["searching", "analysing", "found"]


@pytest.mark.parametrize("phase", PHASES)
def test_a_file_that_vanishes_is_reported_and_costs_only_itself(tmp_path: Path, phase: str) -> None:
    odd = tmp_path / "m" / "odd.c"
    result = run(tmp_path / "m", phase, odd.unlink)
    got = {finding.place.file for finding in result.findings}
    assert "good.c" in got
    printed = [problem.file for problem in result.not_analysed]
    assert "odd.c" in printed or "odd.c" in got


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    "text", ["", "int x;\n", "\n\n" + HEAD + CALL, HEAD + CALL[:40], "\0" * 99, "x" * 9999]
)
def test_a_file_that_changes_costs_only_itself(tmp_path: Path, phase: str, text: str) -> None:
    odd = tmp_path / "m" / "odd.c"
    result = run(tmp_path / "m", phase, lambda: odd.write_text(text))
    assert "good.c" in {finding.place.file for finding in result.findings}


def test_a_file_that_becomes_a_directory(tmp_path: Path) -> None:
    odd = tmp_path / "m" / "odd.c"

    def replace() -> None:
        odd.unlink()
        odd.mkdir()

    result = run(tmp_path / "m", "analysing", replace)
    assert result.unreadable == ("odd.c",)
    assert "good.c" in {finding.place.file for finding in result.findings}


def test_a_tree_that_vanishes(tmp_path: Path) -> None:
    directory = tmp_path / "m"

    def vanish() -> None:
        for file in directory.iterdir():
            file.unlink()
        directory.rmdir()

    result = run(directory, "searching", vanish)
    assert result.unreadable == ("good.c", "odd.c")
