"""What one sentence of a comment says about the pairing, and how rules put it."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from klplint.barriers.named_functions import Named, Spotted
from klplint.barriers.statement import Statement

Pairing = Literal["none", "implicit", "explicit"]
"""`explicit`: the comment identifies the paired barrier; `implicit`: it names the writer only."""
PAIRINGS: tuple[Pairing, ...] = ("none", "implicit", "explicit")
"""From the weakest to the strongest."""
Condition = Literal["", "pointer", "name", "spot"]
"""What has to be true in the tree for a reading: the place that it points to explains the pairing,
the word is that of a function, or another comment of the file marks the spot."""


class Verdict(NamedTuple):
    """What one sentence says."""

    pairing: Pairing
    because: str = ""
    """The words that decided, as the sentence has them."""
    names: tuple[Named, ...] = ()
    condition: Condition = ""
    spot: str = ""
    """The letter that marks the partner."""
    impossible: str = ""
    """What it says it pairs with, where that cannot be a partner: "smp_rmb() in foo()"."""
    of_device: bool = False
    """Whether the other side is a device."""
    itself: bool = False
    """Whether it says that the partner is in the reader's own function."""


def explicit(s: Statement, words: re.Match[str] | None, primitive: re.Match[str] | None) -> Verdict:
    """The verdict that a sentence names the partner, with all names that may be its."""
    direct = [spot for spot in s.partners if not spot.mention.pointed_at]
    names = s.named(direct or s.partners)
    parts = (words and words[0], primitive and primitive[0], *(n.written for n in names))
    return Verdict("explicit", because(*parts), names)


def at_spot(words: re.Match[str], spot: str) -> Verdict:
    """The verdict that the partner is at a spot that a letter marks."""
    return Verdict("explicit", because(words, spot), condition="spot", spot=spot)


def if_function(spots: list[Spotted]) -> Condition:
    """The condition that a name is that of a function, where none is written as a call."""
    return "" if any(spot.mention.called for spot in spots) else "name"


def because(*parts: str | re.Match[str] | None) -> str:
    """The words that decided, as one text."""
    texts = [part if isinstance(part, str) else part[0] for part in parts if part]
    return " + ".join(" ".join(text.split()) for text in texts)


def is_value(s: Statement, writer: re.Match[str]) -> bool:
    """Whether "the producer" is an index that is read and written, and not whoever moves it."""
    return bool(
        _ACCESS.search(s.text, 0, writer.start()) or _IS_ACCESSED.match(s.text, writer.end())
    )


_ACCESS = re.compile(
    r"\b(?:writing|reading|updating|loading|storing)\s+(?:the\s+)?\Z", re.IGNORECASE
)
_IS_ACCESSED = re.compile(
    r"\s+(?:is|was|be)\s+(?:read|written|updated|stored|loaded)\b"
    r"|\s+(?:index|idx|pointer|counter|value|position|ring|queue)\b",
    re.IGNORECASE,
)
