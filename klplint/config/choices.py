"""The words that settings and options take.

They are apart from `settings`, which loads much more: `klplint --help` needs only the words.
"""

from __future__ import annotations

from typing import Literal, get_args

Format = Literal[
    "text",
    "concise",
    "json",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "markdown",
    "html",
    "mail",
    "checkpatch",
]
"""The formats of `check`; klplint.report has a module for each."""
FORMATS: tuple[Format, ...] = get_args(Format)

ListingFormat = Literal["text", "json"]
"""The formats of commands that list: `coverage` and `config`."""
LISTING_FORMATS: tuple[ListingFormat, ...] = get_args(ListingFormat)
PAIR_FORMATS: tuple[Format, ...] = (*LISTING_FORMATS, "html")
"""The formats of `pairs`."""

LivepatchFormat = Literal["text", "json", "markdown"]
"""The formats of `livepatch`."""
LIVEPATCH_FORMATS: tuple[LivepatchFormat, ...] = get_args(LivepatchFormat)

Colour = Literal["auto", "always", "never"]
COLOURS: tuple[Colour, ...] = get_args(Colour)

MOST_JOBS = 256
"""The most processes that a run may use."""
