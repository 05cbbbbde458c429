"""Precompiled headers: they hold common headers, and are used as long as these are current."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from klplint.engine.compile_targets import CompileTargets
from klplint.engine.plan import Execution
from klplint.engine.session import Session
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence

MANY = [f"drivers/d/many{number}.c" for number in range(12)]
FEW = ["drivers/d/few0.c", "drivers/d/few1.c"]


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once: these tests do not wait."""
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 0)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small kernel tree: many files name the common kernel.h, with b.h in it; few name c.h."""
    files = {
        "Makefile": "VERSION = 6\nPATCHLEVEL = 12\n",
        "arch/x86/include/asm/x.h": "",
        "include/linux/kernel.h": "#include <linux/b.h>\n",
        "include/linux/b.h": "",
        "include/linux/c.h": "",
        **dict.fromkeys(MANY, "#include <linux/kernel.h>\n"),
        **dict.fromkeys(FEW, "#include <linux/c.h>\n"),
    }
    for name, text in files.items():
        file = tmp_path / "linux" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "linux"


def used(tree: Path, *groups: list[str], common: bool = True) -> Iterator[tuple[str, bool]]:
    """For files analysed in turn, the precompiled header of each, and whether it was new.

    `common` says whether it has to hold the common headers.
    """
    time.sleep(0.01)  # what was just written is older
    sources = find_sources([tree], None, DEFAULT_EXCLUDES)
    for group in groups:
        execution = Execution(jobs=1, cache=tree.parent / "cache")
        with Session(sources, execution, Silence()) as session:
            targets = CompileTargets(session)
            units = [targets.unit(file, frozenset()) for file in group]
            arguments = targets.precompiling(units, macros=False, common=common)
            if arguments:
                made = arguments[2]
                assert isinstance(made, Path)
                made.write_bytes(b"")
                yield made.name, True
            else:
                kept = targets.behind_precompiled(units[0]).precompiled
                assert kept is not None
                yield kept.name, False


def test_few_files_share_what_is_current(tree: Path) -> None:
    (first, is_new), *later = used(tree, MANY, MANY, FEW)
    assert is_new
    assert later == [(first, False), (first, False)]


def test_few_files_with_barriers_share_what_has_more_headers(tree: Path) -> None:
    """One with all common headers serves them, but theirs does not serve others."""
    ((small, is_new),) = used(tree, FEW, common=False)
    assert is_new
    assert list(used(tree, FEW, MANY, common=False)) == [(small, False), (small, False)]
    ((large, is_larger),) = used(tree, FEW)
    assert is_larger
    assert list(used(tree, FEW, common=False)) == [(large, False)]


@pytest.mark.parametrize("header", ["kernel", "b"])
def test_an_edit_of_what_is_precompiled_makes_another_one(header: str, tree: Path) -> None:
    ((first, _),) = used(tree, MANY)
    (tree / f"include/linux/{header}.h").write_text("int edited;\n")
    (second, is_new), later = used(tree, FEW, MANY)
    assert is_new
    assert second != first
    assert later == (second, False)


def test_an_edit_of_another_header_keeps_it(tree: Path) -> None:
    ((first, _),) = used(tree, MANY)
    (tree / "include/linux/c.h").write_text("int edited;\n")
    (tree / "include/linux/new.h").write_text("int x;\n")
    assert list(used(tree, MANY, FEW)) == [(first, False), (first, False)]


def test_another_tree_with_the_same_headers_gets_another_one(tree: Path, tmp_path: Path) -> None:
    ((first, _),) = used(tree, MANY)
    tree.rename(tmp_path / "elsewhere")
    ((second, is_new),) = used(tmp_path / "elsewhere", MANY)
    assert is_new
    assert first != second
