"""A saved result holds only while the Makefiles say the same."""

from __future__ import annotations

import os
from pathlib import Path

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.patched_kernel import patched_kernel

MODULE = """\
int new_check(int x);
static struct klp_func funcs[] = { { "gauge_check", new_check }, { } };
static struct klp_object objs[] = { { .name = "gauge_test", .funcs = funcs }, { } };
"""


def settled(tree: Path) -> None:
    """Make all files old enough that their signatures are trusted."""
    for path in tree.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def messages(tree: Path, cache: Path) -> list[str]:
    rules = select_rules(load_catalogue(), ["KLP020"], [])
    sources = find_sources([tree / "drivers"], None, DEFAULT_EXCLUDES)
    result = lint(Plan(sources, rules, Execution(jobs=1, cache=cache)), Silence())
    return [finding.message for finding in result.findings]


def test_a_changed_makefile_changes_the_result(tmp_path: Path) -> None:
    tree, cache = patched_kernel(tmp_path / "kernel"), tmp_path / "cache"
    (tree / "drivers/gauge/patch.c").write_text(MODULE)
    settled(tree)
    assert messages(tree, cache) == []
    assert messages(tree, cache) == []
    makefile = tree / "drivers/gauge/Makefile"
    makefile.write_text(
        makefile.read_text().replace("gauge_test.o", "gauge_test2.o") + "obj-y += gauge_test.o\n"
    )
    (message,) = messages(tree, cache)
    assert "is in vmlinux, not in the module gauge_test" in message
