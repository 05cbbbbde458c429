"""The JSON schema of klplint.toml, from the types that read it: editors complete and check by it.

What the schema refuses, klplint refuses. klplint also knows what no schema says: whether a
version is one, whether there is such a barrier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from klplint.catalogue.family_tables import KINDS
from klplint.catalogue.overrides import settable
from klplint.catalogue.rule import Rule
from klplint.config.field_docs import field_docs, structs_in
from klplint.config.settings import CONFIG_NAME, TABLES, Settings

_DIALECT = "http://json-schema.org/draft-07/schema#"  # the one that TOML editors know
_RULE, _PER_FILE, _FAMILIES = TABLES
_HELP_ON_RULES = (
    "Tables [rule.CODE], each of which changes a rule, given by code or name: a key replaces what "
    "the rule has, extend-KEY appends to a list."
)

Schema = dict[str, object]

_FILE_IGNORES: Schema = {
    "description": "Rules that do not apply to some files: codes, code prefixes or names, by a "
    "pattern as in .gitignore, relative to this file.",
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}

_FAMILY_TABLES: Schema = {
    "description": "Barriers that klplint does not know, by kind: each with its usual partner.",
    "type": "object",
    "properties": {
        kind: {"type": "object", "additionalProperties": {"type": "string"}} for kind in KINDS
    },
    "additionalProperties": False,
}


def schema(rules: Iterable[Rule], helps: Mapping[str, str]) -> Schema:
    """The schema, with a table for each of `rules`; `helps` says what each key is for."""
    ordered = tuple(rules)
    kinds = [_plain_settings(), *(_table(rule) for rule in ordered)]
    _, parts = msgspec.json.schema_components(kinds, ref_template="#/definitions/{name}")
    settings = parts.pop(Settings.__name__)
    for rule in ordered:
        _describe(parts[rule.code], _key_docs(rule))
        for kind in settable(rule).values():
            for struct in structs_in(kind):
                _describe(parts[struct.__name__], field_docs(struct))
    keys = {
        key: {"description": helps[key], **_without_null(value)}
        for key, value in settings["properties"].items()
    }
    return {
        "$schema": _DIALECT,
        "title": CONFIG_NAME,
        "description": "The configuration of klplint, a linter for Linux kernel sources.",
        "type": "object",
        "properties": keys
        | {_PER_FILE: _FILE_IGNORES, _FAMILIES: _FAMILY_TABLES, _RULE: _rule_tables(ordered)},
        "additionalProperties": False,
        "definitions": dict(sorted(parts.items())),
    }


def render(rules: Iterable[Rule], helps: Mapping[str, str]) -> str:
    """The schema as JSON text."""
    return msgspec.json.format(msgspec.json.encode(schema(rules, helps))).decode() + "\n"


def _plain_settings() -> type[msgspec.Struct]:
    """Settings as a file may give them, the tables of rules apart."""
    fields = [f for f in msgspec.structs.fields(Settings) if f.encode_name not in TABLES]
    return msgspec.defstruct(
        Settings.__name__,
        [(field.name, field.type, field.default) for field in fields],
        rename={field.name: field.encode_name for field in fields},
        forbid_unknown_fields=True,
    )


def _table(rule: Rule) -> type[msgspec.Struct]:
    """What a table [rule.CODE] may hold: any of the rule's keys, none of which is required."""
    kinds = {key.replace("-", "_"): (key, kind) for key, kind in settable(rule).items()}
    return msgspec.defstruct(
        rule.code,
        [(name, kind | msgspec.UnsetType, msgspec.UNSET) for name, (_, kind) in kinds.items()],
        rename={name: key for name, (key, _) in kinds.items()},
        forbid_unknown_fields=True,
    )


def _key_docs(rule: Rule) -> dict[str, str]:
    """What each key of a table [rule.CODE] means."""
    docs = field_docs(type(rule.header)) | field_docs(type(rule.check))
    described = {}
    for key in settable(rule):
        name = key.rpartition("-")[2]  # of `extend-KEY`, or `KEY` itself
        if name in docs:
            described[key] = docs[name] if key == name else f"Appended to `{name}`. {docs[name]}"
    return described


def _describe(part: Mapping[str, dict[str, Schema]], docs: Mapping[str, str]) -> None:
    """Add descriptions of its keys to the schema of a table."""
    for key, value in part["properties"].items():
        if key in docs:
            value["description"] = docs[key]


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
    """The schema of a value as TOML can give it: it has no null, a key is there or is not."""
    plain = {key: part for key, part in value.items() if key not in ("anyOf", "default")}
    arms = value.get("anyOf")
    if isinstance(arms, list):
        (given,) = (arm for arm in arms if arm != {"type": "null"})
        plain |= given
    default = value.get("default")
    return plain if default is None else plain | {"default": default}
