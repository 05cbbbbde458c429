"""The functions and files that a comment names, with what it says about each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from klplint.barriers.primitives import Primitives
from klplint.barriers.spelling import FILE, Spelt, spelt_in

_COMMENT_IN = re.compile(
    r"comments?\s+(?:\w+\s+)?$|comments?\s+(?:in|at|above|of|on|before|for|near|inside)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_SEE = re.compile(
    r"(?:(?:^|[,;:(\[{.-]\s*|\b(?:please|also|again|and|but)\s+)see|\bcf\.?|\brefer\s+to"
    r"|\b(?:described|explained|documented)\s+in)\s+(?:also\s+|the\s+)?(?:[\w/.]+:)?$",
    re.IGNORECASE,
)
# A pointer without a stop before it: "is enough see note in file.c", "see comment at top of".
_SEE_NOTE = re.compile(
    r"\bsee\s+(?:also\s+)?(?:(?:the|a|an|my|our)\s+)?(?:\w+\s+)?"
    r"(?:comment|note|remark|explanation|description|discussion|rationale|kerneldoc)s?\s+"
    r"(?:in|at|above|of|on|to|before|for|near|inside)\s+"
    r"(?:(?:the\s+)?(?:top|head|start|beginning|end|bottom)\s+of\s+)?(?:the\s+)?(?:file\s+)?$",
    re.IGNORECASE,
)
_SEE_BOTH = re.compile(r"\s*(?:\(\))?\s*(?:and|or|,|/|&)\s*(?:the\s+)?")
_POINTING = (_COMMENT_IN, _SEE, _SEE_NOTE)
_NEAR = 80  # characters before a name that are searched for such words
_IN = re.compile(
    r"(?<![\w+])([\w+]+)(?:\(\))?(?:\s+on\s+[\w>.-]+)?(?:\s+call)?\s+(?:in|of|from|inside|within)\s+"
    r"(?:the\s+)?(?:(?:fn|func|function)\.?\s+|(?:\w+\s+){0,2}calls?\s+to\s+)?$"
)
_BARRIER = re.compile(r"barriers?|fences?|release", re.IGNORECASE)
# What a function is said to hold: "the smp_wmb() in foo()", "cmpxchg() or smp_mb() in foo()".
_HELD = re.compile(
    r"(?:\b([A-Za-z_]\w*)(?:\(\))?\s*(?:/|\bor\b|\band\b|\+|,)\s*(?:the\s+|an?\s+)?)?"
    r"\b([A-Za-z_]\w*)(\(\))?\s+(?:in|inside|within|(of|from))\s+(?:the\s+)?$"
)
# An everyday word as the place of a primitive, where nothing makes it part of a phrase.
_BARE = re.compile(
    r"\b(?P<held>[A-Za-z_]\w*)(?:\(\))?\s+(?:in|inside|within)\s+(?P<name>[a-z][a-z0-9]{2,})"
    r"(?=\s*(?:[.,;)](?!\w)|$)|\s+(?:and|or|before|after|when|which|where|below|above)\b)"
)
# Behind a function that has the barrier: "complete()'s release", "schedule() implies a barrier".
_HOLDS = re.compile(
    r"'s\s+(?:\w+\s+){0,2}(?:release|barriers?|\w*w?mb)\b"
    r"|\s+(?:implies|provides|has|contains|does|includes|acts\s+as|serves\s+as)\s+"
    r"(?:\w+\s+){0,3}(?:release|barriers?|\w*w?mb)\b",
    re.IGNORECASE,
)
# Before a function, even one that looks like a primitive.
_DONE_BY = re.compile(r"\w\s+(?:in|inside|within|by)\s+\Z")
# Between an operation and the function that does it.
_OPERATION = re.compile(r"\s+(?:calls?\s+)?(?:in|of|inside|within|by|from)\s+(?:the\s+)?")
# Behind a function that somebody else's lock orders.
_LOCKED = re.compile(
    r"\s+(?:always\s+|only\s+)?(?:is\s+|are\s+|gets\s+)?(?:runs?|called|executed?|done|invoked|holds?|serialized"
    r"|serialised|protected)\b(?:\s+[\w>.&-]+){0,5}?\s+[\w>.&-]*(?:lock|mutex|sem(?:aphore)?)\b",
    re.IGNORECASE,
)
# The file of a function: "foo() in file.c", "file.c:foo()".
_IN_FILE = re.compile(r"\s*(?:,?\s*\b(?:in|from|of|at)\s+(?:the\s+file\s+)?|\()$")
_OF_FILE = re.compile(r"::?\s?$")
_COMMENT = re.compile(r"\bcomments?\b", re.IGNORECASE)


class Named(msgspec.Struct, frozen=True):
    """A function or file that a comment names."""

    name: str
    kind: Literal["function", "file"]
    called: bool = True
    """Whether it is written as a call: `foo()`."""
    pointed_at: bool = False
    """Whether the comment sends its reader there for an explanation."""
    labelled: bool = False
    """Whether it names a spot in the function: `foo:B`."""
    member: bool = False
    """Whether it is a member that functions are stored in: `x->foo()`."""
    like_primitive: bool = False
    """Whether it only looks like the name of a primitive: `foo_unlock()`."""
    operation: bool = False
    """Whether it is what another function does: `foo_put()` in "foo_put() in bar()"."""
    bare: bool = False
    """Whether it is an everyday word behind a primitive: "the smp_wmb() in push"."""
    ordered: bool = False
    """Whether the comment only says that something is ordered against it."""
    after: str = ""
    """What it does, if the comment names that as a function, too: `foo_put`."""
    holds: tuple[str, ...] = ()
    """The primitives that the comment says are in it, by their full names; any one will do."""
    file: str = ""
    """The file that the comment says it is in."""
    locked: bool = False
    """Whether the comment says that a lock of its callers orders it: "foo() runs under a lock"."""

    @property
    def written(self) -> str:
        """The name as texts for people have it: `f()`, but `kernel/a.c`."""
        return self.name if self.kind == "file" else f"{self.name}()"


class Spotted(NamedTuple):
    """A name, and where in its sentence it stands."""

    mention: Named
    start: int
    end: int


def names_in(sentence: str, primitives: Primitives, pointer: re.Pattern[str]) -> Iterator[Spotted]:
    """The functions and files that a sentence names, files first; primitives are left out."""
    yield from _Names(sentence, primitives, pointer).all()


class _Names:
    """The names of one sentence."""

    def __init__(self, sentence: str, primitives: Primitives, pointer: re.Pattern[str]) -> None:
        self._sentence = sentence
        self._primitives = primitives
        self._files = list(FILE.finditer(sentence))
        self._pointing: int | None = None
        if _COMMENT.search(sentence):
            match = pointer.search(sentence)
            self._pointing = match.end() if match else len(sentence)
        self._last_pointed = -1

    def all(self) -> Iterator[Spotted]:
        for match in self._files:
            pointed_at = self._is_pointed_at(match.start(), match.end())
            # Of a function in it, the file is looked at for the function alone.
            holds = tuple(filter(self._primitives.is_known, self._held(match.start())))
            yield Spotted(Named(match[0], "file", True, pointed_at, holds=holds), *match.span())
        spelt = [each for each in spelt_in(self._sentence) if self._is_function(each)]
        done = ""
        for place, each in enumerate(spelt):
            after = spelt[place + 1] if place + 1 < len(spelt) else None
            does = after and _OPERATION.fullmatch(self._sentence, each.end, after.start)
            is_call = does is not None and (each.called or "call" in does[0])
            is_operation = bool(does) and is_call
            yield from self._spotted(each, is_operation=is_operation, does=done)
            done = each.names[0] if is_operation else ""
        yield from self._bare()

    def _bare(self) -> Iterator[Spotted]:
        """The everyday words that are given as the place of a primitive."""
        for match in _BARE.finditer(self._sentence):
            if self._primitives.is_known(match["held"]) and not self._primitives.is_known(
                match["name"]
            ):
                held = self._held(match.start("name"))
                mention = Named(match["name"], "function", called=False, bare=True, holds=held)
                yield Spotted(mention, *match.span("name"))

    def _spotted(self, spelt: Spelt, *, is_operation: bool, does: str) -> Iterator[Spotted]:
        mention = Named(
            name="",
            kind="function",
            called=spelt.called,
            pointed_at=self._is_pointed_at(spelt.start, spelt.end),
            labelled=spelt.labelled,
            member=spelt.member,
            operation=is_operation,
            after=does,
            holds=self._held(self._start_with_file(spelt)),
            file=self._file_of(spelt),
            locked=_LOCKED.match(self._sentence, spelt.end) is not None,
        )
        for name in spelt.names:
            like_primitive = self._primitives.is_primitive(name)
            each = msgspec.structs.replace(mention, name=name, like_primitive=like_primitive)
            yield Spotted(each, spelt.start, spelt.end)

    def _is_function(self, spelt: Spelt) -> bool:
        """Whether a name is that of a function, and not that of a primitive.

        One that only looks like a primitive is a function if it is written as a call:
        `foo_unlock()`. A primitive that is given as the place of a barrier is a function, too.
        """
        name = spelt.names[0]
        if not spelt.called and self._primitives.words.machine.fullmatch(name):
            return False
        if not self._primitives.is_primitive(name) and not self._primitives.is_known(name):
            return True
        if name in self._primitives.short_names:
            return False
        is_name = not self._primitives.is_known(name) and "_" in name.strip("_")
        if is_name and (spelt.called or self._is_place(spelt)):
            return True
        return self._holds_primitive(spelt) or (
            self._primitives.families.is_place(name)
            and _HOLDS.match(self._sentence, spelt.end) is not None
        )

    def _is_place(self, spelt: Spelt) -> bool:
        """Whether something is said to be done in or by what is named: "set by foo_wmb"."""
        return self._primitives.is_like_barrier(spelt.names[0]) and bool(
            _DONE_BY.search(self._sentence, max(0, spelt.start - _NEAR), spelt.start)
        )

    def _holds_primitive(self, spelt: Spelt) -> bool:
        """Whether a name is given as the place of a primitive: "the smp_wmb() in foo_unlock()"."""
        before = _IN.search(self._sentence, max(0, spelt.start - _NEAR), spelt.start)
        if before is None:
            return False
        return self._primitives.is_primitive(before[1]) or _BARRIER.fullmatch(before[1]) is not None

    def _held(self, start: int) -> tuple[str, ...]:
        """The primitives, or what looks like them, that are in what is named at `start`."""
        primitives = self._primitives
        match = _HELD.search(self._sentence, max(0, start - _NEAR), start)
        if match is None or not (match[3] or "_" in match[2]):
            return ()
        if match[4] and not primitives.families.is_write_barrier(match[2]):
            return ()  # "call_rcu() of foo()" may hand foo() over
        held = [name for name in match.group(1, 2) if name]
        if match[3] and "_" in match[2] and primitives.is_primitive(match[2]):
            return tuple(filter(primitives.is_primitive, held))
        if not primitives.is_known(match[2]):
            return ()
        return tuple(filter(primitives.is_known, held))

    def _file_of(self, spelt: Spelt) -> str:
        """The file that a sentence says a function is in; "" if it does not say so."""
        place = self._files_before(spelt)
        behind = self._files[place] if place < len(self._files) else None
        if behind and _IN_FILE.fullmatch(self._sentence, spelt.end, behind.start()):
            return behind[0]
        before = self._files[place - 1] if place else None
        return before[0] if before and self._begins_with(before, spelt) else ""

    def _start_with_file(self, spelt: Spelt) -> int:
        """Where a function's name starts, or the file before it: `file.c:foo()`."""
        place = self._files_before(spelt)
        if place and self._begins_with(self._files[place - 1], spelt):
            return self._files[place - 1].start()
        return spelt.start

    def _files_before(self, spelt: Spelt) -> int:
        return bisect_right(self._files, spelt.start, key=lambda file: file.start())

    def _begins_with(self, file: re.Match[str], spelt: Spelt) -> bool:
        return _OF_FILE.fullmatch(self._sentence, file.end(), spelt.start) is not None

    def _is_pointed_at(self, start: int, end: int) -> bool:
        """Whether the words before a name send the reader there for an explanation.

        In a sentence about a comment, the names behind the words that point to it are meant. Of
        several names in a row, all are meant if the first is: "see foo() and bar()".
        """
        before = self._sentence[max(0, start - _NEAR) : start]
        if start > _NEAR:
            before = f"\0{before}"  # so that it does not look like the sentence's beginning
        joined = self._last_pointed >= 0 and _SEE_BOTH.fullmatch(
            self._sentence, self._last_pointed, start
        )
        pointed = bool(joined or any(each.search(before) for each in _POINTING))
        if not pointed and self._pointing is not None:
            pointed = self._pointing <= start
        if pointed:
            self._last_pointed = end
        return pointed
