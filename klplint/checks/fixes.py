"""The fixes that several checks propose."""

from __future__ import annotations

from collections.abc import Collection

from klplint.barriers.counterparts import Counterpart
from klplint.checks.comment_regions import region_of
from klplint.facts.file_facts import Barrier, Comment, FileFacts
from klplint.facts.partners import Partner
from klplint.facts.region import Region
from klplint.findings.fix import BarrierMove, Fix, NamedPartner, PartnerComment, Replacement

# Where a comment is about the barrier alone, and may say more about it.
_AT_BARRIER = ("line", "above")


def naming_fix(
    facts: FileFacts,
    barrier: Barrier,
    partner: NamedPartner,
    other_end: PartnerComment | None = None,
) -> Fix:
    """The fix that names a partner in the comment on a barrier, or in a new one.

    `other_end` is the comment on the partner, for one that has none.
    """
    comment = _own_comment(barrier)
    change = PartnerComment(facts.path, barrier.region, (partner,), comment)
    where = f" in {barrier.function}()" if barrier.function else ""
    reason = (
        f"{barrier.written}(){where} ({facts.path}) pairs with {partner.barrier}() in "
        f"{partner.function}()."
    )
    title = "name the partner in the comment" if comment else "add a comment that names the partner"
    return Fix(title, (change, other_end) if other_end else (change,), reason=reason)


def other_end(barrier: Barrier, partner: Partner) -> PartnerComment | None:
    """The comment on a partner that names the function of a barrier."""
    if not barrier.function:
        return None
    reader = NamedPartner(barrier.written, barrier.function)
    return PartnerComment(partner.path, partner.region, (reader,), if_uncommented=True)


def moving_fix(
    facts: FileFacts, barrier: Barrier, partner: Partner, movable: Collection[str]
) -> Fix | None:
    """The fix that moves the barrier which has two objects on one side, between these.

    None where the one that has to be before it is behind the other one, or where one is accessed on
    both sides of a barrier: nobody knows then which access is meant. Whether the pair is right
    then, and others stay so, is checked later, when the text is there.
    """
    order = partner.order
    if order.reason != "same-side" or order.again:
        return None
    (wrong, right), is_readers = order.objects, order.is_readers
    uses = (wrong.reader, right.reader) if is_readers else (wrong.writer, right.writer)
    first, second = uses if uses[0].side == "after" else uses[::-1]
    name = barrier.written if is_readers else partner.barrier
    if (first.line, first.column) >= (second.line, second.column) or name not in movable:
        return None
    deed = "load of" if is_readers else "store to"
    where = "behind" if uses[0].side == "after" else "before"
    path = facts.path if is_readers else partner.path
    region = barrier.region if is_readers else partner.region
    change = BarrierMove(path, region, first.region, second.region)
    return Fix(f"move {name}() {where} the {deed} `{wrong.name}`", (change,))


def _own_comment(barrier: Barrier) -> Region | None:
    """The nearest comment that is directly at a barrier."""
    for comment in barrier.comments:
        if comment.place in _AT_BARRIER and comment.gap == 0:
            return comment.region
    return None


def renaming_fix(
    path: str, comment: Comment, counterpart: Counterpart, function: str
) -> Fix | None:
    """The fix that replaces what a comment names by what is there, if only one thing can be meant.

    `function` is what is meant by one that is nowhere; "" if that is not clear.
    """
    was, text = _renamed(counterpart, function)
    region = region_of(was, comment) if text else None
    if region is None:
        return None
    change = Replacement(path, region, was, text)
    gone = was if counterpart.status == "missing" else ""
    return Fix(f"write {text} instead of {was}", (change,), gone=gone)


def _renamed(counterpart: Counterpart, function: str) -> tuple[str, str]:
    """The word of a comment that is wrong, and the right one; "" where that is not clear."""
    match counterpart.status:
        case "missing" if counterpart.kind != "file":
            return counterpart.name, function
        case "elsewhere":
            files = {definition.path for definition in counterpart.definitions}
            return counterpart.file, files.pop() if len(files) == 1 else ""
        case "misspelt":
            is_there = counterpart.primitive in {each.name for each in counterpart.barriers}
            return counterpart.misspelt, counterpart.primitive if is_there else ""
        case "other-barrier":
            names = {barrier.name for barrier in counterpart.barriers}
            is_clear = len(names) == len(counterpart.holds) == 1
            return counterpart.holds[0], names.pop() if is_clear else ""
        case _:
            return counterpart.name, ""
