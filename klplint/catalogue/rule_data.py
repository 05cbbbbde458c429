"""What rules' data may hold where a user writes it: names and patterns of names.

klplint's own rules are checked by a test. What a configuration file or a further directory of
rules sets is checked when it is read, because a wrong pattern matches nothing, in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

_NAME = re.compile(r"(?!\d)(?:[\w*]|\{[\w*,]*\})+", re.ASCII)
_NAMES = ("function", "macro")
"""The keys of tables that hold one name; it is empty where there is none."""

Step = str | int
"""A key, or the index of an entry in a list."""


def faults(kind: object, value: object) -> Iterator[tuple[tuple[Step, ...], str]]:
    """What is wrong with names in a value of type `kind`: where it is, and a sentence.

    In lists of text, every entry is a name or a pattern, unless the type is marked as `Texts`.
    """
    yield from _faults(msgspec.inspect.type_info(kind), value)


def _faults(
    info: msgspec.inspect.Type, value: object, *, is_name: bool = False
) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(value, str):
        if is_name and (fault := _fault(value)):
            yield (), fault
        return
    for step, inner, part in _parts(info, value):
        in_table = isinstance(info, msgspec.inspect.StructType)
        is_name = part != "" and step in _NAMES if in_table else True
        for place, fault in _faults(inner, part, is_name=is_name):
            yield (step, *place), fault


def _parts(
    info: msgspec.inspect.Type, value: object
) -> Iterator[tuple[Step, msgspec.inspect.Type, object]]:
    """The parts of a value, with their types; none of a list of texts that are not names."""
    match info, value:
        case msgspec.inspect.VarTupleType(), tuple():
            yield from ((number, info.item_type, entry) for number, entry in enumerate(value))
        case msgspec.inspect.DictType(), Mapping():
            for key, entry in value.items():
                yield str(key), info.key_type, key
                yield str(key), info.value_type, entry
        case msgspec.inspect.StructType(), msgspec.Struct():
            for field in info.fields:
                yield field.encode_name, field.type, getattr(value, field.name)


def _fault(name: str) -> str:
    """What is wrong with a name or a pattern; "" if nothing is."""
    if _NAME.fullmatch(name):
        return ""
    if not name:
        return "is empty; give the name of a function or macro, or leave it out"
    return (
        f'"{name}" is not a name in C, nor a pattern of names; a name has letters, digits and '
        "underscores, and * stands for any of these"
    )
