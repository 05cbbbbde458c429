"""The catalogue in the cache is that of the rules as they are, or is not used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from klplint.cache.entries import Cache
from klplint.catalogue.configured import configured
from klplint.catalogue.inputs import CatalogueInputs
from klplint.catalogue.remembered import Catalogue, read_catalogue
from klplint.catalogue.rule import LoadedRule
from klplint.config.load import read_config
from klplint.errors import ConfigError
from tests.support.user_rules import rewrite, unpaired_rule, user_rule

CONFIG = """
rules = ["mine", "shared"]
[rule.XYZ001]
level = "note"
[families.reader]
our_rmb = "our_wmb"
[families.writer]
our_wmb = "our_rmb"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory with a configuration, and two directories of rules that it names."""
    user_rule(tmp_path / "mine")
    unpaired_rule(tmp_path / "shared", "XYZ002", "../../barriers.toml")
    (tmp_path / "klplint.toml").write_text(CONFIG)
    return tmp_path


def inputs_of(home: Path) -> CatalogueInputs:
    settings = read_config(home / "klplint.toml")
    return CatalogueInputs(tuple(map(Path, settings.rules)), settings.families, settings.rule)


def read(home: Path) -> Catalogue:
    """The catalogue, which is cached then as a run does it."""
    catalogue = read_catalogue(inputs_of(home), home / "cache")
    cache = Cache(home / "cache", print)
    cache.put({key: msgspec.msgpack.encode(value) for key, value in catalogue.news.items()})
    cache.close()
    return catalogue


def contents(rules: Catalogue | tuple[LoadedRule, ...]) -> list[tuple[object, ...]]:
    each = rules.rules if isinstance(rules, Catalogue) else rules
    return [(r.header, r.page, r.directory, r.needs_tree, r.key, r.check) for r in each]


def test_a_remembered_catalogue_is_the_one_that_was_read(home: Path) -> None:
    first, second = read(home), read(home)
    assert first.news
    assert not second.news
    assert contents(second) == contents(first) == contents(configured(inputs_of(home)))
    levels = {rule.code: rule.header.level for rule in second.rules}
    assert levels["XYZ001"] == "note"


CHANGES: dict[str, Callable[[Path], object]] = {
    "a header": lambda home: rewrite(rule_in(home), '"high"', '"low"'),
    "what a check gets": lambda home: rewrite(rule_in(home), "get_current()", "got_current()"),
    "a page": lambda home: rewrite(
        rule_in(home).with_name("README.md"), "\n## Wrong", "x\n## Wrong"
    ),
    "a shared file": lambda home: rewrite(home / "barriers.toml", "smp_rmb", "smp_rrmb"),
    "an overridden key": lambda home: rewrite(home / "klplint.toml", '"note"', '"error"'),
    "a further override": lambda home: rewrite(
        home / "klplint.toml", "[fam", "optional = true\n[fam"
    ),
    "a name in a family": lambda home: rewrite(home / "klplint.toml", "our_", "my_"),
    "a rule that is gone": lambda home: shutil.rmtree(home / "shared/XYZ002-unpaired"),
    "a directory of rules": lambda home: rewrite(home / "klplint.toml", ', "shared"', ""),
}


def rule_in(home: Path) -> Path:
    return home / "mine/XYZ001-not-current/rule.toml"


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_counts(change: str, home: Path) -> None:
    before = contents(read(home))
    CHANGES[change](home)
    try:
        fresh = configured(inputs_of(home))
    except ConfigError as error:
        with pytest.raises(ConfigError) as raised:
            read(home)
        assert str(raised.value) == str(error)
        return
    changed = read(home)
    assert changed.news
    assert contents(changed) == contents(fresh) != before
    assert not read(home).news


def test_a_new_rule_counts(home: Path) -> None:
    read(home)
    user_rule(home / "other")
    rewrite(home / "other/XYZ001-not-current/rule.toml", "XYZ001", "XYZ003")
    rewrite(home / "other/XYZ001-not-current/rule.toml", "not-current", "never-current")
    (home / "other/XYZ001-not-current").rename(home / "mine/XYZ003-never-current")
    assert "XYZ003" in {rule.code for rule in read(home).rules}


def test_the_code_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(home)
    monkeypatch.setattr("klplint.cache.keys._code_digest", lambda: b"another version")
    assert read(home).news


@pytest.mark.parametrize("content", [b"", b"\xc1", msgspec.msgpack.encode({"rules": 3})])
def test_a_damaged_entry_is_as_good_as_none(content: bytes, home: Path) -> None:
    (key,) = read(home).news
    cache = Cache(home / "cache", print)
    cache.put({key: content})
    cache.close()
    assert read(home).news
    assert not read(home).news


def test_without_a_cache_nothing_is_remembered(home: Path) -> None:
    catalogue = read_catalogue(inputs_of(home), None)
    assert not catalogue.news
    assert contents(catalogue) == contents(configured(inputs_of(home)))
    assert read_catalogue(inputs_of(home), home / "none").news
    assert not (home / "none").exists()


def test_a_rule_that_changes_before_its_check_is_loaded(home: Path) -> None:
    read(home)
    rules = read(home).rules
    rewrite(rule_in(home), "get_current()", "got_current()")
    with pytest.raises(
        ConfigError, match=r"XYZ001-not-current: .* while klplint ran; run it again"
    ):
        _ = next(rule for rule in rules if rule.code == "XYZ001").check
