"""`klplint config`: the settings in force, or the schema of klplint.toml, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click
import msgspec

from klplint.catalogue.rule import Rule
from klplint.config import json_schema
from klplint.config.origins import Setting
from klplint.printable import one_line

JSON_VERSION = 1


def render(settings: Sequence[Setting], form: str) -> str:
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
    """A value as a line of TOML, which is JSON but for tables; a dash for none."""
    return "-" if value is None else one_line(msgspec.json.encode(value).decode())


def render_schema(rules: Iterable[Rule], options: Iterable[click.Parameter]) -> str:
    """The schema of klplint.toml; the help of check's `options` describes the keys."""
    helps = {
        option.name.replace("_", "-"): (option.help or "").partition("  [default")[0]
        for option in options
        if isinstance(option, click.Option) and option.name
    }
    return json_schema.render(rules, helps)
