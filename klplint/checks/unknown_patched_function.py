"""KLP020: does the object that a livepatch patches have the function that its table names?

Source: klp_find_object_symbol() in kernel/livepatch/core.c, which looks for it in kallsyms.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks.livepatch_base import ReplacementCheck, draft, object_text, unclear
from klplint.facts.livepatch_modules import LITERAL, LivepatchModule
from klplint.facts.queries import Query, TreeFacts
from klplint.findings.finding import Draft, NotAnalysed, Place
from klplint.modules.old_functions import (
    InObject,
    meaning_of,
    old_queries,
    similar_name,
    similar_queries,
)
from klplint.modules.replacements import Replacement, modules_in, replacements_in

_MOST_RELATED = 3


class UnknownPatchedFunctionCheck(ReplacementCheck, frozen=True, kw_only=True):
    """Names in tables that no function of the tree, or of the object, has."""

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """For a name that is not there, the names that are like it."""
        yield from super().queries(tree)
        for each in replacements_in(tree):
            if _is_answered(each, tree) and meaning_of(each, tree).status == "unknown":
                yield from similar_queries(each.old_name)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each name that is not there."""
        for each in replacements_in(tree):
            meaning = meaning_of(each, tree)
            if meaning.status == "unknown" and not each.function.is_conditional:
                yield _unknown(each, tree)
            elif meaning.status == "elsewhere" and not each.function.is_conditional:
                yield _elsewhere(each, meaning.definitions)

    def unclear(self, tree: TreeFacts) -> Iterator[NotAnalysed]:
        """The parts of tables that cannot be read, and names of which nothing shows the meaning."""
        for path, module in modules_in(tree):
            for part in module.unread:
                yield unclear(path, part.region, part.reason)
            yield from _built_elsewhere(path, module)
        for each in replacements_in(tree):
            meaning = meaning_of(each, tree)
            if meaning.status == "unclear" and each.function.old_name is not None:
                yield unclear(each.path, each.function.old_region, meaning.reason)


def _built_elsewhere(path: str, module: LivepatchModule) -> Iterator[NotAnalysed]:
    """The patches whose objects are not in a table of the same file."""
    tables = {table.name for table in module.objects}
    for patch in module.patches:
        for member in patch.members:
            if member.name == "objs" and member.value not in {*tables, LITERAL}:
                reason = f"the objects of {patch.name} are built at run time, or in another file"
                yield unclear(path, member.region, reason)


def _is_answered(each: Replacement, tree: TreeFacts) -> bool:
    return tree.has_answers(old_queries(each, tree))


def _unknown(each: Replacement, tree: TreeFacts) -> Draft:
    name = each.old_name
    similar = similar_name(name, tree)
    offer = f"; did you mean {similar.name}()?" if similar else ""
    related = (Place(similar.path, similar.region, "defined here"),) if similar else ()
    message = (
        f"no function of this kernel is called {name}(), so klp_enable_patch() fails, or the "
        f"module never loads{offer}"
    )
    return draft(each, message, "no such function", related)


def _elsewhere(each: Replacement, definitions: tuple[InObject, ...]) -> Draft:
    objects = sorted({name for d in definitions for name in d.objects})
    shown = " or ".join(map(object_text, objects[:_MOST_RELATED]))
    message = (
        f"{each.old_name}() is in {shown}, not in {object_text(each.object_name)}; "
        "patch it in the object that it is built into"
    )
    related = tuple(
        Place(d.definition.path, d.definition.region, f"in {object_text(min(d.objects))}")
        for d in definitions[:_MOST_RELATED]
    )
    return draft(each, message, f"not in {object_text(each.object_name)}", related)
