"""Facts about one function, by its tokens: what decides whether it can be livepatched."""

from __future__ import annotations

from klplint.facts.region import Fact, Region


class BodyCall(Fact, frozen=True):
    """A call in the body of a function."""

    name: str
    region: Region
    arguments: tuple[str, ...] = ()
    is_conditional: bool = False
    """Whether the function makes the call only on some of its ways."""


class StaticLocal(Fact, frozen=True):
    """A static variable in the body of a function."""

    name: str
    region: Region


class EndlessLoop(Fact, frozen=True):
    """A loop without a condition, which no `break`, `return` or `goto` leaves."""

    region: Region
    """Where its keyword is."""
    calls: tuple[str, ...] = ()
    """The functions that it calls."""


class FunctionDetails(Fact, frozen=True, kw_only=True):
    """A function definition in a file."""

    name: str
    """The name by which kernel code calls it."""
    path: str
    region: Region
    """Where its name is."""
    head: str
    """Its head on one line, without comments: all before the body."""
    made_by: str = ""
    """The macro that makes the head: SYSCALL_DEFINE3; empty if it is written out."""
    is_static: bool = False
    statics: tuple[StaticLocal, ...] = ()
    """Its static variables that are not constant."""
    calls: tuple[BodyCall, ...] = ()
    loops: tuple[EndlessLoop, ...] = ()
    has_loop: bool = False
    """Whether it has any loop."""
    conditions: tuple[str, ...] = ()
    """The `#if` conditions around it, the outermost first."""
    is_dead: bool = False
    """Whether no configuration compiles it."""
    prototype: str = ""
    """Its type as libclang spells it, without type names; empty where it was not parsed."""
