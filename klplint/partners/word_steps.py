"""In which steps of a function words stand: a step is read only if it has one that is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property

from klplint.csource.words import words_in
from klplint.partners.functions import Function

_WORD = re.compile(r"[A-Za-z_]\w*")
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

    def callable(self, names: AbstractSet[str]) -> frozenset[str]:
        """Those of some names that it may call: that are not only members."""
        return frozenset(name for name in self.all & names if any(self._calls(name)))

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
        places = sorted((at, name) for name in names for at in self._calls(name))
        steps: dict[int, list[str]] = {}
        for at, name in places:
            number = self._function.step_at(at)
            if number is not None:
                steps.setdefault(number, []).append(name)
        return steps

    def _calls(self, name: str) -> Iterator[int]:
        """The offsets at which a name is not that of a member."""
        text = self._function.text
        return (at for at in self._offsets(name) if not text.endswith((".", "->"), 0, at))

    def _offsets(self, word: str) -> Iterator[int]:
        return words_in(self._function.text, word, *self._function.span)
