"""Lists of parameters and arguments with one less."""

from __future__ import annotations

import re

from klplint.csource.brackets import split_arguments
from klplint.csource.lexer import Source, Span
from klplint.csource.text_edits import TextEdit

_NAME = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?\Z")


class ParameterList:
    """The parentheses behind a name: of a call, a declaration or a definition."""

    def __init__(self, source: Source, name: Span) -> None:
        """Raises ValueError where no closed parentheses follow the name."""
        self._source = source
        text = source.skeleton
        opening = text.find("(", name.end)
        split = split_arguments(text, opening + 1) if opening >= 0 else None
        if split is None or text[name.end : opening].strip(" \t\r\n\\"):
            raise ValueError("the parentheses behind the name cannot be read")
        self.items, self.end = split
        self.start = opening + 1

    def name_of(self, number: int) -> str:
        """The name of a parameter; "" for one without."""
        item = self.items[number]
        match = _NAME.search(self._source.skeleton, item.start, item.end)
        return match[1] if match and match.start() > item.start else ""

    def without(self, number: int, *, empty: str = "") -> TextEdit:
        """The edit that leaves out one item; `empty` stands for none."""
        item = self.items[number]
        if len(self.items) == 1:
            return TextEdit(self.start, self.end - 1, empty)
        if number + 1 < len(self.items):
            return TextEdit(item.start, self.items[number + 1].start, "")
        return TextEdit(self.items[number - 1].end, item.end, "")
