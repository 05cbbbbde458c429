"""Which parse shows what: no parse too many, none too few, and a true reason for the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.csource.if_expressions import parse_condition
from klplint.facts.statements import Call, events_of
from tests.support.single_file import facts_of, in_code, variants
from tests.support.work import Meter, growth

HEAD = "#include <linux/sched.h>\n"
FORCED = "#if lines forced"


def function(name: str, *body: str) -> str:
    lines = "\n".join(body)
    return f"int {name}(void);\nint {name}(void)\n{{\n{lines}\nreturn 0;\n}}\n"


def parses_and_variants(directory: Path, text: str) -> tuple[int, list[str]]:
    facts = facts_of(directory, HEAD + text)
    return facts.parses, variants(facts)


@pytest.mark.parametrize(
    ("body", "parses", "expected"),
    [
        (["smp_rmb();"], 1, [""]),
        (["#ifdef CONFIG_SMP", "smp_rmb();", "#endif"], 1, [""]),
        (["#ifdef CONFIG_ODD", "smp_rmb();", "#endif"], 2, ["CONFIG_ODD"]),
        (["#ifndef CONFIG_SMP", "smp_rmb();", "#endif"], 2, ["!CONFIG_SMP"]),
        (["#if CONFIG_ODD > 7", "smp_rmb();", "#endif"], 2, ["CONFIG_ODD=8"]),
        (["#if IS_MODULE(CONFIG_ODD)", "smp_rmb();", "#endif"], 2, ["CONFIG_ODD_MODULE"]),
        (["#if IS_ENABLED(CONFIG_ODD)", "smp_rmb();", "#endif"], 2, ["CONFIG_ODD"]),
        (["#ifdef ODD", "smp_rmb();", "#else", "smp_rmb();", "#endif"], 2, ["ODD", ""]),
        (
            ["#ifdef ODD", "#if !CONFIG_SMP", "smp_rmb();", "#endif", "#endif"],
            2,
            ["!CONFIG_SMP ODD"],
        ),
        (["smp_rmb();", "#ifdef ODD", "smp_rmb();", "#endif", "smp_rmb();"], 2, ["", "ODD", ""]),
    ],
)
def test_settings_reach_what_the_first_parse_does_not(
    tmp_path: Path, body: list[str], parses: int, expected: list[str]
) -> None:
    assert parses_and_variants(tmp_path, function("f", *body)) == (parses, expected)


def test_two_opposite_arms_need_two_parses_more_where_the_first_has_neither(tmp_path: Path) -> None:
    body = ["#if CONFIG_ODD == 1", "smp_rmb();", "#elif CONFIG_ODD == 2", "smp_rmb();", "#endif"]
    expected = (3, ["CONFIG_ODD", "CONFIG_ODD=2"])
    assert parses_and_variants(tmp_path, function("f", *body)) == expected


def test_arms_that_agree_share_a_parse(tmp_path: Path) -> None:
    arms = ["ONE", "TWO", "THREE > 2", "!CONFIG_SMP"]
    body = [line for arm in arms for line in (f"#if {arm}", "smp_rmb();", "#endif")]
    parses, got = parses_and_variants(tmp_path, function("f", *body))
    assert parses == 2
    assert got == ["!CONFIG_SMP ONE THREE=3 TWO"] * 4


def test_both_arms_of_many_conditions_take_two_parses(tmp_path: Path) -> None:
    names = [f"ODD{i}" for i in range(10)]
    body = [
        line
        for name in names
        for line in (f"#ifdef {name}", "smp_rmb();", "#else", "smp_rmb();", "#endif")
    ]
    parses, got = parses_and_variants(tmp_path, function("f", *body))
    assert parses == 2
    assert got == [" ".join(sorted(names)), ""] * 10


def test_a_header_that_overrides_the_macro_does_not_hide_what_stands_behind(tmp_path: Path) -> None:
    (tmp_path / "sample.h").write_text("#undef SAMPLE\n#define OTHER 1\n")
    text = '#include "sample.h"\n' + function(
        "f", "#ifdef SAMPLE", "smp_rmb();", "#endif", "#ifndef OTHER", "smp_rmb();", "#endif"
    )
    parses, got = parses_and_variants(tmp_path, text)
    assert got == [FORCED, FORCED]
    assert parses <= 3


def test_a_condition_that_only_a_compiler_knows_is_forced(tmp_path: Path) -> None:
    text = function("f", "#if __has_feature(odd)", "smp_rmb();", "#endif")
    assert parses_and_variants(tmp_path, text) == (2, [FORCED])


def test_forcing_moves_no_line(tmp_path: Path) -> None:
    text = function(
        "f", "#if \\", " __has_feature(odd) /* of", "two lines */", "smp_rmb();", "#endif"
    )
    (occurrence,) = in_code(facts_of(tmp_path, HEAD + text))
    assert (occurrence.region.line, occurrence.region.column) == (8, 1)
    assert str(occurrence.parse).endswith(FORCED)
    assert occurrence.function == "f"


def test_an_include_guard_is_no_obstacle(tmp_path: Path) -> None:
    text = "#ifndef SAMPLE_H\n#define SAMPLE_H\n#ifdef ODD\n" + function("f", "smp_rmb();")
    facts = facts_of(tmp_path, f"{text}#endif\n#endif\n", "sample.h")
    assert (facts.parses, variants(facts)) == (2, ["ODD"])


@pytest.mark.parametrize(
    ("arms", "reason"),
    [
        (["if 0"], "disabled by #if 0"),
        (["if 1", "else"], "disabled by #if 0"),
        (["ifdef A", "if !defined(A)"], "contradict each other: defined(A) and !defined(A)"),
        (["ifdef A", "ifndef A"], "contradict each other: defined(A) and !(defined(A))"),
    ],
)
def test_what_no_configuration_reaches_is_reported(
    tmp_path: Path, arms: list[str], reason: str
) -> None:
    opening = [f"#{arm}" for arm in arms]
    closing = ["#endif" for arm in arms if arm.startswith("if")]
    text = function("f", *opening, "smp_rmb();", *closing)
    facts = facts_of(tmp_path, HEAD + text)
    assert (facts.parses, variants(facts)) == (1, ["tokens"])
    assert reason in in_code(facts)[0].reason


def test_more_arms_than_parses_lose_nothing_and_say_why(tmp_path: Path) -> None:
    body = [
        line
        for i in range(20)
        for line in (f"#{'el' if i else ''}if ODD == {i + 1}", f"\tsmp_rmb(); /* {i} */")
    ]
    facts = facts_of(tmp_path, HEAD + function("f", *body, "#endif"))
    assert facts.parses == 16
    got = in_code(facts)
    assert len(got) == 20
    reasons = {o.reason for o in got if o.how == "tokens"}
    assert len(reasons) == 1
    assert "16 parses" in reasons.pop()


def test_conditions_nested_200_deep_are_opened(tmp_path: Path) -> None:
    opening = [f"#ifdef ODD{i}" for i in range(200)]
    text = function("f", *opening, "smp_rmb();", *["#endif"] * 200)
    parses, got = parses_and_variants(tmp_path, text)
    assert parses == 2
    assert got == [" ".join(sorted(f"ODD{i}" for i in range(200)))]


def test_the_work_grows_as_the_conditions_are_nested(tmp_path: Path) -> None:
    def measured(depth: int, meter: Meter) -> None:
        parse_condition.cache_clear()
        opening = [f"#ifdef ODD{i}" for i in range(depth)]
        parses_and_variants(tmp_path, function("f", *opening, "smp_rmb();", *["#endif"] * depth))

    facts_of(tmp_path, HEAD)  # what is done once for all files
    assert growth(measured, 100) < 2.3


def test_a_function_that_both_arms_open_is_read_in_both(tmp_path: Path) -> None:
    text = (
        "#ifdef ODD\nint f(int a);\nint f(int a)\n{\n\tsmp_rmb();\n"
        "#else\nint f(void);\nint f(void)\n{\n\tsmp_rmb();\n#endif\n\tsmp_rmb();\n\treturn 0;\n}\n"
    )
    parses, got = parses_and_variants(tmp_path, text)
    assert (parses, got) == (2, ["ODD", "", ""])
    assert {o.function for o in in_code(facts_of(tmp_path, HEAD + text))} == {"f"}


def test_each_forced_parse_has_a_body_for_its_own_calls(tmp_path: Path) -> None:
    """Two parses of one function, both with forced conditions, see different statements."""
    call = "klp_update_patch_state(current);"
    arms = ["#if __has_feature(odd)", call, "#elif __has_feature(even)", call, "#else", "#endif"]
    facts = facts_of(tmp_path, HEAD + function("f", *arms))
    assert (facts.parses, variants(facts)) == (3, [FORCED, FORCED])
    for occurrence in in_code(facts):
        around = facts.function_around(occurrence)
        assert around is not None
        calls = [event.region for event in events_of(around.body) if isinstance(event, Call)]
        assert occurrence.region in calls
