"""What partners depend on of headers: the definitions in them, not each edit."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from klplint.engine.plan import Execution
from klplint.engine.session import Session
from klplint.engine.wrapper_headers import WrapperHeaders
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence

HEADER = "include/linux/list.h"
INLINE = "static inline int is_set(struct s *s)\n{\n\treturn s->a;\n}\n"
MACRO = "#define set(s) \\\n\t((s)->a = 1)\n"


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once: these tests do not wait."""
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 0)
    monkeypatch.setattr("klplint.index.tree_index.SETTLED", 0)


def state(tree: Path) -> list[tuple[str, bytes]]:
    """What partners depend on, with what the cache holds from earlier calls."""
    time.sleep(0.01)  # what was just written is older
    sources = find_sources([tree], None, DEFAULT_EXCLUDES)
    execution = Execution(jobs=1, cache=tree.parent / "cache")
    with Session(sources, execution, Silence()) as session:
        return WrapperHeaders(["lib"], session).state


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        (f"/* a comment */\n#define A 1\nint x;\n{INLINE}{MACRO}", True),
        (INLINE.replace("->a", "->b") + MACRO, False),
        (INLINE + MACRO.replace("= 1", "= 2"), False),
        (INLINE, False),
        ("", False),
    ],
)
def test_an_edit_counts_if_it_changes_a_definition(
    text: str, is_kept: bool, minikernel: Path
) -> None:
    file = minikernel / HEADER
    file.write_text(INLINE + MACRO)
    before = state(minikernel)
    file.write_text(text)
    assert (state(minikernel) == before) == is_kept


def test_an_edit_of_the_same_size_and_time_counts(minikernel: Path) -> None:
    file = minikernel / HEADER
    file.write_text(INLINE)
    before, status = state(minikernel), file.stat()
    file.write_text(INLINE.replace("->a", "->b"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert state(minikernel) != before


def test_headers_without_definitions_do_not_count(minikernel: Path) -> None:
    before = state(minikernel)
    (minikernel / "include/linux/new.h").write_text("struct s;\n#define A 1\n")
    (minikernel / "drivers/misc/new.h").write_text(INLINE)
    assert state(minikernel) == before
    (minikernel / "lib/new.h").write_text(INLINE)
    assert state(minikernel) != before
