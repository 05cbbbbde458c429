"""Rules chosen from the catalogue by code, code prefix or name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from klplint.catalogue.rule import Rule
from klplint.errors import UsageError, nearest

AnyRule = TypeVar("AnyRule", bound=Rule)


def select_rules(
    rules: tuple[AnyRule, ...], select: Iterable[str], ignore: Iterable[str]
) -> tuple[AnyRule, ...]:
    """The rules whose codes (or names, or code prefixes) are selected and not ignored.

    An empty `select` takes all but the optional ones. Raises UsageError for a word that fits no
    rule.
    """
    everything = {rule.code for rule in rules if not rule.header.optional}
    chosen = _matching(rules, select, "select") if tuple(select) else everything
    chosen -= _matching(rules, ignore, "ignore")
    return tuple(rule for rule in rules if rule.code in chosen)


def find_rule(rules: tuple[AnyRule, ...], word: str) -> AnyRule:
    """The rule of that code or name; UsageError if there is none."""
    for rule in rules:
        if word.upper() == rule.code or word == rule.header.name:
            return rule
    alike = [rule.code for rule in rules if word and rule.code.startswith(word.upper())]
    if len(alike) > 1:
        raise UsageError(f'"{word}" matches several rules; give one of {", ".join(alike)}')
    raise _unknown(word, rules)


def _matching(rules: tuple[Rule, ...], words: Iterable[str], setting: str) -> set[str]:
    """The codes of the rules that some words name; `setting` is where the words come from."""
    codes: set[str] = set()
    for word in words:
        hits = {r.code for r in rules if r.header.name == word or r.code.startswith(word.upper())}
        if not hits or not word:
            raise _unknown(word, rules, setting)
        codes |= hits
    return codes


def _unknown(word: str, rules: tuple[Rule, ...], setting: str | None = None) -> UsageError:
    names = [*(rule.code for rule in rules), *(rule.header.name for rule in rules)]
    return UsageError(
        f'unknown rule "{word}"{nearest(word, names)}; "klplint rules" lists all rules',
        setting=setting,
    )
