"""Why a call is not at a place where a task may be switched.

A hazard is data; the check turns it into a message.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from klplint.analysis.call_graph import Site
from klplint.facts.region import Region
from klplint.livepatch.entry_points import Start
from klplint.livepatch.held_locks import Held


class Misplaced(msgspec.Struct, frozen=True):
    """The call is neither at a known location nor at a place whose structure makes it safe."""

    site: Site


class InCallback(msgspec.Struct, frozen=True):
    """The call is in a function that is run as something other than a kthread."""

    site: Site
    start: Start


class UnparsedThread(msgspec.Struct, frozen=True):
    """The call is in a kthread's function whose body could not be parsed."""

    site: Site


class MadeByMacro(msgspec.Struct, frozen=True):
    """The call is in a function that a macro defines, whose loops and locks are not known."""

    site: Site
    macro: str


class OutsideThreadLoop(msgspec.Struct, frozen=True):
    """The call is in a kthread's function, but not in its main loop."""

    site: Site
    start: Start
    loop: Region | None
    """The main loop; None if the function has none."""


class InNestedLoop(msgspec.Struct, frozen=True):
    """The call is in a loop inside the main loop of a kthread."""

    site: Site
    outer: Region
    inner: Region


class InHelperLoop(msgspec.Struct, frozen=True):
    """The call is in a loop of a function where that is not a kthread's main loop."""

    site: Site
    loop: Region


LockedPlace = Literal["kthread loop", "idle loop", "function"]


class UnderLocks(msgspec.Struct, frozen=True):
    """The call is where locks may be held."""

    site: Site
    place: LockedPlace
    locks: tuple[Held, ...]


class UnknownCallers(msgspec.Struct, frozen=True):
    """The call is in a function whose address is taken, so that its callers are unknown."""

    site: Site
    taken: Site
    is_thread: bool
    """Whether the function is a kthread's, and safe in all ways that the rule can see."""


class CalledElsewhere(msgspec.Struct, frozen=True):
    """The call is in a kthread's function that is not static, and is called directly as well."""

    site: Site
    caller: Site


class UnsafeCaller(msgspec.Struct, frozen=True):
    """The call is in a function that is itself called at a place that is not safe."""

    site: Site
    hazard: Hazard
    """Why the call of the function is not safe; its site is in the caller."""


Hazard = (
    Misplaced
    | InCallback
    | UnparsedThread
    | MadeByMacro
    | OutsideThreadLoop
    | InNestedLoop
    | InHelperLoop
    | UnderLocks
    | UnknownCallers
    | CalledElsewhere
    | UnsafeCaller
)
"""Why a call is not at a safe place; its `site` is the call."""
