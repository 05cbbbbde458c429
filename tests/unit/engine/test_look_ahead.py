"""Queries that are worked out ahead: fewer passes, and the same findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.engine import look_ahead, stages
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.facts.queries import IndexQuery
from klplint.findings.finding import Result
from klplint.index.tree_index import Index
from klplint.kernel.sources import find_sources
from klplint.progress import Progress, Silence

FILES = {
    "include/linux/ring.h": "static inline int ring_has(void)\n{\n\treturn ring_get();\n}\n",
    "lib/ring.c": "int ring_get(void)\n{\n\tschedule();\n\treturn 1;\n}\n",
    "drivers/misc/worker.c": (
        "#include <linux/livepatch.h>\n#include <linux/ring.h>\n"
        "void worker(void)\n{\n\tif (klp_patch_pending(current)) {\n\t\tring_has();\n"
        "\t\tklp_update_patch_state(current);\n\t}\n}\n"
    ),
}


def linted(
    tree: Path, most: int, monkeypatch: pytest.MonkeyPatch, partners: bool = True
) -> tuple[Result, int]:
    """The result for the worker, and how many passes it took; up to `most` queries look ahead."""
    passes, search = list[int](), Index.search_all

    def counted(index: Index, queries: list[IndexQuery], progress: Progress) -> None:
        passes.append(len(queries))
        search(index, queries, progress)

    monkeypatch.setattr(look_ahead, "_MOST_AHEAD", most)
    sources = find_sources([tree / "drivers/misc/worker.c"], None, ())
    plan = Plan(sources, load_catalogue(), Execution(jobs=1, partners=partners))
    with monkeypatch.context() as patched:
        patched.setattr(Index, "search_all", counted)
        return lint(plan, Silence()), len(passes)


@pytest.fixture
def tree(minikernel: Path) -> Path:
    """The minikernel with the worker's files."""
    for name, text in FILES.items():
        (minikernel / name).parent.mkdir(parents=True, exist_ok=True)
        (minikernel / name).write_text(text)
    return minikernel


def test_aliases_take_no_pass_of_their_own(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, passes = linted(tree, 64, monkeypatch, partners=False)
    monkeypatch.setattr(stages, "barriers_with_aliases", lambda _: [])
    result, more = linted(tree, 64, monkeypatch, partners=False)
    assert result == expected
    assert more == passes + 1


def test_fewer_passes_give_the_same_findings(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, passes = linted(tree, 64, monkeypatch)
    expected, more = linted(tree, -1, monkeypatch)
    assert result == expected
    (finding,) = (f for f in result.findings if f.code == "KLP006")
    assert "schedule() at line 3 of lib/ring.c" in finding.message
    assert passes < more
