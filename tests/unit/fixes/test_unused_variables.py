"""Declarations that are removed with the last use of a variable, and those that stay."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from klplint.csource.lexer import Source
from klplint.csource.words import words_in
from klplint.findings.finding import Finding, Place
from klplint.findings.fix import Change, Fix, LeftVariable, Replacement
from klplint.fixes.planning import plan_fixes
from klplint.fixes.resolve import with_edits

REMOVED = "pass `current`, and remove `t`"
LEFT = "pass `current`; `t` is unused then"
USED = "pass `current`"


def findings(text: str, name: str = "t") -> list[Finding]:
    """A finding for each call `f(t)` of a function, as KLP001 makes it."""
    source = Source(text)
    places = [*words_in(text, name)]
    scope = source.region(text.index("{"), len(text))
    declared = source.region(places[0], places[0] + len(name))
    made = []
    for match in re.finditer(rf"f\(({name})\)", text):
        region = source.region(*match.span(1))
        values = ("current", "get_current()")
        changes: tuple[Change, ...] = (
            Replacement("a.c", region, name, "current"),
            LeftVariable("a.c", name, scope, declared, values, USED),
        )
        made.append(Finding("KLP001", "note", "m", Place("a.c", region), fix=Fix(USED, changes)))
    return made


def fixed(root: Path, text: str, made: list[Finding]) -> tuple[str, list[str]]:
    """The text with all fixes, and the title of each."""
    (root / "a.c").write_text(text)
    resolved = with_edits(made, root)
    plan = plan_fixes(resolved, {"a.c"}, root)
    assert plan.left == ()
    after = plan.files[0].after.decode() if plan.files else text
    return after, [finding.fix.title for finding in resolved if finding.fix]


@pytest.mark.parametrize(
    ("body", "after", "title"),
    [
        ("task *t = current;\n\n\tf(t);", "f(current);", REMOVED),
        ("task *const t = (get_current());\n\tf(t);", "f(current);", REMOVED),
        ("int i;\n\ttask *t = current;\n\n\tf(t);", "int i;\n\n\tf(current);", REMOVED),
        ("task *t = current;\n\n\tg(t);\n\tf(t);", None, USED),
        ("task *t = current;\n\n\tt = t->next;\n\tf(t);", None, USED),
        ("task *t = current, *u;\n\n\tf(t);", None, LEFT),
        ("task *t = find();\n\n\tf(t);", None, LEFT),
        ("task *t;\n\n\tt = current;\n\tf(t);", None, LEFT),
        ("task *t = current; /* us */\n\n\tf(t);", None, LEFT),
        ("/* us */\n\ttask *t = current;\n\n\tf(t);", None, LEFT),
    ],
)
def test_one_call(tmp_path: Path, body: str, after: str | None, title: str) -> None:
    text = f"void x(void)\n{{\n\t{body}\n}}\n"
    new = after if after is not None else body.replace("f(t)", "f(current)")
    expected = f"void x(void)\n{{\n\t{new}\n}}\n"
    assert fixed(tmp_path, text, findings(text)) == (expected, [title])


def test_a_variable_that_is_kept_in_any_case(tmp_path: Path) -> None:
    text = "void x(void)\n{\n\ttask *t = current;\n\n\tf(t);\n\tUSE();\n}\n"
    (made,) = findings(text)
    assert made.fix is not None
    replaced, variable = made.fix.changes
    kept = msgspec.structs.replace(variable, is_kept=True)
    fix = msgspec.structs.replace(made.fix, changes=(replaced, kept))
    _, titles = fixed(tmp_path, text, [msgspec.structs.replace(made, fix=fix)])
    assert titles == [USED]


def test_several_calls_leave_it_unused_together(tmp_path: Path) -> None:
    text = "void x(void)\n{\n\ttask *t = current;\n\n\tf(t);\n\tf(t);\n}\n"
    after = "void x(void)\n{\n\tf(current);\n\tf(current);\n}\n"
    assert fixed(tmp_path, text, findings(text)) == (after, [USED, USED])


def test_several_variables(tmp_path: Path) -> None:
    text = "void x(void)\n{\n\ttask *t = current;\n\ttask *u = current;\n\n\tf(t);\n\tf(u);\n}\n"
    after = "void x(void)\n{\n\tf(current);\n\tf(current);\n}\n"
    made = [*findings(text), *findings(text, "u")]
    assert fixed(tmp_path, text, made)[0] == after


def test_no_fix_where_the_value_depends_on_the_configuration(tmp_path: Path) -> None:
    body = "task *t = current;\n\n#ifdef CONFIG_X\n\tt = other;\n#endif\n\tf(t);"
    text = f"void x(task *other)\n{{\n\t{body}\n}}\n"
    assert fixed(tmp_path, text, findings(text)) == (text, [])
