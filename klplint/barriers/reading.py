"""What a comment says about a read barrier's partner: a pure function of the comment's text.

The steps: clean the text and split it into sentences (`sentences`), find the functions and files
that each sentence names (`named_functions`), find primitives of the writer's side (`primitives`)
and words of pairing (`vocabulary`), classify each sentence, and combine the results. Whether
the names exist in the tree is checked elsewhere (`counterparts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import msgspec

from klplint.barriers import vocabulary as words
from klplint.barriers.impossible_partners import impossible_partner
from klplint.barriers.named_functions import Named, Spotted, names_in
from klplint.barriers.primitives import Primitives
from klplint.barriers.sentences import sentences
from klplint.facts.file_facts import Barrier, Comment

Pairing = Literal["none", "implicit", "explicit"]
"""`explicit`: the comment identifies the paired barrier; `implicit`: it names the writer only."""
PAIRINGS: tuple[Pairing, ...] = ("none", "implicit", "explicit")
"""From the weakest to the strongest."""
Attachment = Literal["attached", "remote", "none"]

# How far behind a weak word of pairing its object may stand, in characters.
_CLOSE = 60


class Reading(msgspec.Struct, frozen=True):
    """What comments say about a read barrier: is its partner identified, and who is named?"""

    comment: Attachment
    """Where the comment stands: at the barrier, or elsewhere in or above the function."""
    pairing: Pairing
    counterparts: tuple[Named, ...] = ()
    """The functions and files that the comment names as the writer's side."""
    write_barriers: tuple[str, ...] = ()
    """The primitives of the writer's side that it names, as written."""
    source: Comment | None = None
    """The comment that decided; None where there is no comment."""
    by_pointer: bool = False
    """Whether the comment only points to a place where the pairing is explained."""
    impossible: str = ""
    """What it says it pairs with, where that cannot be a partner: "smp_rmb() in foo()"."""


class _Verdict(NamedTuple):
    """What one sentence says."""

    pairing: Pairing
    by_pointer: bool = False
    impossible: str = ""


class Reader:
    """Reads comments for the primitives of some families of barriers.

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

        Attached comments come first. A comment elsewhere in the function or at its head counts
        if an attached one points to it ("see above"), or if it names this barrier and its
        partner.
        """
        reader_names = frozenset({barrier.name, barrier.function or ""})
        attached = [c for c in barrier.comments if _is_attached(c, barrier.name)]
        attached += [
            c for c in barrier.comments if c.place == "other" and words.SEVERAL.search(c.text)
        ][:1]
        candidates = [(c, self.read_comment(c.text, reader_names)) for c in attached]
        if any(_leans_on_another(comment) for comment in attached):
            candidates += [
                (comment, self.read_comment(comment.text, reader_names))
                for comment in barrier.comments
                if comment not in attached
            ]
        near = _best(candidates, "attached")
        if near.pairing != "none":
            return near
        # Next to a comment that names nobody, only the function's head may name the partner.
        places = ("header",) if attached else ("header", "function")
        remote = [
            (comment, self.read_comment(comment.text, reader_names))
            for comment in barrier.comments
            if comment.place in places and not comment.gap
            if _names(comment, barrier.name) or self._primitives.read_side.search(comment.text)
        ]
        far = _best([(c, r) for c, r in remote if r.pairing == "explicit"], "remote")
        return far if far.source else near

    def read_comment(self, text: str, reader_names: frozenset[str] = frozenset()) -> Reading:
        """Read one comment; `reader_names` are the barrier and its function: never partners."""
        best = _Verdict("none")
        # Dictionaries, for they keep the order of their keys and drop repeats.
        counterparts: dict[Named, None] = {}
        barriers: dict[str, None] = {}
        by_pointer, follows, impossible = True, False, ""
        for sentence in sentences(text):
            spotted = self._partners(sentence, reader_names)
            verdict = self._verdict(sentence, spotted, reader_names)
            impossible = impossible or verdict.impossible
            if _is_stronger(verdict.pairing, best.pairing):
                best, counterparts, barriers = verdict, {}, {}
            if verdict.pairing == best.pairing != "none":
                by_pointer = by_pointer and verdict.by_pointer
                counterparts |= dict.fromkeys(spot.mention for spot in spotted)
                barriers |= dict.fromkeys(
                    self._primitives.write_barriers_in(sentence, reader_names)
                )
            elif follows:
                counterparts |= dict.fromkeys(_further(sentence, spotted, bool(counterparts)))
            follows = verdict.pairing == best.pairing == "explicit"
        if impossible and best.pairing != "explicit":
            return Reading("attached", "none", impossible=impossible)
        return Reading(
            comment="attached",
            pairing=best.pairing,
            counterparts=tuple(counterparts),
            write_barriers=tuple(barriers),
            by_pointer=by_pointer and best.pairing == "explicit",
        )

    def _partners(self, sentence: str, reader_names: frozenset[str]) -> list[Spotted]:
        """The names in a sentence that may be the partner's, not those of the reader's side."""
        spotted = [
            spot
            for spot in names_in(sentence, self._primitives)
            if spot.mention.labelled or spot.mention.name not in reader_names
        ]
        others = self._primitives.others_in(sentence, reader_names)
        aside = set(_beside_the_point(sentence, spotted))
        if any(p.search(others) for p in (self._primitives.write_only, words.ORDERING)):
            aside |= set(self._on_read_side(sentence, spotted, reader_names))
        return [spot for spot in spotted if spot not in aside]

    def _on_read_side(
        self, sentence: str, spotted: list[Spotted], reader_names: frozenset[str]
    ) -> Iterator[Spotted]:
        """Names that a sentence connects with a read barrier: "the RMB from foo:A to bar:C"."""
        if reader_names & self._primitives.full:
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

    def _verdict(
        self, sentence: str, spotted: list[Spotted], reader_names: frozenset[str]
    ) -> _Verdict:
        """What a sentence says about the pairing, from the plainest wording to the vaguest."""
        primitives = self._primitives
        names = [spot.mention for spot in spotted]
        others = primitives.others_in(sentence, reader_names)
        writing = [match.span() for match in primitives.write_side.finditer(others)]
        pairings = list(words.strong_pairings(others))
        if self._pairs_another_reader(others, pairings, reader_names):
            return _Verdict("implicit")
        if impossible := impossible_partner(sentence, primitives, reader_names):
            return _Verdict("none", impossible=impossible)
        affirmed = [match for match in pairings if not words.is_denied(others, match)]
        if pairings and not affirmed:
            return _Verdict("none")  # "does not pair with foo()"
        if self._affirms_write_barrier(others):
            return _Verdict("explicit")
        for match in affirmed:
            if words.MARKED_SPOT.match(others, match.end()):
                return _Verdict("explicit")
            if names or any(end <= match.start() or match.end() <= start for start, end in writing):
                return _Verdict("explicit")
        if any(self._has_object(others, m, names) for m in words.WEAK_PAIRING.finditer(others)):
            return _Verdict("explicit")
        if words.POINTER.search(sentence) and any(name.pointed_at for name in names):
            return _Verdict("explicit", by_pointer=True)
        if words.POINTER_TO_PAIRING.search(others):
            return _Verdict("explicit", by_pointer=any(name.pointed_at for name in names))
        if words.WRITING.search(sentence) and (
            names or writing or primitives.write_only.search(others)
        ):
            return _Verdict("implicit")
        return _Verdict("implicit" if words.DEED.search(others) else "none")

    def _pairs_another_reader(
        self, sentence: str, pairings: list[re.Match[str]], reader_names: frozenset[str]
    ) -> bool:
        """Whether a sentence pairs another barrier of the reader's side: "the load above pairs"."""
        return any(
            mention is not None and mention[0].split("(")[0].split()[0] not in reader_names
            for match in pairings
            if (mention := self._primitives.other_reader.search(sentence[: match.start()]))
        )

    def _affirms_write_barrier(self, sentence: str) -> bool:
        """Whether a sentence says that a write barrier exists, not that it is missing."""
        return any(
            not words.DENIED_BEFORE.search(sentence, max(0, match.start() - _CLOSE), match.start())
            and not words.DENIED_BEHIND.match(sentence, match.end())
            for match in self._primitives.write_only.finditer(sentence)
        )

    def _has_object(self, sentence: str, verb: re.Match[str], names: list[Named]) -> bool:
        """Whether a primitive or a function stands close to a weak word of pairing."""
        behind = sentence[verb.end() : verb.end() + _CLOSE]
        around = sentence[max(0, verb.start() - _CLOSE) : verb.start()] + behind
        return (
            bool(self._primitives.write_side.search(behind))
            or bool(self._primitives.general.search(around))
            or any(name.name in behind for name in names if name.called)
        )


def _is_stronger(one: Pairing, other: Pairing) -> bool:
    return PAIRINGS.index(one) > PAIRINGS.index(other)


def _beside_the_point(sentence: str, spotted: list[Spotted]) -> Iterator[Spotted]:
    """Names in a sentence on pairing that are not the partner's: they mark a spot or a purpose."""
    purposes = (words.PURPOSE.search(sentence, v.end()) for v in words.strong_pairings(sentence))
    purpose = next(filter(None, purposes), None)
    names_one_before = purpose and any(spot.end <= purpose.start() for spot in spotted)
    for spot in spotted:
        marks_spot = words.SPOT_BEFORE.search(
            sentence, max(0, spot.start - _CLOSE), spot.start
        ) and words.SPOT_BEHIND.match(sentence, spot.end)
        if marks_spot or (purpose and names_one_before and spot.start >= purpose.end()):
            yield spot


def _further(sentence: str, spotted: list[Spotted], has_partner: bool) -> Iterator[Named]:
    """The names that a sentence adds to an explicit one before it: writers with a visible effect.

    Where no partner is named yet, also a name that the sentence points to, or that "does that".
    """
    takes_effect = words.TAKES_EFFECT.search(sentence)
    for spot in spotted:
        if not spot.mention.called:
            continue
        if (takes_effect and words.DEED_OF.search(sentence, 0, spot.start)) or (
            not has_partner
            and (words.SEE.match(sentence) or words.DOES_THAT.match(sentence, spot.end))
        ):
            yield spot.mention


def _best(candidates: Iterable[tuple[Comment, Reading]], comment: Attachment) -> Reading:
    """The reading with the strongest pairing; of equal ones the first."""
    best = Reading("none", "none")
    for source, reading in candidates:
        if best.source is None or _is_stronger(reading.pairing, best.pairing):
            best = msgspec.structs.replace(reading, comment=comment, source=source)
    return best


def _is_attached(comment: Comment, barrier: str) -> bool:
    """Whether a comment near a barrier is about the barrier.

    On its line or directly above, it is. Farther above, or below, it has to mention barriers,
    order or pairing, for there it may just as well be about its other neighbour.
    """
    if comment.place == "line" or (comment.place == "above" and comment.gap == 0):
        return True
    if comment.place in ("above", "below"):
        subjects = (words.SPEAKS_OF_BARRIERS, words.STRONG_PAIRING)
        return _names(comment, barrier) or any(s.search(comment.text) for s in subjects)
    return False


def _leans_on_another(comment: Comment) -> bool:
    """Whether a comment needs an earlier one of the file: "see above", "... and then b"."""
    return bool(words.SEE_ABOVE.search(comment.text) or words.CONTINUES.match(comment.text))


def _names(comment: Comment, barrier: str) -> bool:
    return barrier in comment.text
