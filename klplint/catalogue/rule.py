"""A rule: its data, its check with its settings, and its page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from klplint.checks.base import Check
from klplint.findings.levels import Level, Precision

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
    """A rule of the catalogue."""

    header: Header
    check: Check
    """The check, with the settings that the rule gives it."""
    page: str
    """The rule's page, in Markdown."""
    directory: Path
    """The directory that the rule was read from."""

    @property
    def code(self) -> str:
        """The rule's code, such as KLP001."""
        return self.header.code
