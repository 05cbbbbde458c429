"""Reference pages of the site, made from the code: options, settings, rules, the JSON forms."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.rule import Rule
from klplint.cli.commands import check, main
from klplint.cli.config_command import render_schema
from klplint.cli.groups import options_by_heading
from klplint.cli.options import HEADINGS
from klplint.report import json_schema

Schema = Mapping[str, Any]


def pages() -> dict[str, str]:
    """All pages: their names, and their texts in Markdown."""
    rules = load_catalogue()
    settings = json.loads(render_schema(rules, check.params))
    made = {
        "options.md": _options(),
        "settings.md": _settings(settings),
        "rules.md": _rules(rules, settings),
    }
    forms = {f"json-{name}.md": _form(name) for name in json_schema.FORMS}
    return {name: "\n".join(lines) + "\n" for name, lines in {**made, **forms}.items()}


def _options() -> Iterator[str]:
    context = click.Context(main, info_name="klplint", **main.context_settings)
    yield "# All options\n"
    yield "This page has the texts of `klplint COMMAND --help`."
    yield from _command(main, context)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    """A command: how it is called, what it does, and its options below their headings."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _command(inner, click.Context(inner, context, name))
        return
    yield f"\n## {context.command_path}\n"
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"```text\n{usage}\n```\n"
    yield inspect.cleandoc(command.help or "").replace("\b\n", "")
    for heading, options in options_by_heading(command, context).items():
        if heading in HEADINGS:  # all but --help
            rows = [(f"`{names}`", _text(text)) for names, text in options.items()]
            yield from _table((heading, "Meaning"), rows)


def _settings(schema: Schema) -> Iterator[str]:
    yield "# All settings\n"
    yield "The keys of `klplint.toml`, and of `[tool.klplint]` in `pyproject.toml`."
    yield "[Configuration](../configuration.md) describes how they work together. Editors read the"
    yield "[schema](../klplint.schema.json). The keys of `[rule.CODE]` are with the"
    yield "[rules](rules.md)."
    rows = [
        (f"`{key}`", _type(value), _default(value), _text(value.get("description", "")))
        for key, value in schema["properties"].items()
    ]
    yield from _table(("Key", "Type", "Default", "Meaning"), rows)


def _rules(rules: tuple[Rule, ...], schema: Schema) -> Iterator[str]:
    yield "# All rules\n"
    rows = [
        (
            f"[{rule.code}](../../rules/{rule.directory.name}/README.md)",
            rule.header.name,
            f"{rule.header.level}{', if selected' if rule.header.optional else ''}",
            rule.header.precision,
            _text(rule.header.summary),
        )
        for rule in rules
    ]
    yield from _table(("Code", "Name", "Level", "Precision", "What it flags"), rows)
    yield "\n## Settings of rules\n"
    yield "A table `[rule.CODE]` in `klplint.toml` changes a rule: a key replaces what the rule"
    yield "has, and `extend-KEY` appends to a list. All rules have these keys:"
    tables = [schema["definitions"][rule.code]["properties"] for rule in rules]
    common = [key for key in tables[0] if all(key in table for table in tables)]
    yield from _keys({key: tables[0][key] for key in common})
    for rule, table in zip(rules, tables, strict=True):
        further = {key: value for key, value in table.items() if key not in common}
        if any(not key.startswith("extend-") for key in further):
            yield f"\n### {rule.code} {rule.header.name}\n"
            yield from _keys(further)


def _keys(properties: Schema) -> Iterator[str]:
    """A table of keys, without those that append to another one."""
    rows = [
        (f"`{key}`", _type(value), _text(value.get("description", "")))
        for key, value in properties.items()
        if not key.startswith("extend-")
    ]
    yield from _table(("Key", "Type", "Meaning"), rows)


def _form(name: str) -> Iterator[str]:
    schema = json_schema.schema(name)
    yield f"# `{schema['title']}`\n"
    yield f"The fields of this form of JSON. Programs can read its [schema](../{name}.schema.json)."
    yield from _object(schema)
    definitions: Schema = schema["$defs"]  # type: ignore[assignment]
    for title, definition in definitions.items():
        yield f"\n## {title}\n"
        yield from _object(definition)


def _object(schema: Schema) -> Iterator[str]:
    yield f"\n{_text(schema.get('description', ''))}"
    required = schema.get("required", ())
    rows = [
        (
            f"`{key}`",
            _type(value) + ("" if key in required else ", may be absent"),
            _text(value.get("description", "")),
        )
        for key, value in schema.get("properties", {}).items()
    ]
    yield from _table(("Field", "Type", "Meaning"), rows)


def _type(schema: Schema) -> str:
    """A type in a few words; that of another table is a link to it where the page has it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if "$defs" in schema["$ref"] else f"table {name}"
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " or ".join(f"`{json.dumps(value)}`" for value in values)
    if "anyOf" in schema:
        return " or ".join(_type(inner) for inner in schema["anyOf"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"table of {_type(values)}" if isinstance(values, dict) else "table"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _default(schema: Schema) -> str:
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else ""


def _text(text: str) -> str:
    """Text that Markdown shows as it is, except for what stands between backquotes."""
    parts = " ".join(text.split()).split("`")
    for number in range(0, len(parts), 2):
        for mark in "\\*_<[|":
            parts[number] = parts[number].replace(mark, "\\" + mark)
    return "`".join(parts)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"
