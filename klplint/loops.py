"""The loops of a reduced function body."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.facts import Block, If, Loop, Region, Statement, Switch


def loops_in(statement: Statement | None, guards: tuple[str, ...]) -> Iterator[Loop]:
    """The loops in a statement, outer before inner.

    What a guard macro makes is no loop; `do { } while (0)` never turns and is none.
    """
    match statement:
        case Block():
            for inner in statement.statements:
                yield from loops_in(inner, guards)
        case If():
            yield from loops_in(statement.then, guards)
            yield from loops_in(statement.otherwise, guards)
        case Switch():
            yield from loops_in(statement.body, guards)
        case Loop():
            if statement.macro not in guards and not statement.once:
                yield statement
            yield from loops_in(statement.body, guards)


def loops_around(body: Block, region: Region, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that hold `region`, outermost first."""
    return [loop for loop in loops_in(body, guards) if loop.region.holds(region)]


def outermost_loops(body: Block, guards: tuple[str, ...]) -> list[Loop]:
    """The loops that stand in no other one."""
    loops = list(loops_in(body, guards))
    return [
        loop
        for loop in loops
        if not any(other is not loop and other.region.holds(loop.region) for other in loops)
    ]
