"""Names and patterns in rules' data: those of users are checked, klplint's own are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.rule_data import faults
from klplint.cli.plan import configured_catalogue
from klplint.config.load import read_config
from klplint.errors import ConfigError
from tests.support.user_rules import user_rule


def test_klplints_own_rules_have_no_faults() -> None:
    assert [
        fault for rule in load_catalogue() for fault in faults(type(rule.check), rule.check)
    ] == []


LOCATION = (
    '[[rule.KLP002.extend-safe_locations]]\nfunction = "{}"\n'
    'file = "a.c"\nwhy = "w"\nsource = "s"\n'
)
LOCK = '[[rule.KLP002.extend-locks]]\nname = "any text"\nacquire = ["l", "{}"]\nrelease = ["u"]\n'
SLEEP = (
    '[[rule.KLP006.extend-sleeps]]\nwhat = "any text"\nsource = "s"\ncalls = ["a"]\nbut = ["{}"]\n'
)
PLACES = {
    '[rule.KLP002]\nextend-thread_starters = ["{}"]\n': (
        2,
        "rule.KLP002.extend-thread_starters[1]",
    ),
    '[rule.KLP002]\n\nthread_starters = ["a", "{}"]\n': (3, "rule.KLP002.thread_starters[2]"),
    '[rule.KLP006]\nflags = ["A"]\nextend-stores = ["{}"]\n': (3, "rule.KLP006.extend-stores[1]"),
    LOCATION: (2, "rule.KLP002.extend-safe_locations[1].function"),
    LOCK: (3, "rule.KLP002.extend-locks[1].acquire[2]"),
    SLEEP: (5, "rule.KLP006.extend-sleeps[1].but[1]"),
}


@pytest.mark.parametrize(("text", "expected"), PLACES.items(), ids=[p for _, p in PLACES.values()])
@pytest.mark.parametrize("name", ["(", "a b", "[a-z]", "f()", "a-b", "1a", "a?", "na\u00efve"])
def test_a_wrong_name_is_reported_with_its_place(
    tmp_path: Path, text: str, expected: tuple[int, str], name: str
) -> None:
    line, key = expected
    complaint = _complaint(tmp_path, text.replace("{}", name))
    assert complaint.startswith(f'klplint.toml:{line}: {key}: "{name}" is not a name in C')


@pytest.mark.parametrize("name", ["a", "_a1", "*", "spin_*lock*", "__x86_*"])
@pytest.mark.parametrize("text", PLACES)
def test_names_and_patterns_are_right(tmp_path: Path, text: str, name: str) -> None:
    assert _configured(tmp_path, text.replace("{}", name))


def test_texts_that_are_not_names_stay_free(tmp_path: Path) -> None:
    text = '[rule.KLP001]\naccept = ["get_current()", "(current)"]\n'
    text += '[rule.KLP002]\nidle_locks = ["interrupts off"]\n' + LOCATION.replace("{}", "")
    assert _configured(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[rule.KLP001]\nfunctions = []\n", "rule.KLP001.functions"),
        ("[rule.KLP003]\nbarriers = []\n", "rule.KLP003.barriers"),
        ("[rule.unsafe-switch-point]\nfunctions = []\n", "rule.unsafe-switch-point.functions"),
    ],
)
def test_a_rule_that_would_find_nothing_is_refused(tmp_path: Path, text: str, key: str) -> None:
    complaint = _complaint(tmp_path, text)
    assert complaint.startswith(f"klplint.toml:2: {key}: is empty, so KLP00")
    assert 'ignore = ["KLP00' in complaint


def test_other_lists_may_be_empty(tmp_path: Path) -> None:
    assert _configured(
        tmp_path, "[rule.KLP002]\nthread_starters = []\n[rule.KLP006]\nstores = []\n"
    )


def test_an_error_of_the_check_names_the_key(tmp_path: Path) -> None:
    text = '[rule.KLP001]\nlevel = "note"\naccept = ["("]\n'
    assert _complaint(tmp_path, text).startswith(
        "klplint.toml:3: rule.KLP001.accept: `(` cannot be read as a C"
    )
    text = '[rule.KLP003]\nextend-tags = []\nlevel = "note"\nbarriers = ["smp_rnb"]\n'
    assert _complaint(tmp_path, text).startswith("klplint.toml:4: rule.KLP003.barriers: ")


def test_a_further_catalogue_is_checked(tmp_path: Path) -> None:
    user_rule(tmp_path, functions='functions = ["fine", "not fine"]')
    with pytest.raises(
        ConfigError, match=r'rule.toml:\d+: functions\[2\]: "not fine" is not a name'
    ):
        load_catalogue([tmp_path])


def _configured(directory: Path, text: str) -> bool:
    path = directory / "klplint.toml"
    path.write_text(text, encoding="utf-8")
    return bool(configured_catalogue(read_config(path).rule_choice))


def _complaint(directory: Path, text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        _configured(directory, text)
    return str(raised.value).replace(f"{directory}/", "")
