"""A compiler's arguments, told apart: options with their values, and all other words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator


def options_in(words: Iterable[str], with_value: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each word with its value, joined to it or the word behind, if it is one of `with_value`.

    The value is empty for any other word, and where none follows.
    """
    pending = iter(words)
    for word in pending:
        option = next((option for option in with_value if word.startswith(option)), None)
        if option is None:
            yield word, ""
        else:
            yield option, word.removeprefix(option) or next(pending, "")
