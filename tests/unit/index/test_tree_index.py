"""The index of a tree: hits in part of it first, then in the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from klplint.engine.plan import Execution
from klplint.engine.session import Session
from klplint.facts.kernel_version import Version
from klplint.facts.queries import DefinitionsOf, FilesNaming, IndexQuery
from klplint.index.tree_index import Index
from klplint.kernel.signatures import signature_of
from klplint.kernel.sources import Sources
from klplint.kernel.tree import Kernel
from klplint.progress import Silence

F, G = DefinitionsOf("f"), DefinitionsOf("g")
TEXTS = {
    "a.h": "static inline void f(void)\n{\n\tg();\n}\n",
    "b.c": "void g(void)\n{\n\tf();\n}\n",
    "c.c": "void f(void)\n{\n}\n",
}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A session over a tree of three files."""
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text)
    listing = {name: signature_of(tmp_path / name) for name in TEXTS}
    sources = Sources(Kernel(tmp_path, Version(6, 12)), tmp_path, tuple(listing), listing)
    with Session(sources, Execution(jobs=1), Silence()) as session:
        yield session


def found(index: Index, *queries: IndexQuery) -> list[list[str]]:
    return [list(hits) for hits in index.find(queries, Silence()).values()]


def test_a_pass_does_not_search_again_what_was_searched_ahead(session: Session) -> None:
    index, searched = session.index, session.statistics.counts
    ahead = index.find_ahead([F], ["a.h"], Silence())
    assert [(file, len(hit.definitions)) for file, hit in ahead[F].items()] == [("a.h", 1)]
    assert not index.has_all([F])
    assert searched["files searched"] == 1
    everywhere, calling = ["a.h", "b.c", "c.c"], ["a.h", "b.c"]
    assert found(index, F, G, FilesNaming("g")) == [everywhere, calling, calling]
    assert searched["files searched"] == 1 + 1 + 2, "a.h for what is new, then the others"
    assert index.find_ahead([F], ["a.h"], Silence())[F].keys() == {*TEXTS}


def test_what_was_searched_ahead_is_searched_again_after_a_change(
    session: Session, tmp_path: Path
) -> None:
    index = session.index
    index.find_ahead([G], ["a.h"], Silence())
    (tmp_path / "a.h").write_text("int x;\n")
    index.replace({"a.h": signature_of(tmp_path / "a.h")})
    assert found(index, G) == [["b.c"]]


def test_queries_that_a_pass_is_expected_to_answer_may_look_ahead(session: Session) -> None:
    index = session.index

    def expected() -> list[IndexQuery]:
        index.find_ahead([F], ["a.h"], Silence())
        return [F]

    index.expect(expected)
    assert found(index, G) == [["a.h", "b.c"]]
    assert index.has_all([F])
    assert found(index, F) == [["a.h", "b.c", "c.c"]]


SETTLED = ("a.h", "b.c")


def run(tree: Path, files: tuple[str, ...]) -> list[list[str]]:
    """What a run with a cache finds: c.c changes just then, the other files did long ago."""
    for name in files:
        (tree / name).write_text(TEXTS[name])
    now = time.time_ns()
    listing = {name: (1, 1, 1, 1) if name in SETTLED else (1, now, now, 1) for name in files}
    sources = Sources(Kernel(tree, Version(6, 12)), tree, files, listing)
    with Session(sources, Execution(jobs=1, cache=tree / "cache"), Silence()) as session:
        hits = found(session.index, F, FilesNaming("f"))
        session.index.save()
    return hits


@pytest.mark.parametrize("before", [("a.h", "b.c", "c.c"), ("a.h", "c.c")])
def test_a_file_that_was_new_in_the_last_run_and_is_gone_has_no_hits(
    tmp_path: Path, before: tuple[str, ...]
) -> None:
    assert run(tmp_path, before) == [[*before]] * 2
    (tmp_path / "c.c").unlink()
    for _ in range(2):
        assert run(tmp_path, SETTLED) == [[*SETTLED]] * 2
    assert run(tmp_path, ("a.h", "b.c", "c.c")) == [["a.h", "b.c", "c.c"]] * 2
