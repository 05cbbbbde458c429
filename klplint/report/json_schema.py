"""The JSON schemas of klplint's JSON, from the types that write it.

`make schemas` writes them to docs/, as in docs/report.schema.json.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from klplint.config.field_docs import field_docs, structs_in

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Form(NamedTuple):
    """A JSON document that a command writes."""

    module: str
    """The module of klplint.report that has its types."""
    title: str


_FORMS = {
    "report": _Form("json", "klplint check --format json"),
    "pairs": _Form("pairs_json", "klplint pairs --format json"),
    "changed-pairs": _Form("changed_pairs_json", "klplint pairs --patch FILE --format json"),
    "comparison": _Form("comparison_json", "klplint compare OLD.json NEW.json --format json"),
    "livepatch": _Form("livepatch_json", "klplint livepatch --format json"),
}
FORMS = tuple(_FORMS)
"""The forms that have a schema; docs/ has a file for each."""


def render(name: str = "report") -> str:
    """The schema of a form as JSON text."""
    return msgspec.json.format(msgspec.json.encode(schema(name))).decode() + "\n"


def schema(name: str = "report") -> dict[str, object]:
    """The schema of a form. It allows further fields, because a later klplint may add some."""
    form = _FORMS[name]
    module = importlib.import_module(f"klplint.report.{form.module}")
    kind: type[msgspec.Struct] = module.Document
    _, parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    for struct in structs_in(kind):
        _describe(parts[struct.__name__]["properties"], field_docs(struct))
    document = parts.pop(kind.__name__)
    document["properties"]["version"]["const"] = module.VERSION
    return {
        "$schema": _DIALECT,
        **document,
        "title": form.title,
        "$defs": dict(sorted(parts.items())),
    }


def _describe(properties: Mapping[str, dict[str, object]], docs: Mapping[str, str]) -> None:
    for name, text in docs.items():
        properties[name]["description"] = text


if __name__ == "__main__":
    sys.stdout.write(render(*sys.argv[1:]))
