"""Comments on successive lines that are one text."""

from __future__ import annotations

import pytest

from klplint.csource.comment_blocks import comment_blocks
from klplint.csource.lexer import Source
from tests.support.work import CountedText, Meter, growth


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("// a\n// b\n", 1),
        ("\t// a\n\t// b\n", 1),
        ("x;\t// a\n\t// b\n", 1),
        ("x;\t// a\n        // b\n", 1),
        ("x; // a\n// b\n", 2),
        ("// a\n\n// b\n", 2),
        ("// a\nx; // b\n", 2),
        ("// a\n/* b */\n", 2),
        ("// klplint: ignore[KLP003] a\n// b\n", 2),
        ("// a\n// klplint: ignore[KLP003] b\n// c\n// d\n", 3),
        ("/* pairs with */\n/* f() */\n", 1),
        ("/* pairs with */\n/* __f() */\n", 1),
        ("/* pairs */\n/* with */\n/* f(). */\n", 1),
        ("x();\t/* pairs with */\n\t/* f() */\n", 1),
        ("\t/* pairs with */ \\\n\t/* f() */ \\\n", 1),
        ("/* pairs with */\r\n/* f() */\r\n", 1),
        ("/* pairs with */\r/* f() */\r", 1),
        ("x();\r\t/* pairs with */\r\t/* f() */\r", 1),
        ("/* It pairs. */\n/* with f() */\n", 2),
        ("/* one thing */\n/* Another thing */\n", 2),
        ("/* pairs with */\n\n/* f() */\n", 2),
        ("/* pairs with */ /* f() */\n", 2),
        ("/* pairs with */\n\t/* f() */\n", 2),
        ("/* pairs\n * with */\n/* f() */\n", 2),
        ("/* pairs with */\n/*\n * f()\n */\n", 2),
        ("/***********/\n/* f() */\n", 2),
        ("/**/\n/* f() */\n", 2),
    ],
)
def test_which_comments_are_one(text: str, blocks: int) -> None:
    source = Source(text)
    assert len(source.comment_blocks) == blocks
    assert source.comment_blocks[0].start == source.comments[0].start
    assert source.comment_blocks[-1].end == source.comments[-1].end


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_long_row_takes_the_work_of_its_comments(end: str) -> None:
    def measured(size: int, meter: Meter) -> None:
        text = CountedText.of(f"/* a */{end}" * size, meter)
        assert len(comment_blocks(text, Source(str(text)).comments)) == 1

    assert growth(measured, 500) < 2.3
