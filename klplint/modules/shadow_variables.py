"""The shadow variables of a livepatch module: what is allocated under which identifier."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from klplint.facts.livepatch_modules import LivepatchModule, ModuleCall

_ALLOCATING = frozenset({"klp_shadow_alloc", "klp_shadow_get_or_alloc"})
_FREEING = frozenset({"klp_shadow_free", "klp_shadow_free_all"})
_CONSTANT = re.compile(r"0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|[A-Z][A-Z0-9_]*")
_SIZE = re.compile(r"sizeof\s*\(\s*((?:(?:struct|union|enum)\s+)?[A-Za-z_][\w\s]*?(?:\s*\*)*)\s*\)")
_BASIC = re.compile(r"(?:(?:unsigned|signed|long|short|int|char|bool|u8|u16|u32|u64)\b\s*)+\**")
_WORD = re.compile(r"[A-Za-z_]\w*")


class Allocation(NamedTuple):
    """A call that allocates a shadow variable."""

    call: ModuleCall
    identifier: str
    """The identifier, a constant; empty where it is not one."""
    type_name: str
    """The type whose size it has; empty where that is not plain."""
    constructor: str
    """The constructor; empty if there is none, or it is not plain."""


def allocations(module: LivepatchModule) -> Iterator[Allocation]:
    """The shadow variables that a file allocates."""
    for call in module.calls:
        if call.name in _ALLOCATING and len(call.values) >= 6:
            size = _SIZE.fullmatch(call.values[2])
            ctor = call.values[4].lstrip("& ")
            is_name = _WORD.fullmatch(ctor) is not None and ctor != "NULL"
            yield Allocation(
                call,
                call.values[1] if _CONSTANT.fullmatch(call.values[1]) else "",
                _type_of(size[1]) if size else "",
                ctor if is_name else "",
            )


def _type_of(text: str) -> str:
    """A type that is written as one; empty for a variable, whose type is not plain."""
    text = " ".join(text.replace("*", " *").split())
    is_type = text.startswith(("struct ", "union ", "enum ")) or _BASIC.fullmatch(text)
    return text if is_type or text.endswith("_t") else ""


def of_two_types(module: LivepatchModule) -> Iterator[tuple[Allocation, Allocation]]:
    """The allocations under an identifier under which another type is allocated, with that."""
    by_identifier: defaultdict[str, list[Allocation]] = defaultdict(list)
    for each in allocations(module):
        if each.identifier and each.type_name:
            by_identifier[each.identifier].append(each)
    for group in by_identifier.values():
        for each in group[1:]:
            if each.type_name != group[0].type_name:
                yield each, group[0]


def never_freed(module: LivepatchModule) -> Iterator[Allocation]:
    """The first allocation of each identifier that no call of the file frees."""
    freed = [call for call in module.calls if call.name in _FREEING]
    identifiers = {
        call.values[0 if call.name == "klp_shadow_free_all" else 1]
        for call in freed
        if len(call.values) > 1
    }
    if any(not _CONSTANT.fullmatch(identifier) for identifier in identifiers):
        return
    seen = set[str]()
    for each in allocations(module):
        if each.identifier and each.identifier not in identifiers | seen:
            seen.add(each.identifier)
            yield each
