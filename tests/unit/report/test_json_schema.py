"""The schema of the JSON format: it is what the types say, and fits what is written."""

from __future__ import annotations

import json

import jsonschema  # type: ignore[import-untyped]
import pytest

from klplint.report.base import Appearance, Report
from klplint.report.formats import render
from klplint.report.json_schema import FORMS, schema
from klplint.report.json_schema import render as schema_text
from tests.support.paths import ROOT
from tests.support.report_samples import clean_report, report

VALIDATOR = jsonschema.Draft202012Validator(schema())


@pytest.mark.parametrize("name", FORMS)
def test_the_file_in_docs_is_up_to_date(name: str) -> None:
    file = ROOT / "docs" / f"{name}.schema.json"
    assert file.read_text(encoding="utf-8") == schema_text(name), "run make schemas"


@pytest.mark.parametrize("name", FORMS)
def test_it_is_a_schema_and_describes_every_field(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    document = json.loads(schema_text(name))
    for part in (document, *document["$defs"].values()):
        for key, field in part["properties"].items():
            assert "description" in field or "$ref" in field, key


@pytest.mark.parametrize("made", [report(), clean_report()], ids=["findings", "none"])
def test_reports_fit_it(made: Report) -> None:
    VALIDATOR.validate(json.loads(render("json", made, Appearance())))


@pytest.mark.parametrize(
    ("key", "value"), [("version", 2), ("klplint", None), ("findings", {}), ("totals", {})]
)
def test_other_documents_do_not_fit(key: str, value: object) -> None:
    document = json.loads(render("json", report(), Appearance()))
    assert not VALIDATOR.is_valid(document | {key: value})
    del document[key]
    assert not VALIDATOR.is_valid(document)


def test_later_fields_fit() -> None:
    document = json.loads(render("json", report(), Appearance()))
    VALIDATOR.validate(document | {"added": 1})


def test_the_page_describes_every_field() -> None:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    document = json.loads(schema_text())
    for part in (document, *document["$defs"].values()):
        for name in part["properties"]:
            assert f"`{name}`" in page, name


def test_make_writes_every_schema() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"for form in {' '.join(FORMS)}; do" in makefile
