"""klplint on real, unconfigured kernels: Linux 6.12 and 6.1 as Debian packages them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import KernelRun, kernel_tree, run_klplint
from sarif_validation import TOOL_FOLDER, multitool, validate

pytestmark = pytest.mark.kernel

BENCHMARKS = Path(__file__).parents[3] / "shared" / "benchmarks"
TRANSITION = "kernel/livepatch/transition.c"


def lines_calling(tree: Path, argument: str) -> set[int]:
    """The lines of transition.c that call the switching function with `argument`, by text."""
    call = f"klp_update_patch_state({argument});"
    text = (tree / TRANSITION).read_text()
    return {number for number, line in enumerate(text.split("\n"), 1) if line.strip() == call}


def test_only_the_forced_transition_breaks_the_contract(kernel_run: KernelRun) -> None:
    expected = lines_calling(kernel_run.tree, "task")
    expected |= lines_calling(kernel_run.tree, "idle_task(cpu)")
    assert len(expected) == 2
    for code in ("KLP001", "KLP002"):
        findings = kernel_run.findings(code)
        assert {(f["file"], f["line"]) for f in findings} == {(TRANSITION, n) for n in expected}
        assert len(findings) == 2
        for finding in findings:
            assert finding["level"] == "note"
            assert finding["function"] == "klp_force_transition"
            assert "the comment of klp_force_transition()" in str(finding["message"])


def test_findings_stand_on_barriers(kernel_run: KernelRun) -> None:
    findings = kernel_run.findings("KLP003")
    assert len(findings) > 200
    for finding in findings:
        lines = (kernel_run.tree / str(finding["file"])).read_text(errors="replace").split("\n")
        line = lines[int(str(finding["line"])) - 1]
        assert re.match(r"smp_rmb\b", line[int(str(finding["column"])) - 1 :]), finding


def test_barrier_comments_are_read_as_labelled(kernel_run: KernelRun) -> None:
    labels = BENCHMARKS / "barrier-comments-6.12.json"
    if "6.12" not in kernel_run.tree.name or not labels.is_file():
        pytest.skip("the labels are for 6.12, and lie outside the project")
    score = subprocess.run(
        [sys.executable, BENCHMARKS / "score_barriers.py", "--tree", kernel_run.tree,
         "--labels", labels, "--sarif", kernel_run.sarif],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    shares = dict(re.findall(r"KLP003 (recall|precision)\s+\S+ = ([\d.]+)", score))
    assert float(shares["recall"]) >= 0.95, score
    assert float(shares["precision"]) >= 0.95, score


def test_sarif_is_accepted_by_others(kernel_run: KernelRun) -> None:
    binary = multitool(TOOL_FOLDER)
    if binary is None:
        pytest.skip("npm cannot get Microsoft's sarif-multitool")
    assert validate(binary, kernel_run.sarif) == []


def test_output_is_the_same_for_any_number_of_jobs() -> None:
    tree = kernel_tree("6.12")
    folders = [tree / name for name in ("kernel", "mm", "block", "virt")]
    outputs = {run_klplint("-f", "sarif", *folders, jobs=jobs).stdout for jobs in (1, 2, 5)}
    assert len(outputs) == 1
    assert next(iter(outputs)).startswith(b"{")


def test_the_tree_is_not_touched() -> None:
    tree = kernel_tree("6.12")

    def state() -> set[tuple[str, int, int]]:
        return {
            (entry.path, entry.stat().st_mtime_ns, entry.stat().st_size)
            for folder in (
                "kernel/livepatch",
                "kernel/sched",
                "include/linux",
                "arch/x86/include/asm",
            )
            for entry in os.scandir(tree / folder)
        }

    before = state()
    run_klplint(tree / "kernel" / "livepatch", tree / "kernel" / "sched" / "idle.c")
    assert state() == before
