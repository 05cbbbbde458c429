"""Whether two definitions of a structure have the same layout, by their tokens."""

from __future__ import annotations

import re

# Annotations of members for checkers, which change no layout.
_ANNOTATIONS = re.compile(
    r"\b__(?:user|rcu|iomem|percpu|force|bitwise|nonstring|private|must_check|kernel)\b"
    r"|\b__(?:counted_by|counted_by_le|counted_by_be|guarded_by|sized_by)\s*\([^()]*\)"
    r"|\b(?:const|volatile)\b"
)


def same_layout(before: str, after: str) -> bool:
    """Whether two texts of tokens differ in nothing that changes a layout."""
    return _plain(before) == _plain(after)


def _plain(text: str) -> list[str]:
    return _ANNOTATIONS.sub(" ", text).split()
