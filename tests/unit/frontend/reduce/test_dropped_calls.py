"""Calls that libclang drops, for a name is not declared, are put back where they are written."""

from __future__ import annotations

from pathlib import Path

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.statements import Block, Call, If, Loop, Simple, events_of
from klplint.frontend.parse import ParseInput, TranslationUnitView
from klplint.frontend.reduce.dropped_calls import with_dropped_calls
from klplint.frontend.reduce.function import reduce_function


def repaired(body: str) -> Block:
    """The reduced body of a function in which `lost` is declared nowhere."""
    source = Source(f"void use(int);\nint take(void *);\nvoid f(int n)\n{{\n{body}\n}}\n")
    outline = Outline(source)
    view = TranslationUnitView(
        source, ParseInput(Path("/nowhere/a.c"), ["-x", "c", "-std=gnu11", "-w"])
    )
    cursor = view.function_at(outline.bodies[0].start)
    assert cursor is not None
    function = reduce_function(view, outline, cursor)
    assert function is not None
    return with_dropped_calls(function.body, outline.bodies[0], outline)


def calls(block: Block) -> list[str]:
    return [event.name for event in events_of(block) if isinstance(event, Call)]


def test_a_dropped_call_comes_back_in_its_place() -> None:
    assert calls(repaired("use(1);\ntake(&lost->lock);\nuse(2);")) == ["use", "take", "use"]


def test_nothing_is_reported_twice() -> None:
    assert calls(repaired("use(take(0));")) == ["take", "use"]


def test_it_comes_back_into_the_block_that_holds_it() -> None:
    (loop,) = (s for s in repaired("while (n) {\n\ttake(lost);\n}").statements)
    assert isinstance(loop, Loop)
    assert isinstance(loop.body, Block)
    assert [e.name for e in events_of(loop.body) if isinstance(e, Call)] == ["take"]


def test_a_condition_keeps_its_call() -> None:
    (branch,) = (s for s in repaired("if (take(&lost->lock))\n\tuse(1);").statements)
    assert isinstance(branch, If)
    assert isinstance(branch.condition, Simple)
    assert [e.name for e in branch.condition.events if isinstance(e, Call)] == ["take"]


def test_what_an_if_leaves_out_stays_out() -> None:
    assert calls(repaired("#ifdef NEVER\ntake(lost);\n#endif\nuse(1);")) == ["use"]
