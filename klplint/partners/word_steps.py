"""In which steps of a function words stand: a step is read only if it has one that is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from klplint.csource.words import words_in
from klplint.partners.functions import Function

_WORD = re.compile(r"[A-Za-z_]\w*")
# Not a member.
_CALLABLE = re.compile(r"(?<![\w.])(?<!->)[A-Za-z_]\w*")
_NONE = frozenset[int]()


class WordSteps:
    """The steps of a function by the words in them; what is looked up is kept."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._steps: dict[str, frozenset[int]] = {}

    @cached_property
    def all(self) -> frozenset[str]:
        """All words of the function."""
        return frozenset(_WORD.findall(self._function.text, *self._function.span))

    @cached_property
    def callable(self) -> frozenset[str]:
        """The words that may be called: all but those that are only members."""
        return frozenset(_CALLABLE.findall(self._function.text, *self._function.span))

    def steps_with(self, word: str) -> frozenset[int]:
        """The numbers of the steps that have a word."""
        if word not in self.all:
            return _NONE
        if word not in self._steps:
            numbers = map(self._function.step_at, self._offsets(word))
            self._steps[word] = frozenset(number for number in numbers if number is not None)
        return self._steps[word]

    def by_step(self, names: Iterable[str]) -> dict[int, list[str]]:
        """Which of some names each step has, but not as members; in the order of the text."""
        text, places = self._function.text, list[tuple[int, str]]()
        for name in names:
            places += [(at, name) for at in self._offsets(name) if _CALLABLE.match(text, at)]
        steps: dict[int, list[str]] = {}
        for at, name in sorted(places):
            number = self._function.step_at(at)
            if number is not None:
                steps.setdefault(number, []).append(name)
        return steps

    def _offsets(self, word: str) -> Iterator[int]:
        return words_in(self._function.text, word, *self._function.span)
