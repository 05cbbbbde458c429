"""What is worked out from facts once in a run, however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")


class Memo:
    """The results of one run: checks are asked several times, and several checks ask the same.

    A memo belongs to a run and ends with it.
    """

    def __init__(self) -> None:
        self._results: dict[tuple[object, ...], tuple[object, object]] = {}
        """Each result with its subject: as long as that is there, no other object has its id."""

    def once(
        self,
        work: Callable[Concatenate[S, P], R],
        subject: S,
        *settings: P.args,
        **named_settings: P.kwargs,
    ) -> R:
        """The result of `work(subject, *settings)`, worked out when it is first asked for.

        The subject is compared by identity, for facts are large and do not change; `work`, which
        is a class or a function of a module, and the settings are compared by equality.
        """
        key = (work, id(subject), settings, *named_settings.items())
        if key not in self._results:
            self._results[key] = subject, work(subject, *settings, **named_settings)
        return cast(R, self._results[key][1])
