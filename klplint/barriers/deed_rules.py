"""Rules for what the other side does, without words of pairing."""

from __future__ import annotations

import re

import msgspec

from klplint.barriers.links import CLOSE, Links
from klplint.barriers.named_functions import Spotted
from klplint.barriers.pairing_rules import BARRIER, OTHER_AGENT
from klplint.barriers.statement import Statement
from klplint.barriers.verdicts import Pairing, Verdict, because, if_function, is_value

_AGENT = re.compile(rf"\b{OTHER_AGENT}", re.IGNORECASE)
_BY_ANOTHER = re.compile(rf"\b(?:by|on|from|in)\s+(?:the\s+|an\s+)?{OTHER_AGENT}", re.IGNORECASE)
_ANYBODY = re.compile(
    r"\b(?:anybody|anyone|everybody|everyone|\w*(?:path|handler|thread|worker|task)s?)\b[^,;]{0,60}",
    re.IGNORECASE,
)
_RACES_WITH = re.compile(
    r"\brac(?:es?|ed|ing)\s+(?:with|against)\s+(?:the\s+|an?\s+)?\Z", re.IGNORECASE
)
# "the writing here", where the other half is in a function that the sentence names.
_HERE = re.compile(
    r"\b(?:writ|stor|up(?:date|dating)|set|read|load|test|check)\w*\b(?:\s+\S+){0,3}?\s+here\b",
    re.IGNORECASE,
)
_READ_BY = re.compile(
    r"\b(?:reading|reads?|readers?|loads?|loaded|tests?|tested|testing|checks?|checked|checking"
    r"|dereferenc(?:ed?|es|ing)|consum(?:ed?|es|ing)|polled|fetched)\b(?:\s+\S+){0,6}?\s+"
    r"(?:from|in|by|inside)\s+(?:the\s+)?\Z",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    r"\b(?:set|written|updated|modified|changed|stored|cleared|published|filled)\s+by\s+"
    r"(?!(?:this|us|me|the\s+(?:caller|reader))\b)\w+(?:\s+\w+)?"
    r"|\b(?:set|written|updated|modified|changed|stored|cleared|published|filled)\b[^,]{0,40}?"
    r"\swith\s+(?:a\s+)?(?:memory\s+)?barriers?",
    re.IGNORECASE,
)
# The reading side by its place in the pair, and the writing side.
_OTHER_SIDE = re.compile(
    r"\bthe\s+(?:other\s+(?:side|end|party)|(?:reader|reading|read|consumer)(?:'s)?[\s-]+side)\b",
    re.IGNORECASE,
)
_RACES_WITH_THREAD = re.compile(
    r"\brac(?:es?|ed|ing)\s+(?:with|against)\s+(?:the\s+|an?\s+)?(?:\w+\s+){0,2}"
    r"(?:thread|handler|worker|path|task|timer|interrupt|irq)s?\b",
    re.IGNORECASE,
)
_DEPENDENCY = re.compile(
    r"\b(?:address|data)[\s-]+dependenc(?:y|ies)\b|\bdependency[\s-]+order(?:ing|ed)\b",
    re.IGNORECASE,
)
_DOORBELL = re.compile(
    r"\bdoorbell\b.*\b(?:barrier|order)|\b(?:barrier|order).*\bdoorbell\b", re.IGNORECASE
)
_IN = re.compile(r"\b(?:in|before|until|by)\s+\Z", re.IGNORECASE)
_WE = re.compile(r"\s*,?\s*(?:we|it|they)\s+(?:(?:\w+ly|first|then|also)\s+)*", re.IGNORECASE)


class DeedRules:
    """The rules, from those that name a function to those that name nobody."""

    def __init__(self, links: Links) -> None:
        self._links = links

    def visible(self, s: Statement) -> Verdict | None:
        """For "visible to f()", "before f() sees x": who has to see what a full barrier orders.

        With a word for a barrier, that is explicit.
        """
        if not s.primitives.may_write(s.site):
            return None
        because_of, names = "", list[Spotted]()
        for phrase in s.words.visible.finditer(s.text):
            if linked := self._links.behind(s.text, phrase.end(), s.partners):
                because_of, names = phrase[0], linked
        for spot in s.partners:
            if words := _sees(s, spot):
                because_of, names = because_of or words, [*names, spot]
        if not names:
            beholders = (a for a in _ANYBODY.finditer(s.text) if s.words.sees.search(a[0]))
            anybody = next(beholders, None)
            return Verdict("implicit", anybody[0]) if anybody else None
        barrier = BARRIER.search(s.text)
        words = because(because_of.strip(), names[0].mention.written, barrier)
        return Verdict("explicit" if barrier else "implicit", words, s.named(names))

    def writer(self, s: Statement) -> Verdict | None:
        """For "set by f()", and "the producer in f()"."""
        if s.primitives.on_write_side:
            return None
        if writers := self._links.writers(s.text, s.partners):
            names = s.named(writers)
            is_there = s.primitives.is_full(s.site) and _HERE.search(s.text)
            barrier = BARRIER.search(s.text) if is_there else None
            words = because(", ".join(name.written for name in names), barrier)
            pairing: Pairing = "explicit" if barrier else "implicit"
            return Verdict(pairing, words, names, if_function(writers))
        for spot in s.spotted:
            if spot.mention.name not in s.site.names and _RACES_WITH.search(
                s.text, max(0, spot.start - CLOSE), spot.start
            ):
                return Verdict("implicit", f"race with {spot.mention.written}", (spot.mention,))
        writer = next((w for w in s.words.writer.finditer(s.text) if not is_value(s, w)), None)
        mentions = s.partner_primitives or s.primitives.write_only.search(s.part)
        if writer and (s.partners or mentions):
            return Verdict("implicit", writer[0], s.named(s.partners))
        return None


def nameless(s: Statement) -> Verdict | None:
    """For "set by another CPU", "the other side reads both": a deed of somebody without a name."""
    is_writer = s.primitives.on_write_side
    agents, deeds = (
        ((_OTHER_SIDE,), s.words.sees)
        if is_writer
        else ((_AGENT, _OTHER_SIDE), s.words.writes_or_sees)
    )
    for agent in (match for pattern in agents for match in pattern.finditer(s.text)):
        if acts := deeds.search(s.text, agent.end(), agent.end() + CLOSE):
            return Verdict("implicit", because(agent, acts))
    if race := _RACES_WITH_THREAD.search(s.text):
        return Verdict("implicit", race[0])
    if is_writer:
        return None
    another = _BY_ANOTHER.search(s.text)
    if another and s.words.written.search(s.text, 0, another.start()):
        return Verdict("implicit", another[0])
    written = _WRITTEN_BY.search(s.part)
    return Verdict("implicit", written[0]) if written else None


def device(s: Statement) -> Verdict | None:
    """For hardware, firmware, a guest or user space on the other side."""
    if doorbell := _DOORBELL.search(s.text):
        return Verdict("explicit", doorbell[0])
    patterns = [s.words.device_acts, s.words.by_device]
    if s.primitives.may_write(s.site):
        patterns += [s.words.device_reads, s.words.read_by_device]
    if s.primitives.on_write_side:
        patterns = patterns[2:]
    acts = next(filter(None, (pattern.search(s.text) for pattern in patterns)), None)
    return Verdict("implicit", acts[0], of_device=True) if acts else None


def dependency(s: Statement) -> Verdict | None:
    """For "ordered by address dependency": what orders the reads where there is no barrier.

    The functions that the sentence names only have to exist.
    """
    words = _DEPENDENCY.search(s.text) if s.primitives.on_write_side else None
    if words is None or s.denials.is_denied(words):
        return None
    names = tuple(msgspec.structs.replace(name, pointed_at=True) for name in s.named(s.partners))
    return Verdict("explicit", because(words, *(name.written for name in names)), names)


def _sees(s: Statement, spot: Spotted) -> str:
    """The words that say that a function sees, or reads, what this side writes; "" if none do."""
    behind = spot.end + (s.text[spot.end : spot.end + 1] == " ")
    if sees := s.words.sees.match(s.text, behind):
        return sees[0]
    if s.primitives.on_write_side or _HERE.search(s.text):
        before = s.text[max(0, spot.start - CLOSE) : spot.start]
        if reads := _READ_BY.search(before):
            return reads[0]
    we = _IN.search(s.text, max(0, spot.start - CLOSE), spot.start) and _WE.match(s.text, spot.end)
    updates = we and s.words.writes.match(s.text, we.end())
    return updates[0] if updates else ""
