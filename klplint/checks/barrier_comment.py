"""KLP003: does a comment identify the write barrier that a read barrier pairs with?

Source: Documentation/memory-barriers.txt, "SMP BARRIER PAIRING"; submit-checklist.rst asks for
a comment on every barrier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.checks import Check, Reporter, place
from klplint.comments.names import Named
from klplint.comments.reading import Reading, read_barrier
from klplint.facts import Barrier, FileFacts, Region, Watch
from klplint.findings import Finding, Place, split_lines
from klplint.version import Version

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WORDS = re.compile(r"\w.*?(?=\s*(?:\*/|\\?$))")


class BarrierCommentCheck(Check, frozen=True, kw_only=True):
    """Uses of `barriers` without a comment that names the other side.

    `loads` says which barriers take an argument and load a value; that one is not among
    `barriers` does no harm.
    """

    barriers: tuple[str, ...]
    loads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in (*self.barriers, *self.loads):
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"`{name}` is no name of a barrier: expected one such as `smp_rmb`"
                )

    @property
    def watch(self) -> Watch:
        """The read barriers."""
        barriers = frozenset(self.barriers)
        return Watch(barriers=barriers, loads=barriers & frozenset(self.loads))

    def run(self, facts: FileFacts, version: Version, rule: Reporter) -> Iterator[Finding]:
        """One finding for each barrier whose comment is missing or names no partner."""
        for barrier in facts.barriers:
            if barrier.name in self.barriers:
                reading = read_barrier(barrier)
                if reading.pairing != "explicit":
                    yield self._finding(barrier, reading, facts, rule)

    def _finding(
        self, barrier: Barrier, reading: Reading, facts: FileFacts, rule: Reporter
    ) -> Finding:
        where = f" in {barrier.function}()" if barrier.function else ""
        use = f"{barrier.name}(){where}"
        if reading.pairing == "implicit":
            whom = f"names {_listed(reading.counterparts) or 'a writer'}"
            message = (
                f"the comment on {use} {whom} but does not say which write barrier pairs with it"
            )
        elif reading.source is not None:
            message = (
                f"the comment on {use} names no paired write barrier: "
                "say which one, and where it is"
            )
        else:
            message = (
                f"no comment on {use}: say which write barrier it pairs with, and where that is"
            )
        return rule.finding(
            place(facts, barrier.region, "which write barrier does it pair with?"),
            message,
            function=barrier.function,
            level="note" if reading.pairing == "implicit" else None,
            related=_comment_place(reading, facts),
        )


def _listed(counterparts: tuple[Named, ...]) -> str:
    """Names as a sentence lists them: a(), b() and c.c."""
    names = [n.name + "()" * (n.kind == "function") for n in counterparts]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _comment_place(reading: Reading, facts: FileFacts) -> tuple[Place, ...]:
    """The first line of the comment that says something: a lone `/*` tells nobody anything."""
    if reading.source is None:
        return ()
    region = reading.source.region
    for number, line in enumerate(split_lines(reading.source.text)):
        words = _WORDS.search(line)
        if words:
            column = words.start() + 1 if number else region.column + words.start()
            first = Region(
                region.line + number, column, region.line + number, column + len(words[0])
            )
            return (place(facts, first, "this comment was read"),)
    return (place(facts, region, "this comment was read"),)
