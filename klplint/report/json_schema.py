"""The JSON schema of the JSON format, from the types that write it.

`make schemas` writes it to docs/report.schema.json.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import msgspec

from klplint.config.field_docs import field_docs, structs_in
from klplint.report.json import VERSION, Document

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def render() -> str:
    """The schema as JSON text."""
    return msgspec.json.format(msgspec.json.encode(schema())).decode() + "\n"


def schema() -> dict[str, object]:
    """The schema. It allows further fields, because a later klplint may add some."""
    _, parts = msgspec.json.schema_components([Document], ref_template="#/$defs/{name}")
    for struct in structs_in(Document):
        _describe(parts[struct.__name__]["properties"], field_docs(struct))
    document = parts.pop(Document.__name__)
    document["properties"]["version"]["const"] = VERSION
    return {
        "$schema": _DIALECT,
        **document,
        "title": "klplint check --format json",
        "$defs": dict(sorted(parts.items())),
    }


def _describe(properties: Mapping[str, dict[str, object]], docs: Mapping[str, str]) -> None:
    for name, text in docs.items():
        properties[name]["description"] = text


if __name__ == "__main__":
    sys.stdout.write(render())
