"""The catalogue: rules/ and folders given with --rules, read into Rule objects.

A rule is a folder CODE-name with rule.toml (its data) and README.md (its page). The keys of
rule.toml are those of `Header` and, besides, the fields of the check that it names.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec

import klplint.checks
from klplint.barriers.families import Families
from klplint.checks.base import Check
from klplint.errors import ConfigError, nearest
from klplint.findings.finding import Level, Precision
from klplint.strict_toml import TomlFile

_CODE = re.compile(r"[A-Z]{2,8}\d{3}")
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_LONGEST_TEXT = 1024  # of a rule's texts on GitHub
_MOST_TAGS = 10  # that GitHub keeps
_LIMITED = ("summary", "description")
PAGE_SECTIONS = (
    "What it flags",
    "Why",
    "Wrong",
    "Right",
    "What it accepts",
    "Limits",
    "References",
)


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every rule.toml states, whatever its check.

    `summary` names the bad pattern in a line; `description` says in a sentence or two what is
    flagged; `precision` is the share of findings that are right, as SARIF understands it;
    `help_uri` is a public page on the matter, if there is one.
    """

    code: str
    name: str
    level: Level
    precision: Precision
    summary: str
    description: str
    tags: Annotated[tuple[str, ...], msgspec.Meta(max_length=_MOST_TAGS)]
    check: str
    help_uri: Annotated[str, msgspec.Meta(pattern="^(https://.+)?$")] = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the catalogue: its header, its check with its settings, its page."""

    header: Header
    check: Check
    page: str
    folder: Path

    @property
    def code(self) -> str:
        """The rule's code, such as KLP001."""
        return self.header.code


def own_rules_folder() -> Path:
    """Where klplint's own rules lie: in the wheel inside the package, in a checkout beside it."""
    packaged = Path(str(files("klplint"))) / "rules"
    return packaged if packaged.is_dir() else packaged.parent.parent / "rules"


def load_families() -> Families:
    """klplint's own families of barriers."""
    source = TomlFile.read(own_rules_folder() / "barriers.toml")
    return source.decode(Families, source.content["families"], "families")


def load_catalogue(further: Iterable[Path] = ()) -> tuple[Rule, ...]:
    """All rules, klplint's own and those of `further` folders, sorted by code.

    Raises ConfigError where a folder or a rule is malformed, or a code or name is given twice.
    """
    rules: dict[str, Rule] = {}
    names: dict[str, Rule] = {}
    for folder in (own_rules_folder(), *further):
        for rule in _read_folder(folder):
            for key, known in ((rule.code, rules), (rule.header.name, names)):
                if key in known:
                    raise ConfigError(
                        f"{rule.folder / 'rule.toml'}: {key} is already taken by "
                        f"{known[key].folder / 'rule.toml'}; give the rule another one"
                    )
                known[key] = rule
    return tuple(rules[code] for code in sorted(rules))


def select_rules(
    rules: tuple[Rule, ...], select: Iterable[str], ignore: Iterable[str]
) -> tuple[Rule, ...]:
    """The rules whose codes (or names, or prefixes of codes) are selected and not ignored.

    An empty `select` takes all. Raises ConfigError for a word that fits no rule.
    """
    everything = {rule.code for rule in rules}
    chosen = _matching(rules, select, "select") if tuple(select) else everything
    chosen -= _matching(rules, ignore, "ignore")
    return tuple(rule for rule in rules if rule.code in chosen)


def find_rule(rules: tuple[Rule, ...], word: str) -> Rule:
    """The rule of that code or name; ConfigError if there is none."""
    for rule in rules:
        if word.upper() == rule.code or word == rule.header.name:
            return rule
    alike = [rule.code for rule in rules if word and rule.code.startswith(word.upper())]
    if alike:
        raise ConfigError(f'"{word}" is no whole code; name one of {", ".join(alike)}')
    raise _unknown(word, rules)


def _matching(rules: tuple[Rule, ...], words: Iterable[str], setting: str) -> set[str]:
    codes: set[str] = set()
    for word in words:
        hits = {r.code for r in rules if r.header.name == word or r.code.startswith(word.upper())}
        if not hits or not word:
            raise _unknown(word, rules, setting)
        codes |= hits
    return codes


def _unknown(word: str, rules: tuple[Rule, ...], setting: str | None = None) -> ConfigError:
    known = [*(rule.code for rule in rules), *(rule.header.name for rule in rules)]
    return ConfigError(
        f'no rule is called "{word}"{nearest(word, known)}; "klplint rules" lists them all',
        setting=setting,
    )


def _read_folder(folder: Path) -> list[Rule]:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder of rules")
    found = [_read_rule(path.parent) for path in sorted(folder.glob("*/rule.toml"))]
    if not found:
        raise ConfigError(
            f"{folder}: holds no rule; a rule is a folder CODE-name with a rule.toml in it"
        )
    return found


def _read_rule(folder: Path) -> Rule:
    source = TomlFile.read(folder / "rule.toml")
    check_class = _check_class(source, source.content.get("check"))
    header_keys, check_keys = _keys(Header), _keys(check_class)
    for key in source.content:
        if key not in header_keys | check_keys:
            raise source.error(key, "unknown key" + nearest(key, header_keys | check_keys))
    header = source.decode(Header, {k: v for k, v in source.content.items() if k in header_keys})
    _expect_names(source, header)
    own = {k: v for k, v in source.content.items() if k not in header_keys}
    shared = {"families": load_families()} if "families" in check_keys - own.keys() else {}
    check = source.decode(check_class, own | shared | _shared(source, check_class))
    return Rule(header=header, check=check, page=_read_page(folder / "README.md"), folder=folder)


def _shared(source: TomlFile, kind: type[Check]) -> dict[str, msgspec.Struct]:
    """The keys that a rule takes from a file it shares with others: `key = {from = "../x.toml"}`.

    The file holds a table of the key's name; what is wrong in it is told of that file.
    """
    shared: dict[str, msgspec.Struct] = {}
    for field in msgspec.structs.fields(kind):
        value = source.content.get(field.encode_name)
        if not (isinstance(value, dict) and value.keys() == {"from"}):
            continue
        other = TomlFile.read(source.path.parent / str(value["from"]))
        table = other.content.get(field.encode_name)
        if not isinstance(table, dict):
            raise source.error(field.encode_name, f"{other.path} has no such table")
        shared[field.encode_name] = other.decode(field.type, table, field.encode_name)
    return shared


def _keys(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def _expect_names(source: TomlFile, header: Header) -> None:
    """Code and name are of the usual form, and the folder is called after them."""
    folder = source.path.parent.name
    if not _CODE.fullmatch(header.code):
        raise source.error("code", f'expected a code such as "KLP001", found "{header.code}"')
    if not _NAME.fullmatch(header.name):
        raise source.error(
            "name", f'expected words as in "task-not-current", found "{header.name}"'
        )
    if folder != f"{header.code}-{header.name}":
        raise source.error(
            "code", f'the folder should be called "{header.code}-{header.name}", not "{folder}"'
        )
    for key in _LIMITED:
        expect_short(source, key, getattr(header, key))


def expect_short(source: TomlFile, key: str, text: str) -> None:
    """ConfigError where a text of a rule, which stands in `source` at `key`, is too long."""
    if key.rpartition(".")[2] in _LIMITED and len(text) > _LONGEST_TEXT:
        raise source.error(key, f"is longer than the {_LONGEST_TEXT} characters SARIF shows")


def _check_class(source: TomlFile, name: object) -> type[Check]:
    modules = pkgutil.iter_modules(klplint.checks.__path__)
    known = [module.name for module in modules if not module.name.endswith("base")]
    if name not in known:
        hint = nearest(name, known) if isinstance(name, str) else ""
        raise source.error(
            "check", f'there is no check "{name}"{hint}; there are: {", ".join(sorted(known))}'
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
    """The rule's page, with its fixed headings."""
    try:
        page = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the rule's page cannot be read ({error}); write it") from None
    headings = tuple(re.findall(r"^## (.+)$", page, re.M))
    if headings != PAGE_SECTIONS:
        raise ConfigError(
            f"{path}: expected the headings {', '.join(PAGE_SECTIONS)} in this order, "
            f"found {', '.join(headings) or 'none'}"
        )
    return page
