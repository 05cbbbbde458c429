"""sarif-om's objects written as JSON.

The writer of sarif-om drops every field that equals its default, so that an explicit level
"warning" vanishes, and takes seconds for some thousand results. Only the names of the JSON keys
are needed of it, and each attribute has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import NamedTuple, cast

import attr
import msgspec

from klplint.printable import encodable

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

_ALWAYS_WRITTEN = frozenset({"level"})
"""Keys that GitHub expects, even where the value is the default."""

_FIRST = ("$schema", "version")
"""Keys by which readers that do not read the whole file recognise its format."""


class _Key(NamedTuple):
    attribute: str
    name: str
    default: object


def write(log: object) -> str:
    """The JSON text of a sarif-om object, indented, ending with a newline."""
    return msgspec.json.format(msgspec.json.encode(_plain(log)), indent=2).decode() + "\n"


def _plain(value: object) -> Json:
    if isinstance(value, str):
        return encodable(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return {
        key.name: _plain(item)
        for key in _keys(cast("Hashable", type(value)))
        if (item := getattr(value, key.attribute)) is not None
        and (item != key.default or key.name in _ALWAYS_WRITTEN)
    }


@lru_cache(maxsize=128)
def _keys(kind: type) -> tuple[_Key, ...]:
    """The keys of a sarif-om class in the order of writing, with the default of each."""
    keys = [
        _Key(field.name, field.metadata["schema_property_name"], _default(field.default))
        for field in attr.fields(kind)
    ]
    return tuple(sorted(keys, key=lambda key: key.name not in _FIRST))


def _default(default: object) -> object:
    """The value of an attribute that was not set: its default, or what its factory makes."""
    factory: Callable[[], object] | None = getattr(default, "factory", None)
    return factory() if factory else default
