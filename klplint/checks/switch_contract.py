"""KLP009: does a comment state the contract of a switching function?

Source: the review of klp_patch_task() in May 2016, which asked for it; the comment of
klp_update_patch_state() in kernel/livepatch/transition.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from klplint.checks.base import Check, Texts, expect_patterns, place
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.queries import DefinedIn, Definition, Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.watch import Callee, Watch
from klplint.findings.finding import Draft, Place
from klplint.livepatch.wrappers import Wrapper, Wrappers

_EMPTY_BODY = re.compile(r"\{\s*\}")


class SwitchContractCheck(Check, frozen=True, kw_only=True):
    """Switching functions, and wrappers that pass their task on, without a stated contract."""

    functions: tuple[str, ...]
    """The switching functions."""
    argument: int = 0
    """The number of the argument that is the task, from 0."""
    contract: Texts
    """Regular expressions, one of which a comment that states the contract matches."""

    def __post_init__(self) -> None:
        expect_patterns(self.contract)

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    def callees(self, tree: TreeFacts) -> Iterator[Callee]:
        """The wrappers: wrappers of these pass a task on, too."""
        return self._wrappers(tree).callees()

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """The definitions of the switching functions and wrappers, with their comments."""
        for facts in tree.files.values():
            for occurrence in self._definitions(facts):
                yield DefinedIn(occurrence.name, facts.path)
        for wrapper in self._wrappers(tree).all():
            yield DefinedIn(wrapper.callee.name, wrapper.path)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each function whose contract no comment states."""
        declared = {name: self._is_declared_with(name, tree) for name in self.functions}
        for facts in tree.files.values():
            for occurrence in self._definitions(facts):
                definitions = tree.definitions(DefinedIn(occurrence.name, facts.path))
                defined = _defined_at(definitions, occurrence.region)
                is_stated = declared[occurrence.name] or self._matches(occurrence.heading)
                if defined and not (is_stated or _is_empty(defined)):
                    yield _of_switch(facts, occurrence)
        seen = set[tuple[str, Region]]()
        for wrapper in self._wrappers(tree).all():
            for defined in tree.definitions(DefinedIn(wrapper.callee.name, wrapper.path)):
                around = _Around(wrapper, defined)
                is_stated = any(map(self._matches, defined.comments))
                if around.is_here(seen) and not is_stated:
                    yield around.draft()

    def _wrappers(self, tree: TreeFacts) -> Wrappers:
        memo = tree.memo
        return memo.once(Wrappers, tree.files, self.functions, self.argument, memo)

    def _definitions(self, facts: FileFacts) -> Iterator[Occurrence]:
        for occurrence in facts.occurrences:
            if occurrence.kind == "definition" and occurrence.name in self.functions:
                yield occurrence

    def _is_declared_with(self, name: str, tree: TreeFacts) -> bool:
        """Whether the comment on a declaration of a function states its contract."""
        return any(
            occurrence.name == name and self._matches(occurrence.heading)
            for facts in tree.files.values()
            for occurrence in facts.occurrences
            if occurrence.kind == "declaration"
        )

    def _matches(self, comment: str) -> bool:
        words = " ".join(re.sub(r"\n\s*\*", "\n", comment).split())
        return any(re.search(pattern, words, re.IGNORECASE) for pattern in self.contract)


class _Around(NamedTuple):
    """A wrapper with its definition."""

    wrapper: Wrapper
    definition: Definition

    def is_here(self, seen: set[tuple[str, Region]]) -> bool:
        """Whether this is the definition around the call, and was not yet `seen`."""
        key = self.wrapper.path, self.definition.region
        is_new = key not in seen
        seen.add(key)
        return is_new and self.definition.region <= self.wrapper.call.region

    def draft(self) -> Draft:
        """The finding at the name of the wrapper."""
        wrapper, target = self.wrapper, self.wrapper.target.name
        here = Place(wrapper.path, self.definition.region, "nothing says for which task")
        return Draft(
            place=here,
            message=f"{wrapper.callee.name}() passes `{wrapper.parameter}` on to {target}(), and "
            f"no comment states the contract; {_ADVICE}",
            function=wrapper.callee.name,
            related=(
                Place(wrapper.path, wrapper.call.region, f"`{wrapper.parameter}` is passed on"),
            ),
        )


_ADVICE = (
    "write that the task has to be current or inactive, and that the caller has to be at a safe "
    "place"
)


def _defined_at(definitions: tuple[Definition, ...], region: Region) -> Definition | None:
    """The definition whose name stands at a region."""
    return next((each for each in definitions if each.region == region), None)


def _is_empty(definition: Definition) -> bool:
    """Whether a function does nothing, as without livepatching."""
    return not definition.calls and _EMPTY_BODY.fullmatch(definition.body) is not None


def _of_switch(facts: FileFacts, occurrence: Occurrence) -> Draft:
    return Draft(
        place=place(facts, occurrence.region, "nothing says for which task"),
        message=f"{occurrence.name}() switches a task, and no comment states its contract; "
        f"{_ADVICE}",
        function=occurrence.name,
    )
