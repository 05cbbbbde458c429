"""klplint on real, unconfigured kernels: Linux 6.12 and 6.1 as Debian packages them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import KernelRun, kernel_tree, run_klplint, run_on
from sarif_validation import TOOL_FOLDER, multitool, validate

from klplint import __version__
from klplint.report import Report, Style, render

pytestmark = pytest.mark.kernel

BENCHMARKS = Path(__file__).parents[3] / "shared" / "benchmarks"
TRANSITION = "kernel/livepatch/transition.c"


def lines_calling(tree: Path, argument: str) -> set[int]:
    """The lines of transition.c that call the switching function with `argument`, by text."""
    call = f"klp_update_patch_state({argument});"
    text = (tree / TRANSITION).read_text()
    return {number for number, line in enumerate(text.split("\n"), 1) if line.strip() == call}


def sarif_of(run: KernelRun, folder: Path) -> Path:
    path = folder / "klplint.sarif"
    path.write_text(render("sarif", Report(run.result, run.rules, __version__), Style()))
    return path


def test_only_the_forced_transition_breaks_the_contract(kernel_run: KernelRun) -> None:
    expected = lines_calling(kernel_run.tree, "task")
    expected |= lines_calling(kernel_run.tree, "idle_task(cpu)")
    assert len(expected) == 2
    for code in ("KLP001", "KLP002"):
        findings = kernel_run.findings(code)
        places = {(f.place.file, f.place.region.line) for f in findings}
        assert places == {(TRANSITION, line) for line in expected}
        assert len(findings) == 2
        for finding in findings:
            assert finding.level == "note"
            assert finding.function == "klp_force_transition"
            assert "the comment of klp_force_transition()" in finding.message


def test_findings_stand_on_barriers(kernel_run: KernelRun) -> None:
    findings = kernel_run.findings("KLP003")
    assert len(findings) > 200
    for finding in findings:
        region = finding.place.region
        assert finding.place.excerpt[region.column - 1 : region.end_column - 1] == "smp_rmb"


def test_barrier_comments_are_read_as_labelled(tmp_path: Path) -> None:
    run = run_on("6.12")
    labels = BENCHMARKS / "barrier-comments-6.12.json"
    if not labels.is_file():
        pytest.skip("the labels lie outside the project")
    score = subprocess.run(
        [sys.executable, BENCHMARKS / "score_barriers.py", "--tree", run.tree,
         "--labels", labels, "--sarif", sarif_of(run, tmp_path)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    shares = dict(re.findall(r"KLP003 (recall|precision)\s+\S+ = ([\d.]+)", score))
    assert float(shares["recall"]) >= 0.95, score
    assert float(shares["precision"]) >= 0.95, score


def test_sarif_is_accepted_by_others(kernel_run: KernelRun, tmp_path: Path) -> None:
    binary = multitool(TOOL_FOLDER)
    if binary is None:
        pytest.skip("npm cannot get Microsoft's sarif-multitool")
    assert validate(binary, sarif_of(kernel_run, tmp_path)) == []


def test_output_is_the_same_for_any_number_of_jobs() -> None:
    folders = [kernel_tree("6.12") / name for name in ("kernel/sched", "block", "virt")]
    outputs = {run_klplint("-f", "sarif", *folders, jobs=jobs).stdout for jobs in (1, 2, 5)}
    assert len(outputs) == 1
    assert next(iter(outputs)).startswith(b"{")


def test_the_tree_is_not_touched() -> None:
    tree = kernel_tree("6.12")
    folders = ("kernel/livepatch", "kernel/sched", "include/linux", "arch/x86/include/asm")

    def state() -> set[tuple[str, int, int]]:
        return {
            (entry.path, entry.stat().st_mtime_ns, entry.stat().st_size)
            for folder in folders
            for entry in os.scandir(tree / folder)
        }

    before = state()
    run_klplint(tree / "kernel" / "livepatch", tree / "kernel" / "sched" / "idle.c")
    assert state() == before
