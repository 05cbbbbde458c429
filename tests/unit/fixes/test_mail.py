"""The headers of patch mails, as a mail program reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_string
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest

from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place
from klplint.findings.fix import Fix
from klplint.fixes.mail import Mail, Sender, rendered

E_ACUTE = "\N{LATIN SMALL LETTER E WITH ACUTE}"
LONG = f"{E_ACUTE}lan " * 12


def headers(name: str = "A B", title: str = "write x", recipients: tuple[str, ...] = ()) -> str:
    """The mail by a sender with a name."""
    place = Place("a.c", Region(1, 1, 1, 2))
    finding = Finding("KLP000", "note", "message", place, fix=Fix(title, ()))
    mail = Mail(prefix="sched", findings=(finding,), diff="--- a\n", recipients=recipients)
    return rendered(mail, 1, 1, Sender(name, "a@b.c", datetime(2026, 1, 1, tzinfo=UTC)), "1")


def read(text: str, header: str) -> str:
    """A header as a mail program shows it."""
    return str(make_header(decode_header(str(message_from_string(text)[header]))))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A B <a@b.c>", ("A B", "a@b.c")),
        ("a@b.c", ("", "a@b.c")),
        ('"J. B" <a@b.c>', ("J. B", "a@b.c")),
        (f"R{E_ACUTE}my <a@b.c>", (f"R{E_ACUTE}my", "a@b.c")),
        (f'"R. \\"{E_ACUTE}\\" B, C" <a@b.c>', (f'R. "{E_ACUTE}" B, C', "a@b.c")),
        (f"{LONG.strip()} <a@b.c>", (LONG.strip(), "a@b.c")),
        ("bad\udcff <a@b.c>", ("bad?", "a@b.c")),
    ],
)
def test_recipients(written: str, shown: tuple[str, str]) -> None:
    mail = headers(recipients=(written, "list@b.c"))
    head = mail.partition("\n\n")[0]
    assert head.isascii()
    assert max(map(len, head.splitlines())) <= 76
    assert mail.count("\nCc: ") == 2
    (address,) = getaddresses([str(message_from_string(mail)["Cc"])])
    assert (str(make_header(decode_header(address[0]))), address[1]) == shown


def test_the_sender_and_the_subject() -> None:
    mail = headers(f"R{E_ACUTE}my", f"write {E_ACUTE}.c instead of x")
    assert mail.partition("\n\n")[0].isascii()
    assert read(mail, "From") == f"R{E_ACUTE}my <a@b.c>"
    assert read(mail, "Subject") == f"[PATCH] sched: write {E_ACUTE}.c instead of x"
