"""The labels to which `asm goto` may jump: clang's cursors do not have them."""

from __future__ import annotations

import re

from klplint.csource.brackets import closing, outside_parentheses

_ASM = re.compile(r"\w+(?:\s+\w+)*\s*\(")
_WORD = re.compile(r"[A-Za-z_]\w*")
# Outputs, inputs, clobbers: the labels are behind the fourth colon.
_COLONS = 4


def asm_labels(text: str, start: int) -> list[str]:
    """The labels of the `asm goto (...)` at `start`; none for an asm without `goto`.

    `text` has no comments and literals. A macro that stands for `asm goto` has that in its name.

    Source: gcc's manual, "Extended Asm", on GotoLabels.
    """
    head = _ASM.match(text, start)
    close = closing(text, head.end()) if head and "goto" in head[0] else None
    if head is None or close is None:
        return []
    parts = outside_parentheses(text[head.end() : close - 1]).split(":", _COLONS)
    return _WORD.findall(parts[_COLONS]) if len(parts) > _COLONS else []
