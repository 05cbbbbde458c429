"""Macros that name flags, by the answers of the tree."""

from __future__ import annotations

from klplint.facts.queries import Definition
from klplint.livepatch.named_flags import NamedFlags
from tests.support.definitions import HERE, answering

FLAGS = ("GFP_KERNEL", "__GFP_RECLAIM")


def named_flags(*macros: tuple[str, str, str]) -> NamedFlags:
    """The macros of files, each with its file, its name and its body, as a.c sees them."""
    definitions = [
        Definition(kind="object", name=name, path=path, region=HERE, text=text)
        for path, name, text in macros
    ]
    paths = {path for path, _, _ in macros} | {"a.c"}
    return NamedFlags("a.c", answering(definitions, paths), lambda name: name in FLAGS)


def meanings(flags: NamedFlags, *arguments: str) -> list[tuple[str, ...]]:
    return flags.meanings(arguments, "a.c")


def test_a_macro_is_replaced_by_its_body() -> None:
    flags = named_flags(("a.c", "MY", "GFP_KERNEL"), ("a.h", "MORE", "MY | X"))
    assert meanings(flags, "8", "MY & ~X") == [("8", "GFP_KERNEL & ~X")]
    assert meanings(flags, "MY", "p->MY") == [("GFP_KERNEL", "p->MY")]
    assert meanings(flags, "8", "gfp") == [("8", "gfp")]


def test_a_macro_may_stand_for_another_one() -> None:
    flags = named_flags(("a.h", "MORE", "(MY | X)"), ("a.h", "MY", "GFP_KERNEL | Y"))
    assert meanings(flags, "MORE") == [("((GFP_KERNEL | Y) | X)",)]


def test_each_definition_counts_but_those_of_other_c_files() -> None:
    flags = named_flags(("a.h", "MY", "GFP_KERNEL"), ("b.h", "MY", "GFP_NOWAIT"))
    assert meanings(flags, "MY") == [("GFP_KERNEL",), ("GFP_NOWAIT",)]
    assert meanings(named_flags(("b.c", "MY", "GFP_KERNEL")), "MY") == [("MY",)]


def test_a_macro_that_names_itself_ends() -> None:
    assert len(meanings(named_flags(("a.c", "MY", "(MY | MY)")), "MY")) == 1


def test_known_flags_are_not_asked_for() -> None:
    flags = named_flags(("a.c", "MY", "OTHER"))
    asked = [query.name for query in flags.queries(["GFP_KERNEL | MY", "x"], "a.c")]
    assert asked == ["MY", "OTHER"]
