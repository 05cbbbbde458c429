"""Which comments near a barrier belong to it, as attached to it or from elsewhere.

`frontend.barrier_comments` collects the comments that may be about a barrier. Their text decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from klplint.barriers.primitives import Primitives
from klplint.csource.comment_text import plain_lines
from klplint.facts.file_facts import Barrier, Comment

Use = Literal["attached", "leaned on", "remote", "wrapper", "sole", "not its own"]
"""`leaned on`: an attached comment refers to it. `remote`: it names the barrier. `wrapper`: it is
the head of a function that is little more than the barrier. `sole`: it speaks of a barrier, and the
function has only this one. The last three count only if they say which barrier is the partner."""

_BARRIER = re.compile(r"mb(?!\w)|\b(?:barrier|fence)s?\b", re.IGNORECASE)
_ORDER = re.compile(
    r"\border(?:s|ed|ing)?\b|\breorder|\b(?:acquire|release)\b|\bpair(?:s|ed|ing)?\b", re.IGNORECASE
)
# So many barriers in a function are the two halves of one protocol, which its head explains.
_PAIR = 2
# Continues the comment at an earlier barrier.
_CONTINUES = re.compile(r"/[*/]+\s*(?:\.\.\.|\u2026)")
_WORD = re.compile(r"\w+")
# Of a plain load or store: a comment that pairs it with another one is not about a barrier.
_PLAIN_ACCESS = re.compile(r"\b(?:READ|WRITE)_ONCEs?\b")
# The subject of a comment that begins with what it is about: "WRITE_ONCE() pairs with".
_SUBJECT = re.compile(
    r"\W*(?:(?:the|this|that|these|both)\s+)?(?P<name>[A-Za-z_]\w*?)s?(?:\(\))?"
    r"(?:\s+(?:here|above|below))?\s+(?=(?P<verb>\w))",
    re.IGNORECASE,
)


class Candidate(NamedTuple):
    """A comment, and how it is used."""

    comment: Comment
    use: Use


class CommentChoice:
    """Decides which of a barrier's comments belong to it."""

    def __init__(self, primitives: Primitives) -> None:
        self._primitives = primitives
        self._is_for_several = cache(self._says_several)

    def candidates(self, barrier: Barrier, *, siblings: int) -> list[Candidate]:
        """All comments, attached ones first; `siblings`: barriers of the name in the function."""
        attached = list(self._attached(barrier))
        leans = any(self._leans(comment) for comment in attached)
        chosen = [Candidate(comment, "attached") for comment in attached]
        for comment in barrier.comments:
            if comment not in attached:
                use = (
                    "leaned on" if leans else self._use(comment, barrier, siblings, bool(attached))
                )
                chosen.append(Candidate(comment, use))
        return chosen

    def _attached(self, barrier: Barrier) -> Iterator[Comment]:
        """The comments at the barrier, and those at another one that are for both."""
        adjoins = any(map(_adjoins, barrier.comments))
        for comment in barrier.comments:
            if _adjoins(comment) or (
                comment.place in ("above", "below") and self._is_about(comment, barrier, adjoins)
            ):
                yield comment
        earlier = (c for c in barrier.comments if c.region.line <= barrier.region.line)
        for comment in earlier:
            if comment.place == "other" and self._is_for_several(comment.text, barrier.name):
                yield comment
                return

    def _is_about(self, comment: Comment, barrier: Barrier, adjoins: bool) -> bool:
        """Whether a comment near a barrier is about it, and not about its other neighbour.

        Where another comment adjoins the barrier, it has to speak of a barrier, and not of how a
        plain load or store pairs.
        """
        text = joined(comment)
        if barrier.name in text or barrier.written in text:
            return True
        if comment.gap and self._is_of_statement(text):
            return False
        words, write_only = self._primitives.words, self._primitives.write_only
        if adjoins:
            is_pairing = _BARRIER.search(text) or words.pairs_with.search(text)
            return bool(is_pairing) and not _PLAIN_ACCESS.search(text)
        subjects = (_BARRIER, _ORDER, words.pairs_with, words.partner, write_only)
        return any(subject.search(text) for subject in subjects)

    def _is_of_statement(self, text: str) -> bool:
        """Whether a comment says how another statement pairs: "WRITE_ONCE pairs with f()"."""
        subject = _SUBJECT.match(text)
        if subject is None or not self._primitives.words.pairs_or_matches.match(
            text, subject.start("verb")
        ):
            return False
        return self._primitives.is_known(subject["name"])

    def _says_several(self, comment: str, name: str) -> bool:
        """Whether the text of a comment at another barrier is for several barriers."""
        text = on_one_line(comment)
        is_list = len(re.findall(rf"\b{re.escape(name)}\b", text)) > 1
        # The writer's code, with both of its barriers.
        ends = [match.end() for match in self._primitives.write_only.finditer(text)]
        quotes_both = sum(text[end : end + 1] == ";" for end in ends) >= _PAIR
        return is_list or quotes_both or self._primitives.words.several.search(text) is not None

    def _leans(self, comment: Comment) -> bool:
        """Whether a comment needs an earlier one of the file: "see above", "... and then b"."""
        above = self._primitives.words.above.search(joined(comment))
        return bool(above or _CONTINUES.match(comment.text))

    def _use(self, comment: Comment, barrier: Barrier, siblings: int, has_near: bool) -> Use:
        if comment.place == "wrapper":
            return "wrapper"
        if comment.place not in ("header", "function") or comment.gap:
            return "not its own"
        text = joined(comment)
        is_named = barrier.name in text or barrier.written in text
        names_barrier = is_named or self._primitives.read_side.search(text)
        if self._is_of_another(comment, barrier, has_near and siblings > 1):
            return "not its own"
        names_both = names_barrier and self._primitives.write_only.search(text)
        if names_both or (names_barrier and (comment.place == "header" or not has_near)):
            return "remote"
        is_head = comment.place == "header"
        is_before = is_head or comment.region.line <= barrier.region.line
        is_sole = siblings == 1 or (is_head and siblings <= _PAIR)
        if is_sole and is_before and _BARRIER.search(text) and not _PLAIN_ACCESS.search(text):
            return "sole"
        return "not its own"

    def _is_of_another(self, comment: Comment, barrier: Barrier, is_one_of_many: bool) -> bool:
        """Whether a comment in the function is about a barrier other than `barrier`.

        It names one of another kind, or stands before one of many that has a comment itself, and
        does not say that it is for several.
        """
        text = joined(comment)
        if comment.place != "function" or self._is_for_several(comment.text, barrier.name):
            return False
        readers = self._primitives.families.readers
        words = set(_WORD.findall(text))
        if not words & {barrier.name, barrier.written, barrier.alias} and words & readers.keys():
            return True
        return is_one_of_many and comment.region.line < barrier.region.line


def joined(comment: Comment) -> str:
    """The text of a comment on one line, as its words follow each other."""
    return on_one_line(comment.text)


def on_one_line(comment: str) -> str:
    """The text of a comment, as `joined` gives it."""
    return " ".join(" ".join(plain_lines(comment)).split())


def _adjoins(comment: Comment) -> bool:
    return comment.place == "line" or (comment.place == "above" and comment.gap == 0)
