"""The calls of switching functions and their wrappers in a tree, by what they pass for the task."""

from __future__ import annotations

import msgspec

from klplint.analysis.call_graph import callee_of
from klplint.analysis.local_values import Parameter
from klplint.checks.argument import ArgumentCheck, PassedTask
from klplint.engine.plan import Plan
from klplint.engine.queries import answer_queries
from klplint.engine.session import Session
from klplint.engine.stages import collect_facts
from klplint.facts.file_facts import FileFacts, Unreadable
from klplint.facts.queries import FilesNaming
from klplint.index.included_macros import IncludedMacros
from klplint.index.tree_index import files_naming
from klplint.progress import Progress
from klplint.signature.calls import SwitchCall, WrapperParameter


class SwitchCalls(msgspec.Struct, frozen=True):
    """The switching functions of a rule in a tree, and their calls."""

    facts: dict[str, FileFacts]
    calls: tuple[SwitchCall, ...]
    """The calls of all of them, and of their wrappers."""
    unreadable: tuple[Unreadable, ...]
    macros: IncludedMacros
    naming: frozenset[str] = frozenset()
    """The files that contain the name that was asked about."""

    def of(self, name: str) -> tuple[SwitchCall, ...]:
        """The calls of one function, and of wrappers."""
        return tuple(call for call in self.calls if call.target or call.call.name == name)

    def definitions(self, name: str) -> dict[str, int]:
        """The C files that define a function, each with the line of the name."""
        return {
            path: occurrence.region.line
            for path, facts in self.facts.items()
            for occurrence in facts.occurrences
            if (occurrence.kind, occurrence.name) == ("definition", name) and path.endswith(".c")
        }


def switch_calls(
    plan: Plan, check: ArgumentCheck, progress: Progress, asked: str = ""
) -> SwitchCalls:
    """The calls of the functions of a check in a tree, and the files that contain a name."""
    with Session(plan.sources, plan.execution, progress) as session:
        collected = collect_facts(plan, session)
        tree = answer_queries(collected.facts, [check], session)
        calls = tuple(map(_switch_call, check.passed(tree)))
        hits = session.index.find([FilesNaming(asked)], progress) if asked else {}
        naming = frozenset(files_naming(hits))
        macros = IncludedMacros(plan.sources.root, session.index.files)
        return SwitchCalls(collected.facts, calls, collected.unreadable, macros, naming)


def _switch_call(passed: PassedTask) -> SwitchCall:
    target, call = passed.target, passed.call
    wrapper = target.passes_on
    return SwitchCall(
        passed.facts.path,
        call,
        call.arguments[target.argument],
        passed.is_accepted,
        WrapperParameter(wrapper.callee, target.argument) if wrapper else None,
        _passed_on(passed),
    )


def _passed_on(passed: PassedTask) -> WrapperParameter | None:
    """The parameter of the function around a call that the call passes on, on all ways."""
    function = passed.facts.function_around(passed.call)
    if function is None or len(passed.values) != 1:
        return None
    (value,) = passed.values
    if not isinstance(value, Parameter) or value.name not in function.parameters:
        return None
    number = function.parameters.index(value.name)
    return WrapperParameter(callee_of(passed.facts, function), number)
