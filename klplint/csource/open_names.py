"""Names that leave parts open, as comments write them: foo_*, foo_<start|end>, foo_{start,end}."""

from __future__ import annotations

import re
from itertools import islice

_OPEN = re.compile(r"\*|<[\w|]+>|\{[\w,]+\}")
# Further open parts are taken literally: nobody writes so many, and each makes a match slower by
# the length of the name.
_MOST_OPEN = 3


def name_pattern(name: str) -> str:
    """The regular expression of a name that may leave parts of it open."""
    pieces, last = [], 0
    for match in islice(_OPEN.finditer(name), _MOST_OPEN):
        pieces.append(re.escape(name[last : match.start()]))
        arms = re.split(r"[|,]", match[0].strip("<>{}"))
        pieces.append(r"\w*" if match[0] == "*" else f"(?:{'|'.join(arms)})")
        last = match.end()
    return "".join(pieces) + re.escape(name[last:])
