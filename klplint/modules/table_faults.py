"""What is wrong with the tables of a livepatch module, whatever the kernel has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from klplint.facts.livepatch_modules import (
    FunctionTable,
    LivepatchModule,
    ObjectTable,
    Patch,
    PatchedObject,
    StateTable,
)
from klplint.facts.region import Region

# MODULE_NAME_LEN in include/linux/moduleparam.h, for 64 bits: a name has to be shorter.
_LONGEST_NAME = 56


class Fault(NamedTuple):
    """Something wrong in a table."""

    region: Region
    label: str
    message: str


def table_faults(module: LivepatchModule) -> Iterator[Fault]:
    """The faults of the tables of a file."""
    if module.is_csv:
        return
    tables: list[FunctionTable] = [*module.functions]
    for objects in module.objects:
        yield from _ends(objects, "klp_object")
        for patched in objects.objects:
            yield from _of_object(patched)
            tables += patched.tables or ()
    for table in dict.fromkeys(tables):
        yield from _ends(table, "klp_func")
        yield from _of_functions(table)
    for states in module.states:
        yield from _ends(states, "klp_state")
    for patch in module.patches:
        yield from _of_patch(patch)


def _ends(table: FunctionTable | ObjectTable | StateTable, structure: str) -> Iterator[Fault]:
    """The faults at the end of an array."""
    name = table.name or f"this array of {structure}"
    if not table.is_terminated:
        message = (
            f"{name} does not end with an empty element, so the kernel reads on behind it; "
            "add `{ }`"
        )
        yield Fault(table.region, "no empty element", message)
    if table.ignored is not None:
        message = f"this element of {name} is behind the empty one, so the kernel ignores it"
        yield Fault(table.ignored, "ignored", message)


def _of_object(patched: PatchedObject) -> Iterator[Fault]:
    written = patched.written
    if patched.tables == ():
        message = (
            "this klp_object has no .funcs, so klp_enable_patch() fails; an array with only an "
            "empty element will do"
        )
        yield Fault(patched.region, "no .funcs", message)
    if written is None:
        return
    if "-" in written:
        name = written.replace("-", "_")
        message = f'no module is called "{written}": module names have _ for -; write "{name}"'
        yield Fault(patched.region, "not a module's name", message)
    elif written.endswith(".ko") or "/" in written:
        message = f'"{written}" is the name of a file; write the name of the module, without .ko'
        yield Fault(patched.region, "not a module's name", message)
    elif len(written) >= _LONGEST_NAME:
        message = (
            f"the name of the object has {len(written)} characters, so klp_enable_patch() fails; "
            f"it has to be shorter than {_LONGEST_NAME}"
        )
        yield Fault(patched.region, "too long", message)
    elif written in {"", "vmlinux"}:
        message = (
            f'"{written}" is not the name of a module; leave .name unset for the kernel itself'
        )
        yield Fault(patched.region, "not a module's name", message)


def _of_functions(table: FunctionTable) -> Iterator[Fault]:
    seen: dict[tuple[str, int], Region] = {}
    for function in table.functions:
        name, position = function.old_name, function.position
        if name is None or position is None:
            continue
        if not function.new_name and not function.has_new:
            message = f"{name}() has no .new_func, so klp_enable_patch() fails"
            yield Fault(function.region, "no .new_func", message)
        if (name, position) in seen and not function.is_in_if:
            message = f"{name}() is patched twice in this table; only the last one is called"
            yield Fault(function.old_region, "patched twice", message)
        if not function.is_in_if:
            seen[name, position] = function.old_region


def _of_patch(patch: Patch) -> Iterator[Fault]:
    names = {member.name for member in patch.members}
    if not patch.is_plain:
        return
    if "mod" not in names:
        message = f"{patch.name}.mod is not set, so klp_enable_patch() fails; set it to THIS_MODULE"
        yield Fault(patch.region, "no .mod", message)
    if "objs" not in names:
        message = f"{patch.name}.objs is not set, so klp_enable_patch() fails"
        yield Fault(patch.region, "no .objs", message)
    for member in patch.members:
        if member.name == "mod" and member.value in {"NULL", "0"}:
            message = f"{patch.name}.mod is NULL, so klp_enable_patch() fails"
            yield Fault(member.region, "NULL", message)
