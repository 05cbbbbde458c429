"""KLP002: does the switching call stand at a safe location?

Source: Documentation/livepatch/livepatch.rst, 3.1 (a kthread's designated point: no locks held,
data structures well-defined), and the review of klp_patch_task() in May 2016 (idle loop, way out
to user mode, a kthread's loop).
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks import Check, Reporter, place
from klplint.expression import identifier
from klplint.facts import (
    Block,
    FileFacts,
    Function,
    If,
    Loop,
    Occurrence,
    Region,
    Statement,
    Switch,
    Watch,
)
from klplint.findings import Finding, Place
from klplint.flow import NotSettled
from klplint.locations import KnownLocation, location_of
from klplint.locks import Held, LockKind, locks_before_calls
from klplint.questions import TreeFacts


class SwitchPointCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` that stand neither at a known safe location nor in a kthread's loop.

    `thread_starters` are calls (or members of a designated initialiser) whose first argument is
    the function of a kthread. `locks` and `guards` say what may not be held in its loop. A safe
    location with an empty function is a file of assembly.
    """

    functions: tuple[str, ...]
    safe_locations: tuple[KnownLocation, ...]
    exceptions: tuple[KnownLocation, ...]
    thread_starters: tuple[str, ...]
    locks: tuple[LockKind, ...]
    guards: tuple[str, ...]

    @property
    def watch(self) -> Watch:
        """The switching functions, and who starts threads."""
        return Watch(functions=frozenset(self.functions), context=frozenset(self.thread_starters))

    def run(self, facts: FileFacts, tree: TreeFacts, rule: Reporter) -> Iterator[Finding]:
        """One finding for each call outside the safe locations."""
        threads = {
            identifier(call.arguments[0].strip().lstrip("&")): call.region
            for call in facts.context_calls
            if call.name in self.thread_starters and call.arguments
        }
        held = _HeldLocks(self.locks, self.guards)
        yield from self._in_assembly(facts, tree, rule)
        for call in facts.calls_of(frozenset(self.functions)):
            if location_of(self.safe_locations, call.function, facts.path, tree.version):
                continue
            exception = location_of(self.exceptions, call.function, facts.path, tree.version)
            if exception:
                yield self._known(call, exception, facts, rule)
            elif call.function in threads:
                yield from self._in_thread(call, threads[call.function], held, facts, rule)
            else:
                yield self._misplaced(call, facts, rule)

    def _in_assembly(self, facts: FileFacts, tree: TreeFacts, rule: Reporter) -> Iterator[Finding]:
        """Assembly names functions in no way that can be followed: the data's file decides."""
        for named in facts.occurrences:
            is_code = named.kind == "assembly" and named.how == "tokens"
            if is_code and not location_of(self.safe_locations, "", facts.path, tree.version):
                yield rule.finding(
                    place(facts, named.region, "not a known place"),
                    f"{named.name} is named in assembly, in a file that is no safe location",
                )

    def _known(
        self, call: Occurrence, exception: KnownLocation, facts: FileFacts, rule: Reporter
    ) -> Finding:
        return rule.finding(
            place(facts, call.region, "outside the safe locations"),
            f"{call.callee} is called in {call.function}(), which is no safe location; "
            f"a known exception: {exception.why} ({exception.source})",
            function=call.function,
            level="note",
        )

    def _misplaced(self, call: Occurrence, facts: FileFacts, rule: Reporter) -> Finding:
        where = f"in {call.function}()" if call.function else "outside any function"
        return rule.finding(
            place(facts, call.region, "not a safe location"),
            f"{call.callee} is called {where}, which is no safe location: neither the idle loop, "
            "nor the way out to user mode, nor the loop of a kthread started in this file",
            function=call.function,
            level="note" if call.is_dead else None,
        )

    def _in_thread(
        self,
        call: Occurrence,
        started: Region,
        held: _HeldLocks,
        facts: FileFacts,
        rule: Reporter,
    ) -> Iterator[Finding]:
        """A call in a kthread's function: right in its outermost loop, with no lock held."""
        function = facts.function_around(call)
        if function is None:  # only tokens reached it: its loops cannot be told
            yield rule.finding(
                place(facts, call.region, "its loop and locks are not known"),
                f"{call.callee} is called in the kthread {call.function}(), but whether in its "
                f"loop and without a lock cannot be told: {call.reason}",
                function=call.function,
                level="note",
            )
            return
        start = place(facts, started, f"{call.function}() is made a kthread here")
        loops = _loops_around(function.body, call.region, self.guards)
        if not loops:
            yield self._outside_loop(call, function, start, facts, rule)
        elif len(loops) > 1:
            outer = place(facts, _first_line(loops[0].region), "the kthread's outermost loop")
            inner = place(facts, _first_line(loops[-1].region), "the nested loop")
            yield rule.finding(
                place(facts, call.region, "in a nested loop"),
                f"{call.callee} is called in a loop nested in the outermost loop of the kthread "
                f"{call.function}(): its data may be half-way there; call it in the outermost one",
                function=call.function,
                related=(outer, inner),
            )
        else:
            yield from self._under_locks(call, held.before(call.region, function), facts, rule)

    def _outside_loop(
        self, call: Occurrence, function: Function, start: Place, facts: FileFacts, rule: Reporter
    ) -> Finding:
        loops = _outermost_loops(function.body, self.guards)
        if not loops:
            where = f"in the kthread {call.function}(), which has no loop"
        elif call.region < loops[0].region:
            where = f"in the kthread {call.function}() before its loop"
        else:
            where = f"in the kthread {call.function}() after its loop"
        return rule.finding(
            place(facts, call.region, "not in the kthread's loop"),
            f"{call.callee} is called {where}: the designated point is in the outermost loop",
            function=call.function,
            related=(start,),
        )

    def _under_locks(
        self, call: Occurrence, held: tuple[Held, ...], facts: FileFacts, rule: Reporter
    ) -> Iterator[Finding]:
        if held:
            yield rule.finding(
                place(facts, call.region, f"{_named(held[-1])} may be held here"),
                f"{call.callee} is called inside the kthread loop of {call.function}(), but under "
                f"{_listed(held)}: the safe point is where no lock is held",
                function=call.function,
                related=tuple(place(facts, lock.region, f"{_named(lock)} begins") for lock in held),
            )


class _HeldLocks:
    """The locks before the calls of a file's functions, worked out once for each function."""

    def __init__(self, kinds: tuple[LockKind, ...], guards: tuple[str, ...]) -> None:
        self._kinds = kinds
        self._guards = guards
        self._known: dict[tuple[Region, str], dict[Region, tuple[Held, ...]]] = {}

    def before(self, call: Region, function: Function) -> tuple[Held, ...]:
        """The locks that may be held before a call; none where that cannot be told."""
        key = (function.region, function.variant)
        if key not in self._known:
            try:
                self._known[key] = locks_before_calls(function.body, self._kinds, self._guards)
            except NotSettled:
                self._known[key] = {}
        return self._known[key].get(call, ())


def _named(held: Held) -> str:
    """A lock as it was taken, and its kind where the call does not tell it."""
    told = any(word in held.call for word in held.kind.lower().split())
    return str(held) if told else f"{held} ({held.kind})"


def _listed(held: tuple[Held, ...]) -> str:
    return " and ".join(f"{_named(lock)} taken at line {lock.region.line}" for lock in held)


def _first_line(region: Region) -> Region:
    return Region(region.line, region.column, region.line, region.column + 1)


def _loops_around(body: Block, region: Region, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that hold `region`, outermost first; what a guard macro makes is no loop."""
    return [loop for loop in _loops(body, guards) if loop.region.holds(region)]


def _outermost_loops(body: Block, guards: tuple[str, ...]) -> list[Loop]:
    loops = list(_loops(body, guards))
    return [
        loop
        for loop in loops
        if not any(other is not loop and other.region.holds(loop.region) for other in loops)
    ]


def _loops(statement: Statement | None, guards: tuple[str, ...]) -> Iterator[Loop]:
    """The loops in a statement, outer before inner; `do { } while (0)` never turns and is none."""
    match statement:
        case Block():
            for inner in statement.statements:
                yield from _loops(inner, guards)
        case If():
            yield from _loops(statement.then, guards)
            yield from _loops(statement.otherwise, guards)
        case Switch():
            yield from _loops(statement.body, guards)
        case Loop():
            if statement.macro not in guards and not statement.once:
                yield statement
            yield from _loops(statement.body, guards)
