"""Is a call at a place where a task may be switched? By data, by structure, or by its callers.

Source: Documentation/livepatch/livepatch.rst, 3.1, and the review of klp_patch_task() in May
2016: the idle loop, the exit to user mode, a designated point of a kthread's loop where no lock
is held.

A function may be run in several ways. A call in it is safe only if it is safe in each of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from klplint.analysis.call_graph import (
    Site,
    callee_of,
    calls_of,
    not_shared,
    references_in_macros,
    references_to,
)
from klplint.analysis.loops import LoopMarks, Loops, main_loops, marked_loops, never_ends
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Function, Loop
from klplint.facts.watch import Callee
from klplint.livepatch.entry_points import EntryPoints, Handover, Start
from klplint.livepatch.function_locks import FunctionLocks, called_names
from klplint.livepatch.guards import Guards
from klplint.livepatch.hazards import (
    CalledElsewhere,
    Hazard,
    InCallback,
    InHelperLoop,
    InNestedLoop,
    LockedPlace,
    MadeByMacro,
    Misplaced,
    OutsideThreadLoop,
    UnderLocks,
    UnknownCallers,
    UnparsedThread,
    UnsafeCaller,
)
from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.known_locations import KnownLocation, location_of
from klplint.livepatch.other_names import OtherNames

_OF_LOOPS = OutsideThreadLoop | InNestedLoop | InHelperLoop
# People do not write longer chains of callers.
_DEEPEST = 20


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a place safe, according to the rule's data."""

    safe_locations: tuple[KnownLocation, ...]
    handovers: tuple[Handover, ...]
    """The calls and members that show how a function is run: as a kthread, by a timer, ..."""
    loop_marks: LoopMarks
    """What shows that a loop is the main one of a kthread."""
    locks: tuple[LockKind, ...]
    guards: Guards
    idle_schedulers: tuple[str, ...]
    """The functions that an idle loop calls to schedule."""
    idle_locks: tuple[str, ...]
    """The kinds of locks that an idle loop may hold."""


class _Cycle(msgspec.Struct, frozen=True):
    """A caller that is being examined already: whether it is safe depends on other callers."""


class SafePoints:
    """Examines the places of calls in a tree."""

    def __init__(self, contract: Contract, tree: TreeFacts) -> None:
        self._contract = contract
        self._tree = tree
        self._entry_points = EntryPoints(contract.handovers, tree)
        self._results: dict[tuple[object, ...], Hazard | _Cycle | None] = {}
        """What the search for a hazard has examined: the ways to a place may be very many."""
        marks = contract.loop_marks
        self._locks = FunctionLocks(
            contract.locks,
            contract.guards,
            (*marks.waits, *marks.delays),
            contract.safe_locations,
            tree,
        )

    def hazard_at(self, site: Site) -> Hazard | None:
        """Why a call is not at a safe place; None if it is."""
        self._results.clear()
        result = self._examined(site, (), whole=False)
        return None if isinstance(result, _Cycle) else result

    def queries(self) -> Iterator[Query]:
        """What has to be answered to know what is locked at the calls examined so far."""
        yield from self._locks.queries()

    def _examined(
        self, site: Site, below: tuple[Callee, ...], *, whole: bool
    ) -> Hazard | _Cycle | None:
        """Why a call is not safe; it leads to the switching call through those in `below`.

        With `whole`, what is called has the main loop of a kthread in it: such a call is safe
        where the kthread does nothing else, and not in a loop.

        A hazard ends the search, so that which callers are in `below` does not matter once a place
        is examined: what they lead to is reported by themselves. Their number does matter.
        """
        call = site.occurrence
        key = site.facts.path, call.region, call.function, below[-1:], len(below), whole
        if key not in self._results:
            self._results[key] = self._examined_first(site, below, whole=whole)
        return self._results[key]

    def _examined_first(
        self, site: Site, below: tuple[Callee, ...], *, whole: bool
    ) -> Hazard | _Cycle | None:
        """The same, at the first time."""
        result = self._as_written(site, below, whole=whole)
        function = site.facts.function_around(site.occurrence)
        if function and function.macro and isinstance(result, _OF_LOOPS | None):
            return MadeByMacro(site, function.macro)
        return result

    def _as_written(
        self, site: Site, below: tuple[Callee, ...], *, whole: bool
    ) -> Hazard | _Cycle | None:
        """The same as far as it is written in the file, and not in a macro around the call."""
        facts, call = site
        function = facts.function_around(call)
        safe = self._contract.safe_locations
        location = location_of(safe, call.function, facts.path, self._tree.version)
        if location:
            return self._at_location(site, function, location, whole=whole)
        if function is None:
            by_name = Callee(call.function or "", facts.path, shared=False)
            is_thread = self._entry_points.is_thread(by_name)
            return UnparsedThread(site) if is_thread else Misplaced(site)
        callee = callee_of(facts, function)
        is_thread = self._entry_points.is_thread(callee)
        for start in self._entry_points.starts(callee):
            hazard = self._as_started(site, function, start, whole=whole)
            if hazard:
                return hazard
        if not (is_thread or whole) and self._is_in_idle_loop(site, function):
            return self._under_locks(site, function, "idle loop")
        if callee in below or len(below) > _DEEPEST:
            return _Cycle()
        if is_thread:
            return self._in_called_thread(site, callee, (*below, callee), whole=whole)
        return self._in_helper(site, function, (*below, callee), whole=whole)

    def _at_location(
        self, site: Site, function: Function | None, location: KnownLocation, *, whole: bool
    ) -> Hazard | None:
        """Why a call in a known location is not safe: that excuses neither locks nor loops."""
        if function is None:
            return None  # by its name and file
        if whole:
            return Misplaced(site)
        loops = self._loops_around(site, function)
        if len(loops) > location.loops:
            return InHelperLoop(site, loops[location.loops].region)
        return self._under_locks(site, function, "function", location.may_hold)

    def _as_started(
        self, site: Site, function: Function, start: Start, *, whole: bool
    ) -> Hazard | None:
        """Why a call is not safe, given one place at which its function is handed over."""
        if start.runs == "elsewhere":
            return InCallback(site, start)
        loops = self._loops_around(site, function)
        if start.runs == "turn":
            if whole:
                return Misplaced(site)
            if len(loops) > 1 or not all(map(never_ends, loops)):
                return InHelperLoop(site, loops[-1].region)
            return self._under_locks(site, function, "function")
        if whole and loops:
            return InHelperLoop(site, loops[0].region)
        main = self._main_loops(site.facts, function, only_marked=whole)
        if (whole and main) or not (whole or (loops and loops[0] in main)):
            return OutsideThreadLoop(site, start, main[0].region if main else None)
        if len(loops) > 1:
            return InNestedLoop(site, loops[0].region, loops[-1].region)
        return self._under_locks(site, function, "function" if whole else "kthread loop")

    def _in_called_thread(
        self, site: Site, callee: Callee, below: tuple[Callee, ...], *, whole: bool
    ) -> Hazard | _Cycle | None:
        """Why a call that is safe in a kthread's function is not, as the function is also called.

        Whoever calls it has to be a kthread that does nothing else.
        """
        function = site.facts.function_around(site.occurrence)
        loops = self._loops_around(site, function) if function else []
        is_entered = bool(loops) or whole
        is_static = function is not None and function.static
        for caller in calls_of(callee if is_static else not_shared(callee), self._tree.files):
            result = self._examined(caller, below, whole=is_entered)
            if not (result is None or isinstance(result, _Cycle)):
                return UnsafeCaller(site, result)
        # Others may call what is not static, too, so that even a safe caller does not show it safe.
        callers = () if is_static else calls_of(callee, self._tree.files)
        for caller in sorted(callers, key=lambda each: each.occurrence.is_dead):
            return CalledElsewhere(site, caller)
        taken = self._taken(callee)
        return UnknownCallers(site, taken, is_thread=True) if taken else None

    def _in_helper(
        self, site: Site, function: Function, below: tuple[Callee, ...], *, whole: bool
    ) -> Hazard | _Cycle | None:
        """Why a call in a function that only others call is not safe."""
        callee = below[-1]
        callers = list(calls_of(callee, self._tree.files)) if function.static else []
        if not callers:
            return Misplaced(site)
        taken = self._taken(callee)
        if taken:
            return UnknownCallers(site, taken, is_thread=False)
        is_idle = not whole and self._schedules_idle(function)
        if is_idle and all(map(self._is_in_endless_loop, callers)):
            return None
        loops = self._loops_around(site, function)
        if loops and (
            whole
            or len(loops) > 1
            or loops[0] not in self._main_loops(site.facts, function, only_marked=True)
        ):
            return InHelperLoop(site, loops[0].region)
        locked = self._under_locks(site, function, "function")
        if locked:
            return locked
        result = self._by_callers(site, callers, below, whole=bool(loops) or whole)
        is_misplaced = isinstance(result, Misplaced | UnsafeCaller) and not _is_locked(result)
        return InHelperLoop(site, loops[0].region) if loops and is_misplaced else result

    def _taken(self, callee: Callee) -> Site | None:
        """Where the address of a function is taken, and not to run it in a way that is known."""
        starts = {(start.path, start.taken) for start in self._entry_points.starts(callee)}
        starts -= {(stray.path, stray.taken) for stray in self._entry_points.strays(callee)}
        names = self._tree.memo.once(OtherNames, self._tree.files)
        in_macros = references_in_macros(callee, self._tree.files)
        taking = (site for site in in_macros if not names.holds(site))
        for site in (*references_to(callee, self._tree.files), *taking):
            reference = site.occurrence.reference
            is_read = reference and reference.kind in ("compared", "unevaluated")
            is_start = (site.facts.path, site.occurrence.region) in starts
            if not is_read and not is_start and not self._is_in_macro(site, starts):
                return site
        return None

    def _is_in_macro(self, site: Site, starts: set[tuple[str, Region]]) -> bool:
        """Whether a macro names a function, and macros hand it over in a way that is known."""
        return bool(site.occurrence.via) and any(
            macro.path == path and macro.region.holds(taken)
            for path, taken in starts
            for facts in self._tree.files.values()
            for macro in facts.macros
        )

    def _by_callers(
        self, site: Site, callers: list[Site], below: tuple[Callee, ...], *, whole: bool
    ) -> Hazard | _Cycle | None:
        """Why a call in a function is not safe, given the calls of the function."""
        is_entered = False
        for caller in callers:
            result = self._examined(caller, below, whole=whole)
            if isinstance(result, _Cycle):
                continue
            if result is not None:
                return UnsafeCaller(site, result)
            is_entered = True
        if is_entered:
            return None
        return _Cycle() if len(below) > 1 else Misplaced(site)  # they only call each other

    def _main_loops(self, facts: FileFacts, function: Function, *, only_marked: bool) -> list[Loop]:
        find = marked_loops if only_marked else main_loops
        guards = self._locks.loop_guards(facts, function)
        return self._tree.memo.once(find, function.body, guards, self._contract.loop_marks)

    def _under_locks(
        self, site: Site, function: Function, place: LockedPlace, allowed: tuple[str, ...] = ()
    ) -> Hazard | None:
        """The locks that may be held at a call, but for those that the place may hold."""
        if place == "idle loop":
            allowed = self._contract.idle_locks
        before = self._locks.before_calls(site.facts, function)
        held = before.get(site.occurrence.region, ())
        locks = tuple(lock for lock in held if lock.kind not in allowed)
        return UnderLocks(site, place, locks) if locks else None

    def _is_in_idle_loop(self, site: Site, function: Function) -> bool:
        """Whether a call is in exactly one loop, an endless one that schedules as an idle task."""
        loops = self._loops_around(site, function)
        return len(loops) == 1 and loops[0].endless and self._schedules_idle(loops[0])

    def _loops_around(self, site: Site, function: Function) -> list[Loop]:
        """The loops of the function around a place that hold it, outermost first."""
        guards = self._locks.loop_guards(site.facts, function)
        loops = self._tree.memo.once(Loops, function.body, guards)
        return loops.around(site.occurrence.region)

    def _schedules_idle(self, code: Function | Loop) -> bool:
        names = self._tree.memo.once(called_names, code.body)
        return not names.isdisjoint(self._contract.idle_schedulers)

    def _is_in_endless_loop(self, site: Site) -> bool:
        """Whether a call is in exactly one loop, and that is endless."""
        function = site.facts.function_around(site.occurrence)
        loops = self._loops_around(site, function) if function else []
        return len(loops) == 1 and loops[0].endless


def _is_locked(hazard: Hazard) -> bool:
    """Whether it is a lock that makes a call unsafe, or that of one of its callers."""
    while isinstance(hazard, UnsafeCaller):
        hazard = hazard.hazard
    return isinstance(hazard, UnderLocks)
