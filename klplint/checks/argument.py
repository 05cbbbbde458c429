"""KLP001: is the task that a switching function gets `current`?

Source: the contract of klp_update_patch_state() in kernel/livepatch/transition.c (a task that is
not current has to be inactive), and the review of klp_patch_task() in May 2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from klplint.analysis.call_graph import Site, callee_of, calls_of, in_assembly, references_to
from klplint.analysis.local_values import Parameter, Values
from klplint.analysis.meanings import Meanings
from klplint.checks.base import Check, Texts, place
from klplint.checks.task_call import MOST_PLACES, TaskCall, assignments, other_meaning, passed_on
from klplint.csource.expressions import canonical, identifier
from klplint.csource.outline import names_in_words
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.statements import Function
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft
from klplint.livepatch.known_locations import KnownLocation, location_of
from klplint.livepatch.wrappers import Target, Wrappers


class PassedTask(NamedTuple):
    """A call of a switching function or of a wrapper, by what it passes for the task."""

    facts: FileFacts
    """The facts of the file that holds the call."""
    call: Occurrence
    target: Target
    is_accepted: bool
    """Whether it passes something accepted, on all ways."""
    values: Values
    """All that it may pass."""


class ArgumentCheck(Check, frozen=True, kw_only=True):
    """Calls of `functions` whose argument is none of the accepted expressions."""

    functions: tuple[str, ...]
    """The switching functions."""
    accept: Texts
    """The C expressions that are accepted; messages recommend the first one."""
    argument: int = 0
    """The number of the argument that is checked, from 0."""
    exceptions: tuple[KnownLocation, ...] = ()
    """Places where the kernel itself documents that it breaks the contract."""
    exporters: tuple[str, ...] = ()
    """The macros that export a function to modules."""
    marks: tuple[str, ...] = ()
    """Further macros that get a function by name, and do not depend on its parameters."""

    def __post_init__(self) -> None:
        if not self.accept:
            raise ValueError("`accept` needs at least one expression")
        for expression in self.accept:
            if canonical(expression) is None:
                raise ValueError(f"`{expression}` cannot be read as a C expression")

    @property
    def watch(self) -> Watch:
        """The switching functions, and the macros that export a function."""
        return Watch(
            functions=frozenset(self.functions),
            context=frozenset((*self.exporters, *self.marks)),
            values=frozenset(name for each in self.accept for name in names_in_words(each)),
        )

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The wrappers of the switching functions."""
        return self._wrappers(tree).callees()

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """The definitions of names that are passed: one may stand for what is accepted."""
        wrappers, accepted = self._wrappers(tree), self._accepted(tree)
        for facts, call, target in wrappers.calls():
            is_listed = location_of(self.exceptions, call.function, facts.path, tree.version)
            if len(call.arguments) > target.argument and not is_listed:
                for value in wrappers.values(facts, call, target.argument) - accepted:
                    if isinstance(value, str):
                        yield from Meanings(accepted, facts.path, tree).queries(value)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each call whose argument is not accepted, or only as an alias."""
        for facts, call, target in self._wrappers(tree).calls():
            draft = self._examined(TaskCall(facts, call, target), tree)
            if draft:
                yield draft

    def passed(self, tree: TreeFacts) -> Iterator[PassedTask]:
        """What each call of a switching function, or of a wrapper of one, passes for the task."""
        for facts, call, target in self._wrappers(tree).calls():
            if len(call.arguments) > target.argument:
                values = self._values(TaskCall(facts, call, target), tree)
                yield PassedTask(facts, call, target, values <= self._accepted(tree), values)

    def _accepted(self, tree: TreeFacts) -> Values:
        return tree.memo.once(_canonical_forms, self.accept)

    def _wrappers(self, tree: TreeFacts) -> Wrappers:
        """The wrappers in the files of `tree`, which are looked for only once."""
        memo = tree.memo
        return memo.once(Wrappers, tree.files, self.functions, self.argument, memo)

    def _examined(self, task_call: TaskCall, tree: TreeFacts) -> Draft | None:
        """The finding for a call; None if its argument is accepted."""
        facts, call, target = task_call
        accepted, wanted = self._accepted(tree), self.accept[0]
        if len(call.arguments) <= target.argument:
            if call.name in tree.memo.once(_without_parameter, tree.files, self.argument):
                return None
            return task_call.draft(f"without a task; pass `{wanted}`", "too few arguments")
        written = call.arguments[target.argument]
        values = self._values(task_call, tree)
        if values <= accepted and canonical(written) in accepted:
            return None
        exception = location_of(self.exceptions, call.function, facts.path, tree.version)
        if exception:
            how = f"with `{written}` instead of `{wanted}`; "
            how += f"known exception: {exception.why} ({exception.source})"
            return task_call.draft(how, f"not `{wanted}`", level="note")
        if values <= accepted:
            how = f"with `{written}`, which is always `{wanted}` here; "
            how += f"pass `{wanted}` itself to make that obvious"
            fix = task_call.fix(self.accept)
            return task_call.draft(how, f"always `{wanted}` here", level="note", fix=fix)
        function = facts.function_around(call)
        passed: Values = frozenset(map(Parameter, function.parameters if function else ()))
        if function and values & passed and values <= accepted | passed:
            return self._from_unknown_callers(task_call, function, tree)
        variable = identifier(written)
        is_local = function and variable and function.variable(variable, call.region)
        meaning = other_meaning(task_call)
        if is_local and canonical(written) in accepted:
            meaning = ", a local variable,"
        how = f"with `{written}`{meaning} instead of `{wanted}`"
        how += f"{passed_on(target)}; "
        how += f"a task may only switch itself, so pass `{wanted}`"
        related = assignments(facts, function, identifier(written), accepted)
        return task_call.draft(how, f"not `{wanted}`", related=related)

    def _values(self, task_call: TaskCall, tree: TreeFacts) -> Values:
        """What the argument may be; what stands for something accepted is replaced by that."""
        facts, call, target = task_call
        accepted = self._accepted(tree)
        by_name = Meanings(accepted, facts.path, tree)
        meanings: Values = frozenset()
        for value in self._wrappers(tree).values(facts, call, target.argument):
            replaced = by_name.of(value) if isinstance(value, str) else None
            meanings |= replaced or {value}
        return meanings

    def _from_unknown_callers(
        self, task_call: TaskCall, function: Function, tree: TreeFacts
    ) -> Draft | None:
        """The finding for a call in a wrapper, if callers of the wrapper are not known.

        The callers that are known are checked where they are.
        """
        facts, call, target = task_call
        callee, files = callee_of(facts, function), tree.files
        written, wanted = call.arguments[target.argument], self.accept[0]
        name = function.name
        is_parameter = identifier(written) in function.parameters
        what = "a parameter of" if is_parameter else "which may hold an argument of"
        how = f"with `{written}`, {what} {name}(), instead of `{wanted}`; "
        taken = [site for site in references_to(callee, files) if not self._is_export(site)]
        if taken:
            where = f"{taken[0].facts.path}:{taken[0].occurrence.region.line}"
            how += f"the address of {name}() is taken at {where}, so any task may be passed"
            related = tuple(place(s.facts, s.occurrence.region, "address taken") for s in taken)
            return task_call.draft(how, "any task", related=related[:MOST_PLACES])
        if _is_entered(callee, files):
            return None
        if site := next(in_assembly(callee, files), None):
            where = f"{site.facts.path}:{site.occurrence.region.line}"
            how += f"assembly names {name}() at {where}, so any task may be passed"
            related = (place(site.facts, site.occurrence.region, "named in assembly"),)
            return task_call.draft(how, "any task", related=related)
        where = "this part of the tree" if tree.gaps else "the tree"
        how += f"nothing in {where} calls {name}(), so any task may be passed"
        return task_call.draft(how, "any task")

    def _is_export(self, site: Site) -> bool:
        """Whether a function is named there only to be exported, or marked."""
        names, reference = (*self.exporters, *self.marks), site.occurrence.reference
        if reference and reference.kind == "argument" and reference.name in names:
            return True
        return any(
            context.name in names and context.region.line == site.occurrence.region.line
            for context in site.facts.context_calls
        )


def _without_parameter(files: Mapping[str, FileFacts], argument: int) -> frozenset[str]:
    """The functions that are defined without the parameter: they can only mean `current`."""
    return frozenset(
        function.name
        for facts in files.values()
        for function in facts.functions
        if len(function.parameters) <= argument
    )


def _canonical_forms(expressions: tuple[str, ...]) -> Values:
    return frozenset(map(canonical, expressions))


def _is_entered(callee: Callee, files: Mapping[str, FileFacts]) -> bool:
    """Whether a wrapper has callers other than functions that only call each other.

    A caller that nobody calls gets a finding where it is.
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
