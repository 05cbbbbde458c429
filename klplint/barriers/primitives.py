"""How comments name barriers and other primitives of the read side and the write side."""

from __future__ import annotations

import re

from klplint.analysis.name_patterns import alternatives
from klplint.barriers.families import Families
from klplint.barriers.vocabulary import CALLED_OR_NOT, compiled, phrase

_THIS_BARRIER = r"\b(?:this|these)\s+(?:memory\s+)?barriers?"
# Replaces a read barrier that may be the partner.
_A_BARRIER = " the barrier "


class Primitives:
    """The patterns by which comments name primitives, made from the families of barriers."""

    def __init__(self, families: Families) -> None:
        self.write_only = phrase(
            rf"""(?: (?:{alternatives(families.write)}) | (?:\w+_)?wmbs?
              | store[-_\s]release | write\s+seq(?:lock|count)
              | (?:implicit|implied|full)\s+(?:\w+\s+)?(?:barrier|fence)s?
                (?=\s+(?:in|of|from|by)\s)
              | (?:write|store)(?:\s*-\s*|\s+)(?:side\s+)?(?:memory\s+)?(?:barrier|fence)s?
              ){CALLED_OR_NOT}"""
        )
        """Primitives that order writes only: to name one is to name the writer's side."""
        self.write_side = _write_side(families)
        """Primitives that also order writes: they count only as the object of words of pairing."""
        self.full = frozenset(families.full)
        """The names of the full barriers, which may stand on either side."""
        self.general = phrase(
            rf"(?:{alternatives((*families.full, *families.general))}){CALLED_OR_NOT}"
        )
        """The names of full barriers themselves, without everyday words for them."""
        self.read_side = phrase(
            rf"""(?: (?:{alternatives(families.read)}) | (?:\w+_)?rmbs?
              | (?:read|load)(?:\s*-\s*|\s+)(?:side\s+)?(?:memory\s+)?(?:barrier|fence)s?
              | (?:this|these|the\s+(?:above|below|following|next)|a|below|above)\s+
                (?:memory\s+)?barriers?
              | the\s+(?:memory\s+)?barriers?\s+
                (?=is|are|here|below|above|pair|match|correspond)
              ){CALLED_OR_NOT}"""
        )
        """The reader's side, which a comment on a read barrier names anyway."""
        self.other_reader = phrase(rf"(?:{alternatives(families.load)})(?:\(\))?\s+(?:\w+\s+)?$")
        """An ordering load that is the subject of the word of pairing behind it."""
        self.families = families
        """What the names are made from."""
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

    def is_known(self, name: str) -> bool:
        """Whether a name is the full name of a primitive; other names may only look like one."""
        return self.families.is_known(name)

    def others_in(self, sentence: str, reader_names: frozenset[str]) -> str:
        """A sentence without what it says about the reader's side: the partner's side is left.

        `reader_names` are the barrier itself and its function. The partner of a full barrier may
        be a read barrier.
        """
        full = reader_names & self.full
        if not full:
            return self.read_side.sub(" ", sentence)
        sides = rf"\b(?:{alternatives(full)}){CALLED_OR_NOT}|{_THIS_BARRIER}"
        partners = re.sub(sides, " ", sentence, flags=re.VERBOSE | re.IGNORECASE)
        return self.read_side.sub(_A_BARRIER, partners)

    def write_barriers_in(
        self, sentence: str, reader_names: frozenset[str] = frozenset()
    ) -> list[str]:
        """The primitives of the writer's side that a sentence names."""
        others = self.others_in(sentence, reader_names)
        write_only = [match[0] for match in self.write_only.finditer(others)]
        rest = self.write_only.sub(" ", others)
        return write_only + [match[0] for match in self.write_side.finditer(rest)]


def _write_side(families: Families) -> re.Pattern[str]:
    # "complete" and "guard" are everyday words unless they are written as a call.
    return phrase(
        rf"""(?: (?:{alternatives((*families.full, *families.general))})
          | (?=\w*(?:_|xchg|\())(?:{alternatives((*families.implied, *families.spoken))})
          | (?:the|an?|its|their|another|full|implicit|implied|memory|general|other)\s+
            (?:\w+\s+)?(?:barrier|fence)s?
          | (?:barrier|fence)s?(?=\s+
            (?:in|from|of|at|on|by|before|after|inside|within|where|that|which|provided|when
            |done|issued)\b)
          | release | write\s+order(?:ing)?
          ){CALLED_OR_NOT}"""
    )


def _read_side_of(families: Families) -> re.Pattern[str]:
    names = alternatives((*families.read, *families.load, *families.reading))
    compiler = alternatives(families.compiler)
    return compiled(
        rf"""\s+(?:the\s+|an?\s+)?
        (?: (?P<name>(?:{names})(?=(?:\(\))?\s)|(?:{compiler})(?=\(\)))(?:\(\))?
          | (?P<words>(?:read|load)(?:\s*-\s*|\s+)(?:side\s+)?(?:memory\s+)?(?:barrier|fence)
            |load[-\s]acquire) )
        \s+(?:in|of|from|inside|within)\s+(?:the\s+)?(?P<function>[A-Za-z_]\w*)"""
    )
