"""The scan of files for names."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import DefinitionsOf, FilesNaming, HandedOver, IndexQuery
from klplint.index.scan import scan


def test_files_that_name_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("smp_rmb();")
    (tmp_path / "b.c").write_text("__smp_rmb(); smp_rmb_x")
    (tmp_path / "c.c").write_bytes(b"\xff\0 smp_rmb")
    queries = [FilesNaming("smp_rmb"), FilesNaming("other")]
    scanned = scan(tmp_path, ["a.c", "b.c", "c.c", "gone.c"], queries)
    assert [(number, file) for number, file, _ in scanned.hits] == [(0, "a.c"), (0, "c.c")]
    assert scanned.unreadable == [Unreadable("gone.c", "No such file or directory")]


def test_handovers_of_a_function(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("void f(void)\n{\n}\nvoid g(void)\n{\n\tf();\n}\n")
    (tmp_path / "b.c").write_text("void h(void)\n{\n\tstart(f);\n\tf();\n}\n")
    queries: list[IndexQuery] = [HandedOver("f")]
    scanned = scan(tmp_path, ["a.c", "b.c"], queries)
    lines = {
        (number, file): [definition.region.line for definition in hit.definitions]
        for number, file, hit in scanned.hits
        if hit.definitions
    }
    assert lines == {(0, "b.c"): [3]}


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("void g(void)\n{\n\tfill();\n}\n", True),
        ("int fill(int a);\n", True),
        ("int fill(int a) __alias(g);\n", True),
        ("extern int fill;\n", True),
        ("\tx = /* times */ a\n\t\t* fill(2);\n", True),
        ("\tx = a\n\t\t* b\n\t\t* fill(2);\n", True),
        ('static char p[] = "/sys/*";\nint\n* fill(int a);\n', True),
        ("// see fs/*.c\nint x = a\n* fill(1);\n", True),
        ("//*** fill\nint x = a\n* fill(1);\n", True),
        (f'f("{"x" * 190}//", fill(1));\n', True),
        ("// A file.\rvoid g(void)\r{\r\tfill(1);\r}\r", True),
        ("/* See fill(). */\n", False),
        ("// See fill().\n", False),
        ("/*\n * Sleeps.\n * See fill().\n */\n", False),
        ("\tx = 1; /* Sleeps.\n\t\t* See fill(). */\n", False),
    ],
)
def test_the_code_of_a_file_may_have_a_name(tmp_path: Path, text: str, used: bool) -> None:
    """The heads of what defines nothing after all count, too."""
    comment = "/*\n * fill() fill() fill()\n * fill() */\n"
    (tmp_path / "a.c").write_text(comment + text)
    ((_, _, hit),) = scan(tmp_path, ["a.c"], [DefinitionsOf("fill")]).hits
    assert not hit.definitions
    assert hit.used == used
