"""klplint on real, unconfigured kernels: Linux 6.12 and 6.1 as Debian packages them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from klplint import __version__
from klplint.report.base import Appearance, Report
from klplint.report.formats import render
from tests.kernel.runs import KernelRun, kernel_tree, run_klplint, run_on
from tests.kernel.sarif_validation import (
    TOOL_DIRECTORY,
    multitool,
    own_hashes,
    rolling_hashes,
    validate,
)

pytestmark = pytest.mark.kernel

BENCHMARKS = Path(__file__).parents[3] / "shared" / "benchmarks"
TRANSITION = "kernel/livepatch/transition.c"


def lines_calling(tree: Path, argument: str) -> set[int]:
    """The lines of transition.c that call the switching function with `argument`, by text."""
    call = f"klp_update_patch_state({argument});"
    text = (tree / TRANSITION).read_text()
    return {number for number, line in enumerate(text.split("\n"), 1) if line.strip() == call}


def sarif_of(run: KernelRun, directory: Path) -> Path:
    path = directory / "klplint.sarif"
    path.write_text(render("sarif", Report(run.result, run.rules, __version__), Appearance()))
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
    binary = multitool(TOOL_DIRECTORY)
    if binary is None:
        pytest.skip("npm cannot get Microsoft's sarif-multitool")
    sarif = sarif_of(kernel_run, tmp_path)
    assert validate(binary, sarif) == []
    assert rolling_hashes(binary, sarif, kernel_run.tree) == own_hashes(sarif)


def test_output_is_the_same_for_any_number_of_jobs() -> None:
    directories = [kernel_tree("6.12") / name for name in ("kernel/sched", "block", "virt")]
    arguments = ("--no-cache", "-f", "sarif", *directories)  # a cached result has no jobs
    outputs = {run_klplint(*arguments, jobs=jobs).stdout for jobs in (1, 5)}
    assert len(outputs) == 1
    assert next(iter(outputs)).startswith(b"{")


def test_the_tree_is_not_touched() -> None:
    tree = kernel_tree("6.12")
    directories = ("kernel/livepatch", "kernel/sched", "include/linux", "arch/x86/include/asm")

    def state() -> set[tuple[str, int, int]]:
        return {
            (entry.path, entry.stat().st_mtime_ns, entry.stat().st_size)
            for directory in directories
            for entry in os.scandir(tree / directory)
        }

    before = state()
    run_klplint(tree / "kernel" / "livepatch", tree / "kernel" / "sched" / "idle.c")
    assert state() == before


# What klplint takes for code is not asked here: comments and literals are blanked by a pattern of
# this file's own.
HIDDEN = re.compile(rb'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
MISSING = re.compile(
    r"(\S+?)(?:\(\))? is nowhere in the tree, but .* names it"
    r"(?:; did you mean (\w+)\(\) in \S+\?)?"
)
NAMED = re.compile(r"[\w*<>|{},]+")
GONE_FROM_6_12 = {
    "dl_set_overloaded": "dl_set_overload",
    "rt_set_overloaded": "rt_set_overload",
    "cpuidle_set_state_waiting": None,
    "btrfs_dev_stats_read_and_reset": "btrfs_dev_stat_read_and_reset",
}


def missing_in(run: KernelRun) -> dict[str, str | None]:
    """The counterparts that KLP004 reports as missing, each with the name that it offers."""
    got = (MISSING.match(f.message) for f in run.findings("KLP004") if f.level == "warning")
    return {match[1]: match[2] for match in got if match}


def code_holding(tree: Path, names: set[str]) -> dict[str, list[str]]:
    """The files in whose code, not its comments or strings, a name stands as a word."""
    words = {name: re.compile(rb"\b" + re.escape(name.encode()) + rb"\b") for name in names}
    holding: dict[str, list[str]] = {}
    for directory in sorted(tree.iterdir()):
        if directory.name in ("Documentation", "scripts", "tools") or not directory.is_dir():
            continue
        for path in directory.rglob("*.[chS]"):
            if not path.is_file():
                continue
            content = path.read_bytes()
            if not any(name.encode() in content for name in names):
                continue
            code = HIDDEN.sub(lambda m: b" " * len(m[0]), content)
            for name, word in words.items():
                if word.search(code):
                    holding.setdefault(name, []).append(path.relative_to(tree).as_posix())
    return holding


def test_stale_counterparts_are_found_with_their_present_names() -> None:
    missing = missing_in(run_on("6.12"))
    assert {name: missing.get(name, "not reported") for name in GONE_FROM_6_12} == GONE_FROM_6_12


def test_what_is_reported_as_missing_is_in_no_code(kernel_run: KernelRun) -> None:
    missing = missing_in(kernel_run)
    assert len(missing) >= 4
    assert all(NAMED.fullmatch(name) or "." in name for name in missing)
    plain = {name for name in missing if re.fullmatch(r"\w+", name)}
    assert len(plain) >= 4
    offered = {name for name in missing.values() if name}
    assert code_holding(kernel_run.tree, plain | offered).keys() == offered  # in one reading
    for name in missing:
        if name.endswith((".c", ".h", ".S")):
            alike = kernel_run.tree.rglob(Path(name).name)
            assert not any(path.as_posix().endswith(f"/{name}") for path in alike)


def test_what_holds_no_write_barrier_is_a_note_on_a_function_that_is_there() -> None:
    notes = [f for f in run_on("6.12").findings("KLP004") if f.level == "note"]
    assert notes
    for finding in notes:
        lacks_any = "has a write-side barrier" in finding.message
        lacks_the_named_one = re.search(r" have .+, no \w+\(\)", finding.message)
        assert lacks_any or lacks_the_named_one, finding.message
        assert any("is defined here" in place.label for place in finding.related)
