"""The words of barrier comments: how they say that barriers pair, and what another side does.

The words are data (rules/barriers.toml), as phrases. In a phrase,

- a space stands for spaces or a hyphen, and letter case does not matter;
- `{a,b}` stands for either of its parts, which may be empty;
- `*` stands for any letters, digits and underscores;
- `f()` stands for a function that is written as a call;
- `...` stands for up to four other words.

A phrase describes whole words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

import msgspec

Phrases = Annotated[tuple[str, ...], msgspec.Meta(extra={"holds": "texts"})]

_PARTS = re.compile(r"(\.\.\.|f\(\)|[*{},]|[\s-]+)")
_GAP = r"(?:[\w'./>()*-]+,?\s+){0,4}?"
_SPECIAL = {
    "*": r"\w*",
    "{": "(?:",
    ",": "|",
    "}": ")",
    "f()": r"(?<![\w>.])[A-Za-z_]\w*\(\)",
}
_MAY_BE_EMPTY = re.compile(r"\{,([^{}]*)\}")
_NOTHING = r"(?!)"
# Between a word and what is said of the barrier behind it: " the smp_wmb() in foo()".
_BARRIER = (
    r"(?:\s+(?:the\s+|an?\s+)?(?:(?:write|read|memory|full)\s+){0,2}"
    r"(?:barrier|fence|this(?:\s+one)?|\w*mb(?:\(\))?|\w+\(\)))"
)
# Behind what something lacks: a barrier, or the end of the clause.
_LACKED = (
    r"(?=\s*(?:[.;,:!?)]|\Z)|\s+(?:(?:the|an?|any|such|matching|corresponding|paired|pairing|write"
    r"|read|memory|full|longer|other|more|now|one|smp)\s+)*"
    r"(?:(?:barrier|fence|ordering|counterpart|partner)s?\b|\w*mb\b|any\s?more\b|now\b|longer\b"
    r"|one\b))"
)
_IN_IT = r"(?:(?:one|barrier|\w*mb(?:\(\))?)\s+(?:in|of)\s+(?:the\s+)?)"
_PLACE = r"(?:\s+(?:in|of|from|inside|within|at)\s+(?:the\s+)?[\w./>-]+(?:\(\))?)"
# Before what is said of a barrier that was named before.
_BUT = (
    r"(?:\b(?:but|although|though|however|yet|except\s+that)\s+(?:(?:there|it|that|those|they"
    r"|(?:the|that)\s+(?:(?:write|memory)\s+)*(?:one|latter|barrier|fence|\w*mb(?:\(\))?))"
    r"(?:'s)?\s+)?|,\s*(?:which|that)\s+)"
)


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Phrases by what they say."""

    pairs_with: Phrases
    """Stand before the partner, and say by themselves that two sides belong together."""
    syncs_with: Phrases
    """Say so before a name or a primitive; before another word they may mean anything."""
    partner: Phrases
    """Name the other side: "the counterpart", "the other half"."""
    matches: Phrases
    """Say that two sides belong together if a primitive or a function stands close by."""
    ordered: Phrases
    """Stand before what this side is ordered against."""
    order_in: Phrases
    """Stand before the function in which the other side is ordered."""
    machine: Phrases
    """Instructions that order the accesses of a machine."""
    has: Phrases
    """Stand between a function and the barrier that it has."""
    pointer: Phrases
    """Stand before a place where the pairing is explained."""
    above: Phrases
    """Point to an earlier comment of the same file."""
    several: Phrases
    """Say that a comment is also about other barriers than the one at which it stands."""
    writes: Phrases
    """What a function does that writes: "sets"."""
    written: Phrases
    """What was done by whoever wrote: "set", "the update"."""
    writer: Phrases
    """Nouns for whoever writes."""
    sees: Phrases
    """What another side does to what this one writes."""
    visible: Phrases
    """Stand before who has to see what this side writes."""
    device: Phrases
    """Other sides that are not code of the kernel."""
    device_acts: Phrases
    """What these do."""
    device_writes: Phrases
    """Stand before a device that wrote something."""
    device_reads: Phrases
    """What these do where this side writes."""
    device_read_by: Phrases
    """Stand before a device that reads something."""
    ours: Phrases
    """Say that what they stand before or behind is done on this side."""
    denied: Phrases
    """Deny what stands behind them in the same clause."""
    possible: Phrases
    """Stand right before what is only possible."""
    gone: Phrases
    """Stand right behind what is denied, or only possible."""
    lost: Phrases
    """Say that a barrier which was named before is not there."""
    lacks: Phrases
    """Say so before a word for a barrier, or at the end of a clause."""
    lapsed: Phrases
    """Stand before what was true once: "originally paired with"."""
    contrast: Phrases
    """Stand before another barrier, from which this one differs."""
    doubt: Phrases
    """Take the pairing away from the whole sentence."""
    nobody: Phrases
    """Stand for a partner where there is none."""
    example: Phrases
    """Stand before a name that is an example, or a caller."""
    aside: Phrases
    """Stand before a name that is only the way to the partner, or its name in the past."""
    purpose: Phrases
    """Begin the purpose of the pairing."""
    clause: Phrases
    """Begin another clause, in which a denial before it does not count."""


class Vocabulary:
    """The phrases as regular expressions; all of them ignore letter case."""

    def __init__(self, words: Words) -> None:
        self.pairs_with = compiled((*words.pairs_with, *words.syncs_with))
        self.syncs_with = compiled(words.syncs_with)
        self.pairs_or_matches = compiled((*words.pairs_with, *words.syncs_with, *words.matches))
        self.partner = compiled(words.partner)
        self.matches = compiled(words.matches)
        self.ordered = compiled(words.ordered)
        self.order_in = compiled(words.order_in)
        self.machine = compiled(words.machine)
        self.has = compiled(words.has)
        self.pointer = compiled(words.pointer)
        self.above = compiled(words.above)
        self.several = compiled(words.several)
        self.writes = compiled(words.writes)
        self.written = compiled(words.written)
        self.writer = compiled(words.writer)
        self.sees = compiled(words.sees)
        self.writes_or_sees = compiled((*words.writes, *words.sees))
        self.visible = compiled(words.visible)
        behind_device = rf"{alternatives(words.device)}(?:\s+\S+){{0,3}}?\s+"
        self.device_acts = compiled(words.device_acts, before=behind_device)
        self.device_reads = compiled(words.device_reads, before=behind_device)
        self.by_device = compiled(
            words.device, before=rf"{alternatives(words.device_writes)}(?:\s+\S+){{0,3}}?\s+"
        )
        self.read_by_device = compiled(
            words.device, before=rf"{alternatives(words.device_read_by)}(?:\s+\S+){{0,3}}?\s+"
        )
        self.denied = compiled(words.denied)
        self.possible_before = compiled(words.possible, behind=r",?(?:\s+\w+){0,3}\s+\Z")
        self.gone_behind = compiled(words.gone, before=r"[\s,]+(?:that\s+|which\s+)?")
        lost = rf"(?:{alternatives(words.lost)}|{alternatives(words.lacks)}{_LACKED})"
        gone = rf"{_PLACE}\s+(?:{alternatives(words.gone)}|{lost})"
        self.gone_from_place = re.compile(gone, re.IGNORECASE)
        behind_barrier = rf"{_BARRIER}?{_PLACE}?[\s,]+(?:that\s+|which\s+)?"
        self.lost_behind = re.compile(behind_barrier + lost, re.IGNORECASE)
        self.taken_back = re.compile(_BUT + lost, re.IGNORECASE)
        self.lapsed_before = compiled(words.lapsed, behind=r"(?:\s+\w+)?\s+\Z")
        self.contrast = compiled(words.contrast)
        self.aside_before = compiled(words.aside, behind=rf"\s+(?:the\s+|an?\s+)?{_IN_IT}?\Z")
        self.doubt = compiled(words.doubt)
        self.nobody = compiled(words.nobody, before=r"[\s:]*")
        self.example_before = compiled(words.example, behind=r"\s+(?:in\s+|the\s+|from\s+)*\Z")
        self.purpose = compiled(words.purpose)
        self.clause = compiled(words.clause)
        self.ours = compiled(words.ours)


def compiled(phrases: Iterable[str], before: str = "", behind: str = "") -> re.Pattern[str]:
    """A pattern for any of some phrases, between two regular expressions."""
    return re.compile(rf"{before}{alternatives(phrases)}{behind}", re.IGNORECASE)


def alternatives(phrases: Iterable[str]) -> str:
    """Phrases as one regular expression, long ones first; each of them is of whole words."""
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return rf"(?:{'|'.join(map(_expression, ordered)) or _NOTHING})"


def _expression(phrase: str) -> str:
    longest_first = _MAY_BE_EMPTY.sub(r"{\1,}", phrase)
    parts = [_part(part) for part in _PARTS.split(longest_first) if part]
    start = r"(?<!\w)" if re.match(r"[\w{*]", phrase) else ""
    end = r"(?!\w)" if re.search(r"[\w}*]$", phrase) else ""
    return f"{start}{''.join(parts)}{end}".replace(rf"[\s-]+{_GAP}[\s-]+", rf"[\s-]+{_GAP}")


def _part(part: str) -> str:
    if part == "...":
        return _GAP
    if not part.strip(" -\t\n"):
        return r"[\s-]+"
    return _SPECIAL.get(part) or re.escape(part)
