"""What a comment says of a read barrier's partner: a pure function of its text.

The steps: make the text plain and split it in sentences (`text`), find pairing words, find
write-side primitives, find the functions and files named (`vocabulary`, `names`), and judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from klplint.comments import vocabulary as words
from klplint.comments.names import Named, names_in
from klplint.comments.text import sentences
from klplint.facts import Barrier, Comment

Pairing = Literal["explicit", "implicit", "none"]
Attachment = Literal["attached", "remote", "none"]

_RANK: dict[Pairing, int] = {"none": 0, "implicit": 1, "explicit": 2}
# How far behind a weak pairing word its object may stand, in characters.
_CLOSE = 60


class Reading(msgspec.Struct, frozen=True):
    """What was read: does a comment identify the paired barrier, and whom does it name?

    `comment` tells whether a comment belongs to the barrier at all, `source` which one decided.
    """

    comment: Attachment
    pairing: Pairing
    counterparts: tuple[Named, ...] = ()
    write_barriers: tuple[str, ...] = ()
    source: Comment | None = None


def read_barrier(barrier: Barrier) -> Reading:
    """The best reading of all comments that belong to a barrier.

    Attached comments come first; a comment elsewhere in the function or at its head counts if
    an attached one points to it ("see above"), or if it names this barrier and its partner.
    """
    own = frozenset({barrier.name, barrier.function or ""})
    attached = [c for c in barrier.comments if _is_attached(c, barrier.name)]
    attached += [
        c for c in barrier.comments if c.place == "other" and words.SEVERAL.search(c.text)
    ][:1]
    candidates = [(comment, read_comment(comment.text, own)) for comment in attached]
    if any(words.SEE_ABOVE.search(comment.text) for comment in attached):
        candidates += [
            (c, read_comment(c.text, own)) for c in barrier.comments if c not in attached
        ]
    near = _best(candidates, "attached")
    if near.pairing != "none":
        return near
    # Next to a comment that names nobody, only the function's head may still name the partner.
    places = ("header",) if attached else ("header", "function")
    remote = [
        (comment, read_comment(comment.text, own))
        for comment in barrier.comments
        if comment.place in places and not comment.gap
        if _names(comment, barrier.name) or words.READ_SIDE.search(comment.text)
    ]
    far = _best([(c, r) for c, r in remote if r.pairing == "explicit"], "remote")
    return far if far.source else near


def _best(candidates: Iterable[tuple[Comment, Reading]], comment: Attachment) -> Reading:
    best = Reading("none", "none")
    for source, reading in candidates:
        if best.source is None or _RANK[reading.pairing] > _RANK[best.pairing]:
            best = msgspec.structs.replace(reading, comment=comment, source=source)
    return best


def _is_attached(comment: Comment, barrier: str) -> bool:
    """Whether a comment that stands near the barrier speaks of it.

    On its line or directly above, it does. Over a statement, or below, it has to speak of
    barriers, of order or of pairing, for there it may as well be about its other neighbour.
    """
    if comment.place == "line" or (comment.place == "above" and comment.gap == 0):
        return True
    if comment.place in ("above", "below"):
        speaks = (words.SPEAKS_OF_BARRIERS, words.STRONG_PAIRING)
        return _names(comment, barrier) or any(said.search(comment.text) for said in speaks)
    return False


def _names(comment: Comment, barrier: str) -> bool:
    return barrier in comment.text


def read_comment(text: str, own: frozenset[str] = frozenset()) -> Reading:
    """Read one comment; `own` are the names that are no partner: the barrier's and the reader's."""
    pairing: Pairing = "none"
    counterparts: dict[Named, None] = {}  # dictionaries, for they keep order and tell doubles
    barriers: dict[str, None] = {}
    for sentence in sentences(text):
        named = [name for name in names_in(sentence) if name.labelled or name.name not in own]
        verdict = _judge(sentence, named)
        if verdict == "none":
            continue
        if _RANK[verdict] > _RANK[pairing]:
            pairing, counterparts, barriers = verdict, {}, {}
        if verdict == pairing:
            counterparts |= dict.fromkeys(named)
            barriers |= dict.fromkeys(write_barriers_in(sentence))
    return Reading("attached", pairing, tuple(counterparts), tuple(barriers))


def write_barriers_in(sentence: str) -> list[str]:
    """The write-side primitives a sentence names, its own read barrier left out."""
    others = words.READ_SIDE.sub(" ", sentence)
    found = [match[0] for match in words.WRITE_ONLY.finditer(others)]
    found += [match[0] for match in words.WRITE_SIDE.finditer(words.WRITE_ONLY.sub(" ", others))]
    return found


def _judge(sentence: str, named: list[Named]) -> Pairing:
    others = words.READ_SIDE.sub(" ", sentence)
    if _affirms_write_barrier(others):
        return "explicit"
    writing = [match.span() for match in words.WRITE_SIDE.finditer(others)]
    for match in words.strong_pairings(others):
        if words.DENIED_BEFORE.search(others, max(0, match.start() - _CLOSE), match.start()):
            continue
        if words.MARKED_SPOT.match(others, match.end()):
            return "explicit"
        if named or any(end <= match.start() or match.end() <= start for start, end in writing):
            return "explicit"
    if any(_has_object(others, match, named) for match in words.WEAK_PAIRING.finditer(others)):
        return "explicit"
    if words.POINTER.search(sentence) and any(name.pointed_at for name in named):
        return "explicit"
    if words.POINTER_TO_PAIRING.search(others):
        return "explicit"
    if words.WRITING.search(sentence) and (named or writing):
        return "implicit"
    return "none"


def _affirms_write_barrier(sentence: str) -> bool:
    """Whether a write barrier is named as being there, not as missing, needless or possible."""
    return any(
        not words.DENIED_BEFORE.search(sentence, max(0, match.start() - _CLOSE), match.start())
        and not words.DENIED_BEHIND.match(sentence, match.end())
        for match in words.WRITE_ONLY.finditer(sentence)
    )


def _has_object(sentence: str, verb: re.Match[str], named: list[Named]) -> bool:
    """Whether a primitive or a function stands close to a weak pairing word."""
    behind = sentence[verb.end() : verb.end() + _CLOSE]
    around = sentence[max(0, verb.start() - _CLOSE) : verb.start()] + behind
    return (
        bool(words.WRITE_SIDE.search(behind))
        or bool(words.GENERAL_BARRIER.search(around))
        or any(name.name in behind for name in named if name.called)
    )
