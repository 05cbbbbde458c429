"""KLP001: is the task that a switching function gets `current`?

Source: the contract of klp_update_patch_state() in kernel/livepatch/transition.c (a task that is
not current has to be inactive), and the review of klp_patch_task() in May 2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from klplint.analysis.call_graph import Site, callee_of, calls_of, references_to
from klplint.analysis.local_values import Values, parameter
from klplint.checks.base import Check, place
from klplint.csource.expressions import canonical, identifier
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.queries import DefinitionsOf, Query, TreeFacts
from klplint.facts.statements import AddressTaken, Assign, Function, events_of
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft, Place
from klplint.findings.levels import Level
from klplint.livepatch.known_locations import KnownLocation, location_of
from klplint.livepatch.wrappers import Target, Wrappers

# Related places beyond these help nobody: the message says what is wrong.
_MOST_PLACES = 10


class ArgumentCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` whose argument number `argument` (from 0) is none of `accept`.

    `accept` are C expressions; `exceptions` are places where the kernel itself documents that
    it breaks the contract, `exporters` are macros that give a function to modules.
    """

    functions: tuple[str, ...]
    accept: tuple[str, ...]
    argument: int = 0
    exceptions: tuple[KnownLocation, ...] = ()
    exporters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.accept:
            raise ValueError("`accept` needs at least one expression")
        for expression in self.accept:
            if canonical(expression) is None:
                raise ValueError(f"`{expression}` is no C expression that can be compared")

    @property
    def watch(self) -> Watch:
        """The switching functions, and who exports a function."""
        return Watch(functions=frozenset(self.functions), context=frozenset(self.exporters))

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The wrappers."""
        return (wrapper.callee for wrapper in self._wrappers(tree).found.values())

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What the names are that are passed: a macro may stand for what is accepted."""
        wrappers, accepted = self._wrappers(tree), self._accepted()
        for facts, call, target in wrappers.calls():
            if len(call.arguments) > target.argument:
                values = wrappers.values(facts, call, target.argument)
                names = filter(None, values - accepted)
                yield from (_meaning(n, facts) for n in names if n.isidentifier())

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each call whose argument is not accepted, or only an alias of it."""
        wrappers, accepted = self._wrappers(tree), self._accepted()
        for facts, call, target in wrappers.calls():
            yield from _Judge(self, accepted, wrappers, facts, tree).call(call, target)

    def _accepted(self) -> Values:
        return frozenset(canonical(expression) for expression in self.accept)

    def _wrappers(self, tree: TreeFacts) -> Wrappers:
        return Wrappers(tree.files, self.functions, self.argument)


class _Judge(NamedTuple):
    """Judges the calls of one file."""

    check: ArgumentCheck
    accepted: Values
    wrappers: Wrappers
    facts: FileFacts
    tree: TreeFacts

    def call(self, call: Occurrence, target: Target) -> Iterator[Draft]:
        """The finding for a call whose argument is not plainly what is accepted."""
        if len(call.arguments) <= target.argument:
            yield self._finding(call, target, "without a task", "too few arguments")
            return
        written, wanted = call.arguments[target.argument], self.check.accept[0]
        if canonical(written) in self.accepted:
            return
        known = location_of(
            self.check.exceptions, call.function, self.facts.path, self.tree.version
        )
        values = self._meant(self.wrappers.values(self.facts, call, target.argument))
        if known:
            why = (
                f"with `{written}`, not `{wanted}`; a known exception: {known.why} ({known.source})"
            )
            yield self._finding(call, target, why, f"not `{wanted}`", level="note")
        elif values <= self.accepted:
            why = (
                f"with `{written}`, which holds `{wanted}`: pass {wanted} itself, "
                "so that every reader sees it"
            )
            yield self._finding(call, target, why, f"always `{wanted}` here", level="note")
        elif self._passes_parameters_on(call, values):
            yield from self._from_nobody(call, target)
        else:
            why = (
                f"with `{written}`, not `{wanted}`{_reached(target)}: "
                "the switch is safe only when the task itself makes it"
            )
            function = self.facts.function_around(call)
            related = _assignments(self.facts, function, identifier(written), self.accepted)
            yield self._finding(call, target, why, f"not `{wanted}`", related=related)

    def _meant(self, values: Values) -> Values:
        """Values with a macro that stands for an accepted expression told as that."""
        meant: set[str | None] = set()
        for value in values:
            query = _meaning(value, self.facts) if value and value.isidentifier() else None
            known = self.tree.definitions(query) if query else ()
            texts = {canonical(d.text) if d.text else None for d in known}
            meant |= texts if texts and texts <= self.accepted else {value}
        return frozenset(meant)

    def _passes_parameters_on(self, call: Occurrence, values: Values) -> bool:
        """Whether only what the callers pass is not accepted: they are judged then."""
        function = self.facts.function_around(call)
        passed = {parameter(name) for name in function.parameters} if function else set()
        return bool(values & passed) and values <= self.accepted | passed

    def _from_nobody(self, call: Occurrence, target: Target) -> Iterator[Draft]:
        """A finding in a wrapper whose callers are not all known."""
        function = self.facts.function_around(call)
        if function is None:
            return
        callee = callee_of(self.facts, function)
        files = self.tree.files
        taken = [s for s in references_to(callee, files) if not self._is_export(s)]
        written = call.arguments[target.argument]
        wanted = self.check.accept[0]
        what = f"with `{written}`, not `{wanted}` but a parameter of {function.name}()"
        if taken:
            site = taken[0]
            where = f"{site.facts.path}:{site.occurrence.region.line}"
            why = f"{what}, whose address is taken at {where}: not all its callers are known"
            related = tuple(place(s.facts, s.occurrence.region, "address taken") for s in taken)
            yield self._finding(call, target, why, "any task", related=related[:_MOST_PLACES])
        elif not _is_entered(callee, files):
            why = f"{what}, which nothing in the tree calls: who calls it may pass any task"
            yield self._finding(call, target, why, "any task")

    def _is_export(self, site: Site) -> bool:
        """Whether a function's name stands there to be exported to modules."""
        return any(
            context.name in self.check.exporters
            and context.region.line == site.occurrence.region.line
            for context in site.facts.context_calls
        )

    def _finding(
        self,
        call: Occurrence,
        target: Target,
        why: str,
        label: str,
        *,
        level: Level | None = None,
        related: tuple[Place, ...] = (),
    ) -> Draft:
        """A finding at the argument, or at the call where that is spread over lines."""
        region = call.region
        if len(call.argument_regions) > target.argument:
            argument = call.argument_regions[target.argument]
            region = argument if argument.line == region.line else region
        here = place(self.facts, region, label)
        steps = tuple(_steps(target))
        return Draft(
            place=here,
            message=f"{call.callee} is called {why}",
            function=call.function,
            level="note" if call.is_dead else level,
            related=(*related, *steps),
            steps=(here, *steps) if steps else (),
        )


def _is_entered(callee: Callee, files: Mapping[str, FileFacts]) -> bool:
    """Whether a wrapper is called but by functions that only call each other.

    A caller that nobody calls is judged where it stands.
    """
    seen, pending = {callee}, [callee]
    while pending:
        sites = list(calls_of(pending.pop(), files))
        if not sites:
            return seen != {callee}
        for facts, call in sites:
            function = facts.function_around(call)
            caller = callee_of(facts, function) if function else None
            if caller is None or not any(calls_of(caller, files)):
                return True
            if caller not in seen:
                seen.add(caller)
                pending.append(caller)
    return False


def _reached(target: Target) -> str:
    """How a wrapper's argument reaches the switching function, for a message."""
    if target.passes_on is None:
        return ""
    *_, last = target.passes_on.chain()
    return f", and passes it on to {last.target.name}()"


def _steps(target: Target) -> Iterator[Place]:
    """The calls through which an argument goes, down to that of the switching function."""
    for wrapper in target.passes_on.chain() if target.passes_on else ():
        label = f"{wrapper.callee.name}() passes `{wrapper.parameter}` on to {wrapper.call.callee}"
        yield Place(wrapper.path, wrapper.call.region, label)


def _meaning(name: str, facts: FileFacts) -> Query:
    return DefinitionsOf(name, facts.path)


def _assignments(
    facts: FileFacts, function: Function | None, variable: str | None, accepted: Values
) -> tuple[Place, ...]:
    """Where a local variable gets what is not accepted."""
    if variable is None or function is None:
        return ()
    found: list[Place] = []
    for event in events_of(function.body):
        if len(found) >= _MOST_PLACES:
            break
        if isinstance(event, Assign) and event.target == variable:
            value = None if event.value is None else canonical(event.value)
            if value not in accepted:
                what = f"`{event.value}`" if event.value else "another task"
                found.append(place(facts, event.region, f"`{variable}` may be {what} from here"))
        elif isinstance(event, AddressTaken) and event.variable == variable:
            label = f"`{variable}` may be written through its address"
            found.append(place(facts, event.region, label))
    return tuple(found)
