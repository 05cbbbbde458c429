"""A Makefile of Kbuild as its assignments: what is assigned, on which line, under which condition.

Lines are logical ones, without comments. Of `ifdef`, `ifeq` and the like, the conditions that
compare one CONFIG_ option are read; all others are taken to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_REFERENCE = r"\$[({](?:[^(){}]|\$[({][^(){}]*[)}])*[)}]"
_ASSIGNMENT = re.compile(
    rf"[ \t]*(?:(?:export|override)[ \t]+)*((?:[\w./%@-]|{_REFERENCE})+)[ \t]*"
    r"(?::{0,3}|\+|\?)=[ \t]*(.*)"
)
_INCLUDE = re.compile(r"[ \t]*[-s]?include[ \t]+(.*)")
_CONDITIONAL = re.compile(r"\s*(else\s+)?(ifdef|ifndef|ifeq|ifneq)\b\s*(.*)")
_ELSE_OR_END = re.compile(r"\s*(else|endif)\b")
_OPTION = re.compile(r"(CONFIG_\w+)")
_COMPARISON = re.compile(r"\(\s*\$[({](CONFIG_\w+)[)}]\s*,\s*(y|m|n|)\s*\)")


class Condition(NamedTuple):
    """What has to hold for a line to count: a CONFIG_ option has a value, or another one."""

    option: str
    value: str
    """The value; "" if the option is not set."""
    is_equal: bool
    """Whether the option has to have this value, or must not have it."""

    def holds(self, options: Mapping[str, str]) -> bool:
        """Whether it holds with some options, of which none is "n"."""
        return (options.get(self.option, "") == self.value) == self.is_equal

    @property
    def opposite(self) -> Condition:
        """The condition that holds where this one does not."""
        return self._replace(is_equal=not self.is_equal)


def is_set(option: str) -> Condition:
    """The condition that an option is set, to whatever value."""
    return Condition(option, "", is_equal=False)


class MakefileLine(NamedTuple):
    """A line of a Makefile."""

    path: str
    """The path of the Makefile from the root of the tree."""
    line: int
    text: str
    """The line with those that continue it, without comments and further spaces."""


class Assignment(NamedTuple):
    """An assignment to a variable."""

    name: str
    """What is assigned to, as written: `obj-$(CONFIG_X)`."""
    value: str
    place: MakefileLine
    conditions: tuple[Condition, ...]


class Include(NamedTuple):
    """A line that includes other Makefiles."""

    value: str
    """The paths as written."""
    conditions: tuple[Condition, ...]


def read_makefile(root: Path, path: str) -> Iterator[Assignment | Include] | None:
    """What a Makefile assigns and includes, in order; None if it cannot be read."""
    try:
        text = (root / path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return _statements(path, text)


def _statements(path: str, text: str) -> Iterator[Assignment | Include]:
    arms: list[_Arms] = []
    for number, line in _logical_lines(text):
        conditional = _CONDITIONAL.match(line)
        ending = _ELSE_OR_END.match(line)
        if conditional:
            if not conditional[1]:
                arms.append(_Arms())
            if arms:
                arms[-1].begin(_condition(conditional[2], conditional[3]))
        elif ending and arms:
            if ending[1] == "else":
                arms[-1].begin(None)
            else:
                arms.pop()
        elif match := _INCLUDE.match(line):
            yield Include(match[1], _holding(arms))
        elif match := _ASSIGNMENT.match(line):
            place = MakefileLine(path, number, " ".join(line.split()))
            yield Assignment(match[1], match[2], place, _holding(arms))


class _Arms:
    """The arms of a conditional that were read."""

    def __init__(self) -> None:
        self.current: list[Condition] = []
        """What has to hold in the arm that is being read."""
        self._excluded: list[Condition] = []

    def begin(self, condition: Condition | None) -> None:
        """Begin the next arm; None for one whose condition is not read."""
        self.current = [*self._excluded]
        if condition:
            self.current.append(condition)
            self._excluded.append(condition.opposite)


def _holding(arms: list[_Arms]) -> tuple[Condition, ...]:
    return tuple(condition for arm in arms for condition in arm.current)


def _condition(word: str, text: str) -> Condition | None:
    """The condition of a conditional; None if it is not about one option."""
    if word in ("ifdef", "ifndef"):
        option = _OPTION.fullmatch(text.strip())
        return Condition(option[1], "", word == "ifndef") if option else None
    comparison = _COMPARISON.fullmatch(text.strip())
    if comparison is None:
        return None
    value = "" if comparison[2] == "n" else comparison[2]
    return Condition(comparison[1], value, word == "ifeq")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a Makefile with those that continue them, and the number of the first."""
    first, pieces = 1, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if not pieces:
            first = number
        if line.endswith("\\"):
            pieces.append(line[:-1])
            continue
        whole = " ".join([*pieces, line])
        pieces = []
        yield first, whole.split("#")[0].rstrip()
    if pieces:
        yield first, " ".join(pieces).split("#")[0].rstrip()
