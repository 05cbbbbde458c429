"""What may sleep: by its name, by its arguments, by what it calls in the same file."""

from __future__ import annotations

from klplint.facts.kernel_version import Version
from klplint.facts.queries import DefinedIn, Definition, Mention, Query, TreeFacts
from klplint.facts.region import Region
from klplint.livepatch.sleeping_calls import Sleepers, SleepKind

HERE = Region(1, 1, 1, 1)
KINDS = (
    SleepKind(what="", calls=("msleep*", "down*"), but=("*_trylock",), source=""),
    SleepKind(what="", calls=("*alloc",), arguments=("GFP_KERNEL",), source=""),
)


def sleepers(**calls: tuple[str, ...]) -> Sleepers:
    """What is set up of a file whose functions call these names, each `name argument`."""
    answers: dict[Query, tuple[Definition, ...]] = {}
    for name, called in calls.items():
        mentions = tuple(
            Mention(n, HERE, tuple(rest)) for n, *rest in (call.split() for call in called)
        )
        question = DefinedIn(name, "a.c")
        answers[question] = (
            Definition(kind="function", name=name, path="a.c", region=HERE, calls=mentions),
        )
    return Sleepers(KINDS, "a.c", TreeFacts(Version.parse("6.12"), answers=answers))


def way(expected_ones: Sleepers, name: str, *arguments: str) -> list[str]:
    return [step.name for step in expected_ones.way(name, HERE, arguments)]


def test_names_and_arguments_say() -> None:
    expected_ones = sleepers()
    assert way(expected_ones, "msleep_interruptible", "1") == ["msleep_interruptible"]
    assert way(expected_ones, "down_trylock") == []
    assert way(expected_ones, "kmalloc", "4", "GFP_KERNEL | __GFP_ZERO") == ["kmalloc"]
    assert way(expected_ones, "kmalloc", "4", "GFP_ATOMIC") == []
    assert way(expected_ones, "other") == []


def test_functions_of_the_same_file_are_followed() -> None:
    expected_ones = sleepers(
        f=("g", "h"), g=("f",), h=("kmalloc GFP_KERNEL",), i=("kmalloc GFP_ATOMIC",)
    )
    assert way(expected_ones, "f") == ["f", "h", "kmalloc"]
    assert way(expected_ones, "g") == ["g", "f", "h", "kmalloc"]
    assert way(expected_ones, "i") == []


def test_what_has_to_be_known_is_asked_for_once() -> None:
    expected_ones = sleepers(f=("g", "h", "msleep"), g=("f",))
    asked = [question.name for question in expected_ones.queries(["f", "down"])]
    assert sorted(asked) == ["f", "g", "h"]


def test_a_macro_may_be_another_name_for_what_sleeps() -> None:
    answers: dict[Query, tuple[Definition, ...]] = {
        DefinedIn("nap", "a.c"): (
            Definition(kind="macro", name="nap", path="a.c", region=HERE, text="(msleep)"),
        )
    }
    expected_ones = Sleepers(KINDS, "a.c", TreeFacts(Version.parse("6.12"), answers=answers))
    assert way(expected_ones, "nap") == ["nap", "msleep"]
