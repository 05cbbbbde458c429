"""Rules for words that say that two barriers belong together."""

from __future__ import annotations

import re

import msgspec

from klplint.barriers.links import CLOSE, Links, beside
from klplint.barriers.statement import Statement
from klplint.barriers.verdicts import (
    Pairing,
    Verdict,
    at_spot,
    because,
    explicit,
    if_function,
    is_value,
)

OTHER_AGENT = (
    r"(?:other|another|remote|that|different|concurrent)\s+"
    r"(?:cpu|thread|processor|task|context|core|process|waker|reader)s?\b"
)
"""Another than the reader, as comments call it."""
BARRIER = re.compile(r"(?<![\w>.])(?:barrier|fence|\w*mb)s?\b(?!\[)", re.IGNORECASE)
"""A word for a barrier, on either side; not a member or array of that name."""

# A place that a diagram or a list marks with a letter: "pairs with (A)", "C matches B".
_SPOT = re.compile(r"\s*(?:with\s+)?\(?(?P<spot>[A-Z]\d?)\)?(?![\w(])(?!\s+[a-z]+\s+[a-z])")
_SPOT_IN = re.compile(r"\s*(?:with\s+)?\(?(?P<spot>[A-Z]\d?)\)?\s+(?:in|of|below|above)\b")
_IN_PLACE = re.compile(
    r"(?:\(\))?(?:\s+(?:instruction|barrier))?\s+(?:in|of|at|from|inside|within)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")
# Before "against": what runs at the same time is not a partner.
_RACE = re.compile(r"\brac(?:e|es|ed|ing)\s+\Z", re.IGNORECASE)
_ONE = re.compile(r"\s+(?:the|that|another|its)\b", re.IGNORECASE)
_IN_OWN = re.compile(
    r"\b(?:barrier|\w*mb(?:\(\))?|one)\s+(?:in|of|inside)\s+(?:the\s+)?\Z", re.IGNORECASE
)
# Barriers without a place, as the object of a verb: "with the barriers used when x changes".
_SOME_BARRIERS = re.compile(
    r"\s(?:(?:the|all|any|both|those|some|other)\s)?(?:[\w-]+\s)?(?:barrier|fence)s\s+[a-z]",
    re.IGNORECASE,
)
_OBJECT = re.compile(r"\s+(?:the\s+|this\s+)?(\S)")
_AGENT_BEHIND = re.compile(
    rf"\s+(?:(?:the|a|an)\s+)?(?:writer|producer|updater|concurrent|{OTHER_AGENT})", re.IGNORECASE
)
# A bare word is taken for the object of a verb only this close behind it, in characters.
_NEXT = 10


class PairingRules:
    """The rules, from the plainest words to the vaguest."""

    def __init__(self, links: Links) -> None:
        self._links = links

    def strong(self, s: Statement) -> Verdict | None:
        """For "pairs with", whatever it is that this stands before."""
        unclear = None
        for verb in s.affirmed:
            behind = s.part[verb.end() :]
            if s.words.nobody.match(behind):
                return Verdict("none", verb[0])
            spot = _SPOT.match(behind) or _SPOT_IN.match(behind)
            if spot and not s.partners:
                return at_spot(verb, spot["spot"])
            is_sync = s.words.syncs_with.fullmatch(verb[0]) is not None
            primitive = s.primitive_beside(verb)
            is_before = primitive is not None and primitive.start() < verb.start()
            if is_sync and is_before and not _has_own_object(s, verb):
                primitive = None  # what synchronizes is on this side
            if primitive or (s.partners and _is_object(s, verb, is_sync=is_sync)):
                verdict = explicit(s, verb, primitive)
                return verdict._replace(itself=not s.partners and is_in_own(s, verb))
            if not is_sync and (barriers := _SOME_BARRIERS.match(behind)):
                return Verdict("explicit", because(verb, barriers[0][:-1]))
            says_more = _WORD.search(behind) and not is_sync and not _names_own(s, verb)
            if says_more or _AGENT_BEHIND.match(behind):
                unclear = verb
        return Verdict("implicit", unclear[0]) if unclear else None

    def machine(self, s: Statement) -> Verdict | None:
        """For "matches the lwsync in entry.S": an instruction, and the place that has it."""
        for verb in s.words.matches.finditer(s.part):
            instruction = s.words.machine.search(s.text, verb.end())
            if instruction is None or s.denials.is_denied(verb):
                continue
            place = _IN_PLACE.match(s.text, instruction.end())
            if place and self._links.leads(s.text, verb.end(), instruction.start()):
                names = self._links.behind(s.text, place.end(), s.partners)
                if names and names[0].start == place.end():
                    words = because(verb, instruction, names[0].mention.written)
                    return Verdict("explicit", words, s.named(names))
        return None

    def partner(self, s: Statement) -> Verdict | None:
        """For "the counterpart", with a primitive or close to a name."""
        for noun in s.words.partner.finditer(s.part):
            if s.denials.is_taken_back(noun) or s.denials.is_wished_for(noun):
                continue
            primitive = s.primitive_beside(noun)
            called = any(spot.mention.called for spot in beside(noun, s.partners))
            if primitive or called or self._links.behind(s.text, noun.end(), s.partners):
                return explicit(s, noun, primitive)
        return None

    def weak(self, s: Statement) -> Verdict | None:
        """For "matches", close to a primitive or to a name."""
        for verb in s.words.matches.finditer(s.part):
            if s.denials.is_taken_back(verb) or s.denials.is_wished_for(verb):
                continue
            if _RACE.search(s.part, max(0, verb.start() - CLOSE), verb.start()):
                continue
            if spot := _SPOT.fullmatch(s.part, verb.end()) or _SPOT_IN.match(s.part, verb.end()):
                return explicit(s, verb, None) if s.partners else at_spot(verb, spot["spot"])
            close = (p for p in s.partner_primitives if self._is_close(verb, p, s))
            if primitive := next(close, None):
                return explicit(s, verb, primitive)
            linked = self._links.behind(s.text, verb.end(), s.partners)
            # "order A vs. B": two variables of this side, unless B is written as a call.
            is_of_two = any(
                role == "spot" and 0 <= verb.start() - spot.end <= 1
                for spot, role in s.roles.items()
            )
            if any(
                each.mention.called or (not is_of_two and each.start - verb.end() < _NEXT)
                for each in linked
            ):
                return explicit(s, verb, None)._replace(condition=if_function(linked))
        return None

    def has_barrier(self, s: Statement) -> Verdict | None:
        """For "f() uses smp_mb()": another function, and the barrier that it has."""
        for verb in s.words.has.finditer(s.text):
            primitive = BARRIER.search(s.text, verb.end(), verb.end() + CLOSE)
            if primitive is None or s.denials.is_denied(verb) or s.denials.is_denied(primitive):
                continue
            if not self._links.leads(s.text, verb.end(), primitive.start()):
                continue
            if subject := next((p for p in s.partners if 0 <= verb.start() - p.end <= 2), None):
                words = because(subject.mention.written, verb, primitive)
                return Verdict("explicit", words, (subject.mention,), if_function([subject]))
            writers = s.words.writer.finditer(s.text, 0, verb.start())
            if writer := next((w for w in writers if not is_value(s, w)), None):
                return Verdict("explicit", because(writer, verb, primitive))
            before = s.part[: verb.start()].rstrip()
            if any(p.end() == len(before) for p in s.primitives.write_side.finditer(before)):
                return Verdict("implicit", because(verb, primitive))
        return None

    def ordered(self, s: Statement) -> Verdict | None:
        """For "ordered against f()", and "the store side is ordered in f()"."""
        for verb in s.words.ordered.finditer(s.text):
            if not s.denials.is_denied(verb) and (verdict := self._ordered(s, verb)):
                return verdict
        for verb in s.words.order_in.finditer(s.text):
            if names := self._links.behind(s.text, verb.end(), s.partners):
                return Verdict("explicit", because(verb, names[0].mention.written), s.named(names))
        return None

    def _ordered(self, s: Statement, verb: re.Match[str]) -> Verdict | None:
        """For one word of order: what it is ordered against must not be on this side."""
        primitive = next((p for p in s.partner_primitives if self._is_close(verb, p, s)), None)
        is_with = verb[0].lower().endswith("with")
        by_means = is_with and not _ONE.match(s.part, verb.end())  # "in order with barriers"
        ours = s.words.ours
        if primitive and not by_means and not ours.search(s.text, verb.end(), primitive.start()):
            return explicit(s, verb, primitive)
        called = [spot for spot in s.partners if spot.mention.called or spot.mention.after]
        names = self._links.behind(s.text, verb.end(), called or s.partners)
        if not names or ours.search(s.text, verb.end(), names[0].start):
            return None
        is_direct = not s.words.written.search(s.text, verb.end(), names[0].start)
        is_against = is_with or verb[0].lower().endswith("against")
        pairing: Pairing = "explicit" if is_direct or is_against else "implicit"
        words = because(verb, names[0].mention.written)
        against = tuple(msgspec.structs.replace(each, ordered=True) for each in s.named(names))
        return Verdict(pairing, words, against, if_function(names))

    def _is_close(self, verb: re.Match[str], primitive: re.Match[str], s: Statement) -> bool:
        """Whether a verb leads to a primitive; a full barrier may also stand before it."""
        if self._links.leads(s.text, verb.end(), primitive.start()):
            return True
        is_general = s.primitives.general.fullmatch(primitive[0]) is not None
        return is_general and 0 <= verb.start() - primitive.end() <= CLOSE


def _is_object(s: Statement, verb: re.Match[str], *, is_sync: bool) -> bool:
    """Whether the names are what a verb is about: "synchronize with DMA" is not about them."""
    if not is_sync or _has_own_object(s, verb):
        return True
    return any(
        spot.start >= verb.end() and not s.words.clause.search(s.text, verb.end(), spot.start)
        for spot in s.partners
    )


def _has_own_object(s: Statement, verb: re.Match[str]) -> bool:
    """Whether what stands behind a verb is the reader's own barrier."""
    word = _OBJECT.match(s.text, verb.end())
    return word is not None and s.part[word.start(1)] == " "


def _names_own(s: Statement, verb: re.Match[str]) -> bool:
    """Whether the reader's own barrier or function stands behind a verb."""
    behind = (spot.start > verb.end() for spot, role in s.roles.items() if role == "this side")
    return any(behind) or _has_own_object(s, verb)


def is_in_own(s: Statement, verb: re.Match[str]) -> bool:
    """Whether the object of a verb is in the reader's own function."""
    on_this_side = (spot for spot, role in s.roles.items() if role == "this side")
    return any(
        spot.start > verb.end()
        and _IN_OWN.search(s.text, max(0, spot.start - CLOSE), spot.start) is not None
        for spot in on_this_side
    )
