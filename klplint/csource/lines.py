"""The lines of a text: where offsets are in them, and which characters end them.

A line ends with LF, CRLF or CR, as compilers and editors count lines.
"""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from operator import add

# So many characters are counted at once.
_BLOCK = 1024


class Lines:
    """The lines of a text. Offsets and columns count code points."""

    def __init__(self, text: str) -> None:
        # With `\n` for each line end, at the same offsets.
        self._text = text.replace("\r\n", " \n").replace("\r", "\n") if "\r" in text else text

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, counted from 1."""
        number = offset // _BLOCK
        ended, start = self._blocks[number]
        ended += self._text.count("\n", number * _BLOCK, offset)
        start = self._text.rfind("\n", number * _BLOCK, offset) + 1 or start
        return ended + 1, offset - start + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column; the text's length for a line behind the last one."""
        if line > len(self._starts):
            return len(self._text)
        return min(self._starts[line - 1] + column - 1, len(self._text))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end + 1 for end in offsets_of("\n", self._text))]

    @cached_property
    def _blocks(self) -> list[tuple[int, int]]:
        """How many lines end before each block of the text, and where its first line begins.

        Most texts are asked about a few offsets only: to find all lines would take longer.
        """
        text, blocks, ended, start = self._text, list[tuple[int, int]](), 0, 0
        for block in range(0, len(text) + 1, _BLOCK):
            blocks.append((ended, start))
            ended += text.count("\n", block, block + _BLOCK)
            start = text.rfind("\n", block, block + _BLOCK) + 1 or start
        return blocks


def offsets_of(character: str, text: str) -> list[int]:
    """The offsets of a character in a text, found faster than by a loop."""
    behind = accumulate(map(len, text.split(character)))  # without the characters themselves
    return [*map(add, behind, range(text.count(character)))]
