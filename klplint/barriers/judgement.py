"""How a sentence is read: what it says of the partner, and because of which of its words.

Each rule looks for one way to say it, and returns None where the sentence does not. The first that
returns a verdict decides, from the plainest wording to the vaguest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from klplint.barriers.impossible_partners import impossible_partner
from klplint.barriers.links import CLOSE, Links, beside
from klplint.barriers.named_functions import Named, Spotted
from klplint.barriers.statement import Statement

Pairing = Literal["none", "implicit", "explicit"]
"""`explicit`: the comment identifies the paired barrier; `implicit`: it names the writer only."""
PAIRINGS: tuple[Pairing, ...] = ("none", "implicit", "explicit")
"""From the weakest to the strongest."""
Condition = Literal["", "pointer", "name", "spot"]
"""What has to be true in the tree for an explicit reading: the place that it points to explains the
pairing, the word is that of a function, or another comment of the file marks the spot."""

# A place that a diagram or a list marks with a letter: "pairs with (A)", "C matches B".
_SPOT = re.compile(r"\s*(?:with\s+)?\(?(?P<spot>[A-Z]\d?)\)?(?![\w(])(?!\s+[a-z]+\s+[a-z])")
_SPOT_IN = re.compile(r"\s*(?:with\s+)?\(?(?P<spot>[A-Z]\d?)\)?\s+(?:in|of|below|above)\b")
_WORD = re.compile(r"\w")
_POINTS_TO_PAIRING = re.compile(
    r"(?:^|[,;:(.-]\s*|\b(?:please|also|again|and)\s+)(?:see|cf\.?|refer\s+to)\s+"
    r".{0,60}?\b(?:pairing|barriers?|ordering)\b",
    re.IGNORECASE,
)
# Before "against": what runs at the same time is not a partner.
_RACE = re.compile(r"\brac(?:e|es|ed|ing)\s+\Z", re.IGNORECASE)
_ONE = re.compile(r"\s+(?:the|that|another|its)\b", re.IGNORECASE)
_IN_OWN = re.compile(r"\b(?:barrier|\w*mb(?:\(\))?|one)\s+(?:in|of|inside)\s+(?:the\s+)?\Z", re.I)
_OBJECT = re.compile(r"\s+(?:the\s+|this\s+)?(\S)")
# Explains all pairings, and not the one at hand.
_GENERAL_TEXT = re.compile(r"\bDocumentation\b|\.(?:txt|rst)\b")
# Around "the producer", where that is an index and not whoever moves it.
_ACCESS = re.compile(r"\b(?:writing|reading|updating|loading|storing)\s+(?:the\s+)?\Z", re.I)
_IS_ACCESSED = re.compile(
    r"\s+(?:is|was|be)\s+(?:read|written|updated|stored|loaded)\b"
    r"|\s+(?:index|idx|pointer|counter|value|position|ring|queue)\b",
    re.IGNORECASE,
)
_BARE = re.compile(r"\W*(?:vs\.?|versus|against|cf\.?)\s+(?:the\s+)?(?P<name>[A-Za-z_]\w+)[.\s)]*")
_OTHER_AGENT = (
    r"(?:other|another|remote|that|different|concurrent)\s+"
    r"(?:cpu|thread|processor|task|context|core|process|waker|reader)s?\b"
)
_AGENT = re.compile(rf"\b{_OTHER_AGENT}", re.IGNORECASE)
_AGENT_BEHIND = re.compile(
    rf"\s+(?:(?:the|a|an)\s+)?(?:writer|producer|updater|concurrent|{_OTHER_AGENT})", re.IGNORECASE
)
_BY_ANOTHER = re.compile(rf"\b(?:by|on|from|in)\s+(?:the\s+|an\s+)?{_OTHER_AGENT}", re.IGNORECASE)
_ANYBODY = re.compile(
    r"\b(?:anybody|anyone|everybody|everyone|\w*(?:path|handler|thread|worker|task)s?)\b[^,;]{0,60}",
    re.IGNORECASE,
)
_RACES_WITH = re.compile(r"\brac(?:es?|ed|ing)\s+(?:with|against)\s+(?:the\s+|an?\s+)?\Z", re.I)
_HERE = re.compile(
    r"\b(?:writ|stor|updat|set|read|load|test|check)\w*\b(?:\s+\S+){0,3}?\s+here\b", re.IGNORECASE
)
_READ_BY = re.compile(
    r"\b(?:reading|reads?|loads?|tests?|testing|checks?|checking)\b(?:\s+\S+){0,4}?\s+(?:from|in|by|inside)\s+"
    r"(?:the\s+)?\Z",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    r"\b(?:set|written|updated|modified|changed|stored|cleared|published|filled)\s+by\s+"
    r"(?!(?:this|us|me|the\s+(?:caller|reader))\b)\w"
    r"|\b(?:set|written|updated|modified|changed|stored|cleared|published|filled)\b[^,]{0,40}?"
    r"\swith\s+(?:a\s+)?(?:memory\s+)?barriers?",
    re.IGNORECASE,
)
_BARRIER = re.compile(r"\b(?:barrier|fence|\w*mb)s?\b", re.IGNORECASE)
_DOORBELL = re.compile(r"\bdoorbell\b.*\b(?:barrier|order)|\b(?:barrier|order).*\bdoorbell\b", re.I)
_IN_NAME_WE = re.compile(r"\s*,?\s*(?:we|it|they)\s+", re.IGNORECASE)
_IN = re.compile(r"\b(?:in|before|until|by)\s+\Z", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:for|to|before|until|that|so)\s+\Z", re.IGNORECASE)


class Verdict(NamedTuple):
    """What one sentence says."""

    pairing: Pairing
    because: str = ""
    """The words that decided, as the sentence has them."""
    names: tuple[Named, ...] = ()
    condition: Condition = ""
    spot: str = ""
    """The letter that marks the partner."""
    impossible: str = ""
    """What it says it pairs with, where that cannot be a partner: "smp_rmb() in foo()"."""
    itself: bool = False
    """Whether it says that the partner is in the reader's own function."""


class Judge:
    """Reads sentences."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._rules: tuple[Callable[[Statement], Verdict | None], ...] = (
            _doubted,
            _another_reader,
            _impossible,
            _denied,
            _write_barrier,
            self._strong,
            self._partner,
            self._weak,
            self._has_barrier,
            self._ordered,
            _bare_name,
            _pointer,
            self._visible,
            self._writer,
            _device,
        )

    def verdict(self, statement: Statement) -> Verdict:
        """What a sentence says about the pairing."""
        for rule in self._rules:
            verdict = rule(statement)
            if verdict is not None:
                return verdict
        return Verdict("none")

    def _strong(self, s: Statement) -> Verdict | None:
        """ "pairs with", whatever it is that this stands before."""
        unclear = None
        for verb in s.affirmed:
            behind = s.part[verb.end() :]
            if s.words.nobody.match(behind):
                return Verdict("none", verb[0])
            if spot := _SPOT.match(behind):
                return Verdict("explicit", _because(verb, spot["spot"]), (), "spot", spot["spot"])
            is_sync = s.words.syncs_with.fullmatch(verb[0]) is not None
            primitive = s.primitive_beside(verb)
            is_before = primitive is not None and primitive.start() < verb.start()
            if is_sync and is_before and not _has_own_object(s, verb):
                primitive = None  # what synchronizes is on this side
            if primitive or s.partners:
                verdict = _explicit(s, verb, primitive)
                return verdict._replace(itself=not s.partners and _is_in_own(s, verb))
            if _AGENT_BEHIND.match(behind) or (_WORD.search(behind) and not is_sync):
                unclear = verb
        if unclear is None:
            return None
        return Verdict("implicit", unclear[0])

    def _partner(self, s: Statement) -> Verdict | None:
        """ "the counterpart", with a primitive or close to a name."""
        for noun in s.words.partner.finditer(s.part):
            if s.is_denied(noun):
                continue
            primitive = s.primitive_beside(noun)
            called = any(spot.mention.called for spot in beside(noun, s.partners))
            if primitive or called or self._links.behind(s.text, noun.end(), s.partners):
                return _explicit(s, noun, primitive)
        return None

    def _weak(self, s: Statement) -> Verdict | None:
        """ "matches", close to a primitive or to a name."""
        for verb in s.words.matches.finditer(s.part):
            if s.is_denied(verb) or _RACE.search(s.part, 0, verb.start()):
                continue
            if spot := _SPOT.fullmatch(s.part, verb.end()) or _SPOT_IN.match(s.part, verb.end()):
                return Verdict("explicit", _because(verb, spot["spot"]), (), "spot", spot["spot"])
            close = (p for p in s.partner_primitives if self._is_close(verb, p, s))
            if primitive := next(close, None):
                return _explicit(s, verb, primitive)
            linked = self._links.behind(s.text, verb.end(), s.partners)
            if any(each.mention.called or each.start - verb.end() < CLOSE // 6 for each in linked):
                return _explicit(s, verb, None)._replace(condition=_if_function(linked))
        return None

    def _is_close(self, verb: re.Match[str], primitive: re.Match[str], s: Statement) -> bool:
        """Whether a verb leads to a primitive; a full barrier may also stand before it."""
        if self._links.leads(s.text, verb.end(), primitive.start()):
            return True
        is_general = s.primitives.general.fullmatch(primitive[0]) is not None
        return is_general and 0 <= verb.start() - primitive.end() <= CLOSE

    def _has_barrier(self, s: Statement) -> Verdict | None:
        """ "f() uses smp_mb()": another function, and the barrier that it has."""
        for verb in s.words.has.finditer(s.text):
            subject = next((p for p in s.partners if 0 <= verb.start() - p.end <= 2), None)
            primitive = next(
                (p for p in _BARRIER.finditer(s.text, verb.end(), verb.end() + CLOSE)), None
            )
            if primitive is None or s.is_denied(verb) or s.is_denied(primitive):
                continue
            if not self._links.leads(s.text, verb.end(), primitive.start()):
                continue
            if subject:
                condition: Condition = "" if subject.mention.called else "name"
                because = _because(subject.mention.written, verb, primitive)
                return Verdict("explicit", because, (subject.mention,), condition)
            before = s.part[: verb.start()].rstrip()
            writers = s.words.writer.finditer(s.text, 0, verb.start())
            if writer := next((w for w in writers if not _is_value(s, w)), None):
                return Verdict("explicit", _because(writer, verb, primitive))
            if any(p.end() == len(before) for p in s.primitives.write_side.finditer(before)):
                return Verdict("implicit", _because(verb, primitive[0]))
        return None

    def _ordered(self, s: Statement) -> Verdict | None:
        """ "ordered against f()", "the store side is ordered in f()"."""
        called = [spot for spot in s.partners if spot.mention.called]
        for verb in s.words.ordered.finditer(s.text):
            if s.is_denied(verb):
                continue
            primitive = next((p for p in s.partner_primitives if self._is_close(verb, p, s)), None)
            by_means = verb[0].lower().endswith("with") and not _ONE.match(s.part, verb.end())
            if (
                primitive
                and not by_means
                and not s.words.ours.search(s.text, verb.end(), primitive.start())
            ):
                return _explicit(s, verb, primitive)
            names = self._links.behind(s.text, verb.end(), called or s.partners)
            if names and not s.words.ours.search(s.text, verb.end(), names[0].start):
                is_direct = not s.words.written.search(s.text, verb.end(), names[0].start)
                is_against = verb[0].lower().endswith(("against", "with"))
                pairing: Pairing = "explicit" if is_direct or is_against else "implicit"
                because = _because(verb, names[0].mention.written)
                return Verdict(pairing, because, s.named(names), _if_function(names))
        for verb in s.words.order_in.finditer(s.text):
            if names := self._links.behind(s.text, verb.end(), s.partners):
                return Verdict(
                    "explicit", _because(verb, names[0].mention.written), s.named(names)
                )
        return None

    def _visible(self, s: Statement) -> Verdict | None:
        """ "visible to f()", "before f() sees x": whom a full barrier makes see what it orders."""
        if not s.primitives.is_full(s.site):
            return None
        because, names = "", []
        for phrase in s.words.visible.finditer(s.text):
            if linked := self._links.behind(s.text, phrase.end(), s.partners):
                because, names = phrase[0], linked
        for spot in s.partners:
            sees = s.words.sees.match(s.text, _skip_space(s.text, spot.end))
            updates = _IN.search(s.text, 0, spot.start) and _IN_NAME_WE.match(s.text, spot.end)
            before = s.text[max(0, spot.start - CLOSE) : spot.start]
            reads = _HERE.search(s.text) and _READ_BY.search(before)
            sees = sees or reads
            if sees or (updates and s.words.writes.match(s.text, updates.end())):
                because, names = because or (sees or updates)[0], [*names, spot]  # type: ignore[index]
        if not names:
            anybody = next((a for a in _ANYBODY.finditer(s.text) if s.words.sees.search(a[0])), None)
            return Verdict("implicit", anybody[0]) if anybody else None
        barrier = _BARRIER.search(s.text)
        return Verdict(
            "explicit" if barrier else "implicit",
            _because(because.strip(), names[0].mention.written, barrier and barrier[0]),
            s.named(names),
        )

    def _writer(self, s: Statement) -> Verdict | None:
        """ "set by f()", "the producer": what the other side does, without its barrier."""
        if writers := self._links.writers(s.text, s.partners):
            names = s.named(writers)
            barrier = s.primitives.is_full(s.site) and _HERE.search(s.text) and _BARRIER.search(s.text)
            because = _because(", ".join(name.written for name in names), barrier or None)
            pairing: Pairing = "explicit" if barrier else "implicit"
            return Verdict(pairing, because, names, _if_function(writers))
        for spot in s.spotted:
            if spot.mention.name not in s.site.names and _RACES_WITH.search(s.text, 0, spot.start):
                return Verdict("implicit", f"race with {spot.mention.written}", (spot.mention,))
        writer = next((w for w in s.words.writer.finditer(s.text) if not _is_value(s, w)), None)
        mentions = s.partner_primitives or s.primitives.write_only.search(s.part)
        if writer and (s.partners or mentions):
            return Verdict("implicit", writer[0], s.named(s.partners))
        for agent in _AGENT.finditer(s.text):
            acts = s.words.writes_or_sees.search(s.text, agent.end(), agent.end() + CLOSE)
            if acts:
                return Verdict("implicit", _because(agent, acts))
        another = _BY_ANOTHER.search(s.text)
        if another and s.words.written.search(s.text, 0, another.start()):
            return Verdict("implicit", another[0])
        written = _WRITTEN_BY.search(s.part)
        return Verdict("implicit", written[0]) if written else None


def _doubted(s: Statement) -> Verdict | None:
    """A question, or a note to do something."""
    return Verdict("none", "doubted") if s.is_doubted else None


def _another_reader(s: Statement) -> Verdict | None:
    """ "the load above pairs with": another barrier of the reader's side."""
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
    """ "does not pair with foo()"."""
    if s.pairings and not s.affirmed:
        return Verdict("none", f"{s.pairings[0][0]}, denied")
    return None


def _write_barrier(s: Statement) -> Verdict | None:
    """A primitive that orders writes only: to name one is to name the other side."""
    for primitive in s.write_barriers:
        verbs = (*s.affirmed, *s.words.partner.finditer(s.part), *s.words.matches.finditer(s.part))
        return _explicit(s, next(iter(verbs), None), primitive)
    return None


def _bare_name(s: Statement) -> Verdict | None:
    """ "vs foo", as all that a comment says: explicit if that is a function."""
    bare = _BARE.fullmatch(s.text)
    if bare is None or bare["name"] in s.site.names:
        return None
    name = Named(bare["name"], "function", called=False)
    return Verdict("explicit", bare[0].strip(), (name,), "name")


def _pointer(s: Statement) -> Verdict | None:
    """ "see foo()": explicit if that place explains the pairing."""
    pointed = [spot for spot in s.partners if spot.mention.pointed_at]
    pointer = s.words.pointer.search(s.text)
    if pointer and pointed:
        because = _because(pointer[0].strip(), pointed[0].mention.written)
        return Verdict("explicit", because, s.named(pointed), "pointer")
    pointer = _POINTS_TO_PAIRING.search(s.part)
    if pointer and not _GENERAL_TEXT.search(pointer[0]):
        names = s.named(pointed or s.partners)
        return Verdict("explicit", pointer[0], names, "pointer" if pointed else "")
    return None


def _device(s: Statement) -> Verdict | None:
    """Hardware, firmware, a guest or user space on the other side."""
    if doorbell := _DOORBELL.search(s.text):
        return Verdict("explicit", doorbell[0])
    acts = s.words.device_acts.search(s.text) or s.words.by_device.search(s.text)
    return Verdict("implicit", acts[0]) if acts else None


def _explicit(
    s: Statement, words: re.Match[str] | None, primitive: re.Match[str] | None
) -> Verdict:
    direct = [spot for spot in s.partners if not spot.mention.pointed_at]
    names = s.named(direct or s.partners)
    parts = (words and words[0], primitive and primitive[0], *(n.written for n in names))
    return Verdict("explicit", _because(*parts), names)


def _if_function(spots: list[Spotted]) -> Condition:
    """The condition that a name is that of a function, where none is written as a call."""
    return "" if any(spot.mention.called for spot in spots) else "name"


def _because(*parts: str | re.Match[str] | None) -> str:
    texts = [part if isinstance(part, str) else part[0] for part in parts if part]
    return " + ".join(" ".join(text.split()) for text in texts)


def _has_own_object(s: Statement, verb: re.Match[str]) -> bool:
    """Whether what stands behind a verb is the reader's own barrier."""
    word = _OBJECT.match(s.text, verb.end())
    return word is not None and s.part[word.start(1)] == " "


def _is_in_own(s: Statement, verb: re.Match[str]) -> bool:
    """Whether the object of a verb is in the reader's own function."""
    own = (spot for spot, role in s.roles.items() if role == "this side" and spot.start > verb.end())
    return any(_IN_OWN.search(s.text, 0, spot.start) for spot in own)


def _is_value(s: Statement, writer: re.Match[str]) -> bool:
    """Whether "the producer" is something that is read and written."""
    return bool(
        _ACCESS.search(s.text, 0, writer.start()) or _IS_ACCESSED.match(s.text, writer.end())
    )


def _skip_space(text: str, start: int) -> int:
    return start + (text[start : start + 1] == " ")
