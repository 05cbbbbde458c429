"""The reading of comments: what a sentence says, whose comment it is, and what its names mean.

The first bytes of an input choose the barrier and where the comment stands. One choice reads the
input as code instead, and looks for other names of a barrier in it.
"""

from __future__ import annotations

from klplint.barriers.comment_choice import CommentChoice
from klplint.barriers.diagrams import split_off
from klplint.barriers.name_lookup import NameLookup
from klplint.barriers.named_functions import Named, names_in
from klplint.barriers.opposite import either_side, opposite
from klplint.barriers.primitives import Primitives, Site
from klplint.barriers.reading import Reader
from klplint.barriers.sentences import Sentence, sentences
from klplint.barriers.statement import Statement
from klplint.barriers.verdicts import PAIRINGS
from klplint.catalogue.load import load_families
from klplint.csource.barrier_aliases import AliasPattern
from klplint.csource.brackets import is_balanced
from klplint.csource.comment_text import plain_lines
from klplint.csource.lexer import Source
from klplint.facts.file_facts import Barrier, Comment, CommentPlace
from klplint.facts.kernel_version import Version
from klplint.facts.queries import Definition, Query, TreeFacts
from klplint.facts.region import Region
from klplint.source_text import decode_source
from tests.fuzz import seeds
from tests.fuzz.harness import Choices, Harness

_LARGEST = 256
_HEAD = 4  # bytes that choose
_LONGEST_SENTENCE = 1000
_USES = 1000
_FAMILIES = load_families()
_READ = Primitives(_FAMILIES)
_WRITTEN = Primitives(opposite(_FAMILIES))
_EITHER = Primitives(either_side(_FAMILIES))


class _Side:
    """A barrier whose comments are read."""

    def __init__(self, primitives: Primitives, site: Site) -> None:
        self.primitives = primitives
        self.site = site
        self._reader = Reader(primitives)
        self._uses = 0

    @property
    def reader(self) -> Reader:
        """A reader. It keeps what it has read, so that it is replaced before it fills the memory.

        Making one takes longer than reading a comment.
        """
        self._uses += 1
        if self._uses % _USES == 0:
            self._reader = Reader(self.primitives)
        return self._reader


_SIDES = (
    _Side(_READ, Site("smp_rmb", "reader")),
    _Side(_READ, Site("smp_mb", "writer")),
    _Side(_READ, Site("smp_load_acquire", "reader")),
    _Side(_READ, Site("smp_rmb", "reader", "foo_rmb")),
    _Side(_WRITTEN, Site("smp_wmb", "writer")),
    _Side(_EITHER, Site("smp_mb", "writer")),
)
_ALIASES = len(_SIDES)  # the choice that reads code
_PATTERN = AliasPattern(("smp_rmb", "smp_mb"), ("barrier", "smp_wmb"))
_PLACES: tuple[CommentPlace, ...] = (
    *("line", "above", "below", "function", "header", "wrapper", "other"),
)
_FILES = ("kernel/reader.c", "kernel/a/b.c", "arch/x86/a.c", "arch/arm/a.h", "drivers/net/a.c")
_HERE = Region(5, 1, 5, 8)
_NOWHERE = Version.parse("6.12")


def check(data: bytes) -> None:
    """Read a comment, or code."""
    choices = Choices(data)
    number = choices.number(_ALIASES + 1)
    place, gap, bits = choices.number(len(_PLACES)), choices.number(3), choices.number(256)
    text = decode_source(choices.rest())
    if number == _ALIASES:
        _check_aliases(text)
        return
    side = _SIDES[number]
    text = f"/* {text} */"
    _check_reading(text, side)
    _check_choice(text, side, place, gap)
    words = "".join("".join(plain_lines(text)).split())
    split = sentences(text)
    assert "".join("".join(sentence.text for sentence in split).split()) == words
    lines = [sentence.line for sentence in split]
    assert lines == sorted(lines)
    assert not lines or lines[-1] < len(plain_lines(text))
    for sentence in split:
        _check_sentence(sentence, side, bits)
    prose, diagrams = split_off(plain_lines(text))
    assert [number for number, _ in prose] == sorted(number for number, _ in prose)
    assert all(len(diagram.columns) > 1 for diagram in diagrams)


def _check_reading(text: str, side: _Side) -> None:
    """A reading says why it is what it is, and is the same for other line ends."""
    reading = side.reader.read_comment(text, side.site)
    assert reading.pairing in PAIRINGS
    if reading.pairing == "none":
        assert not any((reading.counterparts, reading.write_barriers, reading.condition))
    else:
        assert reading.because
        assert reading.sentence is not None
    names = [name.name for name in reading.counterparts]
    assert len(set(names)) == len(names)
    if "\n" in text and "\r" not in text:
        other = side.reader.read_comment(text.replace("\n", "\r\n"), side.site)
        assert other == reading


def _check_choice(text: str, side: _Side, place: int, gap: int) -> None:
    """Each comment of a barrier is a candidate once, those at the barrier first."""
    half = len(text) // 2
    texts = (text, f"/* {text[3:half]} */", f"/* {text[half:-3]} */")
    comments = tuple(
        Comment(each, Region(line, 1, line, 2), _PLACES[(place + line) % len(_PLACES)], gap)
        for line, each in enumerate(texts, _HERE.line - 2)
    )
    barrier = Barrier(
        name=side.site.barrier,
        region=_HERE,
        function=side.site.function,
        comments=comments,
        alias=side.site.alias,
    )
    chosen = CommentChoice(side.primitives).candidates(barrier, siblings=gap + 1)
    assert sorted(each.comment.region for each in chosen) == [each.region for each in comments]
    is_attached = [each.use == "attached" for each in chosen]
    assert is_attached == sorted(is_attached, reverse=True)
    best = side.reader.read_barrier(barrier, siblings=gap + 1)
    assert best.source is None or best.source in comments
    uses = {each.comment: each.use for each in chosen}
    assert best.source is None or uses[best.source] != "not its own"


def _check_sentence(sentence: Sentence, side: _Side, bits: int) -> None:
    """Names and words stand where they are said to, and each name has one role."""
    text, primitives = sentence.text, side.primitives
    assert 0 < len(text) <= _LONGEST_SENTENCE
    assert "\n" not in text
    for spotted in names_in(text, primitives, primitives.words.pointer):
        assert 0 <= spotted.start < spotted.end <= len(text)
        if spotted.mention.kind == "file":
            assert text[spotted.start : spotted.end] == spotted.mention.name
        _check_lookup(spotted.mention, bits)
    statement = Statement(sentence, side.site, primitives)
    assert len(statement.part) == len(statement.text) == len(text)
    assert [*statement.roles] == [*dict.fromkeys(statement.spotted)]
    names = side.site.names
    assert all(
        spot.mention.name not in names or spot.mention.labelled for spot in statement.partners
    )


def _check_lookup(name: Named, bits: int) -> None:
    """A name means some of the definitions of that name, and something where there is one."""
    definitions = tuple(
        Definition(
            kind="function", name=name.name, path=path, region=_HERE, static=bool(bits >> bit & 8)
        )
        for bit, path in enumerate(_FILES)
        if bits >> bit & 1
    )
    empty = NameLookup(_FILES[0], TreeFacts(version=_NOWHERE))
    assert not empty.is_missing(name)
    answers: dict[Query, tuple[Definition, ...]] = dict.fromkeys(empty.queries(name), ())
    answers[empty.query(name)] = definitions
    lookup = NameLookup(_FILES[0], TreeFacts(version=_NOWHERE, answers=answers))
    meant = lookup.definitions(name)
    assert set(meant) <= set(definitions)
    assert lookup.is_missing(name) == (not definitions)
    if definitions and not name.member:
        assert meant
    here = tuple(each for each in definitions if each.path == _FILES[0])
    if here and not name.member and not lookup.files(name):
        assert meant == here


def _check_aliases(text: str) -> None:
    """An alias stands for a barrier in its definition, and no file with one is passed over."""
    source = Source(text)
    for alias in _PATTERN.aliases_in("a.h", source):
        assert _PATTERN.is_likely(text) or not is_balanced(source.skeleton), alias
        assert alias.name not in ("smp_rmb", "smp_mb")
        assert source.code[alias.use.start : alias.use.end] == alias.barrier


def _seeds() -> list[bytes]:
    comments = [
        bytes((number % _ALIASES, number % 7, number % 3, number % 256))
        + comment[2:-2][: _LARGEST - _HEAD]
        for number, comment in enumerate(seeds.comments())
    ]
    code = (
        b"#define x_rmb() smp_rmb()\n",
        b"#define x_mb(a) do { if (a) smp_mb(); else barrier(); } while (0)\n",
        b"static inline void x_rmb(void)\n{\n\tsmp_rmb();\n}\n",
        b"#ifdef A\n#define x_rmb smp_rmb\n#else\n#define x_rmb() smp_mb()\n#endif\n",
    )
    return [*comments, *(bytes((_ALIASES, 0, 0, 0)) + text for text in code)]


HARNESS = Harness(
    check=check,
    seeds=_seeds,
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
            b"#define x_rmb() ",
            b"static inline void f(void)\n{",
        ),
    ),
    largest=_LARGEST,
)
