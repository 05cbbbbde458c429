"""Which function of the kernel a line of a table means: its definitions, and their objects."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Literal, NamedTuple

from klplint.facts.function_details import FunctionDetails
from klplint.facts.queries import (
    BuiltInto,
    Definition,
    DefinitionsOf,
    DetailsIn,
    MadeBy,
    Query,
    TreeFacts,
)
from klplint.modules.replacements import Replacement

VMLINUX = "vmlinux"
"""The object of all that is built in."""
_SHORTEST = 8  # a shorter name has too many that are like it
_ALIKE = 0.85
# Programs and documents beside the kernel; their functions are in no object of it.
_BESIDE = ("tools", "scripts", "Documentation", "usr")
_DEFINING = ("function", "macro", "assembly")


class InObject(NamedTuple):
    """A definition, and the objects that its file is built into."""

    definition: Definition
    objects: frozenset[str]
    """Empty where no Makefile says it plainly."""
    is_conditional: bool
    """Whether the configuration decides whether it is there."""
    details: FunctionDetails | None = None

    @property
    def is_in_header(self) -> bool:
        """Whether a header defines it: then it is in each object that uses it."""
        return self.definition.path.endswith(".h")

    def may_be_in(self, name: str | None) -> bool:
        """Whether it may be in an object."""
        return name is None or self.is_in_header or not self.objects or name in self.objects


Status = Literal["meant", "unknown", "elsewhere", "unclear"]


class Meaning(NamedTuple):
    """What a line of a table means in the kernel."""

    status: Status
    definitions: tuple[InObject, ...] = ()
    """The definitions that are meant; of one that is `elsewhere` those in other objects, of an
    unclear one those that may be meant."""
    reason: str = ""
    """Why it is unclear."""


def old_queries(each: Replacement, tree: TreeFacts) -> Iterator[Query]:
    """What has to be asked about a patched function, and its definitions."""
    name = each.old_name
    if not name:
        return
    query = DefinitionsOf(name)
    yield query
    for definition in _definitions(each, tree):
        yield BuiltInto(definition.path)
        if definition.kind == "function":
            yield DetailsIn(name, definition.path)
    if _asks_for_module(each, tree):
        yield MadeBy(each.object_name or "")
    if query in tree.answers and not tree.definitions(query) and not tree.gaps:
        yield from map(DefinitionsOf, _parts(name))


def meaning_of(each: Replacement, tree: TreeFacts) -> Meaning:
    """What a line of a table means."""
    name = each.old_name
    if not name:
        return Meaning("unclear", reason="its name is not plain")
    every = [in_object for d in _definitions(each, tree) for in_object in _placed(d, name, tree)]
    if not every:
        return _without_definition(each, tree)
    if _is_of_no_module(each, tree):
        return Meaning("unclear", reason=_no_module(each))
    meant = tuple(d for d in every if d.may_be_in(each.object_name))
    certain = tuple(d for d in meant if _is_placed(d, each))
    if certain:
        return Meaning("meant", certain)
    if meant:
        path = file_name(meant[0].definition.path)
        reason = f"no Makefile says plainly which object {path}, which has {name}(), is built into"
        return Meaning("unclear", meant, reason)
    return Meaning("elsewhere", tuple(every))


def _is_placed(definition: InObject, each: Replacement) -> bool:
    """Whether the object of a definition is plain; one beside the module is taken for it."""
    is_beside_module = _is_beside_module(definition.definition.path, each)
    return bool(definition.objects) or definition.is_in_header or is_beside_module


def similar_queries(name: str) -> Iterator[Query]:
    """What has to be asked to offer a name for one that is not there."""
    if len(name) >= _SHORTEST:
        half = len(name) // 2
        yield DefinitionsOf(f"{name[:half]}*")
        yield DefinitionsOf(f"*{name[half:]}")


def similar_name(name: str, tree: TreeFacts) -> Definition | None:
    """The function whose name is most like one that is not there."""
    functions = {
        definition.name: definition
        for query in similar_queries(name)
        for definition in tree.definitions(query)
        if definition.kind == "function" and not is_beside(definition.path)
    }
    close = difflib.get_close_matches(name, sorted(functions), n=1, cutoff=_ALIKE)
    return functions[close[0]] if close else None


def _asks_for_module(each: Replacement, tree: TreeFacts) -> bool:
    """Whether it matters if the kernel has the module that is patched at all."""
    if each.object_name in (None, VMLINUX) or DefinitionsOf(each.old_name) not in tree.answers:
        return False
    definitions = _definitions(each, tree)
    built = [BuiltInto(definition.path) for definition in definitions]
    if not tree.has_answers(built):
        return False
    objects = {each_object.name for query in built for each_object in tree.definitions(query)}
    beside = any(_is_beside_module(definition.path, each) for definition in definitions)
    return each.object_name not in objects and not beside


def _is_of_no_module(each: Replacement, tree: TreeFacts) -> bool:
    """Whether the kernel has no module of the name: then it is one of another project."""
    query = MadeBy(each.object_name or "")
    is_answered = query in tree.answers and not tree.definitions(query)
    return is_answered and _asks_for_module(each, tree)


def _no_module(each: Replacement) -> str:
    return f"no Makefile of this kernel makes the module {each.object_name}"


def _is_beside_module(path: str, each: Replacement) -> bool:
    return path.rpartition("/")[0] == each.path.rpartition("/")[0]


def _definitions(each: Replacement, tree: TreeFacts) -> list[Definition]:
    """The definitions of a patched function in the kernel; else those beside the module.

    A module may have a function of the same name, and the object that it patches may be beside it.
    """
    query = DefinitionsOf(each.old_name)
    every = [d for d in tree.definitions(query) if d.kind in _DEFINING and d.path != each.path]
    of_kernel = [d for d in every if d.path.startswith("/")]  # as a run on another project has them
    others = [d for d in of_kernel or every if _is_of_kernel(d.path, each.path)]
    if not of_kernel or others or each.object_name == VMLINUX:
        return others
    return [d for d in every if not d.path.startswith("/")]


def _is_of_kernel(path: str, asker: str) -> bool:
    """Whether a path is that of a file of the kernel; modules among its tools patch each other."""
    if is_beside(path):
        return is_beside(asker) and path.rpartition("/")[0] == asker.rpartition("/")[0]
    return True


def is_beside(path: str) -> bool:
    """Whether a file of the kernel's tree is of a program beside it."""
    return path.partition("/")[0] in _BESIDE or any(f"/{name}/" in path for name in _BESIDE)


def file_name(path: str) -> str:
    """The name of a file, for messages: its path may be that of somebody's kernel."""
    return path.rpartition("/")[2]


def _placed(definition: Definition, name: str, tree: TreeFacts) -> Iterator[InObject]:
    """A definition with its objects; those of functions with their details, once for each."""
    built = tree.definitions(BuiltInto(definition.path))
    objects = frozenset(each.name for each in built)
    is_open = any(each.text for each in built)
    if definition.kind != "function":
        yield InObject(definition, objects, is_open)
        return
    for each in tree.definitions(DetailsIn(name, definition.path)):
        if each.region == definition.region and each.details and not each.details.is_dead:
            is_conditional = is_open or bool(each.details.conditions)
            yield InObject(each, objects, is_conditional, each.details)


def _without_definition(each: Replacement, tree: TreeFacts) -> Meaning:
    """What a name means that nothing defines: other code may show that it exists."""
    name = each.old_name
    query = DefinitionsOf(name)
    directory = each.path.rpartition("/")[0]
    uses = [d for d in tree.definitions(query) if d.path.rpartition("/")[0] != directory]
    if uses:
        reason = (
            f"{name}() has no definition that can be read, but {file_name(uses[0].path)} names it"
        )
        return Meaning("unclear", reason=reason)
    if _is_of_no_module(each, tree):
        return Meaning("unclear", reason=_no_module(each))
    if tree.gaps:
        return Meaning("unclear", reason=f"{name}() is not in this part of a kernel tree")
    for first, second in _splits(name):
        if all(any(tree.definitions(DefinitionsOf(p)) for p in part) for part in (first, second)):
            reason = f"{name}() is not written out, but a macro may paste its name together"
            return Meaning("unclear", reason=reason)
    return Meaning("unknown")


def _splits(name: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The ways in which a macro may paste a name together, each part in all of its spellings."""
    for place in range(1, len(name) - 1):
        if name[place] == "_":
            first, second = name[:place], name[place + 1 :]
            if first.strip("_") and second.strip("_"):
                yield (first, f"{first}_"), (second, f"_{second}")


def _parts(name: str) -> Iterator[str]:
    for first, second in _splits(name):
        yield from (*first, *second)
