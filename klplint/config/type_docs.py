"""What the docstrings of types say, as plain text: the JSON schema of klplint.toml quotes it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise

import msgspec


def type_doc(kind: type[msgspec.Struct]) -> str:
    """The docstring of a type, as paragraphs of one line each."""
    return _unwrapped(kind.__doc__ or "")


def field_docs(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The strings below the fields of a type, by the keys that a file has for the fields.

    Python does not keep these strings: they are read from the source.
    """
    docs: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            docs |= _strings_below_fields(base)
    keys = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    return {keys[name]: text for name, text in docs.items() if name in keys}


def _strings_below_fields(kind: type) -> dict[str, str]:
    """The strings below the fields that a class itself defines, by the fields' names."""
    try:
        source = textwrap.dedent(inspect.getsource(kind))
    except (OSError, TypeError):  # an installation without sources: the schema then says less
        return {}
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.ClassDef)
    return {
        field.target.id: _unwrapped(below.value.value)
        for field, below in pairwise(definition.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }


def _unwrapped(text: str) -> str:
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
