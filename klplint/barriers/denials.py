"""Whether a sentence denies a word, says that it is only possible, or that it was true once."""

from __future__ import annotations

import re
from functools import cached_property

from klplint.barriers.words import Vocabulary

# How far before a word others are searched that belong to it, in characters.
_NEAR = 60
# Between a denial and a word that is not of its clause.
_BREAK = re.compile(r"[;:,()]")
_CALL = re.compile(r"(?<=\w)\(\)")
_PLACE = r"(?:\s+(?:in|of|from|inside|within|at|on)\s+(?:the\s+|that\s+)?[\w./>-]+(?:\(\))?)"
# Behind what a denial is about: "no barrier in f() that pairs with", "nothing to pair with".
_WHICH = re.compile(
    rf"(?<!\w)(?:barrier|fence|\w*mb(?:\(\))?|\w+\(\)|one)s?{_PLACE}?\s+(?:that|which|who|to)\s+\Z",
    re.IGNORECASE,
)
# Before what nobody does: "none of the barriers in f() pairs with".
_NOBODY = re.compile(
    r"\b(?:nothing|nobody|none|no\s+one)(?:\s+else)?(?:\s+of\s+(?:\w+\s+)?\w+)?"
    rf"{_PLACE}?(?:\s+(?:that|which|who|to))?"
    r"(?:\s+(?:is|are|was|were|does|has|been|ever|really|actually|will|can))*\s+\Z",
    re.IGNORECASE,
)
# Behind another barrier of which the rest is said: "unlike the one in f(), which is paired with".
_OF_ANOTHER = re.compile(
    r"[\s,]+(?:which|that)\s+(?:(?:is|are|was|were|does|do|only|really|already)\s+)*\Z",
    re.IGNORECASE,
)
# Before what was done, and may not hold any longer.
_WAS = re.compile(r"\b(?:was|were|had|used\s+to)\s+(?:\w+\s+){0,2}\Z", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:until|till)\b", re.IGNORECASE)
# The end of something, as a version, a commit or a year.
_UNTIL_VERSION = re.compile(
    r"\b(?:until|till|before|up\s+to|prior\s+to)\s+(?:(?:the|linux|kernel|version|release)\s+)*"
    r"(?:v?\d+\.\d+|commit\s+[0-9a-f]{7,40}\b|[0-9a-f]{8,40}\b|(?:19|20)\d\d\b|recently\b|lately\b)",
    re.IGNORECASE,
)
_PAST = re.compile(r"\w+ed\b", re.IGNORECASE)
# Before a word for a barrier that is one of many: "there ought to be a matching barrier".
_ANY = re.compile(r"\b(?:an?|some|any)\s+\Z", re.IGNORECASE)


class Denials:
    """The words of one sentence that take something back."""

    def __init__(self, text: str, words: Vocabulary) -> None:
        self._text = text
        self._words = words

    def is_denied(self, match: re.Match[str]) -> bool:
        """Whether words around a match deny it: "does not pair with", "smp_wmb() is gone"."""
        before = self._before(match)
        return (
            any(self._reaches(before, denial) for denial in self._words.denied.finditer(before))
            or _NOBODY.search(before) is not None
            or self.is_of_another(match)
            or self._words.gone_behind.match(self._text, match.end()) is not None
            or self._words.gone_from_place.match(self._text, match.end()) is not None
            or self._words.lost_behind.match(self._text, match.end()) is not None
        )

    def is_taken_back(self, verb: re.Match[str]) -> bool:
        """Whether what a word of pairing says is not true, or not true any longer."""
        return (
            self.is_denied(verb)
            or any(start >= verb.end() for start in self._taken_back)
            or self.has_lapsed(verb)
        )

    def is_possible(self, match: re.Match[str]) -> bool:
        """Whether words before a match say that it is only possible: "might be"."""
        return self._words.possible_before.search(self._before(match)) is not None

    def is_wished_for(self, match: re.Match[str]) -> bool:
        """Whether a match is said of a barrier that ought to be there: "should be a matching"."""
        before = self._before(match)
        return _ANY.search(before) is not None and self.is_possible(match)

    def is_of_another(self, match: re.Match[str]) -> bool:
        """Whether a match is said of another barrier, from which this one differs."""
        before = self._before(match)
        relative = _OF_ANOTHER.search(before)
        contrast = self._words.contrast.search(before) if relative else None
        if relative is None or contrast is None or contrast.end() > relative.start():
            return False
        return self._is_one_clause(_CALL.sub("", before[contrast.end() : relative.start()]))

    def has_lapsed(self, verb: re.Match[str]) -> bool:
        """Whether something was true only once: "was paired with x() until v5.3"."""
        before, is_past = self._before(verb), _PAST.match(verb[0]) is not None
        was = _WAS.search(before) is not None
        if is_past and (self._words.lapsed_before.search(before) or _UNTIL_VERSION.search(before)):
            return True
        if (was or is_past) and _UNTIL_VERSION.search(self._text, verb.end()):
            return True
        return was and _UNTIL.search(self._text, verb.end()) is not None

    def _before(self, match: re.Match[str]) -> str:
        return self._text[max(0, match.start() - _NEAR) : match.start()]

    def _reaches(self, before: str, denial: re.Match[str]) -> bool:
        """Whether a denial belongs to the clause of what `before` stands before."""
        rest = _CALL.sub("", _WHICH.sub("", before[denial.start() :]))[len(denial[0]) :]
        return self._is_one_clause(rest)

    def _is_one_clause(self, text: str) -> bool:
        return not (_BREAK.search(text) or self._words.clause.search(text))

    @cached_property
    def _taken_back(self) -> tuple[int, ...]:
        """Where the sentence says that what it said before is gone: "but that one was dropped"."""
        return tuple(match.start() for match in self._words.taken_back.finditer(self._text))
