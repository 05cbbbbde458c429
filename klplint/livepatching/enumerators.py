"""The enumerators of an enumeration, and which of them have another value after a fix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from klplint.csource.brackets import top_level_parts

_NAME = re.compile(
    r"\s*(?:#[^\n]*)?\s*([A-Za-z_]\w*)\s*(?:__\w+\s*(?:\([^()]*\))?\s*)?(?:=(.*))?", re.DOTALL
)


class Enumerator(NamedTuple):
    """An enumerator with what decides its value."""

    name: str
    base: str
    """The last value that is given before or at it, as written."""
    offset: int
    """How many enumerators follow that one up to this."""


def enumerators(text: str) -> tuple[Enumerator, ...]:
    """The enumerators in the tokens of an enumeration, in order."""
    inside = text[text.find("{") + 1 : text.rfind("}")]
    listed, base, offset = list[Enumerator](), "", -1
    for part in top_level_parts(inside):
        match = _NAME.match(part)
        if match is None:
            continue
        if match[2] is not None:
            base, offset = " ".join(match[2].split()), 0
        else:
            offset += 1
        listed.append(Enumerator(match[1], base, offset))
    return tuple(listed)


def moved(before: Sequence[Enumerator], after: Sequence[Enumerator]) -> tuple[str, ...]:
    """The enumerators of the state before that have another value after, or are gone."""
    values = {each.name: each for each in after}
    return tuple(each.name for each in before if values.get(each.name) != each)
