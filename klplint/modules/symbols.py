"""How many functions of one name an object has: kallsyms knows each of them by that name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from klplint.modules.old_functions import InObject


class Count(NamedTuple):
    """How many functions of a name an object has."""

    certain: tuple[InObject, ...]
    """Those that are in it whatever the configuration is."""
    possible: tuple[InObject, ...]
    """Those that may be in it, with the certain ones."""


def count_in(name: str | None, definitions: Iterable[InObject]) -> Count:
    """The functions that have one name in an object, each file counted once.

    Of functions that are not static, the linker takes one. A header's function is in each file
    that uses it, which nobody can count here.
    """
    by_architecture: defaultdict[str, list[InObject]] = defaultdict(list)
    for each in _one_for_each_file(definitions):
        if each.definition.kind == "function" and not each.is_in_header:
            by_architecture[_architecture(each.definition.path)].append(each)
    generic = by_architecture.pop("", [])
    groups = [[*generic, *group] for group in by_architecture.values()] or [generic]
    counts = [_of_group(name, group) for group in groups]
    return max(counts, key=lambda count: (len(count.certain), len(count.possible)))


def _of_group(name: str | None, group: list[InObject]) -> Count:
    static = [each for each in group if each.definition.static]
    shared = [each for each in group if not each.definition.static]
    certain = [each for each in static if _is_certain(name, each)]
    one = next((each for each in shared if _is_certain(name, each)), None)
    first = one or next(iter(shared), None)
    return Count((*certain, *([one] if one else [])), (*static, *([first] if first else [])))


def _is_certain(name: str | None, each: InObject) -> bool:
    """Whether a function is in an object whatever the configuration is.

    What its configuration makes a module is one as a whole.
    """
    if each.details is None or each.details.conditions or not each.objects:
        return False
    return not each.is_conditional or (name != "vmlinux" and each.objects == {name})


def _one_for_each_file(definitions: Iterable[InObject]) -> Iterable[InObject]:
    """One definition for each file: those of an `#if` and its `#else` are one function."""
    by_path: dict[str, InObject] = {}
    for each in definitions:
        by_path.setdefault(each.definition.path, each)
    return by_path.values()


def _architecture(path: str) -> str:
    """The architecture of a file; empty for one that all have."""
    parts = path.split("/")
    place = next((i for i, part in enumerate(parts[:-1]) if part == "arch"), None)
    return parts[place + 1] if place is not None else ""
