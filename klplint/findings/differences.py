"""What two reports differ in: findings or pairs that one of them has, or that are not the same."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["finding", "pair"]


class Item(msgspec.Struct, frozen=True):
    """A finding or a pair, as a report has it."""

    name: str
    """The code of a finding's rule; of a pair, its barrier."""
    file: str
    line: int
    function: str
    """The function around it; "" outside of functions."""
    state: str
    """The level of a finding; of a pair, what is said of it in a few words."""
    text: str
    """What is wrong; "" for a pair."""
    excerpt: str = ""
    """The line of source, without white space that does not matter; "" if it is not recorded."""


class Match(msgspec.Struct, frozen=True):
    """An item that both reports have."""

    old: Item
    new: Item

    @property
    def is_moved(self) -> bool:
        """Whether its file or its function has another name."""
        return self.old.file != self.new.file or self.has_other_function

    @property
    def has_other_function(self) -> bool:
        """Whether its function has another name: then it may as well be another one."""
        return self.old.function != self.new.function

    @property
    def is_changed(self) -> bool:
        """Whether it is not in the same state."""
        return self.old.state != self.new.state


class Differences(msgspec.Struct, frozen=True):
    """Two reports compared; all items are in the order of files and lines."""

    kind: Kind
    only_old: tuple[Item, ...]
    only_new: tuple[Item, ...]
    both: tuple[Match, ...]

    @property
    def has_new(self) -> bool:
        """Whether the second report has something more, as far as that is certain."""
        return bool(self.only_new) or any(match.has_other_function for match in self.both)

    @property
    def changed(self) -> tuple[Match, ...]:
        """What both have, in another state."""
        return tuple(match for match in self.both if match.is_changed)

    @property
    def moved(self) -> tuple[Match, ...]:
        """What both have, in files or functions with different names."""
        return tuple(match for match in self.both if match.is_moved)
