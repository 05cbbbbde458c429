"""Casts in expressions, by tokens: for this, the types need not be known."""

from __future__ import annotations

import re

from klplint.csource.brackets import closing

# The longest type in a cast, and the most blank characters before one. People write shorter ones.
_LONGEST_TYPE = 400
_MOST_BLANK = 100
_BEHIND_OPERAND = re.compile(r"[\w)\]]\s*$")
_OPERAND = re.compile(r"\s*(?:[\w(*]|&(?!&))")


def without_casts(expression: str) -> str:
    """An expression without its casts: `f` for `(work_t)f` and `(bool (*)(void *))f`.

    What stands in parentheses directly before an operand is a type. `(a)(b)` could also be a call,
    and `(a) & b` an operation; both count as casts.
    """
    kept, last = "", 0
    while (opening := expression.find("(", last)) >= 0:
        kept += expression[last:opening]
        behind = closing(expression, opening + 1, opening + _LONGEST_TYPE)
        is_behind_operand = _BEHIND_OPERAND.search(kept, max(0, len(kept) - _MOST_BLANK))
        is_cast = behind and not is_behind_operand and _OPERAND.match(expression, behind)
        last = behind if behind and is_cast else opening + 1
        kept += "" if is_cast else "("
    return kept + expression[last:]
