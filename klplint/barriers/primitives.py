"""How comments name barriers and other primitives of the read side and the write side."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from klplint.analysis.name_patterns import alternatives
from klplint.barriers.families import Families, Side
from klplint.barriers.words import Vocabulary

_CALLED_OR_NOT = r"(?:\(\))?(?!\w)"
_THIS_BARRIER = r"\b(?:this|these)\s+(?:memory\s+)?barriers?"


class _SideWords(NamedTuple):
    """How comments name the barriers of a side, as patterns."""

    short: str
    words: str
    verb: str
    ordered: str
    everyday: str
    capitals: str
    """Primitives in capitals: "the UNLOCK+LOCK", "the RELEASE in f()"."""


_SIDES: dict[Side, _SideWords] = {
    "write": _SideWords(
        short="wmb",
        words="(?:write|store)",
        verb="write",
        ordered=r"store[-_\s]release",
        everyday=r"release | write\s+order(?:ing)?",
        capitals=r"(?-i:RELEASE|UNLOCK(?:\+LOCK)?|MB|WMB|STORE-RELEASE)",
    ),
    "read": _SideWords(
        short="rmb",
        words="(?:read|load)",
        verb="read",
        ordered=r"load[-_\s]acquire",
        everyday=r"acquire | read\s+order(?:ing)?",
        capitals=r"(?-i:ACQUIRE|LOCK|MB|RMB|LOAD-ACQUIRE)",
    ),
}
_OTHER: dict[Side, Side] = {"read": "write", "write": "read"}


class Site(msgspec.Struct, frozen=True):
    """The reader's side: a barrier, and the function that holds it."""

    barrier: str
    function: str = ""
    alias: str = ""
    """The name by which the barrier is used, where that is another one."""

    @property
    def names(self) -> frozenset[str]:
        """The names that are never those of a partner."""
        return frozenset({self.barrier, self.function, self.alias})


class Primitives:
    """The patterns by which comments name primitives, made from the families of barriers."""

    def __init__(self, families: Families) -> None:
        self.families = families
        """What the names are made from."""
        self.words = Vocabulary(families.words)
        """The words around the names."""
        mine, theirs = _SIDES[families.side], _SIDES[_OTHER[families.side]]
        self.on_write_side = families.side == "write"
        """Whether the comments are those of write barriers: the two sides change places."""
        self.write_only = _phrase(
            rf"""(?: (?:{alternatives(families.write)}) | (?:\w+_)?{theirs.short}s?
              | {theirs.ordered} | {theirs.verb}\s+seq(?:lock|count)
              | (?:implicit|implied|full)\s+(?:\w+\s+)?(?:barrier|fence)s?
                (?=\s+(?:in|of|from|by)\s)
              | {theirs.words}(?:\s*-\s*|\s+)(?:side\s+)?(?:memory\s+)?(?:barrier|fence)s?
              ){_CALLED_OR_NOT}"""
        )
        """Primitives that order writes only: to name one is to name the writer's side."""
        self.write_side = _write_side(families)
        """Primitives that also order writes: they count only as the object of words of pairing."""
        self.short_names = frozenset(
            name.partition("_")[2] for name in (*families.load, *families.stores)
        )
        """What comments call the ordering loads and stores, without the `smp_` before it."""
        self.full = frozenset(families.full)
        """The names of the full barriers, which may stand on either side."""
        self.general = _phrase(
            rf"(?:{alternatives((*families.full, *families.general))}){_CALLED_OR_NOT}"
        )
        """The names of full barriers themselves, without everyday words for them."""
        self.read_side = _phrase(
            rf"""(?: (?:{alternatives(families.read)}) | (?:\w+_)?{mine.short}s?
              | {mine.words}(?:\s*-\s*|\s+)(?:side\s+)?(?:memory\s+)?(?:barrier|fence)s?
              | (?:this|these|the\s+(?:above|below|following|next)|a|below|above)\s+
                (?:memory\s+)?barriers?
              | the\s+(?:memory\s+)?barriers?\s+
                (?=is|are|here|below|above|pair|match|correspond)
              ){_CALLED_OR_NOT}"""
        )
        """The reader's side, which a comment on a read barrier names anyway."""
        self.load_before = _phrase(
            rf"(?P<name>{alternatives(families.load)})(?:\(\))?\s+(?:\w+\s+)?\Z"
        )
        """An ordering load that is the subject of the word of pairing behind it."""
        self.read_side_of = _read_side_of(families)
        """A barrier of the read side, or of the compiler, given as that of another function."""

    def is_primitive(self, name: str) -> bool:
        """Whether a name is that of a primitive, not of a function that a comment points to.

        Ask only for names that are written as calls, or could not be anything else.
        """
        return any(
            pattern.fullmatch(f"{name}()")
            for pattern in (self.write_only, self.write_side, self.read_side)
        )

    def is_like_barrier(self, name: str) -> bool:
        """Whether a name looks like that of a barrier, or of another primitive of one side only."""
        patterns = self.write_only, self.read_side, _FULL
        return any(pattern.fullmatch(name) for pattern in patterns)

    def is_known(self, name: str) -> bool:
        """Whether a name is the full name of a primitive; other names may only look like one."""
        return self.families.is_known(name)

    def in_own_letters(self, sentence: str) -> str:
        """A sentence with small letters for barriers that it has in capitals: SMP_WMB()."""
        return _CAPITALS.sub(self._in_own_letters, sentence)

    def _in_own_letters(self, word: re.Match[str]) -> str:
        name, families = word[0].lower(), self.families
        is_barrier = families.is_write_barrier(name) or name in families.readers
        return name if is_barrier and not self.is_known(word[0]) else word[0]

    def is_full(self, site: Site) -> bool:
        """Whether the reader's barrier may stand on either side, so that a reader may pair."""
        return site.barrier in self.full

    def may_write(self, site: Site) -> bool:
        """Whether the barrier may stand on the writing side: others see what it orders."""
        return self.on_write_side or self.is_full(site)

    def partner_part(self, sentence: str, site: Site, pairing: re.Pattern[str]) -> str:
        """A sentence with spaces for what it says about the reader's side.

        The partner of a full barrier may be a read barrier, or another barrier of the same name
        right behind words of `pairing`.
        """
        if not self.is_full(site):
            return self.read_side.sub(_blank, sentence)
        this = _phrase(rf"{re.escape(site.barrier)}{_CALLED_OR_NOT}")
        kept = _THIS.sub(_blank, sentence)
        partners = [verb.end() for verb in pairing.finditer(sentence)]
        for match in this.finditer(sentence):
            if not any(_LINK.fullmatch(sentence, end, match.start()) for end in partners):
                kept = kept[: match.start()] + _blank(match) + kept[match.end() :]
        return kept

    def partners_in(self, part: str, site: Site) -> list[re.Match[str]]:
        """The primitives that may be the partner's, in the part of a sentence on the partner."""
        matches = [*self.write_side.finditer(part)]
        if self.is_full(site):
            matches += [m for m in self.read_side.finditer(part) if not _OF_READER.match(m[0])]
        return matches

    def write_barriers_in(self, part: str, site: Site) -> list[str]:
        """The primitives of the partner's side that the part of a sentence on it names."""
        write_only = [match[0] for match in self.write_only.finditer(part)]
        rest = self.write_only.sub(" ", part)
        return write_only + [match[0] for match in self.partners_in(rest, site)]


_FULL = re.compile(r"\w+_mb", re.IGNORECASE)
_CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]*(?:_+[A-Z0-9]+)+\b")
# Between a word of pairing and its object.
_LINK = re.compile(
    r"(?:\s*\b(?:the|an?|another|other|its|matching|corresponding|full)\b)*\s*", re.IGNORECASE
)
_OF_READER = re.compile(
    r"this|these|a\b|above|below|the\s+(?:above|below|following|next)", re.IGNORECASE
)
_THIS = re.compile(_THIS_BARRIER, re.IGNORECASE)


def _phrase(pattern: str) -> re.Pattern[str]:
    """A pattern that starts at a word; letter case and the spaces in the pattern do not matter."""
    return re.compile(rf"\b(?:{pattern})", re.VERBOSE | re.IGNORECASE)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _write_side(families: Families) -> re.Pattern[str]:
    theirs = _SIDES[_OTHER[families.side]]
    # "complete" and "guard" are everyday words unless they are written as a call.
    return _phrase(
        rf"""(?: (?:{alternatives((*families.full, *families.general))})
          | (?=\w*(?:_|xchg|\())(?:{alternatives((*families.implied, *families.spoken))})
          | (?:the|an?|its|their|another|full|implicit|implied|memory|general|other)\s+
            (?:\w+\s+)?(?:barrier|fence)s?
          | (?:barrier|fence)s?(?=\s+
            (?:in|from|of|at|on|by|before|after|inside|within|where|that|which|provided|when
            |done|issued)\b)
          | \w+-side\s+(?:memory\s+)?(?:barrier|fence)s?
          | {theirs.everyday} | {theirs.capitals}
          ){_CALLED_OR_NOT}"""
    )


def _read_side_of(families: Families) -> re.Pattern[str]:
    names = alternatives((*families.read, *families.load, *families.reading))
    compiler = alternatives(families.compiler)
    return re.compile(
        rf"""\s+(?:the\s+|an?\s+)?
        (?: (?P<name>(?:{names})(?=(?:\(\))?\s)|(?:{compiler})(?=\(\)))(?:\(\))?
          | (?P<words>(?:read|load)(?:\s*-\s*|\s+)(?:side\s+)?(?:memory\s+)?(?:barrier|fence)
            |(?:load[-\s])?acquire) )
        \s+(?:in|of|from|inside|within)\s+(?:the\s+)?(?P<function>[A-Za-z_]\w*)""",
        re.VERBOSE | re.IGNORECASE,
    )
