"""What a comment says of a read barrier's partner: a pure function of its text.

The steps: make the text plain and split it in sentences (`text`), find the functions and files
named (`names`), find write-side primitives (`primitives`) and pairing words (`vocabulary`),
judge each sentence, and add up. What is named is looked up in the tree apart (`resolution`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import msgspec

from klplint.barriers import vocabulary as words
from klplint.barriers.families import Families
from klplint.barriers.named_functions import Named, Spotted, names_in
from klplint.barriers.primitives import Primitives
from klplint.barriers.sentences import sentences
from klplint.facts.file_facts import Barrier, Comment

Pairing = Literal["explicit", "implicit", "none"]
Attachment = Literal["attached", "remote", "none"]

_RANK: dict[Pairing, int] = {"none": 0, "implicit": 1, "explicit": 2}
# How far behind a weak pairing word its object may stand, in characters.
_CLOSE = 60


class Reading(msgspec.Struct, frozen=True):
    """What was read: does a comment identify the paired barrier, and whom does it name?

    `comment` tells whether a comment belongs to the barrier at all, `source` which one decided.
    `by_pointer` says that it only points to where the pairing is explained.
    """

    comment: Attachment
    pairing: Pairing
    counterparts: tuple[Named, ...] = ()
    write_barriers: tuple[str, ...] = ()
    source: Comment | None = None
    by_pointer: bool = False


class _Verdict(NamedTuple):
    """What one sentence says."""

    pairing: Pairing
    by_pointer: bool = False


def reader_for(families: Families) -> Reader:
    """A reader for some families of barriers."""
    return Reader(Primitives(families))


class Reader:
    """Reads comments with the primitives of some families of barriers in mind.

    It remembers each barrier that it has read, so that a run needs to read each only once.
    """

    def __init__(self, primitives: Primitives) -> None:
        self._primitives = primitives
        self._read: dict[Barrier, Reading] = {}

    def read_barrier(self, barrier: Barrier) -> Reading:
        """The best reading of all comments that belong to a barrier."""
        if barrier not in self._read:
            self._read[barrier] = self._best_of_all(barrier)
        return self._read[barrier]

    def _best_of_all(self, barrier: Barrier) -> Reading:
        """The best reading of all comments.

        Attached comments come first; a comment elsewhere in the function or at its head counts
        if an attached one points to it ("see above"), or if it names this barrier and its
        partner.
        """
        own = frozenset({barrier.name, barrier.function or ""})
        attached = [c for c in barrier.comments if _is_attached(c, barrier.name)]
        attached += [
            c for c in barrier.comments if c.place == "other" and words.SEVERAL.search(c.text)
        ][:1]
        candidates = [(comment, self.read_comment(comment.text, own)) for comment in attached]
        if any(_leans_on_another(comment) for comment in attached):
            candidates += [
                (c, self.read_comment(c.text, own)) for c in barrier.comments if c not in attached
            ]
        near = _best(candidates, "attached")
        if near.pairing != "none":
            return near
        # Next to a comment that names nobody, only the function's head may name the partner.
        places = ("header",) if attached else ("header", "function")
        remote = [
            (comment, self.read_comment(comment.text, own))
            for comment in barrier.comments
            if comment.place in places and not comment.gap
            if _names(comment, barrier.name) or self._primitives.read_side.search(comment.text)
        ]
        far = _best([(c, r) for c, r in remote if r.pairing == "explicit"], "remote")
        return far if far.source else near

    def read_comment(self, text: str, own: frozenset[str] = frozenset()) -> Reading:
        """Read one comment; `own` are names that are no partner: the barrier's, the reader's."""
        best = _Verdict("none")
        counterparts: dict[Named, None] = {}  # dictionaries, for they keep order and tell doubles
        barriers: dict[str, None] = {}
        by_pointer, follows = True, False
        for sentence in sentences(text):
            spotted = self._partners(sentence, own)
            named = [spot.named for spot in spotted]
            verdict = self._judge(sentence, spotted, own)
            if _RANK[verdict.pairing] > _RANK[best.pairing]:
                best, counterparts, barriers = verdict, {}, {}
            if verdict.pairing == best.pairing != "none":
                by_pointer = by_pointer and verdict.by_pointer
                counterparts |= dict.fromkeys(named)
                barriers |= dict.fromkeys(self._primitives.write_barriers_in(sentence, own))
            elif follows:
                counterparts |= dict.fromkeys(_further(sentence, spotted, bool(counterparts)))
            follows = verdict.pairing == best.pairing == "explicit"
        only_pointer = by_pointer and best.pairing == "explicit"
        return Reading(
            "attached",
            best.pairing,
            tuple(counterparts),
            tuple(barriers),
            by_pointer=only_pointer,
        )

    def _partners(self, sentence: str, own: frozenset[str]) -> list[Spotted]:
        """The names in a sentence that may be a partner's, not the reader's own side."""
        spotted = [
            spot
            for spot in names_in(sentence, self._primitives)
            if spot.named.labelled or spot.named.name not in own
        ]
        others = self._primitives.others_in(sentence, own)
        aside = set(_beside_the_point(sentence, spotted))
        if any(p.search(others) for p in (self._primitives.write_only, words.ORDERING)):
            aside |= set(self._on_read_side(sentence, spotted, own))
        return [spot for spot in spotted if spot not in aside]

    def _on_read_side(
        self, sentence: str, spotted: list[Spotted], own: frozenset[str]
    ) -> Iterator[Spotted]:
        """Names that are told of a read barrier: "the RMB from foo:A to bar:C"."""
        if own & self._primitives.full:
            return  # the read barrier is the partner
        for mention in self._primitives.read_side.finditer(sentence):
            end = mention.end()
            for spot in sorted(spotted, key=lambda spot: spot.start):
                if spot.start < end:
                    continue
                if not words.WITHIN.fullmatch(sentence, end, spot.start):
                    break
                yield spot
                end = spot.end

    def _judge(self, sentence: str, spotted: list[Spotted], own: frozenset[str]) -> _Verdict:
        primitives = self._primitives
        named = [spot.named for spot in spotted]
        others = primitives.others_in(sentence, own)
        writing = [match.span() for match in primitives.write_side.finditer(others)]
        pairings = list(words.strong_pairings(others))
        if self._pairs_another_reader(others, pairings, own):
            return _Verdict("implicit")
        affirmed = [match for match in pairings if not _is_denied(others, match)]
        if pairings and not affirmed:
            return _Verdict("none")  # "does not pair with foo()"
        if self._affirms_write_barrier(others):
            return _Verdict("explicit")
        for match in affirmed:
            if words.MARKED_SPOT.match(others, match.end()):
                return _Verdict("explicit")
            if named or any(end <= match.start() or match.end() <= start for start, end in writing):
                return _Verdict("explicit")
        if any(self._has_object(others, m, named) for m in words.WEAK_PAIRING.finditer(others)):
            return _Verdict("explicit")
        if words.POINTER.search(sentence) and any(name.pointed_at for name in named):
            return _Verdict("explicit", by_pointer=True)
        if words.POINTER_TO_PAIRING.search(others):
            return _Verdict("explicit", by_pointer=any(name.pointed_at for name in named))
        if words.WRITING.search(sentence) and (
            named or writing or primitives.write_only.search(others)
        ):
            return _Verdict("implicit")
        return _Verdict("implicit" if words.DEED.search(others) else "none")

    def _pairs_another_reader(
        self, sentence: str, pairings: list[re.Match[str]], own: frozenset[str]
    ) -> bool:
        """Whether pairing is said of another reading barrier: "the load above pairs"."""
        return any(
            mention is not None and mention[0].split("(")[0].split()[0] not in own
            for match in pairings
            if (mention := self._primitives.other_reader.search(sentence[: match.start()]))
        )

    def _affirms_write_barrier(self, sentence: str) -> bool:
        """Whether a write barrier is named as being there, not as missing or possible."""
        return any(
            not words.DENIED_BEFORE.search(sentence, max(0, match.start() - _CLOSE), match.start())
            and not words.DENIED_BEHIND.match(sentence, match.end())
            for match in self._primitives.write_only.finditer(sentence)
        )

    def _has_object(self, sentence: str, verb: re.Match[str], named: list[Named]) -> bool:
        """Whether a primitive or a function stands close to a weak pairing word."""
        behind = sentence[verb.end() : verb.end() + _CLOSE]
        around = sentence[max(0, verb.start() - _CLOSE) : verb.start()] + behind
        return (
            bool(self._primitives.write_side.search(behind))
            or bool(self._primitives.general.search(around))
            or any(name.name in behind for name in named if name.called)
        )


def _is_denied(sentence: str, words_found: re.Match[str]) -> bool:
    start = words_found.start()
    return words.DENIED_BEFORE.search(sentence, max(0, start - _CLOSE), start) is not None


def _beside_the_point(sentence: str, spotted: list[Spotted]) -> Iterator[Spotted]:
    """Names that are no partners' where a sentence names one: marks of a spot, or of a purpose."""
    purpose = next(
        (
            m
            for v in words.strong_pairings(sentence)
            if (m := words.PURPOSE.search(sentence, v.end()))
        ),
        None,
    )
    names_one_before = purpose and any(spot.end <= purpose.start() for spot in spotted)
    for spot in spotted:
        marks_spot = words.SPOT_BEFORE.search(
            sentence, max(0, spot.start - _CLOSE), spot.start
        ) and words.SPOT_BEHIND.match(sentence, spot.end)
        if marks_spot or (purpose and names_one_before and spot.start >= purpose.end()):
            yield spot


def _further(sentence: str, spotted: list[Spotted], is_named: bool) -> Iterator[Named]:
    """Whom a sentence adds that follows the one on pairing: a writer whose deed becomes visible.

    Where no partner is named yet, also whom it points to, or who "does that".
    """
    takes_effect = words.TAKES_EFFECT.search(sentence)
    for spot in spotted:
        if not spot.named.called:
            continue
        if (takes_effect and words.DEED_OF.search(sentence, 0, spot.start)) or (
            not is_named
            and (words.SEE.match(sentence) or words.DOES_THAT.match(sentence, spot.end))
        ):
            yield spot.named


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


def _leans_on_another(comment: Comment) -> bool:
    """Whether a comment needs an earlier one of the file: "see above", "... and then b"."""
    return bool(words.SEE_ABOVE.search(comment.text) or words.CONTINUES.match(comment.text))


def _names(comment: Comment, barrier: str) -> bool:
    return barrier in comment.text
