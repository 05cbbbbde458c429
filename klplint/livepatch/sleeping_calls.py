"""What may sleep: functions that the rules' data lists, and what calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from klplint.analysis.callees import Callees, CallPlace
from klplint.analysis.name_patterns import fits_any
from klplint.csource.cleanup_classes import callee_of
from klplint.facts.queries import Mention, Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call
from klplint.livepatch.named_flags import NamedFlags
from klplint.livepatch.pending_tests import names_flag

_TAKEN_AWAY = re.compile(r"~\s*(\w+|\([^()]*\))")


class SleepKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Functions that may sleep: those that match `calls` and do not match `but`."""

    what: str
    """What the functions do."""
    calls: tuple[str, ...]
    """Patterns for their names; `*` stands for any letters, digits and underscores."""
    source: str
    """Where that is documented."""
    but: tuple[str, ...] = ()
    """Patterns for names that match `calls` and do not sleep."""
    arguments: tuple[str, ...] = ()
    """Names one of which has to be in an argument (`GFP_KERNEL`); empty if the name is enough."""
    unless: tuple[str, ...] = ()
    """Names none of which an argument may take away: `GFP_KERNEL & ~__GFP_RECLAIM`."""
    near: bool = False
    """Whether a call counts only in the file that is checked: its arguments decide."""

    def describes(self, name: str) -> bool:
        """Whether these are functions of that name, so that nobody needs to look into it."""
        return "*" not in self.calls and fits_any(name, self.calls)

    def holds(self, name: str, arguments: Iterable[str]) -> bool:
        """Whether a call is one of these."""
        if not fits_any(name, self.calls) or fits_any(name, self.but):
            return False
        if not self.arguments:
            return True
        return any(
            names_flag(argument, self.arguments) and not self._takes_away(argument)
            for argument in arguments
        )

    def _takes_away(self, argument: str) -> bool:
        """Whether an argument takes one of `unless` away from its flags."""
        return any(names_flag(taken, self.unless) for taken in _TAKEN_AWAY.findall(argument))


class SleepData(NamedTuple):
    """What the rule's data say about sleeping."""

    kinds: tuple[SleepKind, ...]
    """What may sleep."""
    atomic: tuple[str, ...] = ()
    """Patterns for functions that never sleep, whatever they call."""


class Step(NamedTuple):
    """A call on the way to one that sleeps."""

    name: str
    path: str
    """The file that holds the call."""
    region: Region


class _Way(NamedTuple):
    """A call, and the calls that lead to it."""

    mention: Mention
    place: CallPlace
    before: tuple[Step, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The calls down to this one."""
        return *self.before, Step(self.mention.name, self.place.path, self.mention.region)


class Sleepers:
    """What may sleep of what one file calls, according to the answers so far.

    A function of the file sleeps if it calls what sleeps, and so does one of another file. What
    that one calls in turn counts only if it always sleeps: a function that sleeps on a rare way
    only, far from the code that is checked, would be blamed without need.
    """

    def __init__(self, data: SleepData, path: str, tree: TreeFacts) -> None:
        """`tree` holds the answers for the file at `path`."""
        self._kinds, self._atomic = data
        self._path = path
        self._callees = Callees(tree, self._is_known)
        self._flags = NamedFlags(path, tree, self._is_flag)

    def way(self, name: str, region: Region, arguments: tuple[str, ...]) -> tuple[Step, ...]:
        """The shortest way from a call down to one that may sleep; () if there is none."""
        first = Mention(name, region, arguments)
        ways = [_Way(first, CallPlace(callee_of(name, arguments), self._path), ())]
        seen = {ways[0].place}
        for way in ways:  # it grows
            if self._sleeps(way.mention, way.place):
                return way.steps
            for definition, places in self._callees.calls_in(way.place):
                for mention, place in zip(definition.calls, places, strict=True):
                    is_far = place.depth > 1
                    if is_far and mention.conditional:
                        continue
                    if place not in seen or self._sleeps(mention, place):
                        seen.add(place)
                        ways.append(_Way(mention, place, way.steps))
        return ()

    def queries(self, calls: Iterable[Call]) -> Iterator[Query]:
        """What has to be answered to know whether calls in the file sleep."""
        pending = [
            (CallPlace(callee_of(each.name, each.arguments), self._path), each.name, each.arguments)
            for each in calls
        ]
        yield from self._callees.queries({place.name for place, _, _ in pending}, self._path)
        seen = set[tuple[CallPlace, str, tuple[str, ...]]]()
        while pending:
            each = pending.pop()
            if each not in seen:
                seen.add(each)
                place, name, arguments = each
                if any(map(self._asks_arguments, (name, place.name))):
                    yield from self._flags.queries(arguments, place.path)
                for definition, places in self._callees.calls_in(place):
                    pending += [
                        (inner, mention.name, mention.arguments)
                        for mention, inner in zip(definition.calls, places, strict=True)
                    ]

    def _sleeps(self, mention: Mention, place: CallPlace) -> bool:
        names = {mention.name, place.name}  # two for guard(mutex)(&lock), which calls a constructor
        return any(self._sleeps_as(name, mention.arguments, place) for name in names)

    def _sleeps_as(self, name: str, arguments: tuple[str, ...], place: CallPlace) -> bool:
        if fits_any(name, self._atomic):
            return False
        if not self._asks_arguments(name):
            return self._holds(name, arguments, place)
        meanings = self._flags.meanings(arguments, place.path)
        return all(self._holds(name, each, place) for each in meanings)

    def _holds(self, name: str, arguments: tuple[str, ...], place: CallPlace) -> bool:
        """Whether a call with these arguments is one of those that may sleep."""
        return any(
            kind.holds(name, arguments) for kind in self._kinds if place.depth == 0 or not kind.near
        )

    def _asks_arguments(self, name: str) -> bool:
        """Whether the arguments of a call decide whether it sleeps."""
        return not fits_any(name, self._atomic) and any(
            kind.arguments and fits_any(name, kind.calls) and not fits_any(name, kind.but)
            for kind in self._kinds
        )

    def _is_flag(self, name: str) -> bool:
        return any(name in (*kind.arguments, *kind.unless) for kind in self._kinds)

    def _is_known(self, name: str) -> bool:
        return fits_any(name, self._atomic) or any(kind.describes(name) for kind in self._kinds)
