"""The calls of switching functions in a tree, by what they pass for the task."""

from __future__ import annotations

import msgspec

from klplint.checks.argument import ArgumentCheck
from klplint.engine.lint import collect_facts
from klplint.engine.plan import Plan
from klplint.engine.queries import answer_queries
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts, Occurrence, Unreadable
from klplint.facts.queries import FilesNaming
from klplint.index.tree_index import files_naming
from klplint.progress import Progress


class SwitchCall(msgspec.Struct, frozen=True):
    """A call of a switching function itself."""

    file: str
    call: Occurrence
    is_usual: bool
    """Whether it passes what the rule accepts, on all ways."""


class SwitchCalls(msgspec.Struct, frozen=True):
    """The switching functions of a rule in a tree, and their calls."""

    facts: dict[str, FileFacts]
    calls: tuple[SwitchCall, ...]
    unreadable: tuple[Unreadable, ...]
    naming: frozenset[str] = frozenset()
    """The files that contain the name that was asked about."""

    def of(self, name: str) -> list[SwitchCall]:
        """The calls of one function."""
        return [call for call in self.calls if call.call.name == name]

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
        calls = [
            SwitchCall(path, call, check.is_accepted(facts, call, tree))
            for path, facts in tree.files.items()
            for call in facts.calls_of(frozenset(check.functions))
            if not call.via
        ]
        hits = session.index.find([FilesNaming(asked)], progress) if asked else {}
        naming = frozenset(files_naming(hits))
        return SwitchCalls(collected.facts, tuple(calls), collected.unreadable, naming)
