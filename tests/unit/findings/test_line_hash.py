"""Line hashes against the public vectors, and against the definition written down plainly.

The vectors are data of github/codeql-action, src/fingerprints.test.ts.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.findings.line_hash import line_hashes

_GREETINGS = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
]
_VECTORS = {
    "": ["c129715d7a2bc9a3:1"],
    " a\nb\n  \t\tc\n d": [
        "271789c17abda88f:1",
        "54703d4cd895b18:1",
        "180aee12dab6264:1",
        "a23a3dc5e078b07b:1",
    ],
    " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End": [
        "8b7cf3e952e7aeb2:1",
        "b1ae1287ec4718d9:1",
        "bff680108adb0fcc:1",
        "c6805c5e1288b612:1",
        "b86d3392aea1be30:1",
        "e6ceba753e1a442:1",
    ],
    " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n": _GREETINGS,
    " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r": _GREETINGS,
    " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n": _GREETINGS,
    " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n": _GREETINGS,
    "Lorem ipsum dolor sit amet.\n" * 10: [
        *(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)),
        "a7f2ff1481e87703:1",
        "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1",
        "cc97dc7b1d7d8f7b:1",
        "c129715d7a2bc9a3:1",
    ],
    "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n": [
        "e54938cc54b302f1:1",
        "bb609acbe9138d60:1",
        "1131fd5871777f34:1",
        "5c482a0f8b35ea28:1",
        "54517377da7028d2:1",
        "2c644846cb18d53e:1",
        "f1b89f20de0d133:1",
        "c129715d7a2bc9a3:1",
    ],
}
_TEXTS = st.text(st.sampled_from("ab \t\n\r\u00fc\U0001f427\u2028"), max_size=300)


def _rolled(text: str) -> dict[int, str]:
    """The definition taken literally: a hash rolled over the file's UTF-16 units.

    Each unit but blanks pushes the one a hundred units ago out. A line's hash is read when the
    window that began with it is full; at the end, 65535 and then zeros fill the windows.
    """
    window, modulus = 100, 2**64
    recent = [0] * window
    value, fed = 0, 0
    waiting: dict[int, int] = {}
    hashes: dict[int, str] = {}
    counts: Counter[int] = Counter()

    def feed(unit: int) -> None:
        nonlocal value, fed
        value = (value * 37 + unit - recent[fed % window] * pow(37, window, modulus)) % modulus
        recent[fed % window] = unit
        fed += 1
        for line in [line for line, begin in waiting.items() if fed - begin == window]:
            counts[value] += 1
            hashes[line] = f"{value:x}:{counts[value]}"
            del waiting[line]

    encoded = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-16-le")
    line, begins = 0, True
    for low, high in zip(encoded[::2], encoded[1::2], strict=True):
        unit = low + 256 * high
        if begins:
            line += 1
            waiting[line] = fed
        begins = unit == ord("\n")
        if unit not in (ord(" "), ord("\t")):
            feed(unit)
    if begins:
        waiting[line + 1] = fed
    feed(65535)
    for _ in range(window):
        feed(0)
    return hashes


@pytest.mark.parametrize(("text", "expected"), _VECTORS.items())
def test_public_vectors(text: str, expected: list[str]) -> None:
    numbers = range(1, len(expected) + 1)
    assert line_hashes(text, numbers) == dict(zip(numbers, expected, strict=True))
    assert _rolled(text) == dict(zip(numbers, expected, strict=True))


@given(_TEXTS)
def test_as_the_definition_rolls_it(text: str) -> None:
    expected = _rolled(text)
    assert line_hashes(text, expected) == expected


@given(_TEXTS, st.sets(st.integers(1, 30)))
def test_asking_for_some_lines_gives_what_asking_for_all_gives(text: str, some: set[int]) -> None:
    whole = line_hashes(text, range(1, 400))
    assert line_hashes(text, some) == {line: whole[line] for line in some if line in whole}


@given(_TEXTS)
def test_blanks_do_not_count(text: str) -> None:
    lines = range(1, 400)
    loose = text.replace("\r", "\n")
    tight = loose.replace(" ", "").replace("\t", "")
    assert line_hashes(loose, lines) == line_hashes(tight, lines)


@given(_TEXTS, _TEXTS)
def test_what_stands_before_does_not_count(before: str, text: str) -> None:
    head = before.replace("\r", "\n") + "\n"
    shift = head.count("\n")
    alone = line_hashes(text, range(1, 400))
    moved = line_hashes(head + text, range(1, 800))
    for line, value in alone.items():
        assert moved[line + shift].split(":")[0] == value.split(":")[0]


def test_lines_behind_the_end_have_no_hash() -> None:
    assert line_hashes("a\n", [3, 9]) == {}
    assert line_hashes("a\n", []) == {}


def test_undecodable_bytes_are_hashed_too() -> None:
    text = b"a\xffb\n".decode("utf-8", "surrogateescape")
    assert line_hashes(text, [1])[1] != line_hashes("ab\n", [1])[1]
