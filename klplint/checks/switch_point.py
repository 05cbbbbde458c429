"""KLP002: is the switching call at a safe location?

Source: Documentation/livepatch/livepatch.rst, 3.1 (a kthread's designated point: no locks held,
data structures well-defined), and the review of klp_patch_task() in May 2016 (idle loop, exit to
user mode, a kthread's loop).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from klplint.analysis.call_graph import Site, callee_of, calls_of, not_shared
from klplint.analysis.loops import LoopMarks
from klplint.checks.base import Check, Texts, place
from klplint.checks.switch_point_messages import account_of
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.statements import Function
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft
from klplint.livepatch.entry_points import EntryPoints, Handover
from klplint.livepatch.guards import Guards
from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.known_locations import KnownLocation, location_of
from klplint.livepatch.safe_points import Contract, SafePoints

# To follow a function, each file that names it is parsed. The names of functions that are not
# static are in few files, unless they are common words.
_MOST_FILES = 100


class SwitchPointCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` that are at no known safe location, and not at one by structure."""

    functions: tuple[str, ...]
    """The switching functions."""
    safe_locations: tuple[KnownLocation, ...]
    """The known safe locations; one with an empty function is a file of assembly."""
    exceptions: tuple[KnownLocation, ...]
    """Places where the kernel itself documents that it breaks the contract."""
    thread_starters: tuple[str, ...]
    """Calls whose first argument is a kthread's function."""
    locks: tuple[LockKind, ...]
    """The locks that may not be held, except where `idle_locks` allows them."""
    guards: tuple[str, ...]
    """Macros that hold a lock until a scope ends; of a class only if its objects hold locks."""
    guard_classes: Texts = ()
    """Patterns for classes whose objects hold a lock."""
    callbacks: tuple[Handover, ...] = ()
    """What else gets a function that is to be run."""
    loop_marks: tuple[str, ...] = ()
    """Patterns for functions that a kthread's main loop calls."""
    loop_delays: tuple[str, ...] = ()
    """Patterns for functions that mark a main loop only where no other loop is marked."""
    idle_schedulers: tuple[str, ...] = ()
    """Functions that the loop of an idle task calls."""
    idle_locks: Texts = ()
    """The kinds of locks that may be held in the loop of an idle task."""

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The functions around calls: what else is done with one decides about the calls in it.

        One that is not static is followed in its own file, and in others if these are few.
        """
        for callee, function in self._undecided(tree):
            if function.static:
                yield callee
            else:
                yield not_shared(callee)
                yield msgspec.structs.replace(callee, most_files=_MOST_FILES)

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What runs the functions around calls, and whether what these call takes locks."""
        contract = self._contract()
        entry_points = EntryPoints(contract.handovers, tree)
        for callee, _ in self._undecided(tree):
            yield from entry_points.queries(callee)
        safe_points = SafePoints(contract, tree)
        for facts in tree.linted_files:
            for call in facts.calls_of(frozenset(self.functions)):
                if call.function and facts.function_around(call) is None:
                    by_name = Callee(call.function, facts.path, shared=False)
                    yield from entry_points.queries(by_name)
                # What decides about the call is asked for: `safe_points` notes it on the way.
                self._in_code(Site(facts, call), safe_points, tree)
        yield from safe_points.queries()

    def _undecided(self, tree: TreeFacts) -> Iterator[tuple[Callee, Function]]:
        """The functions around calls that are not at a known location, once."""
        listed = (*self.safe_locations, *self.exceptions)
        for callee, function in self._around(tree):
            if not location_of(listed, function.name, callee.path, tree.version):
                yield callee, function

    def _around(self, tree: TreeFacts) -> Iterator[tuple[Callee, Function]]:
        """The functions around calls, and around the calls of static ones of these, once."""
        names = frozenset(self.functions)
        pending = [Site(f, call) for f in tree.linted_files for call in f.calls_of(names)]
        seen = set[int]()  # by identity: functions are large values, each of which is there once
        for facts, call in pending:  # it grows
            function = facts.function_around(call)
            if function is None or id(function) in seen:
                continue
            seen.add(id(function))
            callee = callee_of(facts, function)
            yield callee, function
            if function.static:
                pending += calls_of(callee, tree.files)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each call outside the safe locations."""
        safe_points = SafePoints(self._contract(), tree)
        for facts in tree.linted_files:
            yield from self._in_assembly(facts, tree)
            for call in facts.calls_of(frozenset(self.functions)):
                draft = self._in_code(Site(facts, call), safe_points, tree)
                if draft:
                    yield draft

    def _contract(self) -> Contract:
        starters = self.thread_starters
        threads = [Handover(what="a kthread", calls=starters, runs="thread")] if starters else []
        return Contract(
            safe_locations=self.safe_locations,
            handovers=(*threads, *self.callbacks),
            loop_marks=LoopMarks(self.loop_marks, self.loop_delays),
            locks=self.locks,
            guards=Guards(self.guards, self.guard_classes),
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
        account = account_of(hazard)
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
