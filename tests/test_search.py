"""The text search: names as whole words, all at once, and names that leave parts open."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.open_names import name_pattern
from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import FilesNaming
from klplint.index.scan import scan
from klplint.index.word_search import FewWords, Words

NAME = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
TEXT = st.lists(st.sampled_from(["f", "f1", "_f", "F", "g", " ", "(", "*", "é", "\n", "->", "\0"]))


@pytest.mark.parametrize(
    ("name", "fitting", "others"),
    [
        ("foo", ["foo"], ["foo_", "fo", "Foo", ""]),
        ("foo_*", ["foo_", "foo_a", "foo_a_b"], ["foo", "xfoo_"]),
        ("foo_*_bar", ["foo_x_bar", "foo__bar"], ["foo_bar_x", "foo_x"]),
        ("foo_<a|end>", ["foo_a", "foo_end"], ["foo_", "foo_b", "foo_a|end"]),
        ("foo_{a,end}_x", ["foo_a_x", "foo_end_x"], ["foo_a", "foo_b_x"]),
        ("a.b", ["a.b"], ["aXb"]),
    ],
)
def test_what_a_name_stands_for(name: str, fitting: list[str], others: list[str]) -> None:
    pattern = re.compile(name_pattern(name))
    assert all(pattern.fullmatch(each) for each in fitting)
    assert not any(pattern.fullmatch(each) for each in others)


def test_a_name_with_endless_wildcards_takes_no_endless_time() -> None:
    pattern = re.compile(name_pattern("f" + "*a" * 200))
    start = time.process_time()
    assert pattern.fullmatch("f" + "a" * 300) is None
    assert time.process_time() - start < 2


@given(name=NAME, before=TEXT, behind=TEXT)
def test_a_name_is_found_as_a_whole_word_as_re_finds_it(
    name: str, before: list[str], behind: list[str]
) -> None:
    content = "".join([*before, name, *behind, " ", name, *before]).encode()
    expected = [m.start() for m in re.finditer(rb"\b%s\b" % name.encode(), content)]
    for words in (Words([re.escape(name)]), FewWords([re.escape(name)])):
        assert sorted(place for _, place in words.places(content)) == expected


@given(st.lists(NAME, min_size=1, max_size=5, unique=True), TEXT)
def test_many_names_are_told_apart(names: list[str], text: list[str]) -> None:
    content = " ".join([*text, *names]).encode()
    expected = sorted(
        (name, m.start())
        for name in names
        for m in re.finditer(rb"\b%s\b" % name.encode(), content)
    )
    assert sorted(Words(names).places(content)) == expected
    assert sorted(FewWords(names).places(content)) == expected


@pytest.mark.parametrize("kind", [Words, FewWords])
def test_a_wildcard_is_found_where_its_word_begins(kind: type[Words | FewWords]) -> None:
    found = kind([name_pattern("foo_*")]).places(b"x foo_bar(); foo; xfoo_a foo_")
    assert {place for _, place in found} == {2, 25}


def test_files_that_name_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("smp_rmb();")
    (tmp_path / "b.c").write_text("__smp_rmb(); smp_rmb_x")
    (tmp_path / "c.c").write_bytes(b"\xff\0 smp_rmb")
    questions = [FilesNaming("smp_rmb"), FilesNaming("other")]
    scanned = scan(tmp_path, ["a.c", "b.c", "c.c", "gone.c"], questions)
    assert [(number, file) for number, file, _ in scanned.hits] == [(0, "a.c"), (0, "c.c")]
    assert scanned.unreadable == [Unreadable("gone.c", "No such file or directory")]
