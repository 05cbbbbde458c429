"""Bad source: odd conditions, macros, bytes and line ends."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.frontend.collect import collect_facts
from tests.support.single_file import WATCH, in_code, unit
from tests.support.work import Meter

HEAD = "#include <linux/livepatch.h>\n#include <linux/sched.h>\n"
CALL = "void touch(struct task_struct *t)\n{\n\tklp_update_patch_state(t);\n\tsmp_rmb();\n}\n"


def facts_of_bytes(directory: Path, content: bytes, name: str = "odd.c") -> FileFacts:
    """The facts of a file, for which few parses and little work have to do, however odd it is."""
    file = directory / name
    file.write_bytes(content)
    with Meter() as meter:
        facts = collect_facts(unit(file), WATCH)
    assert facts.parses <= 2
    assert meter.work < 500_000
    return facts


def calls(directory: Path, text: str) -> list[Occurrence]:
    return in_code(facts_of_bytes(directory, (HEAD + text).encode()))


def parsed(directory: Path, text: str) -> list[str]:
    """For each call and reference, by what it was classified."""
    return [o.how for o in calls(directory, text)]


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("#if A\n" * 200, "#endif\n" * 200),
        ("#ifdef A\n#else\n" * 200, "#endif\n" * 200),
        ("".join(f"#if A > {i}\n" for i in range(200)), "#endif\n" * 200),
        ("".join(f"#{'el' if i else ''}if A == {i}\n" for i in range(200)), "#endif\n"),
        ("#if " + "(" * 200 + "A" + ")" * 200 + "\n", "#endif\n"),
        ("#if " + "!" * 200 + "A\n", "#endif\n"),
        ("#if A" + " && A" * 500 + "\n", "#endif\n"),
        ("#if A" + " \\\n || B" * 500 + "\n", "#endif\n"),
    ],
    ids=["if", "else", "numbers", "elif", "parentheses", "not", "and", "or"],
)
def test_deep_and_long_conditions(tmp_path: Path, before: str, behind: str) -> None:
    assert parsed(tmp_path, before + CALL + behind) == ["ast", "ast"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#endif\n" + CALL, ["ast"] * 2),
        ("#else\n" + CALL, ["ast"] * 2),
        ("#elif A\n" + CALL, ["ast"] * 2),
        (CALL + "#if A\n", ["ast"] * 2),
        ("#if A\n" + CALL, ["ast"] * 2),
        ("#if A\n#endif\n#endif\n" + CALL + "#endif\n", ["ast"] * 2),
        ("#if A\n#else\n#else\n" + CALL + "#endif\n", ["tokens"] * 2),
        ("#if\n" + CALL + "#endif\n", ["tokens"] * 2),
        ("#\\\nif\n" + CALL + "#endif\n", ["tokens"] * 2),
        ("#ifdef\n" + CALL + "#endif\n", ["ast"] * 2),
        ("#if A B C\n" + CALL + "#endif\n", ["ast"] * 2),
        ("#if (A\n" + CALL + "#endif\n", ["ast"] * 2),
        ("#if 1 / 0\n" + CALL + "#endif\n", ["tokens"] * 2),
        ('#unknown\n#\n#1\n# 3 "x"\n' + CALL, ["ast"] * 2),
        ("#error stop\n#pragma odd\n#warning slow\n" + CALL, ["ast"] * 2),
    ],
)  # fmt: skip
def test_unbalanced_and_malformed_conditions(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    assert parsed(tmp_path, text) == expected


@pytest.mark.parametrize(
    "macros",
    [
        "#define touch touch\n",
        "#define t (t)\n",
        "#define A B\n#define B A\n#if A\n#endif\n",
        "#define klp_update_patch_state(x) klp_update_patch_state(x)\n",
        "#define smp_rmb() smp_rmb()\n",
        "#define A A A\n#define B A A\n#define C B B\nint x C;\n",
        "#define f(x) f(x) f\nint y = f(f)(f);\n",
        "#define\n#define 1\n#define f(\n#define g(x\n#define h(,) x\n#undef\n",
    ],
)
def test_macros_that_expand_to_themselves_or_are_none(tmp_path: Path, macros: str) -> None:
    got = [o for o in calls(tmp_path, macros + CALL) if o.function == "touch"]
    assert [(o.name, o.kind) for o in got] == [
        ("klp_update_patch_state", "call"),
        ("smp_rmb", "call"),
    ]


def test_a_macro_that_explodes(tmp_path: Path) -> None:
    macros = "".join(f"#define M{i} M{i + 1} M{i + 1} M{i + 1}\n" for i in range(12))
    assert parsed(tmp_path, f"{macros}#define M12 ;\n{CALL}") == ["ast", "ast"]


def test_a_file_that_includes_itself(tmp_path: Path) -> None:
    assert parsed(tmp_path, '#include "odd.c"\n' + CALL) == ["ast", "ast"]
    guarded = "#ifndef G\n#define G\n" + '#include "odd.h"\n' + CALL + "#endif\n"
    facts = facts_of_bytes(tmp_path, guarded.encode(), "odd.h")
    assert [o.how for o in in_code(facts)] == ["ast", "ast"]


@pytest.mark.parametrize("name", ["odd.c", "odd.h", "odd.S"])
@pytest.mark.parametrize(
    ("tail", "kind"),
    [
        ("/* smp_rmb() never ends\n", "comment"),
        ("// smp_rmb() \\", "comment"),
        ('char *s = "smp_rmb() \n;', "string"),
        ("char c = 'smp_rmb()\\", "string"),
        ("#define A smp_rmb( \\", "macro-body"),
    ],
)
def test_what_never_ends_costs_nothing_that_stands_before(
    tmp_path: Path, tail: str, kind: str, name: str
) -> None:
    facts = facts_of_bytes(tmp_path, (HEAD + CALL + tail).encode(), name)
    if name == "odd.S":
        assert [o.kind for o in facts.occurrences][:2] == ["assembly"] * 2
        assert len(facts.occurrences) == 3
    else:
        assert [o.kind for o in facts.occurrences] == ["call", "call", kind]
        assert [o.how for o in in_code(facts)] == ["ast", "ast"]


def position(occurrence: Occurrence) -> tuple[int, int]:
    return occurrence.region.line, occurrence.region.column


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
@pytest.mark.parametrize(
    "text",
    [
        HEAD + CALL,
        HEAD + "#ifdef ODD\n" + CALL + "#endif\n",
        HEAD + "#if \\\n __has_feature(odd)\n" + CALL + "#endif\n",
        HEAD + "#define A(x) \\\n x\n" + CALL,
        HEAD + "// a comment \\\n and on\n" + CALL,
    ],
    ids=["plain", "ifdef", "forced", "macro", "comment"],
)
def test_any_line_ends(tmp_path: Path, text: str, end: str) -> None:
    plain = in_code(facts_of_bytes(tmp_path, text.encode(), "plain.c"))
    other = in_code(facts_of_bytes(tmp_path, text.replace("\n", end).encode()))
    assert [(*position(o), o.function, o.arguments) for o in other] == [
        (*position(o), o.function, o.arguments) for o in plain
    ]
    assert [o.how for o in other] == ["ast", "ast"]


def test_mixed_line_ends(tmp_path: Path) -> None:
    text = HEAD.replace("\n", "\r\n") + "void f(void)\r{\n\r\n\tsmp_rmb();\r\r}\n"
    (call,) = in_code(facts_of_bytes(tmp_path, text.encode()))
    assert (call.how, call.function, position(call)) == ("ast", "f", (6, 2))


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("\tsmp_rmb();", 2),
        ("\t\f \v smp_rmb();", 6),
        ("/* \xe9\U0001f600 */ smp_rmb();", 10),
        ('x = "\u4e2d\u6587"; smp_rmb();', 11),
        ("\xe4nderung = \xe4nderung; smp_rmb();", 22),
        ("\xa0 smp_rmb();", 3),
        ("x = 1; \0 smp_rmb();", 10),
        ("/* \0 */ smp_rmb();", 9),
        ("x = '\0'; smp_rmb();", 10),
    ],
    ids=ascii,
)
def test_columns_count_characters(tmp_path: Path, line: str, column: int) -> None:
    text = HEAD + f"int \xe4nderung;\nvoid f(const char *x)\n{{\n{line}\n}}\nvoid g(void) {{}}\n"
    for content in (text.encode(), b"\xef\xbb\xbf" + text.encode()):
        (call,) = in_code(facts_of_bytes(tmp_path, content))
        assert (call.how, call.function, position(call)) == ("ast", "f", (6, column))


def test_latin_1_is_read_too(tmp_path: Path) -> None:
    text = HEAD + "void f(void)\n{\n\t/* caf\xe9 */ smp_rmb();\n}\n"
    (call,) = in_code(facts_of_bytes(tmp_path, text.encode("latin-1")))
    assert (call.how, position(call)) == ("ast", (5, 13))


def test_names_of_other_alphabets_are_no_watched_names(tmp_path: Path) -> None:
    text = "void f(void)\n{\n\t\xe9smp_rmb();\n\tsmp_rmb\xe9();\n\tsmp_rmb();\n}\n"
    assert [position(o) for o in calls(tmp_path, text)] == [(7, 2)]


@pytest.mark.parametrize("depth", [200, 210])
def test_nested_loops_are_followed_or_reported(tmp_path: Path, depth: int) -> None:
    text = "void f(struct task_struct *t)\n{\n" + "while (t) {" * depth
    text += "klp_update_patch_state(t);" + "}" * depth + "\n}\n"
    facts = facts_of_bytes(tmp_path, (HEAD + text).encode())
    if depth <= 200:
        assert (facts.problem, [f.name for f in facts.functions]) == ("", ["f"])
        assert pickle.loads(pickle.dumps(facts)) == facts  # noqa: S301 - as workers pass it on
    else:
        assert facts.problem == "statements nest more than 200 levels deep"
        assert [o.how for o in in_code(facts)] == ["tokens"]
