"""KLP002: does the switching call stand at a safe location?

Source: Documentation/livepatch/livepatch.rst, 3.1 (a kthread's designated point: no locks held,
data structures well-defined), and the review of klp_patch_task() in May 2016 (idle loop, way out
to user mode, a kthread's loop).
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.analysis.call_graph import callee_of
from klplint.checks.base import Check, place
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.statements import Function
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft
from klplint.livepatch.entry_points import Handover, handed, starts_of
from klplint.livepatch.held_locks import LockKind
from klplint.livepatch.known_locations import KnownLocation, location_of
from klplint.livepatch.safe_points import Contract, Judge, calls_within


class SwitchPointCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` that stand neither at a known safe location nor at one by structure.

    `thread_starters` are calls (or members of a designated initialiser) whose first argument is
    the function of a kthread, `callbacks` what else a function may be handed over to; in the
    loop of a kthread one of `loop_marks` is called.
    `idle_schedulers` are called in the loop of an idle task; there, locks of `idle_locks` may
    be held. `locks` and `guards` say what may not be held elsewhere. A safe location with an
    empty function is a file of assembly.
    """

    functions: tuple[str, ...]
    safe_locations: tuple[KnownLocation, ...]
    exceptions: tuple[KnownLocation, ...]
    thread_starters: tuple[str, ...]
    locks: tuple[LockKind, ...]
    guards: tuple[str, ...]
    callbacks: tuple[Handover, ...] = ()
    loop_marks: tuple[str, ...] = ()
    idle_schedulers: tuple[str, ...] = ()
    idle_locks: tuple[str, ...] = ()

    @property
    def watch(self) -> Watch:
        """The switching functions, and who runs functions of others."""
        handed = (name for handover in self.callbacks for name in handover.calls)
        return Watch(
            functions=frozenset(self.functions),
            context=frozenset({*self.thread_starters, *handed}),
        )

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The static functions around calls, which are as safe as their callers."""
        threads = (self._contract().threads,)
        for callee, function in self._around(tree):
            if function.static and not any(starts_of(callee, tree, threads)):
                yield callee

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """Who runs the functions around calls, and whether what they call takes locks."""
        for callee, function in self._around(tree):
            if callee.shared:
                yield handed(callee)
            yield from calls_within(callee.path, function)

    def _around(self, tree: TreeFacts) -> Iterator[tuple[Callee, Function]]:
        """The functions around calls whose place no data tells of."""
        known = (*self.safe_locations, *self.exceptions)
        for facts in tree.files.values():
            names = frozenset({*self.functions, *(o.name for o in facts.further)})
            for call in facts.calls_of(names):
                function = facts.function_around(call)
                if function is None:
                    continue
                if not location_of(known, function.name, facts.path, tree.version):
                    yield callee_of(facts, function), function

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each call outside the safe locations."""
        judge = Judge(self._contract(), tree)
        for facts in tree.files.values():
            yield from self._in_file(facts, judge, tree)

    def _in_file(self, facts: FileFacts, judge: Judge, tree: TreeFacts) -> Iterator[Draft]:
        yield from self._in_assembly(facts, tree)
        for call in facts.calls_of(frozenset(self.functions)):
            exception = location_of(self.exceptions, call.function, facts.path, tree.version)
            if exception:
                yield self._excepted(call, exception, facts)
                continue
            fault = judge.fault(facts, call)
            if fault:
                yield Draft(
                    place=place(facts, call.region, fault.label),
                    message=f"{call.callee} is called {fault.where}",
                    function=call.function,
                    level=fault.level,
                    related=fault.related,
                )

    def _contract(self) -> Contract:
        threads = Handover(what="a kthread", calls=self.thread_starters, argument=0)
        return Contract(
            self.safe_locations,
            threads,
            self.callbacks,
            self.loop_marks,
            self.locks,
            self.guards,
            self.idle_schedulers,
            self.idle_locks,
        )

    def _in_assembly(self, facts: FileFacts, tree: TreeFacts) -> Iterator[Draft]:
        """Assembly names functions in no way that can be followed: the data's file decides."""
        for named in facts.occurrences:
            is_code = named.kind == "assembly" and named.how == "tokens"
            if not is_code or named.name not in self.functions:
                continue
            if not location_of(self.safe_locations, "", facts.path, tree.version):
                yield Draft(
                    place=place(facts, named.region, "not a known place"),
                    message=f"{named.name} is named in assembly, "
                    "in a file that is no safe location",
                )

    def _excepted(self, call: Occurrence, exception: KnownLocation, facts: FileFacts) -> Draft:
        return Draft(
            place=place(facts, call.region, "outside the safe locations"),
            message=f"{call.callee} is called in {call.function}(), which is no safe location; "
            f"a known exception: {exception.why} ({exception.source})",
            function=call.function,
            level="note",
        )
