"""KLP002: is the switching call at a safe location?

Source: Documentation/livepatch/livepatch.rst, 3.1 (a kthread's designated point: no locks held,
data structures well-defined), and the review of klp_patch_task() in May 2016 (idle loop, exit to
user mode, a kthread's loop).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from klplint.analysis.call_graph import Site, callee_of
from klplint.checks.base import Check, Texts, place
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Function
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft, Place
from klplint.findings.levels import Level
from klplint.livepatch.entry_points import Handover, handed, starts_of
from klplint.livepatch.held_locks import Held, LockKind
from klplint.livepatch.known_locations import KnownLocation, location_of
from klplint.livepatch.safe_points import (
    Contract,
    Hazard,
    InCallback,
    InHelperLoop,
    InNestedLoop,
    Misplaced,
    OutsideThreadLoop,
    SafePoints,
    UnderLocks,
    UnknownCallers,
    UnparsedThread,
    UnsafeCaller,
    calls_within,
)


class SwitchPointCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` that are at no known safe location, and not at one by structure."""

    functions: tuple[str, ...]
    """The switching functions."""
    safe_locations: tuple[KnownLocation, ...]
    """The known safe locations; one with an empty function is a file of assembly."""
    exceptions: tuple[KnownLocation, ...]
    """Places where the kernel itself documents that it breaks the contract."""
    thread_starters: tuple[str, ...]
    """Calls and members of designated initialisers whose first argument is a kthread's function."""
    locks: tuple[LockKind, ...]
    """The locks that may not be held, except where `idle_locks` allows them."""
    guards: tuple[str, ...]
    """Macros that hold a lock until a scope ends."""
    callbacks: tuple[Handover, ...] = ()
    """Other calls that get a function that is to be run."""
    loop_marks: tuple[str, ...] = ()
    """Patterns for functions that a kthread's main loop calls."""
    idle_schedulers: tuple[str, ...] = ()
    """Functions that the loop of an idle task calls."""
    idle_locks: Texts = ()
    """The kinds of locks that may be held in the loop of an idle task."""

    @property
    def watch(self) -> Watch:
        """The switching functions, and the calls that get a function that is to be run."""
        runners = (name for handover in self.callbacks for name in handover.calls)
        return Watch(
            functions=frozenset(self.functions),
            context=frozenset({*self.thread_starters, *runners}),
        )

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The static functions around calls: a call in one is as safe as the calls of it."""
        threads = (self._contract().threads,)
        for callee, function in self._undecided(tree):
            if function.static and not any(starts_of(callee, tree, threads)):
                yield callee

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """Who runs the functions around calls, and whether what these call takes locks."""
        for callee, function in self._undecided(tree):
            if callee.shared:
                yield handed(callee)
            yield from calls_within(callee.path, function)

    def _undecided(self, tree: TreeFacts) -> Iterator[tuple[Callee, Function]]:
        """The functions around calls that are not among the locations in the rule's data, once."""
        listed = (*self.safe_locations, *self.exceptions)
        for facts in tree.files.values():
            names = frozenset({*self.functions, *(o.name for o in facts.further)})
            around = map(facts.function_around, facts.calls_of(names))
            # By identity: functions are large values, each of which is there once.
            for function in {id(each): each for each in around if each}.values():
                if not location_of(listed, function.name, facts.path, tree.version):
                    yield callee_of(facts, function), function

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each call outside the safe locations."""
        safe_points = SafePoints(self._contract(), tree)
        for facts in tree.files.values():
            yield from self._in_assembly(facts, tree)
            for call in facts.calls_of(frozenset(self.functions)):
                draft = self._in_code(Site(facts, call), safe_points, tree)
                if draft:
                    yield draft

    def _contract(self) -> Contract:
        return Contract(
            safe_locations=self.safe_locations,
            threads=Handover(what="a kthread", calls=self.thread_starters, argument=0),
            callbacks=self.callbacks,
            loop_marks=self.loop_marks,
            locks=self.locks,
            guards=self.guards,
            idle_schedulers=self.idle_schedulers,
            idle_locks=self.idle_locks,
        )

    def _in_assembly(self, facts: FileFacts, tree: TreeFacts) -> Iterator[Draft]:
        """Calls in assembly, which is not parsed: only the file can be a safe location."""
        for occurrence in facts.occurrences:
            is_code = occurrence.kind == "assembly" and occurrence.how == "tokens"
            if not is_code or occurrence.name not in self.functions:
                continue
            if not location_of(self.safe_locations, "", facts.path, tree.version):
                yield Draft(
                    place=place(facts, occurrence.region, "not a safe location"),
                    message=f"{occurrence.name} is named in assembly, "
                    "in a file that is not a safe location",
                    function=occurrence.function,
                )

    def _in_code(self, site: Site, safe_points: SafePoints, tree: TreeFacts) -> Draft | None:
        """The finding for a call; None if it is at a safe place."""
        facts, call = site
        exception = location_of(self.exceptions, call.function, facts.path, tree.version)
        if exception:
            return _excepted(site, exception)
        hazard = safe_points.hazard_at(site)
        if hazard is None:
            return None
        account = _account_of(hazard)
        return Draft(
            place=place(facts, call.region, account.label),
            message=f"{call.callee} is called {account.where}",
            function=call.function,
            level=account.level,
            related=account.related,
        )


def _excepted(site: Site, exception: KnownLocation) -> Draft:
    facts, call = site
    return Draft(
        place=place(facts, call.region, "outside the safe locations"),
        message=f"{call.callee} is called in {call.function}(), which is not a safe location; "
        f"known exception: {exception.why} ({exception.source})",
        function=call.function,
        level="note",
    )


class _Account(NamedTuple):
    """A hazard in words."""

    where: str
    """Continues a message that begins with "f() is called"."""
    label: str
    related: tuple[Place, ...] = ()
    level: Level | None = None


def _account_of(hazard: Hazard) -> _Account:
    """A hazard of any kind in words."""
    name = hazard.site.occurrence.function
    match hazard:
        case Misplaced():
            return _misplaced(hazard.site.occurrence)
        case InCallback(start=start):
            return _Account(
                f"in {name}(), which is {start.what}, not the main loop of a kthread",
                "not a safe location",
                (Place(start.path, start.region, f"{name}() becomes {start.what} here"),),
            )
        case UnparsedThread() | OutsideThreadLoop() | InNestedLoop():
            return _in_thread(hazard)
        case InHelperLoop(loop=loop):
            return _Account(
                f"in a loop of {name}(), whose data may be inconsistent at that point",
                "in a loop",
                (_line_of(hazard.site, loop, "the loop"),),
            )
        case UnderLocks():
            return _under_locks(hazard)
        case UnknownCallers(taken=taken):
            return _Account(
                f"in {name}(), whose address is taken, so that its callers are unknown",
                "not a safe location",
                (_place_of(taken, f"the address of {name}() is taken here"),),
            )
        case UnsafeCaller(hazard=inner):
            account = _account_of(inner)
            step = _place_of(inner.site, f"{name}() is called here")
            return account._replace(
                where=f"in {name}(), and {name}() is called {account.where}",
                related=(step, *account.related),
            )


def _misplaced(call: Occurrence) -> _Account:
    where = f"in {call.function}()" if call.function else "outside any function"
    return _Account(
        f"{where}, which is not a safe location (the idle loop, the exit to user mode, "
        "or a kthread's main loop)",
        "not a safe location",
        level="note" if call.is_dead else None,
    )


def _in_thread(hazard: UnparsedThread | OutsideThreadLoop | InNestedLoop) -> _Account:
    """A hazard of a call in a kthread's function in words."""
    call = hazard.site.occurrence
    name = call.function
    match hazard:
        case UnparsedThread():
            return _Account(
                f"in the kthread {name}(), whose loop and locks could not be checked: "
                f"{call.reason}",
                "loop and locks not checked",
                level="note",
            )
        case OutsideThreadLoop(start=start, loop=loop):
            side = "before" if loop and call.region < loop else "after"
            where = f" {side} its main loop" if loop else ", which has no main loop"
            return _Account(
                f"in the kthread {name}(){where}; a kthread may only switch inside its main loop",
                "not in the kthread's main loop",
                (Place(start.path, start.region, f"{name}() becomes {start.what} here"),),
            )
        case InNestedLoop(site=site, outer=outer, inner=inner):
            return _Account(
                f"in a loop nested in the main loop of the kthread {name}(), whose data may be "
                "inconsistent at that point; call it directly in the main loop",
                "in a nested loop",
                (
                    _line_of(site, outer, "the kthread's main loop"),
                    _line_of(site, inner, "the nested loop"),
                ),
            )


def _under_locks(hazard: UnderLocks) -> _Account:
    name, path = hazard.site.occurrence.function, hazard.site.facts.path
    where = {
        "kthread loop": f"in the main loop of the kthread {name}()",
        "idle loop": "in the idle loop",
        "function": f"in {name}()",
    }[hazard.place]
    held = (f"{_lock(lock)} at line {lock.region.line}" for lock in hazard.locks)
    return _Account(
        f"{where}, but under {' and '.join(dict.fromkeys(held))}; call it where no lock is held",
        f"{_lock(hazard.locks[-1])} may be held here",
        tuple(Place(path, lock.region, f"{lock} is called here") for lock in hazard.locks),
    )


def _lock(lock: Held) -> str:
    """A lock as it was taken, with its kind where the call does not name it."""
    names_kind = any(word in lock.call for word in lock.kind.lower().split())
    return str(lock) if names_kind else f"{lock} ({lock.kind})"


def _place_of(site: Site, label: str) -> Place:
    return place(site.facts, site.occurrence.region, label)


def _line_of(site: Site, region: Region, label: str) -> Place:
    """The first line of a region in the file of a site."""
    first = Region(region.line, region.column, region.line, region.column + 1)
    return place(site.facts, first, label)
