"""What one sentence of a comment says: its words of pairing, primitives, names and denials.

Offsets are those of the sentence. What it says about the reader's side is blanked in `part`, so
that words in there are about the partner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from klplint.barriers.citations import without_citations
from klplint.barriers.denials import Denials
from klplint.barriers.disguise import disguised
from klplint.barriers.explained import is_explained, is_label
from klplint.barriers.named_functions import Named, Spotted, names_in
from klplint.barriers.pairing_verbs import misspelt_verbs
from klplint.barriers.primitives import Primitives, Site
from klplint.barriers.sentences import Sentence
from klplint.barriers.spelling import in_singular

Role = Literal[
    "partner", "this side", "example", "aside", "spot", "purpose", "read side", "subject"
]
"""What a name is in its sentence: only those of partners may be the other side's."""

# How far before or behind a word others are searched that belong to it, in characters.
_NEAR = 60
# Stand around a name that only marks a place in another function: "after foo() in bar()".
_SPOT_BEFORE = re.compile(r"\b(?:after|before)\s+(?:the\s+)?\Z", re.IGNORECASE)
_ORDERED = re.compile(r"\b(?:re)?order(?:s|ed|ing)?\s+(?:the\s+|this\s+|our\s+)?\Z", re.IGNORECASE)
_LABEL_BEHIND = re.compile(r"\s+label\b", re.IGNORECASE)
_SPOT_BEHIND = re.compile(r"\s+in\s+\w+(?:\(\)|_)")
# Behind a function that this side calls: "the foo() loads below".
_CALLED_HERE = re.compile(
    r"\s+(?:loads?|stores?|reads?|writes?|calls?|accesses|checks?|tests?)\s+(?:above|below|here)\b",
    re.IGNORECASE,
)
# Before a name in the purpose of a pairing that is the place of the partner: ", in foo()".
_PLACE = re.compile(r",\s+(?:in|of|from)\s+(?:the\s+)?\Z", re.IGNORECASE)
# Stands between a read barrier and the places that it orders.
_WITHIN = re.compile(
    r"[\s,()]*(?:(?:from|in|inside|within|of|at|to|and|between|the)\s+)*", re.IGNORECASE
)
_ORDERING = re.compile(r"\b(?:smp_)?mb\b", re.IGNORECASE)
# Behind a primitive of this side: "the smp_wmb() above".
_HERE = re.compile(
    r"(?:\s+(?:of|in|from)\s+(?:the\s+)?\w+)?\s+(?:above|below|here)\b", re.IGNORECASE
)
# Behind a name that only shows how something is done.
_FOR_EXAMPLE = re.compile(
    r"(?:::?\w+(?:\(\))?)?,?\s+(?:for|as)\s+(?:an?\s+|some\s+)?examples?\b", re.IGNORECASE
)
_IN_CALLS = re.compile(
    r"\b(?:from|in|by|of)\s+(?:the|its|both|all)\s+(?:\w+\s+){0,2}calls?\s+to\s+\Z", re.IGNORECASE
)
# Between a verb and its object; and before a noun that looks like a verb: "the update".
_OBJECT = re.compile(r"\s+(?:(?:the|its|our)\s+)?", re.IGNORECASE)
_NOUN = re.compile(r"\b(?:the|this|that|an?|each|every|any|its|our|their)\s+\Z", re.IGNORECASE)


class Statement:
    """A sentence about the barrier at `site`, taken apart."""

    def __init__(self, sentence: Sentence, site: Site, primitives: Primitives) -> None:
        self.sentence = sentence
        self.site = site
        self.primitives = primitives
        self.words = primitives.words
        self._plain = primitives.in_own_letters(in_singular(without_citations(sentence.text)))
        self.text = disguised(self._plain, self.spotted, site, primitives)
        """The sentence without what it cites, and without names that look like primitives."""
        self.denials = Denials(self.text, primitives.words)

    @cached_property
    def part(self) -> str:
        """The sentence with spaces for what it says about the reader's side."""
        return self.primitives.partner_part(self.text, self.site, self.words.pairs_or_matches)

    # Words of pairing

    @cached_property
    def pairings(self) -> list[re.Match[str]]:
        """The words that say by themselves that two sides belong together."""
        return [*self.words.pairs_with.finditer(self.part), *misspelt_verbs(self.part)]

    @cached_property
    def affirmed(self) -> list[re.Match[str]]:
        """Those of them that nothing denies."""
        return [verb for verb in self.pairings if not self.denials.is_taken_back(verb)]

    @cached_property
    def is_doubted(self) -> bool:
        """Whether the whole sentence asks, or is a note to do something."""
        asks = self.text.rstrip("\"') ").endswith("?") or "???" in self.text
        return asks or self.words.doubt.search(self.text) is not None

    # Primitives

    @cached_property
    def write_barriers(self) -> list[re.Match[str]]:
        """The primitives that order writes only, and that the sentence says are there."""
        return [
            match
            for match in self.primitives.write_only.finditer(self.part)
            if not (self.denials.is_denied(match) or self.denials.is_possible(match))
            and (self.affirmed or not _HERE.match(self.text, match.end()))
            and not is_explained(self.text, match)
            and not self._is_half(match)
        ]

    def _is_half(self, match: re.Match[str]) -> bool:
        """Whether a primitive labels what one half of this barrier does: "wmb: a, rmb: b"."""
        if not (self.primitives.is_full(self.site) and is_label(self.text, match)):
            return False
        others = self.primitives.read_side.finditer(self.text)
        is_alone = not self.text[: match.start()].strip(" -*") and not self.spotted
        return is_alone or any(is_label(self.text, other) for other in others)

    @cached_property
    def partner_primitives(self) -> list[re.Match[str]]:
        """The primitives and words for barriers that may be the partner's."""
        return self.primitives.partners_in(self.part, self.site)

    def primitive_beside(self, verb: re.Match[str]) -> re.Match[str] | None:
        """A primitive that does not overlap with a word of pairing."""
        for match in self.partner_primitives:
            if match.end() <= verb.start() or verb.end() <= match.start():
                return match
        return None

    # Names

    @cached_property
    def spotted(self) -> list[Spotted]:
        """All functions and files that are named, in order."""
        spotted = names_in(self._plain, self.primitives, self.words.pointer)
        return sorted(spotted, key=lambda spot: spot.start)

    @cached_property
    def roles(self) -> dict[Spotted, Role]:
        """What each name is in the sentence."""
        roles: dict[Spotted, Role] = dict.fromkeys(self.spotted, "partner")
        for role, spots in (
            ("subject", self._subjects()),
            ("read side", self._on_read_side()),
            ("purpose", self._in_purpose()),
            ("spot", filter(self._marks_spot, self.spotted)),
            ("aside", self._asides()),
            ("example", filter(self._is_example, self.spotted)),
            ("this side", filter(self._is_own, self.spotted)),
        ):
            roles |= dict.fromkeys(spots, role)  # type: ignore[arg-type] # literals
        return roles

    @cached_property
    def partners(self) -> list[Spotted]:
        """The names that may be those of the other side."""
        return [spot for spot, role in self.roles.items() if role == "partner"]

    def _is_own(self, spot: Spotted) -> bool:
        """Whether a name is that of the reader, or of what the reader calls: "its loads below"."""
        if spot.mention.name in self.site.names and not spot.mention.labelled:
            return True
        if self._is_written(spot):
            return True
        return not self.affirmed and _CALLED_HERE.match(self.text, spot.end) is not None

    def _is_example(self, spot: Spotted) -> bool:
        before = self.text[max(0, spot.start - _NEAR) : spot.start]
        if _FOR_EXAMPLE.match(self.text, spot.end):
            return True
        if self.words.example_before.search(before) is None:
            return False
        # "the barrier implied by the two calls to foo()": foo() holds it.
        implied = self.affirmed and _IN_CALLS.search(before)
        return not implied or not any(m.end() <= spot.start for m in self.partner_primitives)

    def _asides(self) -> Iterator[Spotted]:
        """The names of the way to a partner, or of its past, where the partner is named before."""
        first = next((spot.end for spot in self.spotted if not self._is_own(spot)), len(self.text))
        for spot in self.spotted:
            before = self.text[max(first, spot.start - _NEAR) : spot.start]
            if spot.start >= first and self.words.aside_before.search(before):
                yield spot

    def _is_written(self, spot: Spotted) -> bool:
        """Whether a name is that of what somebody writes: "to update the write_index"."""
        if spot.mention.called:
            return False
        before = self.text[max(0, spot.start - _NEAR) : spot.start]
        return any(
            _OBJECT.fullmatch(before, verb.end()) and not _NOUN.search(before, 0, verb.start())
            for verb in self.words.writes.finditer(before)
        )

    def _marks_spot(self, spot: Spotted) -> bool:
        """Whether a name is a place in another function, or what this side's barrier orders."""
        if _ORDERED.search(self.text, max(0, spot.start - _NEAR), spot.start):
            return True
        if _LABEL_BEHIND.match(self.text, spot.end):
            return True
        before = _SPOT_BEFORE.search(self.text, max(0, spot.start - _NEAR), spot.start)
        if before is None:
            return False
        return _SPOT_BEHIND.match(self.text, spot.end) is not None or self._follows_partner(before)

    def _follows_partner(self, preposition: re.Match[str]) -> bool:
        """Whether the partner is named right before: "pairs with foo() after bar()"."""
        end = preposition.start()
        while end and self.text[end - 1].isspace():
            end -= 1
        return end in self._ends_behind_verb

    @cached_property
    def _ends_behind_verb(self) -> frozenset[int]:
        """Where the names end that stand behind a word of pairing."""
        verb = next(iter(self.affirmed), None)
        if verb is None:
            return frozenset()
        return frozenset(spot.end for spot in self.spotted if spot.start >= verb.end())

    def _in_purpose(self) -> Iterator[Spotted]:
        """The names in the purpose of a pairing whose partner is named before.

        Where only a primitive is named before, who writes or sees something still counts.
        """
        verbs = (*self.pairings, *self.words.partner.finditer(self.part))
        first = min((verb.end() for verb in verbs), default=len(self.text))
        purpose = self.words.purpose.search(self.text, first)
        if purpose is None:
            return
        start = purpose.start()
        has_name = any(spot.end <= start for spot in self.spotted)
        primitives = (*self.write_barriers, *self.partner_primitives)
        if has_name or any(first <= m.start() < start for m in primitives):
            for spot in self.spotted:
                if spot.start >= purpose.end() and (
                    has_name or not self._acts(spot, purpose.end())
                ):
                    yield spot

    def _acts(self, spot: Spotted, start: int) -> bool:
        """Whether a function wrote or sees something, or is given as a place."""
        start = max(start, spot.start - _NEAR)
        return bool(
            _PLACE.search(self.text, start, spot.start)
            or self.words.written.search(self.text, start, spot.start)
            or self.words.sees.match(self.text, spot.end + 1)
        )

    def _subjects(self) -> Iterator[Spotted]:
        """The names before a word of pairing that has its object behind it."""
        verb = next(iter(self.affirmed), None)
        if verb is None or any(m.end() <= verb.start() for m in self.write_barriers):
            return
        read_side = {*self._on_read_side()}
        objects = [s for s in self.spotted if s.start >= verb.end() and s not in read_side]
        if any(not self._is_own(spot) for spot in objects):
            yield from (spot for spot in self.spotted if spot.end <= verb.start())

    def _on_read_side(self) -> Iterator[Spotted]:
        """Names that a sentence connects with a read barrier: "the RMB from foo:A to bar:C"."""
        if self.primitives.is_full(self.site):
            return  # the read barrier is the partner
        names_partner = self.primitives.write_only.search(self.part) or _ORDERING.search(self.part)
        if not names_partner:
            return
        for mention in self.primitives.read_side.finditer(self.text):
            end = mention.end()
            for spot in self.spotted:
                if spot.start < end:
                    continue
                if not _WITHIN.fullmatch(self.text, end, spot.start):
                    break
                yield spot
                end = spot.end

    def named(self, spots: list[Spotted]) -> tuple[Named, ...]:
        """Names without repeats: what is said about one that is named again is left out.

        Of "add(x) in foo()", the word that is only what foo() does is left out, too.
        """
        does = {spot.mention.after for spot in spots if "_" not in spot.mention.after}
        spots = [spot for spot in spots if spot.mention.name not in does]
        return tuple({spot.mention.name: spot.mention for spot in reversed(spots)}.values())[::-1]
