"""The labels of `asm goto`."""

from __future__ import annotations

import pytest

from klplint.csource.asm_labels import asm_labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('asm goto("" : : : : out);', ["out"]),
        ('asm goto("" :::: out, other);', ["out", "other"]),
        ('asm volatile goto ("" : "=r" (a ? b : c) : : "cc" : out);', ["out"]),
        ('__asm__ __volatile__ goto("" : [x] "=r" (a) : : : out);', ["out"]),
        ('asm_goto_output("" : : : : out);', ["out"]),
        ('asm volatile("" : : : "memory");', []),
        ('asm("" : : : : out);', []),
        ('asm goto("");', []),
        ('asm goto("" : : : : out', []),
        ("asm goto", []),
        ("", []),
    ],
)
def test_labels(text: str, labels: list[str]) -> None:
    assert asm_labels(text, 0) == labels
