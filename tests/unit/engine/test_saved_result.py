"""A cached result is used only if nothing changed that it depends on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from klplint.catalogue.file_ignores import FileIgnores
from klplint.catalogue.load import load_catalogue
from klplint.catalogue.override_tables import FileIgnoreTable
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Result
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources, list_ahead
from klplint.progress import Silence
from klplint.statistics import Statistics
from klplint.strict_toml import TomlFile

FILE = "lib/once_table.c"


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once: these tests do not wait."""
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 0)
    monkeypatch.setattr("klplint.index.tree_index.SETTLED", 0)


def plan_of(tree: Path, cache: Path | None, *paths: str, **execution: object) -> Plan:
    """A plan for some files of a tree, or for all of them, whose listing was begun ahead."""
    time.sleep(0.01)  # what was just written is older than the run
    catalogue = load_catalogue()
    files = [tree / path for path in paths or ("",)]
    with list_ahead(files, None) or contextlib.nullcontext() as ahead:
        sources = find_sources(files, None, DEFAULT_EXCLUDES, ahead=ahead)
        assert ahead is None or ahead.digest or ahead.listing
    return Plan(sources, catalogue, Execution(jobs=1, cache=cache, **execution), catalogue)  # type: ignore[arg-type]


def run(plan: Plan) -> tuple[Result, bool]:
    """The result of a run, and whether it is a cached one."""
    statistics = Statistics()
    result = lint(plan, Silence(), statistics)
    return result, bool(statistics.counts["results cached"])


def rewrite(file: Path, old: str, new: str) -> None:
    """Replace text in a file, under the same time of modification."""
    status = file.stat()
    file.write_text(file.read_text().replace(old, new))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a linted file": lambda tree: rewrite(tree / FILE, "once_table_fill", "once_table_pour"),
    "another file": lambda tree: rewrite(tree / "kernel/sched/idle.c", "klp_", "kpl_"),
    "a Makefile": lambda tree: (tree / "Makefile").open("a").write("\n# changed\n"),
    "a Kbuild file": lambda tree: (tree / "lib/Kbuild").write_text("ccflags-y += -DX\n"),
    "a .config": lambda tree: (tree / ".config").write_text("CONFIG_X86=y\n"),
    "a header": lambda tree: (tree / "include/linux/new.h").write_text("#define NEW\n"),
    "a header beside": lambda tree: (tree / "lib/table.h").write_text("#define NEW\n"),
    "an architecture": lambda tree: (tree / "arch/new/include").mkdir(parents=True),
    "a file that is gone": lambda tree: (tree / "kernel/sched/idle.c").unlink(),
}


@pytest.mark.parametrize(("paths", "few"), [((), 1000), ((FILE,), 0)], ids=["walk", "find"])
def test_a_change_counts(
    paths: tuple[str, ...],
    few: int,
    minikernel: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("klplint.kernel.find_listing._FEW", few)
    (minikernel / FILE).write_text('#include "table.h"\n' + (minikernel / FILE).read_text())
    cache = tmp_path / "cache"
    first, _ = run(plan_of(minikernel, cache, *paths))
    assert run(plan_of(minikernel, cache, *paths)) == (first, True)
    for change, make in CHANGES.items():
        make(minikernel)
        changed, is_cached = run(plan_of(minikernel, cache, *paths))
        assert not is_cached, change
        assert run(plan_of(minikernel, cache, *paths)) == (changed, True), change
    assert changed == run(plan_of(minikernel, None, *paths))[0]


def test_an_asm_header_that_another_architecture_gets(minikernel: Path, tmp_path: Path) -> None:
    (minikernel / FILE).write_text("#include <asm/odd.h>\n" + (minikernel / FILE).read_text())
    cache = tmp_path / "cache"
    assert not run(plan_of(minikernel, cache))[1]
    assert run(plan_of(minikernel, cache))[1]
    kbuild = minikernel / "arch/arm64/include/asm/Kbuild"
    kbuild.parent.mkdir(parents=True, exist_ok=True)
    kbuild.write_text("generic-y += odd.h\n")
    assert not run(plan_of(minikernel, cache))[1]


def test_the_settings_count(minikernel: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    run(plan_of(minikernel, cache))
    assert not run(plan_of(minikernel, cache, partners=False))[1]
    assert not run(plan_of(minikernel, cache, architecture="arm64"))[1]
    assert not run(plan_of(minikernel, cache, "lib"))[1]
    plan = plan_of(minikernel, cache)
    table = FileIgnoreTable(minikernel, {FILE: ("KLP003",)}, TomlFile(Path("x"), "", {}), "x")
    ignoring = FileIgnores(table, plan.rules)
    assert not run(Plan(plan.sources, plan.rules, plan.execution, plan.rules, ignoring))[1]
    for rule in plan.rules:
        some = tuple(r for r in plan.rules if r != rule)
        assert not run(Plan(plan.sources, some, plan.execution, plan.catalogue))[1]


def test_what_changed_a_moment_ago_is_not_trusted(
    minikernel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 3_600_000_000_000)
    for _ in range(2):
        assert not run(plan_of(minikernel, tmp_path / "cache"))[1]


def test_a_run_is_not_cached_if_a_macro_names_a_header(minikernel: Path, tmp_path: Path) -> None:
    text = '#define HDR "x.h"\n#include HDR\nvoid f(void)\n{\n\tsmp_rmb();\n}\n'
    (minikernel / FILE).write_text(text)
    for _ in range(2):
        assert not run(plan_of(minikernel, tmp_path / "cache"))[1]


class _Meddler(Silence):
    """Does something to the tree before files are analysed."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action

    def begin(self, phase: str, steps: int) -> None:
        if phase == "analysing" and steps:
            self._action()


@pytest.mark.parametrize("name", ["include/linux/sched.h", "include/linux/new.h"])
def test_what_is_read_while_a_header_changes_is_not_cached(
    name: str, minikernel: Path, tmp_path: Path
) -> None:
    cache, header = tmp_path / "cache", minikernel / name
    before = header.read_bytes() if header.exists() else b""
    lint(plan_of(minikernel, cache), _Meddler(lambda: header.write_text("struct other;\n")))
    header.write_bytes(before)
    statistics = Statistics()
    result = lint(plan_of(minikernel, cache), Silence(), statistics)
    assert statistics.counts["files cached"] == 0
    assert result == lint(plan_of(minikernel, None), Silence())
    assert run(plan_of(minikernel, cache)) == (result, True)
