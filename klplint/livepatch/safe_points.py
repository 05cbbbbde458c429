"""Is a place safe for a task to switch? By what is known of it, by its structure, by its callers.

Source: Documentation/livepatch/livepatch.rst, 3.1, and the review of klp_patch_task() in May
2016: the idle loop, the way out to user mode, a designated point of a kthread's loop where no
lock is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from klplint.analysis.call_graph import Site, callee_of, calls_of, references_to
from klplint.analysis.dataflow import NotSettled
from klplint.analysis.loops import loops_around, main_loops
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.queries import DefinedIn, Definition, Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call, Function, Loop, events_of
from klplint.facts.watch import Callee
from klplint.findings.finding import Place
from klplint.findings.levels import Level
from klplint.livepatch.entry_points import Handover, Start, starts_of
from klplint.livepatch.held_locks import Held, LockKind, locks_before_calls, with_own_names
from klplint.livepatch.known_locations import KnownLocation, location_of

# Callers of callers beyond this are no code that people write.
_DEEPEST = 20


class Contract(NamedTuple):
    """What makes a place safe, as the rule's data has it; see checks.switch_point."""

    safe_locations: tuple[KnownLocation, ...]
    threads: Handover
    callbacks: tuple[Handover, ...]
    loop_marks: tuple[str, ...]
    locks: tuple[LockKind, ...]
    guards: tuple[str, ...]
    idle_schedulers: tuple[str, ...]
    idle_locks: tuple[str, ...]


class Fault(NamedTuple):
    """Why a place is not safe: goes on with "f() is called ..."."""

    where: str
    label: str
    related: tuple[Place, ...] = ()
    level: Level | None = None


# Stands for a caller that is on the way already: whether it is safe depends on other callers.
_CYCLE = Fault("", "")


class Judge:
    """Judges the places of calls; the locks of each function are worked out once."""

    def __init__(self, contract: Contract, tree: TreeFacts) -> None:
        self._contract = contract
        self._tree = tree
        self._locks: dict[tuple[str, Region, str], dict[Region, tuple[Held, ...]]] = {}

    def fault(
        self, facts: FileFacts, call: Occurrence, below: tuple[Callee, ...] = ()
    ) -> Fault | None:
        """Why a call does not stand at a safe place; None if it does.

        `below` are the functions through which it leads to the switching call.
        """
        safe = self._contract.safe_locations
        if location_of(safe, call.function, facts.path, self._tree.version):
            return None
        function = facts.function_around(call)
        callee = callee_of(facts, function) if function else None
        named = callee or Callee(call.function or "", facts.path, shared=False)
        threads = tuple(starts_of(named, self._tree, (self._contract.threads,)))
        if threads:
            return self._in_thread(facts, call, function, threads[0])
        if function is None or callee is None:
            return _misplaced(call)
        if self._is_in_idle_loop(call, function):
            return self._under_locks(facts, call, function, "in the idle loop", idle=True)
        for start in starts_of(callee, self._tree, self._contract.callbacks):
            return _handed_over(call, start)
        if callee in below or len(below) > _DEEPEST:
            return _CYCLE
        return self._by_callers(Site(facts, call), function, callee, below)

    def _by_callers(
        self, site: Site, function: Function, callee: Callee, below: tuple[Callee, ...]
    ) -> Fault | None:
        """Why a call in a static function is not safe, given who calls that."""
        facts, call = site
        files = self._tree.files
        callers = list(calls_of(callee, files)) if function.static else []
        taken = list(references_to(callee, files)) if callers else []
        if taken:
            label = f"the address of {function.name}() is taken"
            return Fault(
                f"in {function.name}(), whose address is taken: who runs it is not known",
                "not a safe location",
                (_place(taken[0], label),),
            )
        if not callers:
            return _misplaced(call)
        if self._schedules_idle(function) and all(map(self._is_in_endless_loop, callers)):
            return None
        loops = loops_around(function.body, call.region, self._contract.guards)
        if loops:
            return Fault(
                f"in a loop of {function.name}(): its data may be half-way there",
                "in a nested loop",
                (Place(facts.path, _first_line(loops[0].region), "the loop"),),
            )
        locked = self._under_locks(facts, call, function, f"in {function.name}()")
        if locked:
            return locked
        entries = 0
        for caller in callers:
            fault = self.fault(caller.facts, caller.occurrence, (*below, callee))
            entries += fault is not _CYCLE
            if fault and fault is not _CYCLE:
                step = _place(caller, f"{function.name}() is called here")
                where = f"in {function.name}(), and {function.name}() is called {fault.where}"
                return Fault(where, fault.label, (step, *fault.related), fault.level)
        if entries:
            return None
        return _CYCLE if below else _misplaced(call)  # who only call each other are not entered

    def _in_thread(
        self, facts: FileFacts, call: Occurrence, function: Function | None, start: Start
    ) -> Fault | None:
        """A call in a kthread's function: right in its outermost loop, with no lock held."""
        name = call.function
        if function is None:  # only tokens reached it: its loops cannot be told
            return Fault(
                f"in the kthread {name}(), but whether in its loop and without a lock cannot be "
                f"told: {call.reason}",
                "its loop and locks are not known",
                level="note",
            )
        begins = Place(start.path, start.region, f"{name}() is made a kthread here")
        loops = loops_around(function.body, call.region, self._contract.guards)
        main = main_loops(function.body, self._contract.guards, self._contract.loop_marks)
        if not loops or loops[0] not in main:
            where = f"{_outside_loop(call, function, main)}: the designated point is in the "
            return Fault(f"{where}outermost loop", "not in the kthread's loop", (begins,))
        if len(loops) > 1:
            outer, inner = loops[0].region, loops[-1].region
            return Fault(
                f"in a loop nested in the outermost loop of the kthread {name}(): its data may "
                "be half-way there; call it in the outermost one",
                "in a nested loop",
                (
                    Place(facts.path, _first_line(outer), "the kthread's outermost loop"),
                    Place(facts.path, _first_line(inner), "the nested loop"),
                ),
            )
        return self._under_locks(facts, call, function, f"inside the kthread loop of {name}()")

    def _under_locks(
        self,
        facts: FileFacts,
        call: Occurrence,
        function: Function,
        where: str,
        idle: bool = False,
    ) -> Fault | None:
        held = self._held(facts, call, function)
        if idle:
            held = tuple(lock for lock in held if lock.kind not in self._contract.idle_locks)
        if not held:
            return None
        return Fault(
            f"{where}, but under {_listed(held)}: the safe point is where no lock is held",
            f"{_named(held[-1])} may be held here",
            tuple(Place(facts.path, lock.region, f"{_named(lock)} begins") for lock in held),
        )

    def _held(self, facts: FileFacts, call: Occurrence, function: Function) -> tuple[Held, ...]:
        """The locks that may be held before a call; none where that cannot be told."""
        key = (facts.path, function.region, function.variant)
        if key not in self._locks:
            try:
                self._locks[key] = locks_before_calls(
                    function.body, self._lock_kinds(facts, function), self._contract.guards
                )
            except NotSettled:
                self._locks[key] = {}
        return self._locks[key].get(call.region, ())

    def _lock_kinds(self, facts: FileFacts, function: Function) -> tuple[LockKind, ...]:
        """The kinds of locks, with what the file's own functions and macros take and drop."""
        meant: list[Definition] = []
        for query in calls_within(facts.path, function):
            meant += self._tree.definitions(query)
        return with_own_names(self._contract.locks, meant)

    def _is_in_idle_loop(self, call: Occurrence, function: Function) -> bool:
        """Whether a call stands in one endless loop, which schedules as an idle task does."""
        loops = loops_around(function.body, call.region, self._contract.guards)
        return len(loops) == 1 and loops[0].endless and self._schedules_idle(loops[0])

    def _schedules_idle(self, code: Function | Loop) -> bool:
        body = code.body
        names = {event.name for event in events_of(body) if isinstance(event, Call)}
        return not names.isdisjoint(self._contract.idle_schedulers)

    def _is_in_endless_loop(self, site: Site) -> bool:
        function = site.facts.function_around(site.occurrence)
        region = site.occurrence.region
        loops = loops_around(function.body, region, self._contract.guards) if function else []
        return len(loops) == 1 and loops[0].endless


def calls_within(path: str, function: Function) -> Iterator[Query]:
    """Questions for all that a function calls, as far as its own file defines it."""
    for event in events_of(function.body):
        if isinstance(event, Call):
            yield DefinedIn(event.name, path)


def _outside_loop(call: Occurrence, function: Function, main: list[Loop]) -> str:
    if not main:
        return f"in the kthread {function.name}(), which has no loop"
    side = "before" if call.region < main[0].region else "after"
    return f"in the kthread {function.name}() {side} its loop"


def _misplaced(call: Occurrence) -> Fault:
    where = f"in {call.function}()" if call.function else "outside any function"
    return Fault(
        f"{where}, which is no safe location: neither the idle loop, nor the way out to user "
        "mode, nor the loop of a kthread",
        "not a safe location",
        level="note" if call.is_dead else None,
    )


def _handed_over(call: Occurrence, start: Start) -> Fault:
    return Fault(
        f"in {call.function}(), which is {start.what}: no designated point of a kthread's loop",
        "not a safe location",
        (Place(start.path, start.region, f"{call.function}() becomes {start.what} here"),),
    )


def _place(site: Site, label: str) -> Place:
    return Place(site.facts.path, site.occurrence.region, label)


def _named(held: Held) -> str:
    """A lock as it was taken, and its kind where the call does not tell it."""
    told = any(word in held.call for word in held.kind.lower().split())
    return str(held) if told else f"{held} ({held.kind})"


def _listed(held: tuple[Held, ...]) -> str:
    told = (f"{_named(lock)} taken at line {lock.region.line}" for lock in held)
    return " and ".join(dict.fromkeys(told))


def _first_line(region: Region) -> Region:
    return Region(region.line, region.column, region.line, region.column + 1)
