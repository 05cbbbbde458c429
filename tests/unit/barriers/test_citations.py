"""Names that a comment mentions beside its partner: history, and the way to it."""

from __future__ import annotations

import pytest

from tests.support.comment_reading import names, read


@pytest.mark.parametrize(
    ("text", "pairing", "partners"),
    [
        (
            'Pairs with smp_wmb() in foo(): see commit 0123456789ab ("foo: add gone_call()").',
            "explicit",
            ["foo"],
        ),
        (
            'Pairs with smp_wmb() in foo() (added by 0123456789ab "bar: use gone_call()").',
            "explicit",
            ["foo"],
        ),
        (
            'Pairs with smp_wmb() in foo().  Fixes: 0123456789ab ("bar: call gone_call()")',
            "explicit",
            ["foo"],
        ),
        ('Pairs with smp_wmb() in foo(), see commit "bar: use gone_call()"', "explicit", ["foo"]),
        (
            'Pairs with smp_wmb() in foo(), see the mail "Re: [PATCH 2/3] bar: use gone_call()"',
            "explicit",
            ["foo"],
        ),
        (
            "Pairs with smp_wmb() in foo(), see https://lore.kernel.org/r/gone_call()",
            "explicit",
            ["foo"],
        ),
        ("Pairs with smp_wmb() in foo() via gone_or_not path", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo() by way of gone_or_not().", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo(), formerly gone_writer().", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo(), previously called gone_writer().", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo() (renamed from gone_writer()).", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo() for the benefit of bar_peek().", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo(), née gone_writer()", "explicit", ["foo"]),
        ("Pairs with foo() via gone_or_not()", "explicit", ["foo"]),
        ('Pairs with the smp_wmb() in "foo()" and "bar()".', "explicit", ["foo", "bar"]),
        (
            "Pairs with smp_wmb() in gone_writer(), see commit 0123456789ab.",
            "explicit",
            ["gone_writer"],
        ),
        ("pairs with the barrier via gone_x()", "explicit", ["gone_x"]),
        (
            'Pairs with smp_wmb() in foo() since 0123456789ab ("foo: add gone_call(), gone_b()").',
            "explicit",
            ["foo"],
        ),
        (
            "Pairs with smp_wmb() in foo().  See [PATCH v2 1/3] foo: call gone_writer()",
            "explicit",
            ["foo"],
        ),
        (
            "Pairs with smp_wmb() in foo(), see commit 0123456789ab (foo: add gone_call())",
            "explicit",
            ["foo"],
        ),
        ("Pairs with smp_wmb() in foo(), see <20230101.gone_a@gone_b.com>", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo(), alias gone_writer().", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo(), as used by gone_writer().", "explicit", ["foo"]),
        ("Pairs with smp_wmb() in foo() and in bar().", "explicit", ["foo", "bar"]),
        ("Pairs with smp_wmb() in foo(), or bar() if it is slow.", "explicit", ["foo", "bar"]),
        (
            "Pairs with smp_wmb() in foo() and, once it is called, bar().",
            "explicit",
            ["foo", "bar"],
        ),
        ('Deadbeef: pairs with smp_wmb() in "foo()".', "explicit", ["foo"]),
        ('Pairs with the barrier in foo() ("bar()" as well).', "explicit", ["foo", "bar"]),
        (
            'Pairs with the smp_wmb() from commit 0123456789ab ("foo: add smp_wmb()")',
            "explicit",
            [],
        ),
        ('commit 0123456789ab ("foo: pairs with smp_wmb() in bar()")', "none", []),
    ],
)
def test_only_the_partner_is_named(text: str, pairing: str, partners: list[str]) -> None:
    reading = read(text)
    assert reading.pairing == pairing
    assert names(reading) == partners
