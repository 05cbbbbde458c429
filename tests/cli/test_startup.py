"""What klplint loads before it does anything: people wait for that each time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from klplint.kernel.signatures import SETTLED
from tests.support.paths import MINIKERNEL

_LOADED = """
import sys
sys.argv = ["klplint", *sys.argv[1:]]
from klplint.__main__ import main
try:
    main()
finally:
    print("loaded:", *sys.modules, file=sys.stderr)
"""
_ALLOWED = ("klplint.cli.", "klplint.config.choices", "klplint.errors", "klplint.findings.levels")


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["check", "--help"]])
def test_version_and_help_load_neither_the_linter_nor_its_libraries(words: list[str]) -> None:
    command = [sys.executable, "-c", _LOADED, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = done.stderr.removeprefix("loaded: ").split()
    modules = [name for name in loaded if name.startswith("klplint.") and name.count(".") > 1]
    assert [name for name in modules if not name.startswith(_ALLOWED)] == []
    libraries = {"clang", "msgspec", "pathspec", "platformdirs", "pycparser", "rich"}
    assert libraries.isdisjoint(loaded)


def test_a_check_loads_only_what_its_format_needs() -> None:
    words = ["check", "-q", "--exit-zero", str(MINIKERNEL / "lib" / "once_table.c")]
    command = [sys.executable, "-c", _LOADED, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = set(done.stderr.partition("loaded: ")[2].split())
    assert "klplint.engine.lint" in loaded
    assert loaded.isdisjoint({"jinja2", "sarif_om", "klplint.engine.pair_listing"})


def test_a_check_that_finds_nothing_changed_loads_nothing_to_analyse_with(tmp_path: Path) -> None:
    tree = shutil.copytree(MINIKERNEL, tmp_path / "linux")
    for path in (tree, *tree.rglob("*")):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    time.sleep(SETTLED / 1e9 + 0.1)  # a time of change cannot be set
    words = ["check", "--exit-zero", "--statistics", "--cache-dir", str(tmp_path / "cache")]
    command = [sys.executable, "-c", _LOADED, *words, str(tree / "lib" / "once_table.c")]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    statistics, _, modules = done.stderr.partition("loaded: ")
    assert "results cached" in statistics
    loaded = set(modules.split())
    assert loaded.isdisjoint({"clang", "multiprocessing", "pycparser", "unidiff"})
    assert "klplint.engine.stages" not in loaded
    packages = {name.split(".")[1] for name in loaded if name.startswith("klplint.")}
    assert packages.isdisjoint({"analysis", "barriers", "checks", "frontend", "partners"})
