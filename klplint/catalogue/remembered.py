"""The catalogue of an earlier run: the same as long as its files and the settings are the same.

To read the rules takes longer than all else in a run that finds nothing changed, because checks
are loaded for it. Such a run needs their headers and pages, which the cache has. Checks are then
loaded where one is first used. A catalogue is only cached if it could be read without an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from klplint.cache.entries import peek
from klplint.cache.keys import key_of
from klplint.catalogue.inputs import CatalogueInputs
from klplint.catalogue.places import PAGE, builtin_rules, rule_directories
from klplint.catalogue.rule import Header, LoadedRule, Rule
from klplint.errors import ConfigError
from klplint.kernel.existence import is_file
from klplint.source_text import digest

if TYPE_CHECKING:
    from klplint.checks.base import Check


class _SavedRule(msgspec.Struct, frozen=True):
    """A rule without its check and its page."""

    header: Header
    directory: str
    needs_tree: bool
    key: bytes


class _Saved(msgspec.Struct, frozen=True):
    """A catalogue, and the files that it was read from."""

    rules: list[_SavedRule]
    files: dict[str, bytes]
    """The paths of all files, with digests of their texts."""


class RememberedRule(Rule, frozen=True, kw_only=True, dict=True):
    """A rule from the cache, whose check is loaded where it is first used."""

    needs_tree: bool
    key: bytes
    load: Callable[[Rule], Check]

    @cached_property
    def check(self) -> Check:
        """The check, with the settings that the rule gives it."""
        return self.load(self)


class Catalogue(msgspec.Struct, frozen=True):
    """A catalogue, and what is to be cached of it."""

    rules: tuple[Rule, ...]
    news: Mapping[bytes, object] = {}
    """Entries for the cache; none where the catalogue is from there."""


def read_catalogue(inputs: CatalogueInputs, cache: Path | None) -> Catalogue:
    """The catalogue that some settings make, from the cache in a directory if it is there.

    Raises ConfigError for what is malformed.
    """
    if cache is None:
        return Catalogue(_loaded(inputs))
    key = _key(inputs)
    recalled = _recalled(key, inputs, cache)
    if recalled is not None:
        return Catalogue(recalled)
    rules = _loaded(inputs)
    return Catalogue(rules, {key: _as_saved(rules)})


def _loaded(inputs: CatalogueInputs) -> tuple[LoadedRule, ...]:
    from klplint.catalogue.configured import configured  # which loads all checks

    return configured(inputs)


def _key(inputs: CatalogueInputs) -> bytes:
    """The key of a catalogue: of the settings that make it, but for the files of rules."""
    tables = [(table.source.text, table.path) for table in inputs.overrides]
    families = inputs.families
    return key_of(
        "catalogue",
        [str(directory) for directory in _directories(inputs)],
        tables,
        (families.source.text, families.path) if families else None,
    )


def _directories(inputs: CatalogueInputs) -> Iterable[Path]:
    return builtin_rules(), *inputs.directories


def _recalled(key: bytes, inputs: CatalogueInputs, cache: Path) -> tuple[Rule, ...] | None:
    """The catalogue with a key, if the files that it was read from are as they were."""
    content = peek(cache, key)
    try:
        saved = msgspec.msgpack.decode(content or b"", type=_Saved)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    texts = {path: _text(path) for path in saved.files}
    if {path: _digest(text) for path, text in texts.items()} != saved.files:
        return None
    there = {
        str(each) for directory in _directories(inputs) for each in rule_directories(directory)
    }
    if there != {rule.directory for rule in saved.rules}:
        return None
    checks = _Checks(inputs)
    return tuple(
        RememberedRule(
            header=rule.header,
            page=texts[_page_of(rule.directory)],
            directory=Path(rule.directory),
            needs_tree=rule.needs_tree,
            key=rule.key,
            load=checks.of,
        )
        for rule in saved.rules
    )


class _Checks:
    """The checks of a remembered catalogue, all of which are loaded when one is needed."""

    def __init__(self, inputs: CatalogueInputs) -> None:
        self._inputs = inputs

    @cached_property
    def _rules(self) -> dict[str, LoadedRule]:
        return {rule.code: rule for rule in _loaded(self._inputs)}

    def of(self, remembered: Rule) -> Check:
        """The check of a rule. Raises ConfigError if the rule has changed a moment ago."""
        rule = self._rules.get(remembered.code)
        if rule is None or rule.key != remembered.key:
            raise ConfigError(
                f"{remembered.directory}: the rule changed while klplint ran; run it again"
            )
        return rule.check


def _as_saved(rules: Iterable[LoadedRule]) -> _Saved:
    files: dict[str, bytes] = {}
    for rule in rules:
        files[_page_of(str(rule.directory))] = _digest(rule.page)
        files |= {str(source.path): _digest(source.text) for source in rule.sources}
    saved = [
        _SavedRule(rule.header, str(rule.directory), rule.needs_tree, rule.key) for rule in rules
    ]
    return _Saved(saved, files)


def _page_of(directory: str) -> str:
    return f"{directory}/{PAGE}"


def _text(path: str) -> str:
    """The text of a file, as rules are read; "" where it cannot be read, or has no end."""
    if not is_file(path):
        return ""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _digest(text: str) -> bytes:
    return digest([text.encode()])
