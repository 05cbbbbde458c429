"""The descriptions of a struct's fields: the strings below them in the source."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise

import msgspec


def field_docs(kind: type[msgspec.Struct]) -> dict[str, str]:
    """What the strings below the fields of a struct say, by the fields' names in TOML.

    Fields that it inherits are included; one without a string is left out.
    """
    docs: dict[str, str] = {}
    for part in reversed(kind.__mro__):
        if issubclass(part, msgspec.Struct) and part is not msgspec.Struct:
            docs |= _docs_in(inspect.getsource(part))
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    return {names[name]: text for name, text in docs.items() if name in names}


def _docs_in(source: str) -> Iterator[tuple[str, str]]:
    """The fields in the source of a class, each with the string below it."""
    (definition,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(definition, ast.ClassDef)
    for field, below in pairwise(definition.body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())


def structs_in(kind: type) -> Iterator[type[msgspec.Struct]]:
    """The structs that a value of a type holds, the type itself included."""
    return _structs_of(msgspec.inspect.type_info(kind))


def _structs_of(info: msgspec.inspect.Type) -> Iterator[type[msgspec.Struct]]:
    match info:
        case msgspec.inspect.StructType():
            yield info.cls
            for field in info.fields:
                yield from _structs_of(field.type)
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
            yield from _structs_of(info.item_type)
        case msgspec.inspect.UnionType():
            for arm in info.types:
                yield from _structs_of(arm)
