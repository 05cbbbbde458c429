"""A rule: its data, its check with its settings, and its page."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec

from klplint.cache.keys import key_of
from klplint.findings.levels import Level, Precision

if TYPE_CHECKING:  # reports need no check, and checks load much
    from klplint.checks.base import Check
    from klplint.strict_toml import TomlFile

_MOST_TAGS = 10
"""Tags of a rule that GitHub keeps."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every rule.toml states, whatever its check."""

    code: str
    """The rule's code, such as KLP001."""
    name: str
    """The rule's name, such as task-not-current."""
    level: Level
    """The level of its findings, unless the check gives one of them another."""
    precision: Precision
    """The share of its findings that are right, as SARIF understands it."""
    summary: str
    """The bad pattern, named in a line."""
    description: str
    """What the rule flags, in a sentence or two."""
    tags: Annotated[tuple[str, ...], msgspec.Meta(max_length=_MOST_TAGS)]
    """Words by which code scanning groups rules."""
    check: str
    """The check that the rule runs: a module of klplint.checks."""
    optional: bool = False
    """Whether the rule runs only where it is selected."""
    help_uri: Annotated[str, msgspec.Meta(pattern="^(https://.+)?$")] = ""
    """A public page on the matter, if there is one."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the catalogue: what selections and reports need, and its check.

    Of one that was just read, everything is there; of one that is remembered from an earlier run,
    the check is loaded where it is first used.
    """

    header: Header
    page: str
    """The rule's page, in Markdown."""
    directory: Path
    """The directory that the rule was read from."""

    @property
    def code(self) -> str:
        """The rule's code, such as KLP001."""
        return self.header.code

    @property
    def check(self) -> Check:
        """The check, with the settings that the rule gives it."""
        raise NotImplementedError

    @property
    def needs_tree(self) -> bool:
        """Whether the check can say nothing of files that are in no kernel tree."""
        raise NotImplementedError

    @property
    def key(self) -> bytes:
        """A digest of the header and the check with its settings, for the keys of results."""
        raise NotImplementedError


class LoadedRule(Rule, frozen=True, kw_only=True, dict=True):
    """A rule as it was read."""

    check: Check
    sources: tuple[TomlFile, ...] = ()
    """The files that its data is from, shared ones included."""

    @property
    def needs_tree(self) -> bool:
        """Whether the check can say nothing of files that are in no kernel tree."""
        return self.check.needs_tree

    @cached_property
    def key(self) -> bytes:
        """A digest of the header and the check with its settings, for the keys of results."""
        return key_of("rule", type(self.check).__name__, self.header, self.check)
