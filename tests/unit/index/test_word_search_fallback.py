"""klplint without hyperscan, the extra `fast`: the same places, and the same findings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.csource.definitions import wanted_pattern
from klplint.index.word_search import DictionaryWords, FewWords, HyperscanWords, Words

needs_hyperscan = pytest.mark.skipif(
    find_spec("hyperscan") is None, reason="hyperscan, the extra `fast`, is not installed"
)
MINIKERNEL = next(
    above / "fixtures" / "minikernel"
    for above in Path(__file__).parents
    if (above / "fixtures" / "minikernel").is_dir()
)

LETTERS = st.text("ab_1", min_size=1, max_size=3)
LONG = st.sampled_from(["ab1_ab1_a", "ab1_ab1_a1", "a1ab1_ab1_a", "b1_ab1_a"])
OPEN = st.sampled_from(["*", "<a|b1>", "{_,ab}"])
NAMES = (
    st.builds("".join, st.tuples(st.just("a"), LETTERS, st.one_of(st.just(""), OPEN), LETTERS))
    | LONG
    | st.sampled_from(["sys_a", "sys_ab1", "*_a", "a"])
)
TEXTS = st.lists(
    st.one_of(
        LETTERS, LONG, st.sampled_from([" ", "\n", "(", "-", "é", "\0", "\x0b", "sys_a", "ab1_a"])
    )
).map(lambda parts: "".join(parts).encode())


def places_by_definition(patterns: list[str], content: bytes) -> list[tuple[str, int]]:
    """Each word of the text tried with each pattern."""
    return sorted(
        (pattern, word.start())
        for word in re.finditer(rb"\w+", content)
        for pattern in patterns
        if re.fullmatch(pattern.encode(), word[0])
    )


@given(st.lists(NAMES, min_size=1, max_size=6, unique=True), TEXTS)
def test_a_dictionary_finds_what_fits(names: list[str], content: bytes) -> None:
    patterns = sorted({wanted_pattern(name) for name in names})
    expected = places_by_definition(patterns, content)
    assert sorted(DictionaryWords(patterns).places(memoryview(content))) == expected
    assert sorted(FewWords(patterns).places(memoryview(content))) == expected


@needs_hyperscan
@given(st.lists(NAMES, min_size=1, max_size=6, unique=True), TEXTS)
def test_hyperscan_finds_the_same(names: list[str], content: bytes) -> None:
    patterns = sorted({wanted_pattern(name) for name in names})
    places = sorted(HyperscanWords(patterns).places(memoryview(content)))
    assert places == sorted(DictionaryWords(patterns).places(memoryview(content)))


@needs_hyperscan
def test_a_word_longer_than_any_name_begins_where_it_begins() -> None:
    content = b" sys_" + b"a" * 5000 + b"_end "
    for kind in (HyperscanWords, DictionaryWords):
        assert kind([r"\w*_end"]).places(content) == [(r"\w*_end", 1)]


@pytest.mark.parametrize("missing", [True, False])
def test_text_that_is_not_one_word_is_found_with_and_without_hyperscan(
    missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing:
        monkeypatch.setattr("klplint.index.word_search.hyperscan", None)
    names = [f"name_{number}" for number in range(20)]
    content = b"x a-a-a; name_7 a->b"
    places = Words([*names, re.escape("a-a"), re.escape("a->b")]).places(content)
    assert sorted(places) == [(r"a\->b", 16), (r"a\-a", 2), ("name_7", 9)]


def test_no_pattern_is_found_nowhere() -> None:
    assert Words([]).places(b"some text") == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A kernel with more files than are searched one name at a time, and many names to look up."""
    shutil.copytree(MINIKERNEL, tmp_path / "linux")
    (tmp_path / "linux" / "many").mkdir()
    for number in range(40):
        writer = f"void writer_{number}(void)\n{{\n\tsmp_wmb();\n}}\n" if number % 3 else ""
        reader = f"void reader_{number}(void)\n{{\n\t/* Pairs with writer_{number}(). */\n"
        (tmp_path / "linux" / "many" / f"file_{number}.c").write_text(
            f"{writer}{reader}\tsmp_rmb();\n}}\n"
        )
    return tmp_path / "linux"


def findings(tree: Path, search_path: Path) -> list[dict[str, object]]:
    """What a run of klplint reports if its processes look for modules in `search_path` first."""
    options = ("--no-cache", "--exit-zero", "--format", "json")
    done = subprocess.run(
        [sys.executable, "-m", "klplint", "check", *options, tree / "many"],
        env={**os.environ, "PYTHONPATH": str(search_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    reported: list[dict[str, object]] = json.loads(done.stdout)["findings"]
    return reported


@needs_hyperscan
def test_a_run_without_hyperscan_reports_the_same(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked" / "hyperscan.py").write_text("raise ModuleNotFoundError(__name__)\n")
    (tmp_path / "empty").mkdir()
    without = findings(tree, tmp_path / "blocked")
    stale = {str(finding["message"]) for finding in without if finding["code"] == "KLP004"}
    assert sum("writer_" in message for message in stale) == len(range(0, 40, 3))
    assert without == findings(tree, tmp_path / "empty")
