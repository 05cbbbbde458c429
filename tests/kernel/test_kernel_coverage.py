"""No occurrence passed over, on real kernels; and facts that do not depend on configuring one."""

from __future__ import annotations

import re

import pytest

from klplint.facts.file_facts import Occurrence
from tests.kernel.runs import CACHE, KernelRun, facts_of, plan_for, run_on, script

pytestmark = pytest.mark.kernel

NAMES = re.compile(rb"(?<!\w)(smp_rmb|klp_patch_task|klp_update_patch_state)(?!\w)")
EXCLUDED = {"Documentation", "scripts", "tools"}
SAYING_PLACES = ("kernel/sched/core.c", "fs/bcachefs/fs.c", "kernel/livepatch/transition.c")


def textual_occurrences(run: KernelRun) -> set[tuple[str, int, int, str]]:
    """Every place that names a watched identifier, found without klplint."""
    got = set()
    for path in run.tree.rglob("*.[chS]"):
        name = path.relative_to(run.tree).as_posix()
        if name.split("/")[0] in EXCLUDED or not path.is_file():
            continue
        content = path.read_bytes()
        if not NAMES.search(content):
            continue
        for number, line in enumerate(content.split(b"\n"), 1):
            for match in NAMES.finditer(line):
                column = len(line[: match.start()].decode("utf-8", "replace")) + 1
                got.add((name, number, column, match[1].decode()))
    return got


def test_every_textual_occurrence_is_listed_once(kernel_run: KernelRun) -> None:
    listed = [
        (c.file, c.occurrence.region.line, c.occurrence.region.column, c.occurrence.name)
        for c in kernel_run.coverage.occurrences
    ]
    assert len(listed) == len(set(listed))
    assert set(listed) == textual_occurrences(kernel_run)
    assert len(listed) > 400


def test_the_ast_reaches_the_calls_in_few_parses(kernel_run: KernelRun) -> None:
    coverage = kernel_run.coverage
    calls = [c for c in coverage.occurrences if c.occurrence.kind == "call"]
    by_tokens = [c for c in calls if c.occurrence.how != "ast"]
    assert len(by_tokens) <= 0.01 * len(calls), by_tokens
    assert all(c.occurrence.reason for c in by_tokens)
    assert coverage.parses <= 1.3 * coverage.files


def test_known_difficult_places_are_there() -> None:
    run = run_on("6.12")
    parsed = {
        c.file
        for c in run.coverage.occurrences
        if c.occurrence.kind == "call" and c.occurrence.how == "ast"
    }
    assert parsed.issuperset(SAYING_PLACES)
    files = {c.file for c in run.coverage.occurrences if c.occurrence.kind == "call"}
    architectures = {file.split("/")[1] for file in files if file.startswith("arch/")}
    assert len(architectures) > 8
    assert {f for f in files if f.startswith(("arch/", "include/linux/"))} <= parsed


def verdict(occurrence: Occurrence) -> tuple[object, ...]:
    return occurrence.kind, occurrence.name, occurrence.arguments, occurrence.function


def test_facts_equal_those_of_a_configured_tree() -> None:
    """Wherever x86's defconfig compiles the code: calls, arguments, enclosing functions."""
    plain = run_on("6.12")
    tree = script("get-configured", plain.tree, CACHE / "configured")
    compared, different, files = 0, [], set()
    for facts in facts_of(plan_for(tree, "/arch/*", "!/arch/x86/")).values():
        ours = {o.region: o for o in plain.facts[facts.path].occurrences}
        for occurrence in facts.occurrences:
            usual = occurrence.how == "ast" and str(occurrence.parse) == "x86"
            if not usual or occurrence.kind not in ("call", "reference"):
                continue
            compared += 1
            files.add(facts.path)
            if verdict(ours[occurrence.region]) != verdict(occurrence):
                different.append((facts.path, ours[occurrence.region], occurrence))
    print(f"{compared} calls in {len(files)} files compared, {len(different)} differ: {different}")
    assert len(files) >= 200
    assert len(different) <= 0.01 * compared, different
