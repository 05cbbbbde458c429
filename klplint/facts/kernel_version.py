"""Kernel versions, as ranges in rule data name them ("4.12") and a tree's Makefile states them."""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})")


class Version(NamedTuple):
    """A kernel version; stable updates (the third number) do not count."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read "6.12"; ValueError with the reason if it is not a version."""
        match = _VERSION.fullmatch(text)
        if not match:
            raise ValueError(f'expected a kernel version such as "6.12", found "{text}"')
        return cls(int(match[1]), int(match[2]))

    def within(self, since: str, until: str) -> bool:
        """Whether this version lies in the range, both ends included; "" is an open end."""
        return (not since or Version.parse(since) <= self) and (
            not until or self <= Version.parse(until)
        )
