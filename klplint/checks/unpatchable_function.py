"""KLP022: can ftrace hook the function that a livepatch patches?

Source: Documentation/livepatch/livepatch.rst, "Limitations".
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks.livepatch_base import ReplacementCheck, draft
from klplint.facts.queries import Query, TreeFacts, Untraced
from klplint.findings.finding import Draft
from klplint.modules.old_functions import InObject, meaning_of
from klplint.modules.patchability import Obstacle, Unpatchable, obstacles
from klplint.modules.replacements import Replacement, replacements_in


class UnpatchableFunctionCheck(ReplacementCheck, frozen=True, kw_only=True):
    """Patched functions that are not traced, are gone after boot, or are not functions."""

    unpatchable: Unpatchable
    """What keeps functions from being patched."""

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """For each patched function, whether a Makefile compiles its file without ftrace."""
        yield from super().queries(tree)
        for each in replacements_in(tree):
            for definition in meaning_of(each, tree).definitions:
                yield Untraced(definition.definition.path)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each patched function of which no definition can be patched."""
        for each in replacements_in(tree):
            meaning = meaning_of(each, tree)
            if meaning.status != "meant" or not meaning.definitions:
                continue
            every = [self._obstacles(definition, tree) for definition in meaning.definitions]
            if all(every):
                yield _draft(each, every[0])

    def _obstacles(self, each: InObject, tree: TreeFacts) -> tuple[Obstacle, ...]:
        makefile = next(iter(tree.definitions(Untraced(each.definition.path))), None)
        return obstacles(each.definition, self.unpatchable, tree.version, makefile)


def _draft(each: Replacement, reasons: tuple[Obstacle, ...]) -> Draft:
    first = reasons[0]
    message = f"{each.old_name}() cannot be patched: it {first.reason}"
    related = tuple(dict.fromkeys(reason.place for reason in reasons))
    return draft(each, message, "cannot be patched", related)
