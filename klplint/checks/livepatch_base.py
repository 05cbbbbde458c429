"""What the checks of livepatch modules share: the names to search, and queries about tables."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks.base import Check
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.watch import Watch
from klplint.findings.finding import Draft, NotAnalysed, Place
from klplint.modules.old_functions import old_queries
from klplint.modules.replacements import Replacement, new_queries, replacements_in

_NAMES = frozenset(
    {
        "klp_func",
        "klp_object",
        "klp_patch",
        "klp_enable_patch",
        "klp_register_patch",
        "klp_shadow_alloc",
        "klp_shadow_get_or_alloc",
    }
)
"""What a file of a livepatch module names: its tables, and the calls that need no table beside."""


class ModuleCheck(Check, frozen=True, kw_only=True):
    """Base of the checks of livepatch modules."""

    @property
    def watch(self) -> Watch:
        """The names of tables, and of livepatching's functions."""
        return Watch(modules=_NAMES)


class ReplacementCheck(ModuleCheck, frozen=True, kw_only=True):
    """Base of the checks that compare a patched function with what replaces it."""

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """The definitions of all patched functions, and of new ones in other files."""
        for each in replacements_in(tree):
            yield from old_queries(each, tree)
            yield from new_queries(each, tree)


def draft(each: Replacement, message: str, label: str, related: tuple[Place, ...] = ()) -> Draft:
    """A finding at the name of a patched function in a table."""
    here = Place(each.path, each.function.old_region, label)
    return Draft(place=here, message=message, related=related)


def unclear(path: str, region: Region, reason: str) -> NotAnalysed:
    """A part of a table that could not be checked."""
    return NotAnalysed(path, region.line, reason)


def object_text(name: str | None) -> str:
    """An object, as messages name it."""
    if name is None:
        return "the object"
    return name if name == "vmlinux" else f"the module {name}"
