"""The table [per-file-ignores] applied: which rules do not apply to a file."""

from __future__ import annotations

from pathlib import Path

from klplint.catalogue.override_tables import FileIgnoreTable
from klplint.catalogue.rule import Rule
from klplint.catalogue.select import select_rules
from klplint.errors import KlplintError
from klplint.kernel.excludes import Excludes


class FileIgnores:
    """The rules that do not apply to single files."""

    def __init__(self, table: FileIgnoreTable | None, rules: tuple[Rule, ...]) -> None:
        """Raises ConfigError, with file and line, for a word that fits none of `rules`."""
        self._base = table.base if table else Path()
        self._ignores: list[tuple[Excludes, frozenset[str]]] = []
        self.settings: list[tuple[str, str, list[str]]] = []
        """Base, pattern and codes of each entry, in plain values: cache keys depend on them."""
        for pattern, words in table.words.items() if table else ():
            assert table is not None
            try:
                codes = {rule.code for rule in select_rules(rules, words, ())} if words else set()
            except KlplintError as error:
                steps = [*table.path.split("."), pattern]
                raise table.source.error_at(steps, str(error)) from None
            self._ignores.append((Excludes([pattern]), frozenset(codes)))
            self.settings.append((str(self._base), pattern, sorted(codes)))

    def codes(self, file: Path) -> frozenset[str]:
        """The codes of the rules that do not apply to a file."""
        if not self._ignores or not file.is_relative_to(self._base):
            return frozenset()
        path = file.relative_to(self._base).as_posix()
        return frozenset().union(*(codes for spec, codes in self._ignores if spec.covers(path)))
