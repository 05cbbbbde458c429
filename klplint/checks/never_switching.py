"""KLP024: does a task ever leave the function that a livepatch patches?

Source: Documentation/livepatch/livepatch.rst, "Consistency model": a task whose stack has the
function is not switched.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks.livepatch_base import ReplacementCheck, draft
from klplint.facts.function_details import FunctionDetails
from klplint.facts.queries import HandedOver, Query, TreeFacts
from klplint.findings.finding import Draft, Place
from klplint.modules.old_functions import meaning_of
from klplint.modules.replacements import Replacement, replacements_in


class NeverSwitchingCheck(ReplacementCheck, frozen=True, kw_only=True):
    """Patched functions that run as long as their task does."""

    thread_starters: tuple[str, ...]
    """What starts a kthread: its main function is the first argument."""
    stop_tests: tuple[str, ...]
    """What the main loop of a kthread asks to see whether it has to end."""
    never_return: tuple[str, ...]
    """Functions that never return, and do not end their task."""
    ending: tuple[str, ...]
    """Functions that end the task that calls them: a loop with one is left."""

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """Which calls get a patched function: one may start a kthread."""
        yield from super().queries(tree)
        for each in replacements_in(tree):
            if each.old_name:
                yield HandedOver(each.old_name)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each patched function that no task leaves."""
        for each in replacements_in(tree):
            meaning = meaning_of(each, tree)
            functions = [d.details for d in meaning.definitions if d.details]
            if meaning.status != "meant" or len(functions) != 1:
                continue
            finding = self._finding(each, functions[0], tree)
            if finding:
                yield finding

    def _finding(
        self, each: Replacement, function: FunctionDetails, tree: TreeFacts
    ) -> Draft | None:
        starter = self._starter(each, function, tree)
        calls = {call.name for call in function.calls}
        if starter and function.has_loop and calls.intersection(self.stop_tests):
            return _draft(each, "is the main loop of a kthread", starter)
        for loop in function.loops:
            if not {*self.ending}.intersection(loop.calls):
                what = "is the main loop of a kthread" if starter else "has a loop without an end"
                return _draft(each, what, Place(function.path, loop.region, "never left"))
        for call in function.calls:
            if call.name in self.never_return and not call.is_conditional:
                place = Place(function.path, call.region, "does not return")
                return _draft(each, f"calls {call.name}(), which never returns", place)
        return None

    def _starter(
        self, each: Replacement, function: FunctionDetails, tree: TreeFacts
    ) -> Place | None:
        """Where a kthread is started with a function."""
        for handed in tree.definitions(HandedOver(each.old_name)):
            if function.is_static and handed.path != function.path:
                continue
            for mention in handed.calls:
                if mention.structure is None and mention.name in self.thread_starters:
                    return Place(handed.path, mention.region, "the kthread is started here")
        return None


def _draft(each: Replacement, what: str, place: Place) -> Draft:
    message = (
        f"{each.old_name}() {what}: a task that runs it never leaves it, so it stays in the old "
        "function, and the transition does not end"
    )
    return draft(each, message, "never left", (place,))
