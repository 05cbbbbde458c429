"""KLP004: does the counterpart that a barrier's comment names exist, and order writes?

Source: Documentation/memory-barriers.txt, "SMP BARRIER PAIRING": a read barrier without a write
barrier on the other side orders nothing that can be relied on.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.pairing import Pair, differs, names_another
from klplint.checks.base import place
from klplint.checks.comment_regions import region_of
from klplint.checks.fixes import renaming_fix
from klplint.checks.partner_text import confident_partner, evidence, in_words, with_partner
from klplint.checks.read_barrier_base import (
    ReadBarrierCheck,
    comment_place,
    definition_places,
    listed,
)
from klplint.checks.side_words import words_for
from klplint.csource.similar_names import is_one_letter_apart
from klplint.facts.file_facts import FileFacts
from klplint.facts.partners import Partner
from klplint.facts.queries import Definition, TreeFacts
from klplint.facts.region import Region
from klplint.findings.finding import Draft, Place
from klplint.findings.fix import Fix

# Functions or files that a message lists.
_MOST_NAMES = 3
# From the most useful finding on a comment to the least.
_USEFUL = ("missing", "elsewhere", "misspelt", "other-barrier", "no-write-barrier")
_WARNINGS = ("missing", "elsewhere", "misspelt")


class StalePairingCheck(ReadBarrierCheck, frozen=True, kw_only=True):
    """Counterparts in comments on `barriers` that are not what or where the comment says."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each comment with a counterpart that is not what the comment says."""
        reported: set[tuple[str, Region]] = set()
        for facts, pair in self.pairs(tree):
            comment = pair.reading.source
            faulty = _faulty(pair)
            if comment is None or not faulty or (facts.path, comment.region) in reported:
                continue
            reported.add((facts.path, comment.region))
            partner = _unnamed(confident_partner(tree, facts.path, pair.barrier), pair, faulty[0])
            counterpart = _with_suggestion(faulty[0], pair, partner)
            draft = self._finding(pair, [counterpart, *faulty[1:]], facts)
            fix = None
            if len(faulty) == 1 and pair.reading.pairing == "explicit":  # else there is more to do
                function = self._meant(counterpart, pair, partner)
                fix = renaming_fix(facts.path, comment, counterpart, function)
            draft = msgspec.structs.replace(draft, fix=fix and _with_reason(fix, draft, partner))
            yield with_partner(draft, partner, facts, is_named=counterpart.alike is not None)

    def _meant(self, counterpart: Counterpart, pair: Pair, partner: Partner | None) -> str:
        """The function that is meant by a name that is nowhere, "" if that is not clear.

        It has to hold the barrier that the comment says is there. Where a comment only refers to
        another one, the code does not show where that is.
        """
        alike = counterpart.alike
        if partner is None:
            barriers = [call.name for call in alike.calls] if alike else []
        elif alike is None and pair.reading.condition == "pointer":
            barriers = []
        else:
            barriers = [partner.barrier]
        if not any(self._is_claimed(name, counterpart, pair) for name in barriers):
            return ""
        return partner.function if partner else (alike.name if alike else "")

    def _is_claimed(self, barrier: str, counterpart: Counterpart, pair: Pair) -> bool:
        """Whether a barrier may be the one that a comment says is in a function."""
        families = self.families_for(pair)
        if not counterpart.holds:
            return families.is_write_barrier(barrier)
        return any(families.does_as(barrier, primitive) for primitive in counterpart.holds)

    def _finding(self, pair: Pair, faulty: list[Counterpart], facts: FileFacts) -> Draft:
        """The finding for a comment; the most useful of its counterparts is in the message."""
        counterpart, *others = faulty
        barrier, comment = pair.barrier, pair.reading.source
        where = f" in {barrier.function}()" if barrier.function else ""
        return Draft(
            place=place(facts, barrier.region, words_for(pair).this),
            message=_fault(
                counterpart, f"the comment on {barrier.written}(){where}", words_for(pair).other
            ),
            function=barrier.function,
            level=None if counterpart.status in _WARNINGS else "note",
            related=(
                *_mention(pair, counterpart, facts),
                *definition_places([counterpart]),
                *_others(counterpart),
                *(p for other in others for p in _mention(pair, other, facts)),
            ),
            refuted=place(facts, comment.region)
            if comment and self._is_loss(counterpart, pair)
            else None,
        )

    def _is_loss(self, counterpart: Counterpart, pair: Pair) -> bool:
        """Whether nothing in a counterpart is a barrier by itself: what is left was there before.

        Where one barrier replaces another, only the comment is out of date.
        """
        families = self.families_for(pair)
        return not any(families.is_write_barrier(each.name) for each in counterpart.barriers)


def _faulty(pair: Pair) -> list[Counterpart]:
    """The counterparts of a comment that are worth a finding, the most useful first.

    A counterpart without the barrier does not matter where another one has it: the comment then
    names a function that leads there, or one that is ordered by a lock. Nor does it where the
    comment claims none: KLP003 asks for the barrier then.
    """
    faulty = [c for c in pair.counterparts if c.status not in ("ok", "not-in-part")]
    is_claimed = pair.reading.pairing == "explicit"
    if not is_claimed or any(c.status == "ok" and c.barriers for c in pair.counterparts):
        faulty = [c for c in faulty if c.status != "no-write-barrier"]
    return sorted(faulty, key=lambda c: (_USEFUL.index(c.status), c.alike is None))


def _unnamed(partner: Partner | None, pair: Pair, counterpart: Counterpart) -> Partner | None:
    """The partner that the code shows, if a comment names another one.

    Where another barrier replaces the one that a comment names, that one orders writes, too: the
    comment is out of date.
    """
    if partner is None or counterpart.status == "other-barrier":
        return None
    is_missing = counterpart.status == "missing"
    is_another = names_another(pair, partner) if is_missing else differs(pair, partner)
    return partner if is_another else None


def _with_suggestion(counterpart: Counterpart, pair: Pair, partner: Partner | None) -> Counterpart:
    """A counterpart without a similar name that cannot be meant: what the code shows is better.

    Nor can it be a function that the comment names already, the one of the barrier itself, or one
    that calls this and has the same name but for a letter.
    """
    alike = counterpart.alike
    if alike is None:
        return counterpart
    in_comment = {each.name for each in pair.counterparts} | {pair.barrier.function}
    is_other = partner and (partner.function, partner.path) != (alike.name, alike.path)
    if not is_other and alike.name not in in_comment and not _is_twin(alike, pair):
        return counterpart
    return msgspec.structs.replace(counterpart, alike=None)


def _is_twin(alike: Definition, pair: Pair) -> bool:
    """Whether a function only calls that of the barrier, whose name it has but for a letter."""
    function = pair.barrier.function or ""
    calls = any(call.name == function for call in alike.calls)
    return calls and is_one_letter_apart(function, alike.name)


def _with_reason(fix: Fix, draft: Draft, partner: Partner | None) -> Fix:
    """A fix with what is wrong with the comment, and what the code shows instead."""
    fault = draft.message.partition(";")[0]
    reason = f"{fault[:1].upper()}{fault[1:]}."
    if partner:
        reason += f" By the code, the partner is {in_words(partner)}: {evidence(partner)}."
    return msgspec.structs.replace(fix, reason=reason)


def _fault(counterpart: Counterpart, comment: str, other: str) -> str:
    """What a comment names, what is wrong with it, and what to do.

    `other` is the side of the barrier that the comment should name.
    """
    written, alike = counterpart.written, counterpart.alike
    match counterpart.status:
        case "missing":
            remedy = (
                f"did you mean {alike.name}() in {alike.path}?"
                if alike
                else f"name the function that holds the {other} barrier now"
            )
            if data := counterpart.data:
                only = f"only a variable or a type of that name ({data.path})"
                return (
                    f"there is no function {written} in the tree, {only}, but {comment} names it; "
                    f"{remedy}"
                )
            return f"{written} is nowhere in the tree, but {comment} names it; {remedy}"
        case "elsewhere":
            files = listed(dict.fromkeys(d.path for d in counterpart.definitions[:_MOST_NAMES]))
            return (
                f"{comment} names {written} in {counterpart.file}, but {written} is in {files}; "
                "update the comment"
            )
        case "misspelt":
            return (
                f"{comment} names {counterpart.misspelt}() in {written}, which is not a "
                f"primitive; did you mean {counterpart.primitive}()?"
            )
        case "other-barrier":
            wanted = " or ".join(f"{name}()" for name in counterpart.holds)
            there = dict.fromkeys(f"{barrier.name}()" for barrier in counterpart.barriers)
            return (
                f"{comment} names {wanted} in {written}, but {written} and what it calls directly "
                f"have {listed([*there][:_MOST_NAMES])}, no {wanted}; "
                "update the comment, or add the barrier"
            )
        case _:
            return (
                f"{comment} names {written}, but neither {written} nor anything it calls directly "
                f"has a {other}-side barrier; update the comment, or add the barrier"
            )


def _others(counterpart: Counterpart) -> tuple[Place, ...]:
    """The barriers that are there in place of the one that the comment names."""
    if counterpart.status != "other-barrier":
        return ()
    return tuple(
        Place(barrier.path, barrier.region, f"{barrier.name}() is here")
        for barrier in counterpart.barriers[:_MOST_NAMES]
    )


def _mention(pair: Pair, counterpart: Counterpart, facts: FileFacts) -> tuple[Place, ...]:
    """Where the comment names a counterpart; the comment, if the name is spelt otherwise there."""
    comment = pair.reading.source
    region = comment and region_of(counterpart.name, comment)
    return (place(facts, region, "named here"),) if region else comment_place(pair.reading, facts)
