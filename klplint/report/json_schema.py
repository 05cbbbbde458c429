"""The JSON schemas of the JSON formats, from the types that write them.

`make schemas` writes them to docs/report.schema.json and docs/livepatch.schema.json.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import msgspec

from klplint.config.field_docs import field_docs, structs_in
from klplint.report import json, livepatch_json

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DOCUMENTS: Mapping[str, tuple[type[msgspec.Struct], int]] = {
    "check": (json.Document, json.VERSION),
    "livepatch": (livepatch_json.Document, livepatch_json.VERSION),
}


def render(command: str = "check") -> str:
    """The schema of the JSON of a command, as JSON text."""
    return msgspec.json.format(msgspec.json.encode(schema(command))).decode() + "\n"


def schema(command: str = "check") -> dict[str, object]:
    """The schema. It allows further fields, because a later klplint may add some."""
    kind, version = _DOCUMENTS[command]
    _, parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    for struct in structs_in(kind):
        _describe(parts[struct.__name__]["properties"], field_docs(struct))
    document = parts.pop(kind.__name__)
    document["properties"]["version"]["const"] = version
    return {
        "$schema": _DIALECT,
        **document,
        "title": f"klplint {command} --format json",
        "$defs": dict(sorted(parts.items())),
    }


def _describe(properties: Mapping[str, dict[str, object]], docs: Mapping[str, str]) -> None:
    for name, text in docs.items():
        properties[name]["description"] = text


if __name__ == "__main__":
    sys.stdout.write(render(*sys.argv[1:2]))
