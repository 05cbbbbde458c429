"""A compiler's arguments, separated into options with their values and other words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator


def options_in(words: Iterable[str], with_value: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each word with its value.

    An option of `with_value` has its value joined to it, or in the next word. Any other word has
    an empty one, and so has an option behind which no word follows.
    """
    pending = iter(words)
    for word in pending:
        option = next((option for option in with_value if word.startswith(option)), None)
        if option is None:
            yield word, ""
        else:
            yield option, word.removeprefix(option) or next(pending, "")
