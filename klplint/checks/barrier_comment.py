"""KLP003: does a comment identify the write barrier that a read barrier pairs with?

Source: Documentation/memory-barriers.txt, "SMP BARRIER PAIRING"; submit-checklist.rst asks for
a comment on every barrier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.held_barriers import WriteBarrier
from klplint.barriers.ordering import is_misordered_once_named
from klplint.barriers.pairing import Naming, Pair, names_another
from klplint.checks.base import place
from klplint.checks.fixes import naming_fix, other_end
from klplint.checks.partner_text import (
    confident_partner,
    evidence,
    in_words,
    with_partner,
)
from klplint.checks.read_barrier_base import (
    ReadBarrierCheck,
    comment_place,
    definition_places,
    listed,
)
from klplint.checks.side_words import words_for
from klplint.facts.file_facts import Barrier, FileFacts
from klplint.facts.partners import Partner
from klplint.facts.queries import Query, TreeFacts
from klplint.findings.finding import Draft, Place
from klplint.findings.fix import Fix, NamedPartner, PartnerComment

_MENTIONS_BARRIER = re.compile(r"\b(?:barriers?|fences?|\w*[rw]?mb)\b", re.IGNORECASE)


class BarrierCommentCheck(ReadBarrierCheck, frozen=True, kw_only=True):
    """Uses of `barriers` without a comment that identifies the paired write barrier."""

    @property
    def needs_tree(self) -> bool:
        """Comments can be read without a kernel."""
        return False

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """Also where comments name the functions of barriers whose own comments say nothing."""
        yield from super().queries(tree)
        yield from self.pair_reader(tree).naming_queries(tree)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each barrier without a comment, or whose comment names no partner.

        A comment that names what is nowhere in the tree is reported by KLP004, once.
        """
        reader = self.pair_reader(tree)
        for facts, pair in reader.pairs(tree):
            if pair.reading.pairing == "explicit":
                continue
            is_stale = any(c.status in ("missing", "elsewhere") for c in pair.counterparts)
            if not (is_stale and pair.reading.pairing == "implicit"):
                partner = confident_partner(tree, facts.path, pair.barrier)
                naming = None
                if pair.reading.pairing == "none" and pair.barrier.function:
                    naming = reader.naming(tree, facts, pair.barrier)
                draft = _with_naming(self._finding(pair, facts, partner), naming)
                fix = self._fix(pair, facts, partner, naming)
                partners = tree.partners_of(facts.path, pair.barrier.region)
                if fix and pair.side == "read" and _is_wrong_once_named(fix, partners):
                    fix = None  # KLP007 would report what it says
                yield msgspec.structs.replace(with_partner(draft, partner, facts), fix=fix)

    def _fix(
        self, pair: Pair, facts: FileFacts, partner: Partner | None, naming: Naming | None
    ) -> Fix | None:
        """The fix that names the one partner that comments and code agree on, if there is one."""
        offered = self._offered(pair)
        if pair.reading.impossible or pair.reading.condition == "pointer":
            return None
        if partner and not names_another(pair, partner):
            names = NamedPartner(partner.barrier, partner.function)
            fix = naming_fix(facts, pair.barrier, names, other_end(pair.barrier, partner))
            here = f"{_use(pair.barrier)} ({facts.path}) pairs with {in_words(partner)}"
            return msgspec.structs.replace(fix, reason=f"{here}: {evidence(partner)}.")
        if partner is None and offered:
            return naming_fix(facts, pair.barrier, offered)
        if partner is None and naming and naming.function:
            names = NamedPartner(naming.written.removesuffix("()"), naming.function)
            return naming_fix(facts, pair.barrier, names)
        return None

    def _finding(self, pair: Pair, facts: FileFacts, partner: Partner | None) -> Draft:
        """The finding for a barrier whose comment does not identify the partner."""
        barrier, reading = pair.barrier, pair.reading
        return Draft(
            place=place(
                facts, barrier.region, f"which {words_for(pair).other} barrier does it pair with?"
            ),
            message=self._message(pair, partner),
            function=barrier.function,
            level="note" if reading.pairing == "implicit" else None,
            related=(*comment_place(reading, facts), *definition_places(pair.counterparts)),
        )

    def _message(self, pair: Pair, partner: Partner | None) -> str:
        barrier, reading = pair.barrier, pair.reading
        if reading.pairing == "implicit":
            return self._names_writer_only(pair)
        wish, words = self._wish(pair, partner), words_for(pair)
        if reading.impossible:
            return (
                f"the comment on {_use(barrier)} pairs it with {reading.impossible}"
                f"{'' if reading.itself else f', which orders no {words.ordered}'}; name {wish}"
            )
        if reading.condition == "pointer":
            places = listed(counterpart.written for counterpart in pair.counterparts)
            return (
                f"the comment on {_use(barrier)} refers to {places or 'another place'}, but no "
                f"comment there mentions a barrier; name {wish}"
            )
        if reading.source is not None:
            return (
                f"the comment on {_use(barrier)} does not identify the paired "
                f"{words.other} barrier; name {wish}"
            )
        if any(_MENTIONS_BARRIER.search(c.text) for c in barrier.comments if not c.gap):
            return (
                f"no comment at {_use(barrier)} says which {words.other} barrier it pairs with; "
                f"add one that names {wish}"
            )
        return f"{_use(barrier)} has no comment; add one that names {wish}"

    def _wish(self, pair: Pair, partner: Partner | None) -> str:
        """What the comment should say, as part of the message: the partner, where it is clear."""
        words = words_for(pair)
        usual = self.families_for(pair).readers[pair.barrier.name]
        function = partner.function if partner and partner.function else f"<{words.somebody}>"
        example = f'"pairs with {partner.barrier if partner else usual}() in {function}()"'
        if_device = "" if partner else self._if_device(pair)
        return (
            f"the {words.other} barrier it pairs with and the function that holds it, as in "
            f"{example}{if_device}"
        )

    def _if_device(self, pair: Pair) -> str:
        """What to write of a device, which has no function."""
        families = self.families_for(pair)
        if families.readers[pair.barrier.name] not in families.device:
            return ""
        return f"; for a device, say what it {words_for(pair).does} last"

    def _names_writer_only(self, pair: Pair) -> str:
        """The message for a comment that names the writer; suggests the barrier that is there."""
        reading, use = pair.reading, _use(pair.barrier)
        writers = listed(counterpart.written for counterpart in pair.counterparts)
        if not writers:
            advice, devices = "", self.families_for(pair).device_advice
            if reading.of_device and pair.barrier.name in devices:
                advice = f"; for a device, use {devices[pair.barrier.name]}()"
            return (
                f"the comment on {use} says what the other side does, but neither where nor with "
                f"which barrier{advice or '; name both'}"
            )
        kind = words_for(pair).other
        message = f"the comment on {use} names {writers} but not the {kind} barrier it pairs with"
        offered = self._offered(pair)
        if offered:
            return f"{message}; is it {offered.barrier}() in {offered.function}()?"
        return f"{message}; name that, too"

    def _offered(self, pair: Pair) -> NamedPartner | None:
        """The barrier that is likely meant by a comment that names only its function."""
        for counterpart in pair.counterparts:
            for barrier in counterpart.barriers:
                if self._can_be_offered(barrier, counterpart, pair):
                    return NamedPartner(barrier.name, counterpart.name)
        return None

    def _can_be_offered(self, barrier: WriteBarrier, counterpart: Counterpart, pair: Pair) -> bool:
        """Whether a barrier found for a writer is likely meant: ordering is its job."""
        is_clear = len({d.path for d in counterpart.definitions}) == 1
        return is_clear and self.families_for(pair).is_write_barrier(barrier.name)


def _with_naming(draft: Draft, other: Naming | None) -> Draft:
    """A finding that also offers the barrier whose comment names this one's function."""
    if other is None:
        return draft
    inside = f" in {other.function}()" if other.function else ""
    where = f"{other.written}{inside} ({other.path}:{other.region.line})"
    return msgspec.structs.replace(
        draft,
        message=f"{draft.message}; the comment on {where} says that it pairs with this function",
        related=(
            *draft.related,
            Place(other.path, other.region, "its comment names this function"),
        ),
    )


def _use(barrier: Barrier) -> str:
    """A barrier as messages name it: with the function around it."""
    return f"{barrier.written}()" + (f" in {barrier.function}()" if barrier.function else "")


def _is_wrong_once_named(fix: Fix, partners: Sequence[Partner]) -> bool:
    """Whether a fix names a partner whose barrier does not order what both sides access."""
    (change, *_) = fix.changes
    return isinstance(change, PartnerComment) and any(
        is_misordered_once_named(each.barrier, each.function, partners) for each in change.partners
    )
