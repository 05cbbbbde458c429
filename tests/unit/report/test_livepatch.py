"""An assessment of a fix in each format."""

from __future__ import annotations

import json

import jsonschema  # type: ignore[import-untyped]
import pytest

from klplint.livepatching.assessment import (
    Assessment,
    ChangedFunction,
    ChangedItem,
    Skipped,
    Spot,
    User,
    Users,
    not_patchable,
    with_care,
)
from klplint.report.json_schema import render as schema_text
from klplint.report.json_schema import schema
from klplint.report.livepatch import render
from tests.support.paths import ROOT

VALIDATOR = jsonschema.Draft202012Validator(schema("livepatch"))
SPOT = Spot("fs/nine.c", 12)
USERS = Users(7, 3, (User("nine_read", SPOT),), ("nine",), is_complete=False)
USED = "used by at least 7 functions in 3 files: nine_read() (fs/nine.c:12) and 6 more; in nine"
FULL = Assessment(
    functions=(
        ChangedFunction(
            name="nine_open",
            spot=SPOT,
            change="changed",
            objects=("nine", "vmlinux"),
            condition="CONFIG_NINE_FS",
            reasons=(with_care("has a `loop` | in it", Spot("fs/nine.c", 20)),),
            notes=("it is static",),
        ),
        ChangedFunction(name="nine_help", spot=SPOT, change="added", users=USERS),
    ),
    items=(
        ChangedItem(
            kind="structure",
            name="nine",
            spot=Spot("fs/nine.h", 3),
            change="changed",
            reasons=(not_patchable("its layout changes", Spot("fs/nine.h", 3)),),
            users=USERS,
        ),
    ),
    reasons=(with_care("needs a look", SPOT),),
    not_analysed=(Skipped("logo.ppm", "is changed as binary data"),),
    without_effect=(Skipped("Documentation/nine.rst", "it holds no code"),),
    unknowns=("What the compiler does.",),
)
PLAIN = Assessment(functions=(ChangedFunction(name="f", spot=SPOT, change="changed"),))


def test_text() -> None:
    assert render("text", FULL) == (
        "This fix cannot be livepatched by replacing functions alone.\n"
        "1 function changed, 1 added, 1 other change to look at.\n"
        "  - needs a look (fs/nine.c:12)\n"
        "\n"
        "nine_open(): with care\n"
        "  fs/nine.c:12 in nine, or vmlinux if CONFIG_NINE_FS=y\n"
        "  - has a `loop` | in it (fs/nine.c:20)\n"
        "  - it is static\n"
        "\n"
        "nine_help() (added): patchable\n"
        "  fs/nine.c:12 in an object that Makefiles do not show plainly\n"
        f"  - {USED}\n"
        "\n"
        "structure nine: not patchable\n"
        "  fs/nine.h:3\n"
        "  - its layout changes (fs/nine.h:3)\n"
        f"  - {USED}\n"
        "\n"
        "Not analysed\n"
        "  - logo.ppm: is changed as binary data\n"
        "\n"
        "Without effect\n"
        "  - Documentation/nine.rst: it holds no code\n"
        "\n"
        "Not known from sources\n"
        "  - What the compiler does.\n"
    )


def test_markdown_has_a_row_for_each_part() -> None:
    rows = [line for line in render("markdown", FULL).splitlines() if line.startswith("|")]
    assert rows[2] == (
        "| `nine_open` | `fs/nine.c:12` | nine, or vmlinux if CONFIG_NINE_FS=y | with care "
        "| has a `loop` \\| in it (fs/nine.c:20)<br>it is static |"
    )
    assert rows[3].startswith("| `nine_help` (added) |")
    assert rows[4].startswith("| structure nine | `fs/nine.h:3` |  | not patchable |")


def test_the_worst_part_decides() -> None:
    assert (FULL.verdict, PLAIN.verdict) == ("not patchable", "patchable")
    assert Assessment(not_analysed=(Skipped("x", "y"),)).verdict == "with care"


@pytest.mark.parametrize("made", [FULL, PLAIN], ids=["all", "little"])
def test_json_fits_its_schema(made: Assessment) -> None:
    VALIDATOR.validate(json.loads(render("json", made)))


def test_the_schema_in_docs_is_up_to_date_and_describes_every_field() -> None:
    file = ROOT / "docs" / "livepatch.schema.json"
    assert file.read_text(encoding="utf-8") == schema_text("livepatch"), "run make schemas"
    jsonschema.Draft202012Validator.check_schema(schema("livepatch"))
    document = json.loads(schema_text("livepatch"))
    for part in (document, *document["$defs"].values()):
        for name, field in part["properties"].items():
            assert "description" in field or "$ref" in field, name


def test_the_page_describes_every_field() -> None:
    page = (ROOT / "docs" / "livepatch-modules.md").read_text(encoding="utf-8")
    document = json.loads(schema_text("livepatch"))
    for part in (document, *document["$defs"].values()):
        for name in part["properties"]:
            assert f"`{name}`" in page, name
