"""KLP008: does a switching function clear the flag, then load the target, with a barrier between?

Source: the review of klp_patch_task() in May 2016; kernel/livepatch/transition.c: the write
barriers in klp_init_transition() and klp_reverse_transition() order the target before the flags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.analysis.name_patterns import fits_any
from klplint.checks.base import Check, place
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call, Event, Function, Store, events_of
from klplint.facts.variable_stores import VariableStore
from klplint.facts.watch import Watch
from klplint.findings.finding import Draft
from klplint.livepatch.barriers_behind import BarriersBehind
from klplint.livepatch.early_stores import stores_before_clearing
from klplint.livepatch.state_stores import Clearing, stores_after_clearing
from klplint.livepatch.test_results import Between


class SwitchOrderCheck(Check, frozen=True, kw_only=True):
    """Definitions of switching functions that do not order the pending flag and the target."""

    functions: tuple[str, ...]
    """The switching functions."""
    flags: tuple[str, ...]
    """The names of the pending flag."""
    targets: tuple[str, ...]
    """The variables that hold the state to switch to."""
    members: tuple[str, ...]
    """The members that are a task's state."""
    clears: tuple[str, ...]
    """Patterns for functions that clear the flag if an argument names one of `flags`."""
    ordered: tuple[str, ...]
    """Those of `clears` that are full barriers themselves."""
    stores: tuple[str, ...]
    """Patterns for functions that store in their first argument."""
    plain: tuple[str, ...]
    """Functions that are not barriers and do not call any."""
    idle_values: tuple[str, ...] = ()
    """The values of `targets` outside a transition."""
    write_barriers: tuple[str, ...] = ()
    """Patterns for what orders the store of a target before the flags that are set later."""

    @property
    def watch(self) -> Watch:
        """The switching functions, and the stores of the target in their files."""
        return Watch(
            functions=frozenset(self.functions),
            variables=frozenset(self.targets),
            storing=frozenset(self.stores),
        )

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What is called behind the stores of the target, and what that calls."""
        for facts in tree.files.values():
            for store in self._stores(facts):
                yield from BarriersBehind(facts.path, tree, self.write_barriers).queries(store)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each store of the target that is not ordered behind the flag."""
        clearing = Clearing(self.clears, self.flags, self.members, self.stores)
        for facts in tree.files.values():
            for function in facts.functions:
                if function.name in self.functions:
                    yield from self._unordered(function, clearing, facts)
                    yield from self._early(function, clearing, facts)
            for store in self._stores(facts):
                if not BarriersBehind(facts.path, tree, self.write_barriers).has_any(store):
                    yield _without_write_barrier(store, facts)

    def _stores(self, facts: FileFacts) -> Iterator[VariableStore]:
        """The stores of a target that begin or turn a transition, outside switching functions."""
        for store in facts.stores:
            is_target = store.name in self.targets and store.function not in self.functions
            if is_target and store.value not in self.idle_values:
                yield store

    def _unordered(
        self, function: Function, clearing: Clearing, facts: FileFacts
    ) -> Iterator[Draft]:
        """Stores of the target on whose ways nothing can order its load behind the clearing."""
        stores = {event.region: event for event in events_of(function.body)}
        for region, between in stores_after_clearing(function, clearing):
            target = self._stored_target(stores[region])
            if target and not self._may_order(between):
                yield _without_barrier(function, target, region, between, facts)

    def _may_order(self, between: Between) -> bool:
        """Whether the clearing, or a call after it, is a barrier, or may have one."""
        cleared_by = between.test.text.partition("(")[0]
        is_plain = all(fits_any(call.name, self.plain) for call in between.calls)
        return fits_any(cleared_by, self.ordered) or not is_plain

    def _early(self, function: Function, clearing: Clearing, facts: FileFacts) -> Iterator[Draft]:
        """Stores of the target that come before the flag is cleared."""

        def stores(event: Event) -> bool:
            return clearing.is_storing(event) and bool(self._stored_target(event))

        for region, cleared in stores_before_clearing(function, clearing, stores):
            yield _too_early(function, region, cleared, facts)

    def _stored_target(self, event: Event) -> str:
        """The target that an event stores, as it loads it there; "" if it stores something else."""
        match event:
            case Store():
                value = event.value or ""
            case Call():
                value = ", ".join(event.arguments[1:])
            case _:
                return ""
        words = re.findall(r"\w+", value)
        return next((name for name in self.targets if name in words), "")


def _without_barrier(
    function: Function, target: str, region: Region, between: Between, facts: FileFacts
) -> Draft:
    return Draft(
        place=place(facts, region, "the target may be loaded before the flag is cleared"),
        message=f"{function.name}() loads {target} after `{between.test.text}` at line "
        f"{between.test.region.line} without a read barrier between, so it may get a stale "
        "target; add smp_rmb(), or clear the flag by a function that is fully ordered",
        function=function.name,
        related=(place(facts, between.test.region, "the flag is cleared here"),),
    )


def _without_write_barrier(store: VariableStore, facts: FileFacts) -> Draft:
    return Draft(
        place=place(facts, store.region, "the target is stored here"),
        message=f"{store.function}() stores `{store.value}` in {store.name}, and there is no write "
        "barrier behind it, there or in what it calls; a task may see its pending flag with the "
        "old target: add smp_wmb() before the flags are set",
        function=store.function,
    )


def _too_early(function: Function, region: Region, cleared: Region, facts: FileFacts) -> Draft:
    return Draft(
        place=place(facts, region, "the flag is still set here"),
        message=f"{function.name}() stores the task's state before it clears the pending flag at "
        f"line {cleared.line}; if the target changes between the two, the task stays behind: clear "
        "the flag first",
        function=function.name,
        related=(place(facts, cleared, "the flag is cleared here"),),
    )
