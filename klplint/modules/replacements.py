"""The functions that the livepatch modules of a run patch, and the functions that replace them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from klplint.facts.function_details import FunctionDetails
from klplint.facts.livepatch_modules import LivepatchModule, PatchedFunction, PatchedObject
from klplint.facts.queries import DefinitionsOf, DetailsIn, Query, TreeFacts

_SUFFIX = re.compile(r"\.(?:isra|constprop|part|cold|llvm)\b.*\Z")
_NAME = re.compile(r"[A-Za-z_]\w*")


class Replacement(NamedTuple):
    """A line of a table: a function to patch, and what takes its place."""

    path: str
    """The file that has the table."""
    module: LivepatchModule
    object: PatchedObject | None
    """The object that is patched; None where the table of objects is not in the same file."""
    function: PatchedFunction

    @property
    def old_name(self) -> str:
        """The name in the source of what is patched; empty where that is not plain.

        Compilers add suffixes to the names of functions that they split or specialise.
        """
        name = _SUFFIX.sub("", self.function.old_name or "")
        return name if _NAME.fullmatch(name) else ""

    @property
    def is_specialised(self) -> bool:
        """Whether the name is that of a function which the compiler made of another one."""
        return self.old_name != (self.function.old_name or "")

    @property
    def object_name(self) -> str | None:
        """The name of the object; None where it is not plain."""
        return self.object.name if self.object else None


def modules_in(tree: TreeFacts) -> Iterator[tuple[str, LivepatchModule]]:
    """The files that are a part of a livepatch module, with what they say."""
    for path, facts in tree.files.items():
        if facts.livepatch is not None:
            yield path, facts.livepatch


def replacements_in(tree: TreeFacts) -> Iterator[Replacement]:
    """All lines of all tables that name a function to patch."""
    for path, module in modules_in(tree):
        for table in module.functions:
            for function in table.functions:
                yield Replacement(path, module, None, function)
        for objects in module.objects:
            for patched in objects.objects:
                for table in patched.tables or ():
                    for function in table.functions:
                        yield Replacement(path, module, patched, function)


def new_queries(each: Replacement, tree: TreeFacts) -> Iterator[Query]:
    """What has to be asked about a new function: nothing if the same file defines it."""
    name = each.function.new_name
    if not name or not _NAME.fullmatch(name) or _in_same_file(each):
        return
    query = DefinitionsOf(name)
    yield query
    for definition in tree.definitions(query):
        if definition.kind == "function":
            yield DetailsIn(name, definition.path)


def new_function(each: Replacement, tree: TreeFacts) -> FunctionDetails | None:
    """The function that replaces another one; None if it is not there once."""
    details = _in_same_file(each)
    if not details:
        name = each.function.new_name
        details = [
            definition.details
            for path in {d.path for d in tree.definitions(DefinitionsOf(name))}
            for definition in tree.definitions(DetailsIn(name, path))
            if definition.details
        ]
    alive = [function for function in details if not function.is_dead]
    return alive[0] if len(alive) == 1 else None


def _in_same_file(each: Replacement) -> list[FunctionDetails]:
    return [d for d in each.module.definitions if d.name == each.function.new_name]
