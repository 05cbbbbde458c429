"""KLP001: is the task that a switching function gets `current`?

Source: the contract of klp_update_patch_state() in kernel/livepatch/transition.c (a task that is
not current has to be inactive), and the review of klp_patch_task() in May 2016.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks import Check, Reporter, place
from klplint.expression import canonical, identifier
from klplint.facts import AddressTaken, Assign, FileFacts, Function, Occurrence, Region, Watch
from klplint.findings import Finding, Level, Place
from klplint.flow import events_of
from klplint.locations import KnownLocation, location_of
from klplint.questions import TreeFacts
from klplint.values import LocalValues, Values

# Related places beyond these help nobody: the message says what is wrong.
_MOST_PLACES = 10


class ArgumentCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` whose argument number `argument` (from 0) is none of `accept`.

    `accept` are C expressions; `exceptions` are places where the kernel itself documents that
    it breaks the contract.
    """

    functions: tuple[str, ...]
    accept: tuple[str, ...]
    argument: int = 0
    exceptions: tuple[KnownLocation, ...] = ()

    def __post_init__(self) -> None:
        if not self.accept:
            raise ValueError("`accept` needs at least one expression")
        for expression in self.accept:
            if canonical(expression) is None:
                raise ValueError(f"`{expression}` is no C expression that can be compared")

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    def run(self, facts: FileFacts, tree: TreeFacts, rule: Reporter) -> Iterator[Finding]:
        """One finding for each call whose argument is not accepted, or only an alias of it."""
        accepted = frozenset(canonical(expression) for expression in self.accept)
        values: dict[tuple[Region, str] | None, LocalValues] = {}
        for call in facts.calls_of(frozenset(self.functions)):
            if len(call.arguments) <= self.argument:
                yield self._finding(call, facts, rule, "without a task", "too few arguments")
            elif canonical(call.arguments[self.argument]) not in accepted:
                function = facts.function_around(call)
                key = (function.region, function.variant) if function else None
                if key not in values:
                    values[key] = LocalValues(function)
                yield self._judge(call, accepted, values[key], facts, tree, rule)

    def _judge(
        self,
        call: Occurrence,
        accepted: Values,
        known_values: LocalValues,
        facts: FileFacts,
        tree: TreeFacts,
        rule: Reporter,
    ) -> Finding:
        """The finding for a call whose argument is not plainly what is accepted."""
        written, wanted = call.arguments[self.argument], self.accept[0]
        known = location_of(self.exceptions, call.function, facts.path, tree.version)
        if known:
            why = (
                f"with `{written}`, not `{wanted}`; a known exception: {known.why} ({known.source})"
            )
            return self._finding(call, facts, rule, why, f"not `{wanted}`", level="note")
        function = facts.function_around(call)
        if known_values.at_call(written, call.region) <= accepted:
            why = (
                f"with `{written}`, which holds `{wanted}`: pass {wanted} itself, "
                "so that every reader sees it"
            )
            return self._finding(call, facts, rule, why, f"always `{wanted}` here", level="note")
        why = (
            f"with `{written}`, not `{wanted}`: the switch is safe only "
            "when the task itself makes it"
        )
        related = _assignments(facts, function, identifier(written), accepted)
        return self._finding(call, facts, rule, why, f"not `{wanted}`", related=related)

    def _finding(
        self,
        call: Occurrence,
        facts: FileFacts,
        rule: Reporter,
        why: str,
        label: str,
        *,
        level: Level | None = None,
        related: tuple[Place, ...] = (),
    ) -> Finding:
        """A finding at the argument, or at the call where that is spread over lines."""
        region = call.region
        if len(call.argument_regions) > self.argument:
            argument = call.argument_regions[self.argument]
            region = argument if argument.line == region.line else region
        if call.is_dead:
            level = "note"
        message = f"{call.callee} is called {why}"
        return rule.finding(
            place(facts, region, label),
            message,
            function=call.function,
            level=level,
            related=related,
        )


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
