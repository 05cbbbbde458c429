"""How much macros expand to: compared with an expansion, and for what cannot be expanded."""

from __future__ import annotations

import pytest

from klplint.csource.expansion_size import expanding_to_more
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline


def expand_to_more(text: str, most: int) -> frozenset[str]:
    source = Source(text)
    return expanding_to_more(Outline(source).macros, source.code, most)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("#define M a b c\n", 3),
        ("#define M\n", 0),
        ("#define A a b\n#define M A A A\n", 6),
        ("#define M A A\n#define A a b\n", 4),
        ("#define D(x) x x\n#define M D(a) b\n", 3),
        ("#define D(x) x x\n#define M D(D(D(a)))\n", 8),
        ("#define D(x) x x\n#define M D((D(D((a)))))\n", 16),
        ("#define D(x) x x\n#define E(x) D(D(x))\n#define M E(E(a))\n", 16),
        ("#define M M M\n", 2),
        ("#define A M M\n#define M A A\n", 2),
        ("#define M(a) a ## 1\n", 3),
    ],
)
def test_the_size_of_a_macro(text: str, size: int) -> None:
    """It need not be exact, but must not be far too small or far too large."""
    assert "M" in expand_to_more(text, size - 1)
    assert "M" not in expand_to_more(text, 2 * size + 2)


def doubling(levels: int, body: str) -> str:
    lines = [f"#define A{level + 1} A{level} A{level}" for level in range(levels)]
    return "\n".join([f"#define A0 {body}", *lines, ""])


def test_macros_that_double() -> None:
    assert expand_to_more(doubling(23, "f();"), 4_000_000) == {"A21", "A22", "A23"}


def test_macros_that_double_their_argument() -> None:
    text = "#define A0(x) x x\n" + "".join(
        f"#define A{level + 1}(x) A{level}(A{level}(x))\n" for level in range(5)
    )
    assert expand_to_more(f"{text}#define M A5(f();)\n", 4_000_000) >= {"M"}


def test_any_number_of_levels() -> None:
    chain = "".join(f"#define B{level + 1} B{level}\n" for level in range(5000))
    assert expand_to_more(f"{chain}#define B0 x\n", 5000) == frozenset()
    assert len(expand_to_more(doubling(5000, "x"), 1 << 20)) == 5000 - 20
