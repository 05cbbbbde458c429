"""A rule's page with the levels that the configuration sets."""

from __future__ import annotations

import re

import msgspec

from klplint.catalogue.rule import Rule

_TITLE = re.compile(r"# .*\n")
_SECTION = re.compile(r"(?ms)^## What it flags$.*?(?=^## )")


def configured_page(rule: Rule, before: Rule) -> str:
    """The page of a rule; `before` is the rule without the configuration.

    A finding has the rule's level unless the check gives it another, so only the rows of the
    table that have the rule's level change.
    """
    changed = [*_changed(rule, before)]
    if not changed:
        return rule.page
    page = rule.page
    level, old = rule.header.level, before.header.level
    if level != old:
        page = _SECTION.sub(lambda match: match[0].replace(f"\n| {old} |", f"\n| {level} |"), page)
    keys = ", ".join(f"`{key}`" for key in changed)
    note = f"\nThe configuration changes {keys} of this rule. The level is {level}.\n"
    return _TITLE.sub(lambda match: match[0] + note, page, count=1)


def _changed(rule: Rule, before: Rule) -> list[str]:
    """The keys of rule.toml whose values differ."""
    pairs = ((rule.header, before.header), (rule.check, before.check))
    return [
        field.encode_name
        for new, old in pairs
        for field in msgspec.structs.fields(new)
        if getattr(new, field.name) != getattr(old, field.name)
    ]
