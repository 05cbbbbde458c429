"""The catalogue: rules/ and the directories given with --rules, read into Rule objects.

A rule is a directory CODE-name with rule.toml (its data) and README.md (its page). The keys of
rule.toml are those of `Header` and the fields of the check that it names.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

import klplint.checks
from klplint.barriers.families import Families
from klplint.catalogue.places import DATA, PAGE, builtin_rules, rule_directories
from klplint.catalogue.rule import Header, LoadedRule
from klplint.catalogue.rule_data import faults
from klplint.checks.base import Check
from klplint.errors import ConfigError, nearest
from klplint.partners.access_rules import AccessRules
from klplint.strict_toml import TomlFile

_OWN = {"families": "barriers.toml", "accesses": "accesses.toml"}
"""klplint's own data, for rules that set none: keys of checks, and files beside the rules."""
PAGE_SECTIONS = (
    "What it flags",
    "Why",
    "Wrong",
    "Right",
    "What it accepts",
    "Limits",
    "References",
)
"""The headings of a rule's page, in this order."""
_CODE = re.compile(r"[A-Z]{2,8}\d{3}")
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_LONGEST_TEXT = 1024
"""Characters of a rule's text that GitHub accepts."""
_LIMITED = ("summary", "description")


class _Shared(msgspec.Struct, frozen=True):
    """A table that rules share, and the file that it is from."""

    source: TomlFile
    table: msgspec.Struct


def load_families() -> Families:
    """klplint's own families of barriers."""
    source = _own_file("families")
    return source.decode(Families, source.content["families"], "families")


def load_accesses() -> AccessRules:
    """klplint's own data on what barriers order and helpers access."""
    source = _own_file("accesses")
    return source.decode(AccessRules, source.content["accesses"], "accesses")


def _own_file(key: str, files: _SharedFiles | None = None) -> TomlFile:
    return (files or _SharedFiles()).read(builtin_rules() / _OWN[key])


class _SharedFiles:
    """The files that rules share: each is read once."""

    def __init__(self) -> None:
        self._read: dict[str, TomlFile] = {}

    def read(self, path: Path) -> TomlFile:
        """A file, with the path that errors name. Raises ConfigError."""
        plain = os.path.realpath(path)
        if plain not in self._read:
            self._read[plain] = TomlFile.read(path)
        return msgspec.structs.replace(self._read[plain], path=path)


def load_catalogue(directories: Iterable[Path] = ()) -> tuple[LoadedRule, ...]:
    """All rules, klplint's own and those of further `directories`, sorted by code.

    Raises ConfigError where a directory or a rule is malformed, or a code or name is given twice.
    """
    further = tuple(directories)
    files, rules = _SharedFiles(), dict[str, LoadedRule]()
    names: dict[str, LoadedRule] = {}
    for directory in (builtin_rules(), *further):
        for rule in _read_rules(directory, files):
            if directory in further:
                _expect_data(rule)
            for key, taken in ((rule.code, rules), (rule.header.name, names)):
                if key in taken:
                    raise ConfigError(
                        f"{rule.directory / DATA}: {key} is already used by "
                        f"{taken[key].directory / DATA}; choose another one"
                    )
                taken[key] = rule
    return tuple(rules[code] for code in sorted(rules))


def _read_rules(directory: Path, files: _SharedFiles) -> list[LoadedRule]:
    """The rules in a directory, at least one."""
    if not directory.is_dir():
        raise ConfigError(f"{directory}: no such directory of rules")
    rules = [_read_rule(each, files) for each in rule_directories(directory)]
    if not rules:
        raise ConfigError(
            f"{directory}: contains no rules; a rule is a directory CODE-name with a rule.toml"
        )
    return rules


def _read_rule(directory: Path, files: _SharedFiles) -> LoadedRule:
    """The rule in a directory: its header, its check with what rule.toml sets, its page."""
    source = TomlFile.read(directory / DATA)
    check_class = _check_class(source, source.content.get("check"))
    header_keys, check_keys = _keys(Header), _keys(check_class)
    for key in source.content:
        if key not in header_keys | check_keys:
            raise source.error(key, "unknown key" + nearest(key, header_keys | check_keys))
    header = source.decode(Header, {k: v for k, v in source.content.items() if k in header_keys})
    _expect_names(source, header)
    settings = {k: v for k, v in source.content.items() if k not in header_keys}
    defaults = [key for key in _OWN if key in check_keys - settings.keys()]
    shared = {key: _table_of(check_class, key, _own_file(key, files)) for key in defaults}
    shared |= _shared_tables(source, check_class, files)
    check = source.decode(check_class, settings | {key: each.table for key, each in shared.items()})
    return LoadedRule(
        header=header,
        check=check,
        page=_read_page(directory / PAGE),
        directory=directory,
        sources=(source, *(each.source for each in shared.values())),
    )


def _expect_data(rule: LoadedRule) -> None:
    """ConfigError for the first thing in a rule's data that should be a name and is not."""
    source = rule.sources[0]
    for field in msgspec.structs.fields(rule.check):
        if field.encode_name in source.content:
            for place, fault in faults(field.type, getattr(rule.check, field.name)):
                raise source.error_at([field.encode_name, *place], fault)


def _shared_tables(source: TomlFile, kind: type[Check], files: _SharedFiles) -> dict[str, _Shared]:
    """The keys that a rule takes from a file it shares with others: `key = {from = "../x.toml"}`.

    The file holds a table of the key's name; an error in it names that file.
    """
    shared: dict[str, _Shared] = {}
    for field in msgspec.structs.fields(kind):
        value = source.content.get(field.encode_name)
        if not (isinstance(value, dict) and value.keys() == {"from"}):
            continue
        other = files.read(source.path.parent / str(value["from"]))
        if not isinstance(other.content.get(field.encode_name), dict):
            raise source.error(
                field.encode_name, f"no table [{field.encode_name}] in {other.path}; add it"
            )
        shared[field.encode_name] = _table_of(kind, field.encode_name, other)
    return shared


def _table_of(kind: type[Check], key: str, file: TomlFile) -> _Shared:
    """The table of a name in a file, of the type that the key of that name has in a check."""
    types = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    return _Shared(file, file.decode(types[key], file.content[key], key))


def _keys(kind: type[msgspec.Struct]) -> set[str]:
    return {*kind.__struct_encode_fields__}


def _expect_names(source: TomlFile, header: Header) -> None:
    """ConfigError unless code and name have the usual form, and the directory is named for them."""
    directory = source.path.parent.name
    if not _CODE.fullmatch(header.code):
        raise source.error("code", f'expected a code such as "KLP001", found "{header.code}"')
    if not _NAME.fullmatch(header.name):
        raise source.error(
            "name", f'expected words as in "task-not-current", found "{header.name}"'
        )
    expected = f"{header.code}-{header.name}"
    if directory != expected:
        raise source.error("code", f'the directory must be called "{expected}", not "{directory}"')
    for key in _LIMITED:
        expect_short(source, key, getattr(header, key))


def expect_short(source: TomlFile, key: str, text: str) -> None:
    """ConfigError where a text of a rule, which stands in `source` at `key`, is too long."""
    if key.rpartition(".")[2] in _LIMITED and len(text) > _LONGEST_TEXT:
        raise source.error(
            key, f"is longer than the {_LONGEST_TEXT} characters that GitHub accepts; shorten it"
        )


def _check_class(source: TomlFile, name: object) -> type[Check]:
    """The check that a rule names: the one class of the module of that name in klplint.checks."""
    modules = pkgutil.iter_modules(klplint.checks.__path__)
    names = sorted(module.name for module in modules if not module.name.endswith("base"))
    if name not in names:
        hint = nearest(name, names) if isinstance(name, str) else ""
        raise source.error(
            "check", f'unknown check "{name}"{hint}; the checks are {", ".join(names)}'
        )
    module = importlib.import_module(f"klplint.checks.{name}")
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, Check)
            and value.__module__ == module.__name__
        ):
            return value
    raise source.error("check", f"the module klplint.checks.{name} defines no check")


def _read_page(path: Path) -> str:
    """A rule's page; ConfigError unless it has the fixed headings."""
    try:
        page = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the rule's page: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: the rule's page is not UTF-8 text; convert it") from None
    headings = tuple(re.findall(r"^## (.+)$", page, re.MULTILINE))
    if headings != PAGE_SECTIONS:
        raise ConfigError(
            f"{path}: expected the headings {', '.join(PAGE_SECTIONS)} in this order, "
            f"found {', '.join(headings) or 'none'}"
        )
    return page
