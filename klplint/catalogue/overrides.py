"""Rules as a configuration file changes them: its tables [rule.CODE], checked as rule.toml is.

A key of rule.toml in such a table replaces what the rule has; `extend-KEY` appends to a list.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from klplint.catalogue.rule import Header, Rule, expect_short, find_rule
from klplint.checks.base import Check
from klplint.errors import KlplintError, nearest
from klplint.strict_toml import TomlFile

_FIXED = ("code", "name", "check")
_EXTEND = "extend-"


class Adjustment(msgspec.Struct, frozen=True):
    """A table that changes the rule called `rule`, and where it stands: file and path of keys."""

    rule: str
    table: dict[str, object]
    source: TomlFile
    path: str


def read_adjustments(source: TomlFile, tables: object, path: str) -> tuple[Adjustment, ...]:
    """The tables at `path` of a configuration file, one for each rule, as yet unjudged."""
    found = []
    for rule, table in _table(source, tables, path).items():
        place = f"{path}.{rule}"
        found.append(Adjustment(rule, _table(source, table, place), source, place))
    return tuple(found)


def _table(source: TomlFile, value: object, path: str) -> dict[str, object]:
    return source.decode(dict[str, object], value, path)


def adjusted(rules: tuple[Rule, ...], adjustments: Iterable[Adjustment]) -> tuple[Rule, ...]:
    """`rules` with the changes made; ConfigError for one that cannot be made."""
    changed: dict[str, Rule] = {}
    for adjustment in adjustments:
        source, path = adjustment.source, adjustment.path
        try:
            rule = find_rule(rules, adjustment.rule)
        except KlplintError as error:
            raise source.error(path, str(error)) from None
        if rule.code in changed:
            raise source.error(
                path, f"the rule {rule.code} has two tables, by its code and by its name; join them"
            )
        changed[rule.code] = _adjusted(rule, adjustment)
    return tuple(changed.get(rule.code, rule) for rule in rules)


def _adjusted(rule: Rule, adjustment: Adjustment) -> Rule:
    """A rule with what one table changes in it."""
    source, of_header = adjustment.source, _kinds(rule.header)
    kinds = _kinds(rule.check) | of_header
    changes: dict[str, object] = {}
    # What is replaced comes first, for it is what an `extend-` beside it appends to.
    for key in sorted(adjustment.table, key=lambda key: key.startswith(_EXTEND)):
        place, name = f"{adjustment.path}.{key}", key.removeprefix(_EXTEND)
        _expect_settable(key, kinds, source, place)
        value: object = source.decode(kinds[name], adjustment.table[key], place)
        if isinstance(value, str):
            expect_short(source, place, value)
        elif isinstance(value, tuple) and key != name:
            part = rule.header if name in of_header else rule.check
            before = changes.get(name, getattr(part, name))
            assert isinstance(before, tuple)  # of the same field
            value = (*before, *value)
        changes[name] = value
    header = {name: value for name, value in changes.items() if name in of_header}
    check = {name: value for name, value in changes.items() if name not in of_header}
    try:
        return msgspec.structs.replace(
            rule,
            header=msgspec.structs.replace(rule.header, **header),
            check=msgspec.structs.replace(rule.check, **check),
        )
    except ValueError as error:  # what the check says of its settings
        raise source.error(adjustment.path, str(error)) from None


def _kinds(part: Header | Check) -> dict[str, type]:
    """The keys that a part of a rule has, and the type of each."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(part)}


def _expect_settable(key: str, kinds: dict[str, type], source: TomlFile, place: str) -> None:
    """A key of rule.toml that may be changed, or `extend-` and one that is a list."""
    name = key.removeprefix(_EXTEND)
    known = _with_extensions(kinds)
    if name in _FIXED:
        raise source.error(place, f"`{name}` makes the rule what it is, and cannot be set here")
    if key != name and name in kinds and key not in known:
        raise source.error(place, f"`{name}` is no list that could be extended; set `{name}`")
    if name not in kinds:
        raise source.error(place, "unknown key" + nearest(key, known))


def settable(rule: Rule) -> dict[str, type]:
    """The keys that a table [rule.CODE] may have for a rule, and the type of each."""
    return _with_extensions(_kinds(rule.header) | _kinds(rule.check))


def _with_extensions(kinds: dict[str, type]) -> dict[str, type]:
    free = {name: kind for name, kind in kinds.items() if name not in _FIXED}
    return free | {f"{_EXTEND}{name}": kind for name, kind in free.items() if _is_list(kind)}


def _is_list(kind: type) -> bool:
    found = msgspec.inspect.type_info(kind)
    return isinstance(found, msgspec.inspect.ListType | msgspec.inspect.VarTupleType)
