"""TOML files: every complaint names the file, the line, the key and what was expected."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pytest

from klplint.errors import KlplintError
from klplint.strict_toml import TomlFile


class Part(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    sizes: tuple[int, ...] = ()


class Group(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    parts: tuple[Part, ...] = ()


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    level: str = ""
    kind: Literal["good", "bad"] | None = None
    kinds: tuple[Literal["x", "y"], ...] = ()
    colour: bool = True
    count: int = 0
    parts: tuple[Part, ...] = ()
    groups: tuple[Group, ...] = ()
    main: Part | None = None


def complaint(directory: Path, text: str, below: str = "") -> str:
    """What is said of a file, its path cut to its name."""
    path = directory / "a.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KlplintError) as caught:
        file = TomlFile.read(path)
        content = file.content
        for key in below.split(".") if below else []:
            content = content[key]  # type: ignore[assignment]
        file.decode(Settings, content, below)
    return str(caught.value).replace(str(path), "a.toml")


def test_what_fits_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('level = "x"\n[[parts]]\nname = "y"\nsizes = [1, 2]\n')
    file = TomlFile.read(path)
    assert file.decode(Settings, file.content) == Settings("x", parts=(Part("y", (1, 2)),))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nlevel = 3\n", "a.toml:2: level: expected text, got a whole number"),
        ('colour = "no"\n', "a.toml:1: colour: expected true or false, got text"),
        ('count = "1"\n', "a.toml:1: count: expected a whole number, got text"),
        ("parts = 1\n", "a.toml:1: parts: expected a list, got a whole number"),
        ("main = 1\n", "a.toml:1: main: expected a table, got a whole number"),
        ('[[parts]]\nname = "a"\n[[parts]]\nname = 2\n', "a.toml:4: parts[2].name: expected text"),
        ('[[parts]]\nname = "a"\n\n[[parts]]\nsizes = []\n', "a.toml:4: parts[2]: table missing"),
        ('[[parts]]\nname = "a"\nsizes = [1, "b"]\n', "a.toml:3: parts[1].sizes[2]: expected"),
        ('[main]\nname = "a"\nsizes = 1\n', "a.toml:3: main.sizes: expected a list"),
        ("main.name = 1\n", "a.toml:1: main.name: expected text"),
        ('kind = "odd"\n', "a.toml:1: kind: expected one of bad, good, not 'odd'"),
        ('kinds = ["x", "z"]\n', "a.toml:1: kinds[2]: expected one of x, y, not 'z'"),
        ('"level" = 3\n', "a.toml:1: level: expected text"),
    ],
)
def test_a_wrong_type_is_reported_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert complaint(tmp_path, text).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("count = 1\nlevle = 1\n", "a.toml:2: levle: unknown key (did you mean level?)"),
        ("zzz = 1\n", "a.toml:1: zzz: unknown key"),
        ("[zzz]\na = 1\n", "a.toml:1: zzz: unknown key"),
        (
            '[[parts]]\nname = "a"\nsize = 1\n',
            "a.toml:3: parts[1].size: unknown key (did you mean ",
        ),
        (
            '[[groups]]\ntitle = "a"\n[[groups.parts]]\nname = "b"\nnaem = 1\n',
            "a.toml:5: groups[1].parts[1].naem: unknown key (did you mean name?)",
        ),
    ],
)
def test_an_unknown_key_is_reported_with_the_nearest_known(
    tmp_path: Path, text: str, said: str
) -> None:
    got = complaint(tmp_path, text)
    assert got.startswith(said)
    assert ("did you mean" in got) == ("did you mean" in said)


NESTED = """\
# [[groups]]
[[groups]]
title = "one"
[[groups.parts]]
name = "a"
[[groups.parts]]
name = "b"

[[groups]]
title = "two"
[[groups.parts]] # c
name = "c"
  [[groups.parts]]
  name = {}
"""


def test_lines_of_nested_arrays_of_tables_are_counted_apart(tmp_path: Path) -> None:
    said = "a.toml:14: groups[2].parts[2].name: expected text, got a whole number"
    assert complaint(tmp_path, NESTED.format(4)) == said
    first = NESTED.format('"d"').replace('"a"', "1")
    assert complaint(tmp_path, first).startswith("a.toml:5: groups[1].parts[1].name:")


def test_a_table_below_others_is_reported_with_its_whole_path(tmp_path: Path) -> None:
    text = "[tool.other]\nlevel = 1\n[tool.klplint]\ncolour = true\nlevel = 2\n"
    said = "a.toml:5: tool.klplint.level: expected text, got a whole number"
    assert complaint(tmp_path, text, "tool.klplint") == said


def test_lines_within_texts_and_lists_are_no_tables(tmp_path: Path) -> None:
    text = 'level = """\n[main]\n"""\nparts = [\n  { name = "a" },\n  { name = 1 },\n]\n'
    assert complaint(tmp_path, text).startswith("a.toml:4: parts[2].name: expected text")


def test_a_complaint_of_ones_own_names_the_line_of_its_key(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('level = "x"\n[main]\nname = "y"\n')
    assert str(TomlFile.read(path).error("main.name", "no")) == f"{path}:3: main.name: no"


@pytest.mark.parametrize("text", ["level = ", "level", "[a\n", 'level = "x"\nlevel = "y"\n'])
def test_a_syntax_error_is_reported_with_its_line(tmp_path: Path, text: str) -> None:
    said = complaint(tmp_path, text)
    assert said.startswith("a.toml: is not valid TOML: ")
    assert "line" in said or "end of document" in said


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(KlplintError, match="cannot be read: No such file"):
        TomlFile.read(tmp_path / "absent.toml")
    with pytest.raises(KlplintError, match="cannot be read"):
        TomlFile.read(tmp_path)
    (tmp_path / "latin").write_bytes(b'level = "\xe9"\n')
    with pytest.raises(KlplintError, match="not UTF-8 text"):
        TomlFile.read(tmp_path / "latin")
