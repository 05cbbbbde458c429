"""Macros that are only another name for a function: `#define ring_thread ring_loop`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from klplint.analysis.call_graph import Site
from klplint.csource.casts import without_casts
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import HandedIn, HandedOver, Query
from klplint.facts.watch import Callee, MacroDefinition

_NAME = re.compile(r"[(&\s]*([A-Za-z_]\w*)[)\s]*")


class OtherNames:
    """The names that macros give to functions in some files."""

    def __init__(self, files: Mapping[str, FileFacts]) -> None:
        self._macros: defaultdict[str, dict[MacroDefinition, None]] = defaultdict(dict)
        """By what they stand for."""
        self._lines: set[tuple[str, int]] = set()
        for facts in files.values():
            for macro in facts.macros:
                if name := _named_by(macro):
                    self._macros[name][macro] = None
                    lines = range(macro.region.line, macro.region.end_line + 1)
                    self._lines |= {(macro.path, line) for line in lines}

    def holds(self, site: Site) -> bool:
        """Whether what a macro's body names at a site is all that the macro stands for."""
        return (site.facts.path, site.occurrence.region.line) in self._lines

    def handed(self, callee: Callee) -> Iterator[Query]:
        """The queries for the calls and members that get a function under its other names."""
        pending, seen = [callee.name], {callee.name}
        while pending:
            for macro in self._macros.get(pending.pop(), ()):
                if not callee.visible_in(macro.path):
                    continue
                is_shared = callee.shared and macro.path.endswith(".h")
                yield HandedOver(macro.name) if is_shared else HandedIn(macro.name, macro.path)
                if macro.name not in seen:
                    seen.add(macro.name)
                    pending.append(macro.name)


def _named_by(macro: MacroDefinition) -> str:
    """What a macro is another name for; "" for a macro that is anything else."""
    is_name = macro.parameters is None and _NAME.fullmatch(without_casts(macro.body))
    return is_name[1] if is_name else ""
