"""What keeps a function from being patched, by its head and by the version of the kernel."""

from __future__ import annotations

import pytest

from klplint.facts.function_details import FunctionDetails
from klplint.facts.kernel_version import Version
from klplint.facts.queries import Definition
from klplint.facts.region import Region
from klplint.modules.patchability import Annotation, Section, Unpatchable, obstacles

HERE = Region(1, 1, 1, 2)
OLDER, NEWER = Version(6, 1), Version(6, 2)
DATA = Unpatchable(
    annotations=(
        Annotation(("hidden",), "has no hook", "a header"),
        Annotation(("late",), "has no hook", "a header", since="6.2"),
    ),
    sections=(Section((".init.",), "is gone", "a header"),),
    macros=(Annotation(("DEFINE_ENTRY",), "has no hook", "a header"),),
)


def reasons(head: str, made_by: str = "", version: Version = OLDER) -> list[str]:
    details = FunctionDetails(name="f", path="a.c", region=HERE, head=head, made_by=made_by)
    definition = Definition(kind="function", name="f", path="a.c", region=HERE, details=details)
    return [each.kind for each in obstacles(definition, DATA, version)]


@pytest.mark.parametrize(
    ("head", "kinds"),
    [
        ("static hidden int f(int a)", ["annotation"]),
        ("int f(int a) hidden", ["annotation"]),
        ("int f(int hidden)", []),
        ("int hidden_f(int a)", []),
        ("late int f(int a)", []),
        ('int __section(".init.text") f(int a)', ["section"]),
        ('hidden int __attribute__((__section__(".init.x"))) f(int a)', ["annotation", "section"]),
        ('int __section(".text.hot") f(int a)', []),
    ],
)
def test_heads(head: str, kinds: list[str]) -> None:
    assert reasons(head) == kinds


def test_an_annotation_of_a_later_version() -> None:
    assert reasons("late int f(int a)", version=NEWER) == ["annotation"]


def test_a_macro_that_makes_the_head() -> None:
    assert reasons("DEFINE_ENTRY(f)", "DEFINE_ENTRY") == ["macro"]


@pytest.mark.parametrize(
    ("kind", "obstacle"), [("assembly", "assembly"), ("macro", "not-a-function")]
)
def test_what_is_not_a_c_function(kind: str, obstacle: str) -> None:
    definition = Definition(kind=kind, name="f", path="a.S", region=HERE)  # type: ignore[arg-type]
    assert [each.kind for each in obstacles(definition, DATA, OLDER)] == [obstacle]


def test_the_line_of_a_makefile() -> None:
    line = Definition(kind="makefile", name="a.c", path="Makefile", region=HERE, text="x")
    definition = Definition(kind="function", name="f", path="a.c", region=HERE)
    (obstacle,) = obstacles(definition, DATA, OLDER, line)
    assert (obstacle.kind, obstacle.place.file) == ("makefile", "Makefile")
