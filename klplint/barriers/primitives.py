"""How comments name barriers and other primitives of the read side and the write side."""

from __future__ import annotations

import re

from klplint.analysis.name_patterns import alternatives
from klplint.barriers.families import Families
from klplint.barriers.vocabulary import CALLED_OR_NOT, phrase

_THIS_BARRIER = r"\b(?:this|these)\s+(?:memory\s+)?barriers?"
# Stands for a read barrier where that may be the partner.
_A_BARRIER = " the barrier "


class Primitives:
    """The patterns by which a comment names primitives, from the families of barriers."""

    def __init__(self, families: Families) -> None:
        # "complete", "guard" and their like are everyday words unless written as a call.
        self.write_only = phrase(
            rf"""(?: (?:{alternatives(families.write)}) | (?:\w+_)?wmbs?
              | store[-_\s]release | write\s+seq(?:lock|count)
              | (?:implicit|implied|full)\s+(?:\w+\s+)?(?:barrier|fence)s?
                (?=\s+(?:in|of|from|by)\s)
              | (?:write|store)(?:\s*-\s*|\s+)(?:side\s+)?(?:memory\s+)?(?:barrier|fence)s?
              ){CALLED_OR_NOT}"""
        )
        """Order writes and nothing but writes: naming one is naming the other side."""
        self.write_side = phrase(
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
        """Order writes among other things: they count as the object of pairing words."""
        self.full = frozenset(families.full)
        self.general = phrase(
            rf"(?:{alternatives((*families.full, *families.general))}){CALLED_OR_NOT}"
        )
        """A barrier's own name, and no everyday word."""
        self.read_side = phrase(
            rf"""(?: (?:{alternatives(families.read)}) | (?:\w+_)?rmbs?
              | (?:read|load)(?:\s*-\s*|\s+)(?:side\s+)?(?:memory\s+)?(?:barrier|fence)s?
              | (?:this|these|the\s+(?:above|below|following|next)|a|below|above)\s+
                (?:memory\s+)?barriers?
              | the\s+(?:memory\s+)?barriers?\s+
                (?=is|are|here|below|above|pair|match|correspond)
              ){CALLED_OR_NOT}"""
        )
        """The reader's own side, which a comment on a read barrier names of itself."""
        self.other_reader = phrase(rf"(?:{alternatives(families.load)})(?:\(\))?\s+(?:\w+\s+)?$")
        """A load that orders, as the one that pairs: a word further on says so of it."""

    def is_primitive(self, name: str) -> bool:
        """Whether a name is a primitive's, and no function's that a comment might point to.

        Names are asked for that are written as calls, or could be nothing else.
        """
        return any(
            pattern.fullmatch(f"{name}()")
            for pattern in (self.write_only, self.write_side, self.read_side)
        )

    def others_in(self, sentence: str, own: frozenset[str]) -> str:
        """A sentence without what it says of its own side, so that the partner's is left.

        The partner of a barrier that orders everything may be one that orders reads.
        """
        full = own & self.full
        if not full:
            return self.read_side.sub(" ", sentence)
        sides = rf"\b(?:{alternatives(full)}){CALLED_OR_NOT}|{_THIS_BARRIER}"
        partners = re.sub(sides, " ", sentence, flags=re.X | re.I)
        return self.read_side.sub(_A_BARRIER, partners)

    def write_barriers_in(self, sentence: str, own: frozenset[str] = frozenset()) -> list[str]:
        """The primitives of the other side that a sentence names."""
        others = self.others_in(sentence, own)
        found = [match[0] for match in self.write_only.finditer(others)]
        return found + [m[0] for m in self.write_side.finditer(self.write_only.sub(" ", others))]
