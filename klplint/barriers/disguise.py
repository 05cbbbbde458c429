"""Names of functions that look like the names of barriers: bk_wmb().

In "set by bk_wmb()", nothing is said of a barrier. Such a name is disguised while a sentence is
searched for words, so that it counts as any other name does. A barrier of a driver's own is named
by how it is used, with its place: "the foo_wmb() in bar()".
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

from klplint.barriers.named_functions import Spotted
from klplint.barriers.primitives import Primitives, Site

# Letters that no comment has: those for formulas. They are parts of words, as others are.
_OTHERS = "".join(map(chr, (*range(0x1D68A, 0x1D6A4), *range(0x1D670, 0x1D68A))))
_DISGUISE = str.maketrans(string.ascii_letters, _OTHERS)
_PLAIN = str.maketrans(_OTHERS, string.ascii_letters)
# Around the use of a barrier: "the foo_wmb() of the producer".
_ARTICLE = re.compile(
    r"\b(?:the|an?|its|their|another|that|matching|corresponding)\s+\Z", re.IGNORECASE
)
_PLACE = re.compile(r"\s+(?:in|of|from|inside|within|at|on|by)\s+(?!\S+\.[chS]\b)", re.IGNORECASE)
_NEAR = 20


def disguised(sentence: str, spots: Iterable[Spotted], site: Site, primitives: Primitives) -> str:
    """A sentence of the same length whose names of functions do not look like barriers."""
    for spot in spots:
        if _is_function(sentence, spot, site, primitives):
            # The first letter stays, by which a name is known to be one.
            name = sentence[spot.start + 1 : spot.end].translate(_DISGUISE)
            sentence = sentence[: spot.start + 1] + name + sentence[spot.end :]
    return sentence


def undisguised(text: str) -> str:
    """A text whose names are as the comment has them."""
    return text.translate(_PLAIN)


def _is_function(sentence: str, spot: Spotted, site: Site, primitives: Primitives) -> bool:
    """Whether a name that looks like that of a barrier is a function's."""
    mention = spot.mention
    if not primitives.is_like_barrier(mention.name) or mention.operation:
        return False
    if primitives.is_known(mention.name) or mention.name in (site.barrier, site.alias):
        return False
    is_used = _ARTICLE.search(sentence, max(0, spot.start - _NEAR), spot.start)
    return not (is_used and _PLACE.match(sentence, spot.end))
