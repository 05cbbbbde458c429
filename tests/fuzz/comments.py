"""The reading of comments: names stand where they are said to, and line ends do not matter."""

from __future__ import annotations

from klplint.barriers.diagrams import split_off
from klplint.barriers.named_functions import names_in
from klplint.barriers.primitives import Primitives, Site
from klplint.barriers.reading import Reader
from klplint.barriers.sentences import Sentence, sentences
from klplint.barriers.statement import Statement
from klplint.barriers.verdicts import PAIRINGS
from klplint.catalogue.load import load_families
from klplint.csource.comment_text import plain_lines
from klplint.source_text import decode_source
from tests.fuzz import seeds
from tests.fuzz.harness import Harness

_LARGEST = 256
_LONGEST_SENTENCE = 1000
_PRIMITIVES = Primitives(load_families())
_READER = Reader(_PRIMITIVES)
_SITES = (Site("smp_rmb", "reader"), Site("smp_mb", "writer"), Site("smp_load_acquire", "reader"))


def check(data: bytes) -> None:
    """Read a comment with each kind of line end, and look at what comes out."""
    text = f"/* {decode_source(data)} */"
    for site in _SITES:
        _check_reading(text, site)
    words = "".join("".join(plain_lines(text)).split())
    split = sentences(text)
    assert "".join("".join(sentence.text for sentence in split).split()) == words
    lines = [sentence.line for sentence in split]
    assert lines == sorted(lines)
    assert not lines or lines[-1] < len(plain_lines(text))
    for sentence in split:
        _check_sentence(sentence)
    prose, diagrams = split_off(plain_lines(text))
    assert [number for number, _ in prose] == sorted(number for number, _ in prose)
    assert all(len(diagram.columns) > 1 for diagram in diagrams)


def _check_reading(text: str, site: Site) -> None:
    """A reading says why it is what it is, and is the same for other line ends."""
    reading = _READER.read_comment(text, site)
    assert reading.pairing in PAIRINGS
    if reading.pairing == "none":
        assert not any((reading.counterparts, reading.write_barriers, reading.condition))
    else:
        assert reading.because
        assert reading.sentence is not None
    names = [name.name for name in reading.counterparts]
    assert len(set(names)) == len(names)
    if "\r" not in text:
        assert _READER.read_comment(text.replace("\n", "\r\n"), site) == reading


def _check_sentence(sentence: Sentence) -> None:
    """Names and words stand where they are said to, and each name has one role."""
    text = sentence.text
    assert 0 < len(text) <= _LONGEST_SENTENCE
    assert "\n" not in text
    for spotted in names_in(text, _PRIMITIVES, _PRIMITIVES.words.pointer):
        assert 0 <= spotted.start < spotted.end <= len(text)
        if spotted.mention.kind == "file":
            assert text[spotted.start : spotted.end] == spotted.mention.name
    for site in _SITES:
        statement = Statement(sentence, site, _PRIMITIVES)
        assert len(statement.part) == len(statement.text) == len(text)
        assert [*statement.roles] == [*dict.fromkeys(statement.spotted)]
        assert all(
            spot.mention.name not in site.names or spot.mention.labelled
            for spot in statement.partners
        )


HARNESS = Harness(
    check=check,
    seeds=lambda: (comment[2:-2][:_LARGEST] for comment in seeds.comments()),
    words=(
        *(b" pairs with ", b"smp_wmb()", b"smp_rmb()", b"foo_bar()", b" in ", b"a/b.c", b"foo:A"),
        *(b"the barrier in ", b"see comment in ", b". ", b"\n * ", b"\n\n", b"does not ", b"RMB"),
        *(b"foo_v3/4_x()", b"a_b()/c()", b"f_<a|b>()", b"f_{a,b}()", b"\xe2\x80\xa6", b"e.g. "),
        *(
            b"matches ",
            b"orders ",
            b"to ensure that ",
            b"against ",
            b"CPU0",
            b"->",
            b"(",
            b"written by",
            b"FIXME ",
            b"the other half of ",
            b"\t\t",
            b"   ",
            b"MB",
            b"\n - ",
            b"x->foo()",
            b":c:func:`foo`",
            b"{a,b}_foo()",
            b"foo()'s release",
            b"visible to ",
            b"vs foo",
            b"\xe2\x80\xaf",
            b"\xe2\x80\x8f",
            b"http://a/b ",
        ),
    ),
    largest=_LARGEST,
)
