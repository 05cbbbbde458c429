"""What a memory barrier orders: the accesses before and after it in its function, by tokens.

These facts need no compiler. They serve to find the barrier of the other side, which touches the
same objects in the opposite order, and to check that order.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from klplint.facts.region import Fact

AccessKind = Literal["load", "store", "both", "address"]
"""`both` is a read-modify-write; `address` is one that is passed to a function nobody knows."""


UNKNOWN = "?"
"""The structure of a member where tokens do not show it."""


class Access(
    Fact, frozen=True, array_like=True, gc=False
):  # a tree has hundreds of thousands: compact, and without cycles
    """A load or store of an object: a member of a structure, or a variable of the file's scope."""

    name: str
    """The member or variable; "" where only a bit is named."""
    structure: str
    """The tag of the structure that has the member; with a dot behind it, a path instead
    (`tag.member.`, or `variable.`). `UNKNOWN` if it is not plain; "" for a variable."""
    bit: str
    """The bit or mask that is meant, as a constant names it; "" for the whole object."""
    kind: AccessKind
    line: int
    column: int
    distance: int
    """How many statements away from the barrier it is; 0 for its own argument."""
    via: str = ""
    """The function whose call makes the access; "" if the barrier's own function does."""
    caller: str = ""
    """The caller of the barrier's function that has the access; "" if that function has it."""

    @property
    def has_tag(self) -> bool:
        """Whether the structure is known by its tag."""
        return self.structure not in ("", UNKNOWN) and not self.structure.endswith(".")

    @property
    def loads(self) -> bool:
        """Whether the object may be loaded."""
        return self.kind != "store"

    @property
    def stores(self) -> bool:
        """Whether the object may be stored."""
        return self.kind != "load"

    @property
    def whole(self) -> str:
        """The object without the bit: a member with its structure, if that is known."""
        is_plain = self.structure not in ("", UNKNOWN)
        return f"{self.structure.rstrip('.')}.{self.name}" if is_plain else self.name

    @property
    def text(self) -> str:
        """The object as messages name it."""
        return ":".join(filter(None, (self.whole, self.bit)))


class Exit(Fact, frozen=True, array_like=True, gc=False):
    """A branch that ends with a `return`, or with a `goto` to what is farther down."""

    first_line: int
    last_line: int
    target_line: int = 0
    """Where control goes on; 0 if it does not."""

    def bypasses(self, line: int, later: int) -> bool:
        """Whether one line is in the branch, and a later one is not on the way on from there."""
        is_inside = self.first_line <= line <= self.last_line < later
        return is_inside and (not self.target_line or later < self.target_line)


class Called(Fact, frozen=True, array_like=True, gc=False):
    """A call near a barrier of what another file may define."""

    name: str
    line: int
    column: int
    distance: int
    caller: str = ""
    """The caller of the barrier's function that has the call; "" if that function has it."""


class Context(Fact, frozen=True, array_like=True, gc=False):
    """A barrier with the accesses that it stands between, nearest first."""

    barrier: str
    """The barrier's name."""
    function: str
    """The function or macro that has it."""
    line: int
    column: int
    before: tuple[Access, ...]
    after: tuple[Access, ...]
    calls_before: tuple[Called, ...] = ()
    calls_after: tuple[Called, ...] = ()
    first_line: int = 0
    """Where the body of the function begins."""
    last_line: int = 0
    is_small: bool = False
    """Whether it is a macro or a small function, whose callers have a part in the pairing."""

    beside: tuple[Access, ...] = ()
    """For a barrier that orders loads alone: the accesses on the ways that a condition keeps from
    it, in the order of the text."""
    arm_first_line: int = 0
    """Where the branch begins that it is in; with the body, if it is in none."""
    arm_last_line: int = 0
    far_before: tuple[Access, ...] = ()
    """What is accessed before it, too, of what `before` and `after` name, but too far away for
    these: behind a full barrier, by a call of a call. Without lines: it only shows that an object
    is accessed on both sides."""
    far_after: tuple[Access, ...] = ()
    loop_first_line: int = 0
    """Where the outermost loop begins that it is in; 0 if it is in none."""
    loop_last_line: int = 0
    exits: tuple[Exit, ...] = ()
    """For a barrier that orders stores: the branches behind it from which control does not go on
    with what follows."""

    def repeats(self, line: int) -> bool:
        """Whether a line is in a loop with the barrier."""
        return self.loop_first_line <= line <= self.loop_last_line and self.loop_last_line > 0

    def is_passed_with(self, line: int) -> bool:
        """Whether every way through a line of the function is one through its branch."""
        return self.arm_first_line <= line <= self.arm_last_line or not self.arm_last_line

    def holds(self, line: int) -> bool:
        """Whether a line is in the function itself, not in one that it calls or is called by."""
        return self.first_line <= line <= self.last_line


class Helped(Fact, frozen=True, array_like=True, gc=False):
    """What an inline function of a header touches, for the contexts that call it."""

    name: str
    accesses: tuple[Access, ...]


class FileContexts(Fact, frozen=True, array_like=True, gc=False):
    """The barriers of a file, in order."""

    path: str
    contexts: tuple[Context, ...]
    helpers: tuple[Helped, ...] = ()
    shared: tuple[str, ...] = ()
    """The functions of a C file that other files can call."""


class Effects(msgspec.Struct, frozen=True):
    """What a call of a helper does with its arguments, which are counted from 1."""

    loads: tuple[int, ...] = ()
    stores: tuple[int, ...] = ()
    both: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    """Arguments that are names of types or members, and not evaluated."""
    bit: int = 0
    """The argument that says which bit of the object is meant; 0 if none does."""
    object: str = ""
    """The bit that the helper's name says it accesses; "" if it does not."""
    object_kind: AccessKind = "load"

    def of(self, number: int) -> AccessKind | None:
        """What happens to an argument as a whole; None if nothing is said about it."""
        if number in self.loads:
            return "load"
        if number in self.stores:
            return "store"
        return "both" if number in self.both else None


Ordering = Literal["reads", "writes", "all", "acquire", "release", "store-all"]
FULL: tuple[Ordering, ...] = ("all", "store-all")
LOADS: tuple[Ordering, ...] = ("reads", "all", "acquire", "store-all")
STORES: tuple[Ordering, ...] = ("writes", "all", "release", "store-all")
"""What orders the loads around a barrier, and the stores; `FULL` orders both."""
