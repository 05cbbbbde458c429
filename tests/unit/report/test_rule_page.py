"""A rule's page at a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.rule import Rule
from klplint.report.base import Appearance
from klplint.report.rule_page import render

_PAGE = """\
# SITE001 sample

## What it flags

A use of `smp_rmb()`, see [the manual](https://example.org/manual).

| level | when |
|---|---|
| note | never |

## Wrong

```c
int f(void);
```

- one
- two
"""


def test_sample(snapshot: SnapshotAssertion) -> None:
    assert render(_PAGE, Appearance(width=60)) == snapshot


def test_colour_changes_no_text() -> None:
    coloured = render(_PAGE, Appearance(colour=True, width=60))
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == render(
        _PAGE, Appearance(width=60)
    ).splitlines()


@pytest.mark.parametrize("rule", load_catalogue(), ids=lambda rule: rule.code)
@pytest.mark.parametrize("width", [60, 160])
def test_no_page_is_wider_than_the_terminal(rule: Rule, width: int) -> None:
    assert max(map(cell_len, render(rule.page, Appearance(width=width)).splitlines())) <= width


def test_explain_lays_the_page_out_on_a_terminal_only() -> None:
    command = [sys.executable, "-m", "klplint", "explain", "KLP001"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 1 << 16):
                shown += part
        except OSError:  # how Linux says the end of a pseudo-terminal
            os.close(ours)
    assert process.returncode == 0
    assert b"## What it flags" not in shown
    assert b"What it flags" in shown
    assert b"## What it flags" in subprocess.run(command, capture_output=True).stdout
