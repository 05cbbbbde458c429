"""How a sentence is read: what it says of the partner, and because of which of its words.

Each rule looks for one way to say it, and returns None where the sentence does not. The first that
returns a verdict decides, from the plainest wording to the vaguest.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from klplint.barriers.deed_rules import DeedRules, dependency, device, nameless
from klplint.barriers.disguise import undisguised
from klplint.barriers.impossible_partners import impossible_partner
from klplint.barriers.links import Links
from klplint.barriers.named_functions import Named
from klplint.barriers.pairing_rules import PairingRules, is_in_own
from klplint.barriers.statement import Statement
from klplint.barriers.verdicts import Verdict, because, explicit

_POINTS_TO_PAIRING = re.compile(
    r"(?:^|[,;:(.-]\s*|\b(?:please|also|again|and)\s+)(?:see|cf\.?|refer\s+to)\s+"
    r".{0,60}?\b(?:pairing|barriers?|ordering)\b",
    re.IGNORECASE,
)
# Explains all pairings, and not the one at hand.
_GENERAL_TEXT = re.compile(r"\bDocumentation\b|\.(?:txt|rst)\b")
_BARE = re.compile(r"\W*(?:vs\.?|versus|against|cf\.?)\s+(?:the\s+)?(?P<name>[A-Za-z_]\w+)[.\s)]*")


class SentenceClassifier:
    """Reads sentences."""

    def __init__(self, links: Links) -> None:
        pairing, deeds = PairingRules(links), DeedRules(links)
        self._rules: tuple[Callable[[Statement], Verdict | None], ...] = (
            _doubted,
            _another_reader,
            _impossible,
            dependency,
            _denied,
            _write_barrier,
            pairing.strong,
            pairing.partner,
            pairing.weak,
            pairing.machine,
            pairing.has_barrier,
            pairing.ordered,
            _bare_name,
            _pointer,
            deeds.visible,
            deeds.writer,
            device,
            nameless,
        )

    def verdict(self, statement: Statement) -> Verdict:
        """What a sentence says about the pairing."""
        for rule in self._rules:
            verdict = rule(statement)
            if verdict is not None:
                return verdict._replace(because=undisguised(verdict.because))
        return Verdict("none")


def _doubted(s: Statement) -> Verdict | None:
    """A question, or a note to do something."""
    return Verdict("none", "doubted") if s.is_doubted else None


def _another_reader(s: Statement) -> Verdict | None:
    """For "the load above pairs with": another barrier of the reader's side."""
    for verb in s.pairings:
        load = s.primitives.load_before.search(s.part, 0, verb.start())
        if load and load["name"] != s.site.barrier:
            return Verdict("implicit", load[0].strip(), s.named(s.partners))
    return None


def _impossible(s: Statement) -> Verdict | None:
    """A partner that orders no writes."""
    impossible = impossible_partner(s)
    return Verdict("none", impossible, impossible=impossible) if impossible else None


def _denied(s: Statement) -> Verdict | None:
    """For "does not pair with f()", and "was the counterpart of f() until v5.3"."""
    if s.pairings and not s.affirmed:
        return Verdict("none", f"{s.pairings[0][0]}, denied")
    if s.pairings:
        return None
    for word in (*s.words.partner.finditer(s.part), *s.words.matches.finditer(s.part)):
        if s.denials.has_lapsed(word) or s.denials.is_of_another(word):
            return Verdict("none", f"{word[0]}, denied")
    return None


def _write_barrier(s: Statement) -> Verdict | None:
    """A primitive that orders writes only: to name one is to name the other side."""
    primitive = next(iter(s.write_barriers), None)
    if primitive is None:
        return None
    verbs = (*s.affirmed, *s.words.partner.finditer(s.part), *s.words.matches.finditer(s.part))
    verb = next(iter(verbs), None)
    itself = verb is not None and not s.partners and is_in_own(s, verb)
    return explicit(s, verb, primitive)._replace(itself=itself)


def _bare_name(s: Statement) -> Verdict | None:
    """For "vs foo", as all that a comment says: explicit if that is a function."""
    bare = _BARE.fullmatch(s.text)
    if bare is None or bare["name"] in s.site.names:
        return None
    name = Named(bare["name"], "function", called=False)
    return Verdict("explicit", bare[0].strip(), (name,), "name")


def _pointer(s: Statement) -> Verdict | None:
    """For "see foo()": explicit if that place explains the pairing."""
    pointed = [spot for spot in s.partners if spot.mention.pointed_at]
    pointer = s.words.pointer.search(s.text)
    if pointer and pointed:
        words = because(pointer[0].strip(), pointed[0].mention.written)
        return Verdict("explicit", words, s.named(pointed), "pointer")
    pointer = _POINTS_TO_PAIRING.search(s.part)
    if pointer and not _GENERAL_TEXT.search(pointer[0]):
        names = s.named(pointed or s.partners)
        return Verdict("explicit", pointer[0], names, "pointer" if pointed else "")
    return None
