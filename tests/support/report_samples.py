"""Reports to render in tests: rules built by hand, findings in a small tree kept as text."""

from __future__ import annotations

from pathlib import Path

from klplint.catalogue.rule import Header, LoadedRule, Rule
from klplint.checks.base import Check
from klplint.facts.region import Region
from klplint.findings.finding import Finding, HunkPart, NotAnalysed, Place, Result
from klplint.findings.levels import Level, Precision
from klplint.findings.resolve import resolve
from klplint.report.base import Report

PAGE = """# KLP000: a rule

## What it flags
A call such as `f(a[0])`.

## Why
See [the review](https://lkml.org/).

## Wrong
    if (x) { klp_update_patch_state(tasks[0]); }
"""

TRANSITION = "kernel/livepatch/transition.c"
IDLE = "kernel/sched/idle.c"
SPACED = "drivers/my board/hash#1 [ü].c"
WIDE = "lib/wide.c"

TREE = {
    TRANSITION: (
        "void klp_force_transition(void)\n"
        "{\n"
        "\tstruct task_struct *g, *task;\n"
        "\n"
        "\tfor_each_process_thread(g, task)\n"
        "\t\tklp_update_patch_state(task);\n"
        "\tklp_update_patch_state(tasks[cpu][0]);\n"
        "}\n"
    ),
    IDLE: (
        "static void do_idle(void)\n"
        "{\n"
        "\tsmp_rmb(); /* pairs with the barrier in klp_init_transition() */\n"
        "\tklp_update_patch_state(\n"
        "\t\tcurrent->parent);\n"
        "}\n"
    ),
    SPACED: 'static const char *a[] = { "\\n" };\n\tx = a[0];\tsmp_rmb();\n',
    WIDE: (
        '\tcall("漢字", "e\u0301", smp_rmb());\n'
        "\x1b[31mred\u202e\tsmp_rmb();\n"
         "int data[] = { " + "0x12345678, " * 90 + "smp_rmb(), " + "0x9abcdef0, " * 90 + "};\n"
    ),
}  # fmt: skip


def rule(code: str, name: str, level: Level = "warning", precision: Precision = "high") -> Rule:
    """A rule whose check does nothing: reports ask only for its header and page."""
    header = Header(
        code=code,
        name=name,
        level=level,
        precision=precision,
        summary=f"What {code} flags in a line",
        description=f"{code} flags a thing. It is reported here in two sentences.",
        tags=("livepatch", "kernel"),
        check="none",
    )
    return LoadedRule(
        header=header, check=Check(), page=PAGE, directory=Path("rules") / f"{code}-{name}"
    )


RULES = (
    rule("KLP001", "task-not-current", "error", "very-high"),
    rule("KLP002", "unsafe-switch-point", "error"),
    rule("KLP003", "unpaired-read-barrier", "warning", "high"),
    rule("KLP004", "stale-pairing-comment", "warning", "medium"),
)


def place(file: str, needle: str, label: str = "", *, line: int = 0, end: str = "") -> Place:
    """The place of the first `needle` in `file` of TREE (from `line` on), up to `end` if given."""
    lines = TREE[file].split("\n")
    row = next(i for i, text in enumerate(lines) if i + 1 >= line and needle in text)
    column = lines[row].index(needle)
    last, stop = row, column + len(needle)
    if end:
        last = next(i for i in range(row, len(lines)) if end in lines[i])
        stop = lines[last].index(end) + len(end)
    return Place(file, Region(row + 1, column + 1, last + 1, stop + 1), label)


def findings() -> tuple[Finding, ...]:
    """Findings of all levels: arrays, several lines, odd names, wide and long lines."""
    raw = (
        Finding(
            "KLP001",
            "note",
            "klp_update_patch_state() is called with task, not current; the kernel documents "
            "that forcing a transition may break the consistency model",
            place(TRANSITION, "task", "this is the task of the loop, not current", line=6),
            "klp_force_transition",
            (
                place(TRANSITION, "for_each_process_thread(g, task)", "task is assigned here"),
                place(IDLE, "do_idle", "a place where the switch is safe"),
            ),
        ),
        Finding(
            "KLP001",
            "error",
            r"klp_update_patch_state() is called with tasks[cpu][0] (\ in a message), not current",
            place(TRANSITION, "tasks[cpu][0]", "an element of tasks[]"),
            "klp_force_transition",
            (
                place(TRANSITION, "klp_update_patch_state", "the call", line=7),
                place(TRANSITION, "*task", line=3),
            ),
        ),
        Finding(
            "KLP002",
            "error",
            "klp_update_patch_state() is called outside the safe locations",
            place(IDLE, "klp_update_patch_state(", end="parent)"),
            "do_idle",
        ),
        Finding(
            "KLP004",
            "warning",
            "the comment names klp_init_transition(), which holds no write barrier",
            place(IDLE, "smp_rmb()"),
            "do_idle",
            (place(IDLE, "klp_init_transition()", "named here"),),
        ),
        Finding("KLP003", "warning", "smp_rmb() without a comment", place(SPACED, "smp_rmb()")),
        Finding("KLP003", "warning", "smp_rmb() after wide text", place(WIDE, "smp_rmb()")),
        Finding(
            "KLP003",
            "warning",
            "smp_rmb() after a control\x1b[31m character",
            place(WIDE, "smp_rmb()", "here", line=2),
        ),
        Finding(
            "KLP003",
            "warning",
            "smp_rmb() in a long line",
            place(WIDE, "smp_rmb()", "the barrier", line=3),
            None,
            (place(WIDE, "data[]", "the array", line=3),),
        ),
    )
    return resolve(raw, TREE.__getitem__)


def report() -> Report:
    """The sample report with everything in it."""
    missed = (
        NotAnalysed("arch/s390/kernel/entry.S", 0, "assembly is counted, not analysed"),
        NotAnalysed(SPACED, 2, "parsed by no configuration: #if 0 around a[0]"),
    )
    return Report(Result(findings(), missed, files=385, occurrences=1234), RULES, "0.1.0")


def clean_report() -> Report:
    """A report without findings."""
    return Report(Result((), (), files=385, occurrences=1234), RULES, "0.1.0")


def hunk(at: int = 3, *, is_cause: bool, number: int = 0) -> HunkPart:
    """A part of the hunk of a patch that deletes a write barrier and adds a call."""
    lines = (
        " void publish(struct box *box)",
        " {",
        " \tbox->data = 1;",
        "-\tsmp_wmb(); /* \x1b pairs with consume() */",
        "+\tklp_update_patch_state(other);",
        " \tWRITE_ONCE(box->ready, 1);",
        " }",
    )
    return HunkPart(
        file="lib/writer.c",
        line=8,
        names=("a/lib/writer.c", "b/lib/writer.c"),
        header="@@ -8,6 +8,6 @@ struct box {",
        lines=lines,
        at=at,
        number=number or 9 + at,
        is_cause=is_cause,
        place=Place("x.patch", Region(9 + at, 1, 9 + at, 9), "in the patch", lines[at]),
    )
