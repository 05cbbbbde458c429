"""What checks work out once in a run, however often they need it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")


class Memo:
    """The results that the checks of one run share.

    Each check is asked several times in a run, and several checks need the same results. A memo
    belongs to a run and ends with it.
    """

    def __init__(self) -> None:
        self._results: dict[tuple[object, ...], tuple[object, object]] = {}
        """Each result with its subject: while that is kept, no other object gets its id."""

    def once(
        self,
        work: Callable[Concatenate[S, P], R],
        subject: S,
        *settings: P.args,
        **named_settings: P.kwargs,
    ) -> R:
        """The result of `work(subject, *settings)`, worked out at the first call.

        The subject is compared by identity, since facts are large and do not change. The rest is
        compared by equality; so `work` has to be a class or a function of a module.
        """
        key = (work, id(subject), settings, *named_settings.items())
        if key not in self._results:
            self._results[key] = subject, work(subject, *settings, **named_settings)
        return cast("R", self._results[key][1])

    def latest(self, make: Callable[[], R], subject: object, kind: str, key: bytes) -> R:
        """What `make` makes of a subject; made again only if the key is another one than before."""
        place = (kind, id(subject))
        before = self._results.get(place)
        if before is None or cast("tuple[bytes, R]", before[1])[0] != key:
            self._results[place] = subject, (key, make())
        return cast("tuple[bytes, R]", self._results[place][1])[1]

    def drop(self, subject: object, kind: str) -> None:
        """Forget the latest of a kind."""
        del self._results[kind, id(subject)]

    def about(self, *subjects: object) -> Memo:
        """A memo with only the results about some subjects."""
        ids = {id(subject) for subject in subjects}
        memo = Memo()
        memo._results = {key: each for key, each in self._results.items() if key[1] in ids}
        return memo

    def the(self, kind: Callable[[], R]) -> R:
        """The one object of a kind in this run, made at the first call."""
        return self.once(_made, kind)


def _made(kind: Callable[[], R]) -> R:
    return kind()
