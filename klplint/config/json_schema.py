"""The JSON schema of klplint.toml, made from the types that read it; editors use it.

What the schema refuses, klplint refuses, too. klplint also checks what a schema cannot express:
that a version is valid, that a barrier exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from klplint.catalogue.overrides import EXTEND, settable
from klplint.catalogue.rule import Rule
from klplint.config.settings import CONFIG_NAME, Settings
from klplint.config.type_docs import field_docs, type_doc

_DIALECT = "http://json-schema.org/draft-07/schema#"  # the one that TOML editors know
_RULE = "rule"
_HELP_ON_RULES = (
    "What a table [rule.CODE] changes in a rule, which is named by its code or its name: a key "
    "replaces what the rule has, extend-KEY appends to a list."
)

Schema = dict[str, object]


def schema(rules: Iterable[Rule], helps: Mapping[str, str]) -> Schema:
    """The schema, with a table for each of `rules`; `helps` describes each key."""
    ordered = tuple(rules)
    tables = [_table(rule) for rule in ordered]
    kinds = [_plain_settings(), *tables]
    _, parts = msgspec.json.schema_components(kinds, ref_template="#/definitions/{name}")
    settings = parts.pop(Settings.__name__)
    keys = {
        key: {"description": helps[key], **_without_null(value)}
        for key, value in settings["properties"].items()
    }
    for rule in ordered:
        parts[rule.code] = _described(parts[rule.code], _docs_of_table(rule))
    for kind in _structs_in(tables):
        part = _described(parts[kind.__name__], field_docs(kind))
        parts[kind.__name__] = part | {"description": type_doc(kind)}
    return {
        "$schema": _DIALECT,
        "title": CONFIG_NAME,
        "description": "The configuration of klplint, a linter for Linux kernel sources.",
        "type": "object",
        "properties": keys | {_RULE: _rule_tables(ordered)},
        "additionalProperties": False,
        "definitions": dict(sorted(parts.items())),
    }


def render(rules: Iterable[Rule], helps: Mapping[str, str]) -> str:
    """The schema as JSON text."""
    return msgspec.json.format(msgspec.json.encode(schema(rules, helps))).decode() + "\n"


def _plain_settings() -> type[msgspec.Struct]:
    """The settings that a file may give outside the tables of rules."""
    fields = [f for f in msgspec.structs.fields(Settings) if f.encode_name != _RULE]
    return msgspec.defstruct(
        Settings.__name__,
        [(field.name, field.type, field.default) for field in fields],
        rename={field.name: field.encode_name for field in fields},
        forbid_unknown_fields=True,
    )


def _table(rule: Rule) -> type[msgspec.Struct]:
    """What a table [rule.CODE] may contain: any of the rule's keys, none of which is required."""
    kinds = {key.replace("-", "_"): (key, kind) for key, kind in settable(rule).items()}
    return msgspec.defstruct(
        rule.code,
        [(name, kind | msgspec.UnsetType, msgspec.UNSET) for name, (_, kind) in kinds.items()],
        rename={name: key for name, (key, _) in kinds.items()},
        forbid_unknown_fields=True,
    )


def _docs_of_table(rule: Rule) -> dict[str, str]:
    """What the keys of a table [rule.CODE] mean."""
    docs = field_docs(type(rule.header)) | field_docs(type(rule.check))
    return docs | {f"{EXTEND}{key}": f"Appended to `{key}`." for key in docs}


def _structs_in(kinds: Iterable[type[msgspec.Struct]]) -> set[type[msgspec.Struct]]:
    """The types of tables within `kinds`, however deep."""
    waiting = [field.type for kind in kinds for field in msgspec.structs.fields(kind)]
    structs: set[type[msgspec.Struct]] = set()
    infos = list(msgspec.inspect.multi_type_info(waiting))
    while infos:
        info = infos.pop()
        if isinstance(info, msgspec.inspect.StructType):
            structs.add(info.cls)
        infos += _inner(info)
    return structs


def _inner(info: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    """The types that a type is made of."""
    if isinstance(info, msgspec.inspect.StructType):
        return [field.type for field in info.fields]
    if isinstance(info, msgspec.inspect.UnionType):
        return list(info.types)
    if isinstance(info, msgspec.inspect.CollectionType):
        return [info.item_type]
    if isinstance(info, msgspec.inspect.DictType):
        return [info.value_type]
    return []


def _described(part: Mapping[str, Any], docs: Mapping[str, str]) -> dict[str, Any]:
    """The schema of a table with what each of its keys means, where `docs` say it."""
    properties = {
        key: {"description": docs[key], **value} if key in docs else value
        for key, value in part["properties"].items()
    }
    return {**part, "properties": properties}


def _rule_tables(rules: Iterable[Rule]) -> Schema:
    """The tables of rules, by code and by name; rules that `rules` adds may have any."""
    tables: Schema = {}
    for rule in rules:
        reference = {"description": rule.header.summary, "$ref": f"#/definitions/{rule.code}"}
        tables |= {rule.code: reference, rule.header.name: reference}
    return {
        "description": _HELP_ON_RULES,
        "type": "object",
        "properties": tables,
        "additionalProperties": {"type": "object"},
    }


def _without_null(value: Mapping[str, object]) -> Schema:
    """The schema of a value in TOML, which has no null: a key is there or is not."""
    plain = {key: part for key, part in value.items() if key not in ("anyOf", "default")}
    arms = value.get("anyOf")
    if isinstance(arms, list):
        (given,) = (arm for arm in arms if arm != {"type": "null"})
        plain |= given
    default = value.get("default")
    return plain if default is None else plain | {"default": default}
