"""Which parse of a file found something: libclang sees one configuration at a time."""

from __future__ import annotations

from klplint.facts.region import Fact


class MacroSetting(Fact, frozen=True):
    """A macro that a parse sets, whatever the architecture's configuration says."""

    name: str
    value: int | None
    """Its value; None where the macro is undefined."""

    def __str__(self) -> str:
        if self.value is None:
            return f"!{self.name}"
        return self.name if self.value == 1 else f"{self.name}={self.value}"


class ForcedCondition(Fact, frozen=True):
    """An `#if` or `#elif` that a parse reads as `#if 1` or `#if 0`."""

    line: int
    value: bool


class ParseVariant(Fact, frozen=True):
    """The configuration in which a file was parsed. No two parses of a file have the same one."""

    architecture: str
    settings: tuple[MacroSetting, ...] = ()
    forced: tuple[ForcedCondition, ...] = ()

    def __str__(self) -> str:
        """As reports name it: "x86", "x86 CONFIG_A !CONFIG_B", "x86 #if lines forced"."""
        changes = ["#if lines forced"] if self.forced else map(str, self.settings)
        return " ".join([self.architecture, *changes])

    @property
    def is_usual(self) -> bool:
        """Whether this is the architecture's configuration, unchanged."""
        return not self.settings and not self.forced
