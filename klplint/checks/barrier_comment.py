"""KLP003: does a comment identify the write barrier that a read barrier pairs with?

Source: Documentation/memory-barriers.txt, "SMP BARRIER PAIRING"; submit-checklist.rst asks for
a comment on every barrier.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.barriers.pairing import Pair
from klplint.checks.base import place
from klplint.checks.partner_text import confident_partner, with_partner
from klplint.checks.read_barrier_base import (
    ReadBarrierCheck,
    comment_place,
    definition_places,
    listed,
)
from klplint.facts.file_facts import Barrier, FileFacts
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Draft


class BarrierCommentCheck(ReadBarrierCheck, frozen=True, kw_only=True):
    """Uses of `barriers` without a comment that identifies the paired write barrier."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each barrier without a comment, or whose comment names no partner."""
        for facts, pair in self.pairs(tree):
            if pair.reading.pairing != "explicit":
                partner = confident_partner(tree, facts.path, pair.barrier)
                yield with_partner(self._finding(pair, facts), partner, facts)

    def _finding(self, pair: Pair, facts: FileFacts) -> Draft:
        """The finding for a barrier whose comment does not identify the partner."""
        barrier, reading = pair.barrier, pair.reading
        related = comment_place(reading, facts)
        if reading.pairing == "implicit":
            message = _names_writer_only(pair)
        elif reading.impossible:
            message = (
                f"the comment on {_use(barrier)} pairs it with {reading.impossible}, which orders "
                f"no writes; name {self._wish(barrier)}"
            )
        elif reading.by_pointer:
            places = listed(counterpart.written for counterpart in pair.counterparts)
            message = (
                f"the comment on {_use(barrier)} refers to {places}, but no comment there "
                f"mentions a barrier; name {self._wish(barrier)}"
            )
        elif reading.source is not None:
            message = (
                f"the comment on {_use(barrier)} does not identify the paired write barrier; "
                f"name {self._wish(barrier)}"
            )
        else:
            message = f"{_use(barrier)} has no comment; add one that names {self._wish(barrier)}"
        return Draft(
            place=place(facts, barrier.region, "which write barrier does it pair with?"),
            message=message,
            function=barrier.function,
            level="note" if reading.pairing == "implicit" else None,
            related=(*related, *definition_places(pair.counterparts)),
        )

    def _wish(self, barrier: Barrier) -> str:
        """What the comment should say, as part of the message."""
        partner = self.families.readers[barrier.name]
        return (
            "the write barrier it pairs with and the function that holds it, as in "
            f'"pairs with {partner}() in <the writer>()"'
        )


def _use(barrier: Barrier) -> str:
    """A barrier as messages name it: with the function around it."""
    return f"{barrier.name}()" + (f" in {barrier.function}()" if barrier.function else "")


def _names_writer_only(pair: Pair) -> str:
    """The message for a comment that names the writer; suggests the barrier that is there."""
    writers = listed(counterpart.written for counterpart in pair.counterparts)
    message = (
        f"the comment on {_use(pair.barrier)} names {writers or 'a writer'} "
        "but not the write barrier it pairs with"
    )
    for counterpart in pair.counterparts:
        for barrier in counterpart.barriers[:1]:
            return f"{message}; is it {barrier.name}() in {counterpart.written}?"
    return f"{message}; name that, too"
