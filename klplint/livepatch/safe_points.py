"""Is a call at a place where a task may be switched? By data, by structure, or by its callers.

Source: Documentation/livepatch/livepatch.rst, 3.1, and the review of klp_patch_task() in May
2016: the idle loop, the exit to user mode, a designated point of a kthread's loop where no lock
is held.

The answer is data (`Hazard`); the check turns it into a message.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from klplint.analysis.call_graph import Site, callee_of, calls_of, references_to
from klplint.analysis.dataflow import NotSettled
from klplint.analysis.loops import Loops, main_loops
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call, Function, Loop, Statement, events_of
from klplint.facts.watch import Callee
from klplint.livepatch.entry_points import Handover, Start, starts_of
from klplint.livepatch.held_locks import Held, LockKind, locks_before_calls
from klplint.livepatch.known_locations import KnownLocation, location_of
from klplint.livepatch.lock_effects import LockEffects

# People do not write longer chains of callers.
_DEEPEST = 20


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a place safe, according to the rule's data."""

    safe_locations: tuple[KnownLocation, ...]
    threads: Handover
    """The calls that make a function a kthread."""
    callbacks: tuple[Handover, ...]
    """The calls that make a function something else that is run, such as a timer's function."""
    loop_marks: tuple[str, ...]
    """Patterns for the functions that a kthread's main loop calls."""
    locks: tuple[LockKind, ...]
    guards: tuple[str, ...]
    """The macros that hold a lock until a scope ends."""
    idle_schedulers: tuple[str, ...]
    """The functions that an idle loop calls to schedule."""
    idle_locks: tuple[str, ...]
    """The kinds of locks that an idle loop may hold."""


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
    """The call is in a loop of a function that is not a kthread's."""

    site: Site
    loop: Region


LockedPlace = Literal["kthread loop", "idle loop", "function"]


class UnderLocks(msgspec.Struct, frozen=True):
    """The call is where locks may be held."""

    site: Site
    place: LockedPlace
    locks: tuple[Held, ...]


class UnknownCallers(msgspec.Struct, frozen=True):
    """The call is in a function whose address is taken."""

    site: Site
    taken: Site


class UnsafeCaller(msgspec.Struct, frozen=True):
    """The call is in a function that is itself called at a place that is not safe."""

    site: Site
    hazard: Hazard
    """Why the call of the function is not safe; its site is in the caller."""


Hazard = (
    Misplaced
    | InCallback
    | UnparsedThread
    | OutsideThreadLoop
    | InNestedLoop
    | InHelperLoop
    | UnderLocks
    | UnknownCallers
    | UnsafeCaller
)
"""Why a call is not at a safe place; its `site` is the call."""


class _Cycle(msgspec.Struct, frozen=True):
    """A caller that is being examined already: whether it is safe depends on other callers."""


class SafePoints:
    """Examines the places of calls in a tree; the locks of each function are worked out once."""

    def __init__(self, contract: Contract, tree: TreeFacts) -> None:
        self._contract = contract
        self._tree = tree
        self._locks: dict[int, dict[Region, tuple[Held, ...]]] = {}
        """The locks before each call of a function, by the function's identity."""

    def hazard_at(self, site: Site) -> Hazard | None:
        """Why a call is not at a safe place; None if it is."""
        result = self._examined(site, ())
        return None if isinstance(result, _Cycle) else result

    def _examined(self, site: Site, below: tuple[Callee, ...]) -> Hazard | _Cycle | None:
        """Why a call is not safe; it leads to the switching call through those in `below`."""
        facts, call = site
        safe = self._contract.safe_locations
        if location_of(safe, call.function, facts.path, self._tree.version):
            return None
        function = facts.function_around(call)
        if function is None:
            by_name = Callee(call.function or "", facts.path, shared=False)
            started = any(starts_of(by_name, self._tree, (self._contract.threads,)))
            return UnparsedThread(site) if started else Misplaced(site)
        callee = callee_of(facts, function)
        for start in starts_of(callee, self._tree, (self._contract.threads,)):
            return self._in_thread(site, function, start)
        if self._is_in_idle_loop(call.region, function):
            return self._under_locks(site, function, "idle loop")
        for start in starts_of(callee, self._tree, self._contract.callbacks):
            return InCallback(site, start)
        if callee in below or len(below) > _DEEPEST:
            return _Cycle()
        return self._in_helper(site, function, callee, below)

    def _in_helper(
        self, site: Site, function: Function, callee: Callee, below: tuple[Callee, ...]
    ) -> Hazard | _Cycle | None:
        """Why a call in a function that others call is not safe."""
        files = self._tree.files
        callers = list(calls_of(callee, files)) if function.static else []
        if not callers:
            return Misplaced(site)
        for taken in references_to(callee, files):
            return UnknownCallers(site, taken)
        if self._schedules_idle(function) and all(map(self._is_in_endless_loop, callers)):
            return None
        loops = self._loops_around(function, site.occurrence.region)
        if loops:
            return InHelperLoop(site, loops[0].region)
        return self._under_locks(site, function, "function") or self._by_callers(
            site, callers, callee, below
        )

    def _by_callers(
        self, site: Site, callers: list[Site], callee: Callee, below: tuple[Callee, ...]
    ) -> Hazard | _Cycle | None:
        """Why a call in `callee` is not safe, given the calls of `callee`."""
        is_entered = False
        for caller in callers:
            result = self._examined(caller, (*below, callee))
            if isinstance(result, _Cycle):
                continue
            if result is not None:
                return UnsafeCaller(site, result)
            is_entered = True
        if is_entered:
            return None
        return _Cycle() if below else Misplaced(site)  # functions that only call each other

    def _in_thread(self, site: Site, function: Function, start: Start) -> Hazard | None:
        """Why a call in a kthread's function is not directly in its main loop, without locks."""
        contract = self._contract
        loops = self._loops_around(function, site.occurrence.region)
        main = self._tree.memo.once(main_loops, function.body, contract.guards, contract.loop_marks)
        if not loops or loops[0] not in main:
            return OutsideThreadLoop(site, start, main[0].region if main else None)
        if len(loops) > 1:
            return InNestedLoop(site, loops[0].region, loops[-1].region)
        return self._under_locks(site, function, "kthread loop")

    def _under_locks(self, site: Site, function: Function, place: LockedPlace) -> Hazard | None:
        """The locks that may be held at a call, but for those that the place may hold."""
        allowed = self._contract.idle_locks if place == "idle loop" else ()
        held = self._held(site.facts, function).get(site.occurrence.region, ())
        locks = tuple(lock for lock in held if lock.kind not in allowed)
        return UnderLocks(site, place, locks) if locks else None

    def _held(self, facts: FileFacts, function: Function) -> dict[Region, tuple[Held, ...]]:
        """The locks that may be held before each call; none where that cannot be determined."""
        key = id(function)  # the tree holds the function for as long as this object lives
        if key not in self._locks:
            contract = self._contract
            effects = LockEffects(contract.locks, facts.path, self._tree, contract.loop_marks)
            kinds = effects.kinds(called_names(function.body))
            try:
                held = locks_before_calls(function.body, kinds, self._contract.guards)
            except NotSettled:
                held = {}
            self._locks[key] = held
        return self._locks[key]

    def _is_in_idle_loop(self, call: Region, function: Function) -> bool:
        """Whether a call is in exactly one loop, an endless one that schedules as an idle task."""
        loops = self._loops_around(function, call)
        return len(loops) == 1 and loops[0].endless and self._schedules_idle(loops[0])

    def _loops_around(self, function: Function, region: Region) -> list[Loop]:
        """The loops of a function that hold `region`, outermost first."""
        loops = self._tree.memo.once(Loops, function.body, self._contract.guards)
        return loops.around(region)

    def _schedules_idle(self, code: Function | Loop) -> bool:
        names = self._tree.memo.once(called_names, code.body)
        return not names.isdisjoint(self._contract.idle_schedulers)

    def _is_in_endless_loop(self, site: Site) -> bool:
        """Whether a call is in exactly one loop, and that is endless."""
        function = site.facts.function_around(site.occurrence)
        region = site.occurrence.region
        loops = self._loops_around(function, region) if function else []
        return len(loops) == 1 and loops[0].endless


def called_names(code: Statement) -> frozenset[str]:
    """The names of all functions and macros that some code calls."""
    return frozenset(event.name for event in events_of(code) if isinstance(event, Call))
