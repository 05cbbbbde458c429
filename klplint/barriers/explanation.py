"""Why a barrier was read as it was: each comment, each sentence, each name.

For people who doubt a finding, or an entry of `klplint pairs`.
"""

from __future__ import annotations

import msgspec

from klplint.barriers.comment_choice import Use
from klplint.barriers.primitives import Site
from klplint.barriers.reading import Reader, SentenceReading
from klplint.facts.file_facts import Barrier


class Heard(msgspec.Struct, frozen=True):
    """A sentence, or a diagram, and what it was read as."""

    line: int
    """Its line in the file."""
    text: str
    pairing: str
    because: str
    names: tuple[tuple[str, str], ...] = ()
    """Each name in it, and what it is: a partner, an example, a spot."""


class HeardComment(msgspec.Struct, frozen=True):
    """A comment near a barrier, and how it was used."""

    line: int
    use: Use
    sentences: tuple[Heard, ...] = ()
    """Empty for a comment that was not read."""


def explain(barrier: Barrier, siblings: int, reader: Reader) -> tuple[HeardComment, ...]:
    """What was made of the comments near a barrier, attached ones first."""
    site = Site(barrier.name, barrier.function or "", barrier.alias)
    return tuple(
        HeardComment(
            comment.region.line,
            use,
            ()
            if use == "not its own"
            else tuple(
                _heard(each, comment.region.line) for each in reader.sentences(comment.text, site)
            ),
        )
        for comment, use in reader.candidates(barrier, siblings=siblings)
    )


def _heard(each: SentenceReading, first: int) -> Heard:
    roles = each.statement.roles.items() if each.statement else ()
    names = tuple((spot.mention.written, role) for spot, role in roles)
    drawn = tuple((name.written, "partner") for name in each.verdict.names)
    return Heard(
        first + each.sentence.line,
        each.sentence.text,
        each.verdict.pairing,
        each.verdict.because,
        names if each.statement else drawn,
    )
