"""`klplint config`: the settings in force, or the schema of klplint.toml, as text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import click
import msgspec

from klplint.catalogue.file_ignores import FileIgnores
from klplint.catalogue.rule import Rule
from klplint.cli.invocation import Invocation, expect_paths
from klplint.cli.plan import configured_catalogue, rules_in_force
from klplint.compare.ratchet import Ratchet
from klplint.config import json_schema
from klplint.config.origins import Setting
from klplint.config.settings import expect_one_comparison
from klplint.printable import one_line

JSON_VERSION = 1
"""The version of the JSON form; it changes if a key is renamed or removed."""


def valid_catalogue(invocation: Invocation, command_names: Collection[str]) -> tuple[Rule, ...]:
    """All rules as the configuration overrides them; KlplintError for what `check` would refuse."""
    settings = invocation.settings()
    catalogue = configured_catalogue(settings.rule_choice)
    expect_paths(invocation.paths, settings, command_names)
    with invocation.blaming_config():
        expect_one_comparison(settings)
        rules_in_force(catalogue, settings.rule_choice)
        FileIgnores(settings.per_file_ignores, catalogue)
        Ratchet(settings.max_findings, catalogue)
    return catalogue


def render_settings(settings: Sequence[Setting], form: str) -> str:
    """The settings in a form, text or json: lines of key, origin and value, or JSON."""
    if form == "json":
        document = {"version": JSON_VERSION, "settings": settings}
        return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"
    widths = [max(len(getattr(s, name)) for s in settings) for name in ("key", "place")]
    return "".join(
        f"{s.key.ljust(widths[0])}  {s.place.ljust(widths[1])}  {_as_toml(s.value)}\n"
        for s in settings
    )


def _as_toml(value: object) -> str:
    """A value as a line of TOML, which is JSON except for tables; a dash for none."""
    return "-" if value is None else one_line(msgspec.json.encode(value).decode())


def render_schema(rules: Iterable[Rule], options: Iterable[click.Parameter]) -> str:
    """The schema of klplint.toml; the help of check's `options` describes the keys."""
    helps = {
        option.name.replace("_", "-"): (option.help or "").partition("  [default")[0]
        for option in options
        if isinstance(option, click.Option) and option.name
    }
    return json_schema.render(rules, helps)
