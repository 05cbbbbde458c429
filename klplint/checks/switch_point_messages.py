"""What messages of KLP002 say about a hazard."""

from __future__ import annotations

from typing import NamedTuple

from klplint.analysis.call_graph import Site
from klplint.checks.base import place
from klplint.facts.file_facts import Occurrence
from klplint.facts.region import Region
from klplint.findings.finding import Place
from klplint.findings.levels import Level
from klplint.livepatch.hazards import (
    CalledElsewhere,
    Hazard,
    InCallback,
    InHelperLoop,
    InNestedLoop,
    MadeByMacro,
    Misplaced,
    OutsideThreadLoop,
    UnderLocks,
    UnknownCallers,
    UnparsedThread,
    UnsafeCaller,
)
from klplint.livepatch.held_locks import Held


class Account(NamedTuple):
    """A hazard in words."""

    where: str
    """Continues a message that begins with "f() is called"."""
    label: str
    related: tuple[Place, ...] = ()
    level: Level | None = None


def account_of(hazard: Hazard) -> Account:
    """A hazard of any kind in words."""
    name = hazard.site.occurrence.function
    match hazard:
        case Misplaced():
            return _misplaced(hazard.site.occurrence)
        case InCallback(start=start):
            return Account(
                f"in {name}(), which is {start.what}, not the main loop of a kthread",
                "not a safe location",
                (Place(start.path, start.region, f"{name}() becomes {start.what} here"),),
            )
        case MadeByMacro(macro=macro):
            return Account(
                f"in {name}(), which the macro {macro} defines; the loops and locks of that macro "
                "could not be checked",
                "loops and locks of the macro not checked",
                level="note",
            )
        case UnparsedThread() | OutsideThreadLoop() | InNestedLoop():
            return _in_thread(hazard)
        case InHelperLoop(loop=loop):
            return Account(
                f"in a loop of {name}(), whose data may be inconsistent at that point",
                "in a loop",
                (_line_of(hazard.site, loop, "the loop"),),
            )
        case UnderLocks():
            return _under_locks(hazard)
        case UnknownCallers(taken=taken, is_thread=is_thread):
            which = "a kthread whose address is also" if is_thread else "whose address is"
            return Account(
                f"in {name}(), {which} taken, so that its callers are unknown",
                "not all callers known" if is_thread else "not a safe location",
                (
                    place(
                        taken.facts,
                        taken.occurrence.region,
                        f"the address of {name}() is taken here",
                    ),
                ),
                level="note" if is_thread else None,
            )
        case CalledElsewhere(caller=caller):
            return Account(
                f"in the kthread {name}(), which {caller.facts.path} also calls directly",
                "not only the main loop of a kthread",
                (place(caller.facts, caller.occurrence.region, f"{name}() is called here"),),
                level="note" if caller.occurrence.is_dead else None,
            )
        case UnsafeCaller(hazard=inner):
            account = account_of(inner)
            step = place(inner.site.facts, inner.site.occurrence.region, f"{name}() is called here")
            return account._replace(
                where=f"in {name}(), and {name}() is called {account.where}",
                related=(step, *account.related),
            )


def _misplaced(call: Occurrence) -> Account:
    where = f"in {call.function}()" if call.function else "outside any function"
    if not call.function and call.via:
        where = f"in a function that the macro {call.via} may define"
    elif not call.function and call.how == "tokens":
        where = "in code whose function is unknown"
    return Account(
        f"{where}, which is not a safe location (the idle loop, the exit to user mode, "
        "or a kthread's main loop)",
        "not a safe location",
        level="note" if call.is_dead else None,
    )


def _in_thread(hazard: UnparsedThread | OutsideThreadLoop | InNestedLoop) -> Account:
    """A hazard of a call in a kthread's function in words."""
    call = hazard.site.occurrence
    name = call.function
    match hazard:
        case UnparsedThread():
            return Account(
                f"in the kthread {name}(), whose loop and locks could not be checked: "
                f"{call.reason}",
                "loop and locks not checked",
                level="note",
            )
        case OutsideThreadLoop(start=start, loop=loop):
            # The first part of a `for (;;)` is written inside the loop.
            is_before = loop and (call.region < loop or loop.holds(call.region))
            side = "before" if is_before else "after"
            where = f" {side} its main loop" if loop else ", which has no main loop"
            return Account(
                f"in the kthread {name}(){where}; a kthread may only switch inside its main loop",
                "not in the kthread's main loop",
                (Place(start.path, start.region, f"{name}() becomes {start.what} here"),),
            )
        case InNestedLoop(site=site, outer=outer, inner=inner):
            return Account(
                f"in a loop nested in the main loop of the kthread {name}(), whose data may be "
                "inconsistent at that point; call it directly in the main loop",
                "in a nested loop",
                (
                    _line_of(site, outer, "the kthread's main loop"),
                    _line_of(site, inner, "the nested loop"),
                ),
            )


def _under_locks(hazard: UnderLocks) -> Account:
    name, path = hazard.site.occurrence.function, hazard.site.facts.path
    where = {
        "kthread loop": f"in the main loop of the kthread {name}()",
        "idle loop": "in the idle loop",
        "function": f"in {name}()",
    }[hazard.place]
    held = (f"{_lock(lock)} at line {lock.region.line}" for lock in hazard.locks)
    return Account(
        f"{where}, but under {' and '.join(dict.fromkeys(held))}; call it where no lock is held",
        f"{_lock(hazard.locks[-1])} may be held here",
        tuple(Place(path, lock.region, f"{lock} is called here") for lock in hazard.locks),
    )


def _lock(lock: Held) -> str:
    """A lock as it was taken, with its kind where the call does not name it."""
    names_kind = any(word in lock.call for word in lock.kind.lower().split())
    return str(lock) if names_kind else f"{lock} ({lock.kind})"


def _line_of(site: Site, region: Region, label: str) -> Place:
    """The first line of a region in the file of a site."""
    first = Region(region.line, region.column, region.line, region.column + 1)
    return place(site.facts, first, label)
