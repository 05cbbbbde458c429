"""GitLab's code quality report."""

from __future__ import annotations

import json

import jsonschema  # type: ignore[import-untyped]
from syrupy.assertion import SnapshotAssertion

from klplint.report.formats import render
from tests.support.report_samples import clean_report, report

_TEXT = {"type": "string", "minLength": 1}
# What GitLab requires of each entry: docs.gitlab.com, "Code Quality report format".
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": _TEXT,
            "check_name": _TEXT,
            "fingerprint": _TEXT,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^[^./]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render("gitlab", report()) == snapshot


def test_what_gitlab_requires() -> None:
    jsonschema.validate(json.loads(render("gitlab", report())), SCHEMA)


def test_nothing_found_is_an_empty_list() -> None:
    assert render("gitlab", clean_report()) == "[]\n"


def test_no_two_entries_have_one_fingerprint() -> None:
    entries = json.loads(render("gitlab", report()))
    assert len({entry["fingerprint"] for entry in entries}) == len(report().findings)
