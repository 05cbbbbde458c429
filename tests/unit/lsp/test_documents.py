"""Places in documents, as klplint and as the protocol counts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from klplint.facts.region import Region
from klplint.lsp.documents import Document, Lines, path_of

ENCODINGS = list(types.PositionEncodingKind)
TEXT = "int a;\r\n\x0c/* 😋é */ int b;\rint c;\n"


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 14), ("utf-16", 11), ("utf-32", 10)])
def test_columns_count_the_code_units_of_the_client(encoding: str, units: int) -> None:
    place = Lines(TEXT).range(Region(2, 11, 2, 14), encoding)
    assert place == types.Range(types.Position(1, units), types.Position(1, units + 3))
    assert Lines(TEXT).place(place.start, encoding) == (2, 11)


def test_lines_end_as_compilers_and_the_protocol_have_it() -> None:
    place = Lines(TEXT).range(Region(3, 5, 3, 6), "utf-16")
    assert place == types.Range(types.Position(2, 4), types.Position(2, 5))


def test_places_behind_the_end_are_at_the_end() -> None:
    place = Lines("a").range(Region(7, 3, 9, 1), "utf-16")
    assert (place.start, place.end) == (types.Position(6, 0), types.Position(8, 0))
    assert Lines("ab").place(types.Position(0, 99), "utf-16") == (1, 3)


def test_a_byte_order_mark_counts_for_the_client_only() -> None:
    document = Document("file:///a.c", "\ufeffint a;\nint b;\n", 1)
    assert document.text == "int a;\nint b;\n"
    first = document.lines.range(Region(1, 5, 1, 6), "utf-16")
    assert first.start == types.Position(0, 5)
    assert document.lines.place(first.start, "utf-16") == (1, 5)
    assert document.lines.range(Region(2, 5, 2, 6), "utf-16").start == types.Position(1, 4)


def test_the_word_at_a_place() -> None:
    lines = Lines("\ufeffint a;\n\tsmp_rmb();\n")
    assert [lines.word_at(1, column) for column in (1, 4, 5, 6, 7)] == ["int", "int", "a", "a", ""]
    assert [lines.word_at(2, column) for column in (1, 2, 9, 10)] == ["", *["smp_rmb"] * 2, ""]
    assert lines.word_at(9, 1) == ""


@given(st.text(), st.sampled_from(ENCODINGS))
def test_each_place_leads_back_to_itself(text: str, encoding: str) -> None:
    document = Document("file:///a.c", text, 1)
    line = document.text.replace("\r", "\n").partition("\n")[0]
    for column in range(1, len(line) + 2):
        place = document.lines.range(Region(1, column, 1, column), encoding)
        assert document.lines.place(place.start, encoding) == (1, column)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/c.c", "/a b/c.c"),
        ("untitled:Untitled-1", None),
        ("https://example.org/a.c", None),
        ("file:///a%00b.c", None),
        ("", None),
    ],
)
def test_only_files_have_paths(uri: str, path: str | None) -> None:
    assert path_of(uri) == path


def test_half_a_character_is_replaced() -> None:
    assert Document("file:///a.c", "a\ud800b", 1).text == "a\ufffdb"
