"""Where tests are: unit/ mirrors klplint/, and what tests share is in no test module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

TESTS = ROOT / "tests"


def has_module(test: Path) -> bool:
    """Whether klplint has the module of a unit test; test_lint_cached.py is about lint.py, too."""
    modules = [path.stem for path in (ROOT / "klplint" / test.parent).glob("*.py")]
    name = test.stem.removeprefix("test_")
    return any(f"{name}_".startswith(f"{module}_") for module in modules)


def imported_words(module: Path) -> Iterator[str]:
    """The parts of the names of all that a module imports, wherever it does so."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (getattr(node, "module", None) or "").split(".")
            yield from (word for name in node.names for word in name.name.split("."))


def test_a_unit_test_has_the_path_of_its_module() -> None:
    unit = TESTS / "unit"
    files = [path.relative_to(unit) for path in unit.rglob("*.py")]
    assert len(files) > 50
    assert [str(file) for file in files if not has_module(file)] == []


def test_no_module_imports_a_test_module() -> None:
    files = list(TESTS.rglob("*.py"))
    assert len(files) > 100
    assert [
        str(file)
        for file in files
        if any(word.startswith("test_") or word == "conftest" for word in imported_words(file))
    ] == []
