"""What comments say about a read barrier's partner: a function of their text.

The steps: choose the comments that belong to the barrier (`comment_choice`), split each into
diagrams and sentences (`diagrams`, `sentences`), take the sentences apart (`statement`), decide
what each says (`classification`), and combine the results. Whether the names exist in the tree is
checked elsewhere (`counterparts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Literal, NamedTuple

import msgspec

from klplint.barriers.classification import SentenceClassifier
from klplint.barriers.comment_choice import Candidate, CommentChoice, Use
from klplint.barriers.diagrams import partner_in, split_off
from klplint.barriers.links import Links
from klplint.barriers.named_functions import Named
from klplint.barriers.primitives import Primitives, Site
from klplint.barriers.sentences import Sentence, sentences_of
from klplint.barriers.statement import Statement
from klplint.barriers.verdicts import PAIRINGS, Condition, Pairing, Verdict
from klplint.csource.comment_text import plain_lines
from klplint.facts.file_facts import Barrier, Comment

Attachment = Literal["attached", "remote", "none"]

# A name behind it wrote something that takes effect here: "updates from foo() are visible".
_DEED_OF = re.compile(
    r"\b(?:writes?|stores?|updates?|changes?|modifications?|set|written|updated|modified|changed"
    r"|stored|cleared|published|filled)\s+(?:made\s+|done\s+)?(?:by|in|from)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_TAKES_EFFECT = re.compile(r"\b(?:visible|sees?|saw|seen|observes?|observed)\b", re.IGNORECASE)
_SEE = re.compile(r"\W*(?:see|cf\.?|refer\s+to)\s", re.IGNORECASE)
# Follows a function's name: the function does what was said before.
_DOES_THAT = re.compile(r"\s+\w+s\s+(?:that|this|it|so)\b", re.IGNORECASE)


_COMMENT = re.compile(r"\b(?:comment|note)s?\b", re.IGNORECASE)
# Begins a sentence on the case that the one before it leaves out.
_OTHERWISE = re.compile(
    r"\W*(?:otherwise|else|if\s+not|in\s+(?:all|any)?\s*(?:the\s+)?other\s+cases?|elsewhere)\b",
    re.IGNORECASE,
)
# Nobody writes longer comments. The rest of a generated one is not read, which bounds the time.
_LONGEST = 20_000
_NOWHERE = Site("")


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
    condition: Condition = ""
    """What has to be true in the tree for the pairing to be explicit."""
    spot: str = ""
    """The letter of the spot that the comment pairs the barrier with."""
    impossible: str = ""
    """What it says it pairs with, where that cannot be a partner: "smp_rmb() in foo()"."""
    of_device: bool = False
    """Whether the other side is a device."""
    itself: bool = False
    """Whether it says that the partner is in the reader's own function."""
    because: str = ""
    """The words that decided: "pairs with + smp_wmb() + foo()"."""
    sentence: Sentence | None = None
    """The sentence that decided."""


class SentenceReading(NamedTuple):
    """A sentence, or the place of a diagram, and how it was read."""

    sentence: Sentence
    verdict: Verdict
    statement: Statement | None = None
    """The sentence taken apart; None for a diagram."""


class Reader:
    """Reads comments for the primitives of some families of barriers.

    It remembers each barrier that it has read, so that a run needs to read each only once.
    """

    def __init__(self, primitives: Primitives) -> None:
        self.primitives = primitives
        """How the primitives are named."""
        self._choice = CommentChoice(primitives)
        self._classifier = SentenceClassifier(Links(primitives.families.words))
        self._comments: dict[tuple[str, Site], Reading] = {}
        self._read: dict[tuple[Barrier, int], Reading] = {}

    def read_barrier(self, barrier: Barrier, *, siblings: int = 1) -> Reading:
        """The best reading of all comments that belong to a barrier.

        `siblings`: how many barriers of the same name the function has.
        """
        key = barrier, siblings
        if key not in self._read:
            self._read[key] = self._best_of_all(barrier, siblings)
        return self._read[key]

    def candidates(self, barrier: Barrier, *, siblings: int) -> list[Candidate]:
        """The comments near a barrier, and how each is used."""
        return self._choice.candidates(barrier, siblings=siblings)

    def _best_of_all(self, barrier: Barrier, siblings: int) -> Reading:
        """The best reading of all comments: attached ones come first."""
        site = Site(barrier.name, barrier.function or "", barrier.alias)
        near, far = Reading("none", "none"), Reading("none", "none")
        for comment, use in self.candidates(barrier, siblings=siblings):
            if use == "not its own":
                continue
            reading = self.read_comment(comment.text, site)
            if use in ("attached", "leaned on"):
                near = _better(near, reading, comment, "attached")
            elif self._counts(reading, use, comment):
                far = _better(far, reading, comment, "remote")
        return far if near.pairing == "none" and far.source else near

    def _counts(self, reading: Reading, use: Use, comment: Comment) -> bool:
        """Whether a comment from elsewhere says which barrier is the partner.

        The head of a wrapper may also pair calls, a get with a put. A comment on the only barrier
        of a function has to pair it; at the head of the function, it may also quote the writer.
        """
        if reading.pairing != "explicit" or reading.condition == "name" or not reading.sentence:
            return False
        words, text = self.primitives.words, reading.sentence.text
        pairs = words.pairs_with.search(text) is not None
        if use == "wrapper":
            if reading.condition == "pointer" and _COMMENT.search(text):
                return True
            return pairs or self.primitives.write_only.search(text) is not None
        if use == "sole":
            quotes = comment.place == "header" and self.primitives.write_only.search(text)
            return bool(reading.write_barriers) and bool(
                pairs or quotes or words.partner.search(text)
            )
        return True

    def read_comment(self, text: str, site: Site = _NOWHERE) -> Reading:
        """Read one comment about the barrier at `site`."""
        key = text, site
        if key not in self._comments:
            best = _Best()
            read = [*self.sentences(text, site)]
            for each, following in zip_longest(read, read[1:]):
                best.add(_unless_otherwise(each, following, site))
            self._comments[key] = best.reading(site, self.primitives)
        return self._comments[key]

    def sentences(self, text: str, site: Site) -> Iterator[SentenceReading]:
        """How each sentence of a comment is read, and then each diagram."""
        prose, diagrams = split_off(plain_lines(_beginning(text)))
        for sentence in sentences_of(prose):
            statement = Statement(sentence, site, self.primitives)
            yield SentenceReading(sentence, self._classifier.verdict(statement), statement)
        for diagram in diagrams:
            drawn = partner_in(diagram, site, self.primitives)
            place = Sentence(" | ".join(column.head for column in diagram.columns), diagram.line)
            if drawn is None or not (drawn.barrier or drawn.names):
                yield SentenceReading(place, Verdict("none"))
                continue
            parts = filter(None, ("diagram", drawn.barrier, *(n.written for n in drawn.names)))
            pairing: Pairing = "explicit" if drawn.barrier else "implicit"
            yield SentenceReading(place, Verdict(pairing, " + ".join(parts), drawn.names))


class _Best:
    """The strongest of the sentences of a comment so far."""

    def __init__(self) -> None:
        self._verdict = Verdict("none")
        self._sentence: Sentence | None = None
        # Dictionaries, for they keep the order of their keys and drop repeats.
        self._names: dict[str, Named] = {}
        self._strongest: list[SentenceReading] = []
        self._impossible = ""
        self._condition: Condition = ""
        self._follows = False

    def add(self, each: SentenceReading) -> None:
        verdict = each.verdict
        self._impossible = self._impossible or verdict.impossible
        if _is_stronger(verdict.pairing, self._verdict.pairing):
            self._verdict, self._sentence = verdict, each.sentence
            self._names, self._strongest, self._condition = {}, [], verdict.condition
        if verdict.pairing == self._verdict.pairing != "none":
            adds = each.statement is not None and verdict.condition != "pointer"
            if adds or not self._names or self._condition:
                self._add(verdict.names)
            if not verdict.condition:
                self._condition = ""
            self._strongest.append(each)
        elif self._follows and each.statement:
            self._add(_further(each.statement, bool(self._names)))
        self._follows = verdict.pairing == self._verdict.pairing == "explicit"

    def _add(self, names: Iterable[Named]) -> None:
        for name in names:
            self._names.setdefault(name.name, name)

    def reading(self, site: Site, primitives: Primitives) -> Reading:
        if self._impossible and self._verdict.pairing != "explicit":
            return Reading(
                "attached", "none", impossible=self._impossible, because=self._impossible
            )
        barriers = dict.fromkeys(
            barrier
            for each in self._strongest
            if each.statement
            for barrier in primitives.write_barriers_in(each.statement.part, site)
        )
        return Reading(
            comment="attached",
            pairing=self._verdict.pairing,
            counterparts=tuple(self._names.values()),
            write_barriers=tuple(barriers),
            condition=self._condition,
            spot=self._verdict.spot,
            of_device=self._verdict.of_device,
            itself=self._verdict.itself and not self._names,
            because=self._verdict.because,
            sentence=self._sentence,
        )


def _unless_otherwise(
    each: SentenceReading, following: SentenceReading | None, site: Site
) -> SentenceReading:
    """A sentence, read as nothing if it points to the case in which there is no such barrier.

    "Where x orders, see foo()'s comment. Otherwise, the smp_mb() below does."
    """
    if each.verdict.condition != "pointer" or following is None:
        return each
    text = following.sentence.text
    names_own = site.barrier and re.search(rf"\b{re.escape(site.barrier)}\b", text)
    if not (_OTHERWISE.match(text) and names_own):
        return each
    return each._replace(verdict=Verdict("none"))


def _beginning(text: str) -> str:
    """The part of a comment that is read: it ends between words, so that no name is cut."""
    if len(text) <= _LONGEST:
        return text
    end = max(text.rfind(" ", 0, _LONGEST), text.rfind("\n", 0, _LONGEST))
    return text[: end if end > 0 else _LONGEST]


def _is_stronger(one: Pairing, other: Pairing) -> bool:
    return PAIRINGS.index(one) > PAIRINGS.index(other)


def _further(statement: Statement, has_partner: bool) -> Iterator[Named]:
    """The names that a sentence adds to an explicit one before it: writers with a visible effect.

    Where no partner is named yet, also a name that the sentence points to, or that "does that".
    """
    text = statement.text
    takes_effect = _TAKES_EFFECT.search(text)
    for spot in statement.partners:
        if not spot.mention.called:
            continue
        if (takes_effect and _DEED_OF.search(text, 0, spot.start)) or (
            not has_partner and (_SEE.match(text) or _DOES_THAT.match(text, spot.end))
        ):
            yield spot.mention


def _better(best: Reading, reading: Reading, source: Comment, comment: Attachment) -> Reading:
    """The reading with the stronger pairing; of equal ones the first."""
    if best.source is None or _is_stronger(reading.pairing, best.pairing):
        return msgspec.structs.replace(reading, comment=comment, source=source)
    return best
