"""Limits for how many findings of a rule there may be: as many as today, never more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from klplint.catalogue.rule import Rule
from klplint.catalogue.select import find_rule
from klplint.errors import UsageError
from klplint.findings.finding import Finding

Limits = Mapping[str, int | Mapping[str, int]]
"""How many findings of a rule there may be, by code or name; by directory, a table of these."""

_SETTING = "max-findings"


class Limit(msgspec.Struct, frozen=True):
    """A limit, and how many findings there are."""

    code: str
    directory: str
    """The directory that it is for; "" for all files."""
    most: int
    count: int

    @property
    def is_passed(self) -> bool:
        """Whether there are more findings than allowed."""
        return self.count > self.most

    def __str__(self) -> str:
        where = f" in {self.directory}/" if self.directory else ""
        return f"{self.code}: {self.count:,} of at most {self.most:,} findings{where}"


class Ratchet:
    """The limits of a run."""

    def __init__(self, limits: Limits | None, rules: tuple[Rule, ...]) -> None:
        """Raises UsageError for a limit of what is not one of `rules`."""
        self._limits: list[tuple[str, str, int]] = []
        for key, value in (limits or {}).items():
            if isinstance(value, int):
                self._limits.append(("", _code(key, rules), value))
            else:
                directory = key.strip("/").removeprefix("./")
                self._limits += [(directory, _code(w, rules), most) for w, most in value.items()]

    def limits(self, findings: Sequence[Finding]) -> list[Limit]:
        """Each limit, with the number of the findings that it is about."""
        return [
            Limit(code, directory, most, sum(_concerns(code, directory, f) for f in findings))
            for directory, code, most in self._limits
        ]

    def others(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings that no limit is about."""
        return tuple(
            finding
            for finding in findings
            if not any(_concerns(code, directory, finding) for directory, code, _ in self._limits)
        )


def _code(word: str, rules: tuple[Rule, ...]) -> str:
    """The code of a rule; UsageError, about the setting, if there is no such rule."""
    try:
        return find_rule(rules, word).code
    except UsageError as error:
        raise UsageError(str(error), setting=_SETTING) from None


def _concerns(code: str, directory: str, finding: Finding) -> bool:
    if finding.code != code:
        return False
    return directory in ("", ".") or finding.place.file.startswith(f"{directory}/")
