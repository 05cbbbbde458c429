"""The reading of comments: names stand where they are said to, and line ends do not matter."""

from __future__ import annotations

from klplint.barriers.named_functions import names_in
from klplint.barriers.primitives import Primitives
from klplint.barriers.reading import PAIRINGS, Reader
from klplint.barriers.sentences import sentences
from klplint.catalogue.load import load_families
from klplint.csource.comment_text import plain_lines
from klplint.source_text import decode_source
from tests.fuzz import seeds
from tests.fuzz.harness import Harness

_LARGEST = 256
_LONGEST_SENTENCE = 1000
_PRIMITIVES = Primitives(load_families())
_READER = Reader(_PRIMITIVES)
_NAMES = frozenset({"smp_rmb", "reader"})


def check(data: bytes) -> None:
    """Read a comment with each kind of line end, and look at what comes out."""
    text = f"/* {decode_source(data)} */"
    reading = _READER.read_comment(text, _NAMES)
    assert reading.pairing in PAIRINGS
    if reading.pairing == "none":
        assert not any((reading.counterparts, reading.write_barriers, reading.by_pointer))
    assert len(set(reading.counterparts)) == len(reading.counterparts)
    if "\r" not in text:
        assert _READER.read_comment(text.replace("\n", "\r\n"), _NAMES) == reading
    words = "".join("".join(plain_lines(text)).split())
    split = sentences(text)
    assert "".join("".join(split).split()) == words
    for sentence in split:
        assert 0 < len(sentence) <= _LONGEST_SENTENCE
        assert "\n" not in sentence
        for spotted in names_in(sentence, _PRIMITIVES):
            assert 0 <= spotted.start < spotted.end <= len(sentence)
            if spotted.mention.kind == "file":
                assert sentence[spotted.start : spotted.end] == spotted.mention.name


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
        ),
    ),
    largest=_LARGEST,
)
