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

    def without(self, number: int, *, empty: str = "", comments: bool = False) -> TextEdit:
        """The edit that leaves out one item; `empty` stands for none.

        With `comments`, those in the text that is left out stay.
        """
        edit = self._without(number, empty)
        kept = self._comments_in(edit) if comments else ()
        if not kept:
            return edit
        text = " ".join(kept)
        before = " " if edit.start > self.start else ""
        after = " " if before == "" and edit.end < self.end - 1 else ""
        return edit._replace(text=f"{before}{text}{after}")

    def loses_lines(self, number: int) -> bool:
        """Whether a comment up to the end of its line is in what is left out with an item."""
        return any(text.startswith("//") for text in self._comments_in(self._without(number, "")))

    def _comments_in(self, edit: TextEdit) -> tuple[str, ...]:
        spans = (span for span in self._source.comments if edit.start <= span.start < edit.end)
        return tuple(self._source.text[span.start : span.end] for span in spans)

    def _without(self, number: int, empty: str) -> TextEdit:
        item = self.items[number]
        if len(self.items) == 1:
            return TextEdit(self.start, self.end - 1, empty)
        if number + 1 < len(self.items):
            return TextEdit(item.start, self.items[number + 1].start, "")
        return TextEdit(self.items[number - 1].end, item.end, "")
