"""Rules as a configuration file changes them: its tables [rule.CODE], checked as rule.toml is.

A key of rule.toml in such a table replaces what the rule has; `extend-KEY` appends to a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from klplint.catalogue.load import expect_short
from klplint.catalogue.override_tables import OverrideTable
from klplint.catalogue.rule import Header, LoadedRule, Rule
from klplint.catalogue.rule_data import faults
from klplint.catalogue.select import find_rule
from klplint.checks.base import Check
from klplint.errors import KlplintError, nearest
from klplint.strict_toml import TomlFile

_FIXED = ("code", "name", "check")
_EXTEND = "extend-"


def overridden(
    rules: tuple[LoadedRule, ...], tables: Iterable[OverrideTable]
) -> tuple[LoadedRule, ...]:
    """`rules` with what the tables change; ConfigError for a change that cannot be made."""
    changed: dict[str, LoadedRule] = {}
    for table in tables:
        source, path = table.source, table.path
        try:
            rule = find_rule(rules, table.rule)
        except KlplintError as error:
            raise source.error(path, str(error)) from None
        if rule.code in changed:
            raise source.error(
                path,
                f"rule {rule.code} is configured twice, by code and by name; merge the two tables",
            )
        changed[rule.code] = _overridden(rule, table)
    return tuple(changed.get(rule.code, rule) for rule in rules)


def _overridden(rule: LoadedRule, table: OverrideTable) -> LoadedRule:
    """A rule with what one table changes in it."""
    of_header = _types(rule.header)
    changes = _changes(rule, table)
    header = {name: value for name, value in changes.items() if name in of_header}
    check = {name: value for name, value in changes.items() if name not in of_header}
    try:
        changed = msgspec.structs.replace(
            rule,
            header=msgspec.structs.replace(rule.header, **header),
            check=msgspec.structs.replace(rule.check, **check),
        )
    except ValueError as error:  # the check refuses its settings
        raise table.source.error(_path_at_fault(rule, table), str(error)) from None
    _expect_names(rule, table, changes)
    _expect_watch(rule, changed, table)
    return changed


def _expect_names(rule: LoadedRule, table: OverrideTable, changes: Mapping[str, object]) -> None:
    """ConfigError for the first thing in a table that should be a name and is not."""
    types = _types(rule.check)
    for key, given in table.table.items():
        name = key.removeprefix(_EXTEND)
        if name not in types:
            continue
        value = changes[name]
        before = 0
        if key != name and isinstance(value, tuple) and isinstance(given, list):
            before = len(value) - len(given)
            value = value[before:]
        for place, fault in faults(types[name], value):
            raise table.source.error_at([*table.path.split("."), key, *place], fault)


def _expect_watch(rule: LoadedRule, changed: LoadedRule, table: OverrideTable) -> None:
    """ConfigError for a table that leaves a rule without anything to look for."""
    if rule.check.watch.names and not changed.check.watch.names:
        emptied = [key for key, value in table.table.items() if value == []]
        raise table.source.error(
            f"{table.path}.{emptied[0]}" if emptied else table.path,
            f"is empty, so {rule.code} would find nothing; give a name, or ignore the rule with "
            f'ignore = ["{rule.code}"]',
        )


def _path_at_fault(rule: LoadedRule, table: OverrideTable) -> str:
    """The path of the key whose value a check refuses; that of the table if it is not one key."""
    for key in table.table:
        alone = msgspec.structs.replace(table, table={key: table.table[key]})
        changes = _changes(rule, alone)
        try:
            check = {name: value for name, value in changes.items() if name in _types(rule.check)}
            msgspec.structs.replace(rule.check, **check)
        except ValueError:
            return f"{table.path}.{key}"
    return table.path


def _changes(rule: LoadedRule, table: OverrideTable) -> dict[str, object]:
    """The new values of the keys that a table sets or extends, of the type that each key has."""
    of_header = _types(rule.header)
    types = _types(rule.check) | of_header
    changes: dict[str, object] = {}
    # Replaced lists come first: an `extend-` beside one appends to the new list.
    for key in sorted(table.table, key=lambda key: key.startswith(_EXTEND)):
        path, name = f"{table.path}.{key}", key.removeprefix(_EXTEND)
        _expect_settable(key, types, table.source, path)
        value: object = table.source.decode(types[name], table.table[key], path)
        if isinstance(value, str):
            expect_short(table.source, path, value)
        elif isinstance(value, tuple) and key != name:
            part = rule.header if name in of_header else rule.check
            before = changes.get(name, getattr(part, name))
            assert isinstance(before, tuple)  # of the same field
            value = (*before, *value)
        changes[name] = value
    return changes


def _types(part: Header | Check) -> dict[str, type]:
    """The keys that a part of a rule has, and the type of each."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(part)}


def _expect_settable(key: str, types: dict[str, type], source: TomlFile, path: str) -> None:
    """ConfigError unless a key of rule.toml may be changed, or extended where it is a list."""
    name = key.removeprefix(_EXTEND)
    allowed = _with_extensions(types)
    if name in _FIXED:
        raise source.error(path, f"`{name}` identifies the rule and cannot be overridden")
    if key != name and name in types and key not in allowed:
        raise source.error(
            path, f"`{name}` is not a list and cannot be extended; set `{name}` instead"
        )
    if name not in types:
        raise source.error(path, "unknown key" + nearest(key, allowed))


def settable(rule: Rule) -> dict[str, type]:
    """The keys that a table [rule.CODE] may have for a rule, and the type of each."""
    return _with_extensions(_types(rule.header) | _types(rule.check))


def _with_extensions(types: dict[str, type]) -> dict[str, type]:
    """Keys and types without the fixed ones, and with `extend-` for each list."""
    free = {name: kind for name, kind in types.items() if name not in _FIXED}
    return free | {f"{_EXTEND}{name}": kind for name, kind in free.items() if _is_list(kind)}


def _is_list(kind: type) -> bool:
    info = msgspec.inspect.type_info(kind)
    if isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    return isinstance(info, msgspec.inspect.ListType | msgspec.inspect.VarTupleType)
