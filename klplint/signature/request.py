"""What is dropped, and what stands in the way of it."""

from __future__ import annotations

import msgspec

from klplint.facts.region import Region


class Request(msgspec.Struct, frozen=True):
    """A parameter to drop from a function."""

    name: str
    """The function."""
    argument: int
    """The number of the parameter, from 0."""
    value: str
    """What callers pass for it: an expression that means the same everywhere."""
    second: str = ""
    """The function that keeps the parameter, for callers that pass something else."""
    is_local: bool = False
    """Whether only the file that defines the function needs the second one, behind it."""
    accepted: tuple[str, ...] = ()
    """All expressions that mean the same as the value."""
    only_passed_on: bool = False
    """Whether the function is a wrapper that has the parameter only to pass it on."""
    exporters: frozenset[str] = frozenset()
    """The macros that export a function by its name."""
    marks: frozenset[str] = frozenset()
    """Other macros that get a function by its name, and do not depend on its parameters."""

    @property
    def shared(self) -> str:
        """The second function, if other files need it, too."""
        return "" if self.is_local else self.second

    def copied_for_second(self, macro: str) -> bool:
        """Whether a macro that gets the function by name has to get the second one, too."""
        return bool(self.second and macro in self.marks) or bool(
            self.shared and macro in self.exporters
        )


class Obstacle(msgspec.Struct, frozen=True, order=True):
    """A place that cannot be changed safely."""

    file: str
    line: int
    reason: str


class Calls(msgspec.Struct, frozen=True):
    """The calls in one file, by what they pass."""

    usual: frozenset[Region]
    """The names in those that pass the value."""
    others: frozenset[Region]
