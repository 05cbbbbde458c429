"""Facts about livepatch modules: the tables of `struct klp_patch`, and what they name.

They are read from the tokens of a file. `Unread` lists what is a table or a value of one, but is
not plainly written; nothing is reported about it.
"""

from __future__ import annotations

from klplint.facts.function_details import FunctionDetails
from klplint.facts.region import Fact, Region

LITERAL = "{"
"""The value of a member that is set to a compound literal."""


class Unread(Fact, frozen=True):
    """A part of a table that cannot be read by its tokens, and why."""

    region: Region
    reason: str


class PatchedFunction(Fact, frozen=True, kw_only=True):
    """An element of an array of `struct klp_func`, or a line of a table in a CSV file."""

    old_name: str | None
    """The name of the function to patch; None where it is not plainly written."""
    old_region: Region
    new_name: str = ""
    """The function that takes its place; empty where it is not plainly written."""
    new_region: Region | None = None
    has_new: bool = True
    """Whether the element sets the new function at all."""
    position: int | None = 0
    """`old_sympos`; None where it is not plainly written."""
    region: Region
    """The whole element."""
    is_conditional: bool = False
    """Whether an `#if` of more than CONFIG_ options decides whether the element is there."""
    is_in_if: bool = False
    """Whether any `#if` does."""


class FunctionTable(Fact, frozen=True, kw_only=True):
    """An array of `struct klp_func`."""

    name: str
    """The name of the array, with an index if it is one of several; empty for a literal."""
    region: Region
    functions: tuple[PatchedFunction, ...] = ()
    is_terminated: bool = True
    """Whether it ends with an empty element; True where that is not plain."""
    ignored: Region | None = None
    """The first element behind an empty one: the kernel does not see it."""


class Callback(Fact, frozen=True):
    """A callback of an object."""

    hook: str
    """The member that holds it: `pre_patch`."""
    function: str
    region: Region


class PatchedObject(Fact, frozen=True, kw_only=True):
    """An element of an array of `struct klp_object`."""

    name: str | None
    """The module's name; "vmlinux" where the element has none; None if it is not plain."""
    region: Region
    """Where the name is, or the element if it has none."""
    written: str | None = None
    """The name as the table has it, between its quotes; None where there is none."""
    tables: tuple[FunctionTable, ...] | None = None
    """The table of functions; empty where the element has none, None if it is not plain."""
    callbacks: tuple[Callback, ...] = ()
    is_conditional: bool = False


class ObjectTable(Fact, frozen=True, kw_only=True):
    """An array of `struct klp_object`."""

    name: str
    region: Region
    objects: tuple[PatchedObject, ...] = ()
    is_terminated: bool = True
    ignored: Region | None = None


class State(Fact, frozen=True):
    """An element of an array of `struct klp_state`."""

    identifier: int | None
    """None where it is not plainly written."""
    written: str
    region: Region
    is_in_if: bool = False


class StateTable(Fact, frozen=True, kw_only=True):
    """An array of `struct klp_state`."""

    name: str
    region: Region
    states: tuple[State, ...] = ()
    is_terminated: bool = True
    ignored: Region | None = None


class Member(Fact, frozen=True):
    """A member that an initialiser or a statement sets."""

    name: str
    value: str
    region: Region
    is_conditional: bool = False


class Patch(Fact, frozen=True, kw_only=True):
    """A variable of `struct klp_patch`."""

    name: str
    region: Region
    members: tuple[Member, ...] = ()
    """The members that its initialiser or an assignment sets."""
    is_plain: bool = True
    """Whether all of its initialiser could be read."""


class ModuleCall(Fact, frozen=True, kw_only=True):
    """A call of one of livepatching's functions, or a macro that describes the module."""

    name: str
    region: Region
    arguments: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    """The arguments with the macros and enumerators of the file replaced by their values."""
    function: str = ""
    """The function that calls it; empty outside all functions."""
    is_conditional: bool = False
    """As for `PatchedFunction`."""
    is_statement: bool = False
    """Whether the call is a whole statement, and so its result is dropped."""


class LivepatchModule(Fact, frozen=True, kw_only=True):
    """What a file says of a livepatch module."""

    functions: tuple[FunctionTable, ...] = ()
    """The tables of functions that no object in this file has."""
    objects: tuple[ObjectTable, ...] = ()
    patches: tuple[Patch, ...] = ()
    states: tuple[StateTable, ...] = ()
    calls: tuple[ModuleCall, ...] = ()
    definitions: tuple[FunctionDetails, ...] = ()
    """The functions of this file that tables, `module_init()` and the calls name, with those that
    they call."""
    members: tuple[Member, ...] = ()
    """The members that initialisers set by name, as `klp_patch.replace`; those of another version
    of the kernel, too."""
    unread: tuple[Unread, ...] = ()
    is_csv: bool = False
    """Whether this is a table of text, which has no C code."""
