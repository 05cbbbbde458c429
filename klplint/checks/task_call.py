"""A call whose task is checked, and what messages say about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from klplint.analysis.local_values import Values
from klplint.checks.base import place
from klplint.csource.expressions import canonical, identifier, only_reads
from klplint.csource.outline import names_in_words
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.statements import AddressTaken, Assign, Function, events_of
from klplint.findings.finding import Draft, Place
from klplint.findings.fix import Change, Fix, LeftVariable, Replacement
from klplint.findings.levels import Level
from klplint.livepatch.wrappers import Target

_FIRST_NAME = re.compile(r"[A-Za-z_]\w*")
# More related places help nobody: the message says what is wrong.
MOST_PLACES = 10


class TaskCall(NamedTuple):
    """A call whose argument is checked."""

    facts: FileFacts
    """The facts of the file that holds the call."""
    call: Occurrence
    target: Target
    """What is called: a switching function or a wrapper of one."""

    def fix(self, accept: tuple[str, ...]) -> Fix | None:
        """The fix that passes what is recommended, where the argument is in this call's text.

        None for an argument that may do more than name the task: that would be lost.
        """
        facts, call, target = self
        if call.via or len(call.argument_regions) <= target.argument:
            return None
        region, written = call.argument_regions[target.argument], call.arguments[target.argument]
        if not only_reads(written):
            return None
        title = f"pass `{accept[0]}`"
        changes: list[Change] = [Replacement(facts.path, region, written, accept[0])]
        function, name = facts.function_around(call), _FIRST_NAME.search(written)
        if function and name:
            local = function.variable(name[0], call.region)
            scope = local.scope if local else function.region
            # A member of a variable is not all of it.
            declared = local.region if local and identifier(written) else None
            changes.append(LeftVariable(facts.path, name[0], scope, declared, accept, title))
        return Fix(title, tuple(changes), safe=True)

    def draft(
        self,
        how: str,
        label: str,
        *,
        level: Level | None = None,
        related: tuple[Place, ...] = (),
        fix: Fix | None = None,
    ) -> Draft:
        """A finding at the argument, or at the call if the argument is on another line.

        `how` continues a message that begins with "f() is called".
        """
        facts, call, target = self
        region = call.region
        if len(call.argument_regions) > target.argument:
            argument = call.argument_regions[target.argument]
            region = argument if argument.line == region.line else region
        here = place(facts, region, label)
        steps = tuple(_steps(target))
        return Draft(
            place=here,
            message=f"{call.callee} is called {how}",
            function=call.function,
            level="note" if call.is_dead else level,
            related=(*related, *steps),
            steps=(here, *steps) if steps else (),
            fix=fix,
        )


def other_meaning(task_call: TaskCall) -> str:
    """What a name in the argument means in this file, as part of a message."""
    _, call, target = task_call
    written = call.arguments[target.argument]
    for name in call.redefined:
        if name.name in names_in_words(written):
            meaning = f"is the macro `{name.text}`" if name.text else "has another meaning"
            return f", which {meaning} here,"
    return ""


def passed_on(target: Target) -> str:
    """To which switching function a wrapper passes its argument, as part of a message."""
    if target.passes_on is None:
        return ""
    *_, last = target.passes_on.chain()
    return f", and passes it on to {last.target.name}()"


def _steps(target: Target) -> Iterator[Place]:
    """The calls through which an argument goes, down to that of the switching function."""
    for wrapper in target.passes_on.chain() if target.passes_on else ():
        label = f"{wrapper.callee.name}() passes `{wrapper.parameter}` on to {wrapper.call.callee}"
        yield Place(wrapper.path, wrapper.call.region, label)


def assignments(
    facts: FileFacts, function: Function | None, variable: str | None, accepted: Values
) -> tuple[Place, ...]:
    """Where a local variable gets a value that is not accepted."""
    if variable is None or function is None:
        return ()
    places: list[Place] = []
    for event in events_of(function.body):
        if len(places) >= MOST_PLACES:
            break
        if isinstance(event, Assign) and event.target == variable:
            value = None if event.value is None else canonical(event.value)
            if value not in accepted:
                what = f"`{event.value}`" if event.value else "another task"
                places.append(place(facts, event.region, f"`{variable}` may be {what} from here"))
        elif isinstance(event, AddressTaken) and event.variable == variable:
            label = f"`{variable}` may be written through its address"
            places.append(place(facts, event.region, label))
    return tuple(places)
