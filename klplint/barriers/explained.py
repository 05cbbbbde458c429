"""Primitives that a comment only explains, and does not say to be anywhere."""

from __future__ import annotations

import re

# Around a primitive that is explained, and not said to be anywhere: "A write barrier prevents".
_ANY = re.compile(r"(?:^|[.:]\s)\W*(?:an?|any)\s+[\"'`]?\Z", re.IGNORECASE)
_DOES = re.compile(
    r"[\"'`]?\s+(?:prevents|ensures|guarantees|orders|flushes|makes|means|forces|stops|keeps)\b",
    re.IGNORECASE,
)
# Around a primitive that says what something is like: "store-release semantics", "this is a".
_KIND_OF = re.compile(
    r"\s+(?:instructions?\b|semantics?\b(?!\s+(?:in|of|from|by)\b))", re.IGNORECASE
)
_THIS_IS = re.compile(
    r"\bthis\s+is\s+(?:(?:basically|essentially|really|just|kind|sort|of|like)\s+)*an?\s+\Z",
    re.IGNORECASE,
)
# Behind a word that is explained in a list.
_LABEL = re.compile(r"\s?:(?![:\w])")
# How far before a primitive words are searched, in characters.
_NEAR = 60


def is_label(text: str, primitive: re.Match[str]) -> bool:
    """Whether a primitive labels an item of a list: "wmb: before the index"."""
    return _LABEL.match(text, primitive.end()) is not None


def is_explained(text: str, primitive: re.Match[str]) -> bool:
    """Whether a primitive is only explained, or says what something else is like."""
    before = text[max(0, primitive.start() - _NEAR) : primitive.start()]
    if _KIND_OF.match(text, primitive.end()) or _THIS_IS.search(before):
        return True
    return bool(_ANY.search(before) and _DOES.match(text, primitive.end()))
