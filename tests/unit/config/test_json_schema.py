"""The JSON schema of klplint.toml: it is what the types say, and agrees with the loader."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klplint.cli.plan import configured_catalogue
from klplint.config.load import read_config
from klplint.errors import KlplintError
from tests.support.command import klplint
from tests.support.paths import ROOT

FILE = ROOT / "docs" / "klplint.schema.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
REMADE = "run make schemas"
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def is_valid(text: str) -> bool:
    return bool(VALIDATOR.is_valid(tomllib.loads(text)))


def is_loaded(path: Path, text: str) -> bool:
    path.write_text(text, encoding="utf-8")
    try:
        configured_catalogue(read_config(path).rule_choice)
    except KlplintError:
        return False
    return True


def test_the_file_is_what_the_command_gives_whatever_is_configured(tmp_path: Path) -> None:
    (tmp_path / "klplint.toml").write_text('[rule.KLP003]\nlevel = "note"\n')
    done = klplint("config", "--schema", directory=tmp_path)
    assert done.stdout == FILE.read_text(encoding="utf-8"), REMADE


def test_it_is_a_schema_and_describes_every_key() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert all(value["description"] for value in SCHEMA["properties"].values())


GOOD = [
    "",
    'select = ["KLP003"]\njobs = 256\ncache = false\nfail-on = "note"\nkernel = "../linux"\n',
    '[rule.KLP003]\nlevel = "error"\nextend-barriers = ["rmb"]\n',
    '[rule.unpaired-read-barrier]\nlevel = "error"\n',
    '[rule.klp003]\nlevel = "error"\n',
    (
        "[[rule.KLP002.extend-safe_locations]]\n"
        'function = "f"\nfile = "a.c"\nwhy = "w"\nsource = "s"\n'
    ),
    '[rule.KLP001]\nextend-tags = ["ours"]\nargument = 1\n',
]
BAD = [
    "jbos = 1\n",
    "jobs = -1\n",
    "jobs = 257\n",
    "jobs = true\n",
    'jobs = "2"\n',
    'select = "KLP003"\n',
    "select = [3]\n",
    'fail-on = "fatal"\n',
    "kernel = []\n",
    "cache = 1\n",
    "rule = 3\n",
    "[rule]\nKLP003 = 3\n",
    "[rules.KLP003]\n",
    '[rule.KLP003]\nlevel = "fatal"\n',
    "[rule.KLP003]\nbariers = []\n",
    '[rule.KLP003]\ncode = "KLP009"\n',
    '[rule.KLP003]\nextend-level = ["note"]\n',
    "[rule.stale-pairing-comment]\nextend-barriers = [1]\n",
    '[[rule.KLP002.extend-safe_locations]]\nfunction = "f"\nfiel = "a.c"\n',
    '[[rule.KLP002.extend-safe_locations]]\nfunction = "f"\n',
    '[rule.KLP003]\nhelp_uri = "ftp://x"\n',
    f"[rule.KLP003]\ntags = {['t'] * 11}\n",
]
# What no schema knows.
BEYOND = [
    "jobs = 2.0\n",
    "[rule.KLP03]\n",
    "[rule.KLP001]\naccept = []\n",
    '[rule.KLP003]\nextend-barriers = ["nothing"]\n',
    f'[rule.KLP003]\nsummary = "{"x" * 1025}"\n',
    "[rule.KLP003]\n[rule.unpaired-read-barrier]\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_what_is_right_is_so_for_both(tmp_path: Path, text: str) -> None:
    assert (is_valid(text), is_loaded(tmp_path / "klplint.toml", text)) == (True, True)


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_is_so_for_both(tmp_path: Path, text: str) -> None:
    assert (is_valid(text), is_loaded(tmp_path / "klplint.toml", text)) == (False, False)


@pytest.mark.parametrize("text", BEYOND)
def test_what_only_the_loader_knows_passes_the_schema(tmp_path: Path, text: str) -> None:
    assert (is_valid(text), is_loaded(tmp_path / "klplint.toml", text)) == (True, False)


_VALUES = st.one_of(
    st.booleans(),
    st.integers(-2, 300),
    st.sampled_from(["text", "note", "auto", "", "KLP001", "a b"]),
    st.lists(st.sampled_from(["KLP003", "/tools/"]), max_size=2),
    st.lists(st.integers(), min_size=1, max_size=2),
    st.just({}),
)
_KEYS = st.sampled_from([*(key for key in SCHEMA["properties"] if key != "rule"), "jbos"])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=3 * settings().max_examples,
)
@given(table=st.dictionaries(_KEYS, _VALUES, max_size=2))
def test_schema_and_loader_agree_on_any_values(tmp_path: Path, table: dict[str, object]) -> None:
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    path = tmp_path / "klplint.toml"
    path.write_text(text, encoding="utf-8")
    try:
        read_config(path)
    except KlplintError:
        assert not is_valid(text)
    else:
        assert is_valid(text)
