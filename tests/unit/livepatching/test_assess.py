"""Whether a fix can be livepatched, and why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.livepatching.assessment import ChangedFunction
from tests.support.livepatch_samples import assessed, of_file, part, reasons

FUNCTION = "static int f(int a)\n{\n\treturn a;\n}\n"
CHANGED = FUNCTION.replace("return a;", "return a + 1;")


def test_a_function_that_changes_can_be_patched(tmp_path: Path) -> None:
    assessment = of_file(tmp_path, FUNCTION, CHANGED)
    (function,) = assessment.functions
    assert assessment.verdict == "patchable"
    assert (function.name, str(function.spot), function.objects) == (
        "f",
        "kernel/core.c:1",
        ("vmlinux",),
    )


def test_a_file_that_no_makefile_lists(tmp_path: Path) -> None:
    assessment = of_file(tmp_path, FUNCTION, CHANGED, "kernel/boot/tiny.c")
    assert part(assessment, "f").verdict == "with care"
    assert "no Makefile" in reasons(assessment, "f")


def test_objects_are_those_of_the_makefiles(tmp_path: Path) -> None:
    (function,) = of_file(tmp_path, FUNCTION, CHANGED, "fs/nine.c").functions
    assert function.objects == ("nine", "vmlinux")
    assert function.condition == "CONFIG_NINE_FS"


@pytest.mark.parametrize(
    "after",
    [
        FUNCTION.replace("{\n", "{\n\t/* why */\n"),
        "\n\n" + FUNCTION,
        FUNCTION.replace("return a;", "return   a;"),
        f"int g(void);\n{FUNCTION}",
    ],
)
def test_comments_white_space_and_declarations_are_not_code(tmp_path: Path, after: str) -> None:
    assessment = of_file(tmp_path, FUNCTION, after)
    assert assessment.functions == ()
    assert assessment.verdict == "not patchable"
    assert "nothing to patch" in assessment.reasons[0].text


def test_a_text_in_quotes_is_code(tmp_path: Path) -> None:
    before = 'void f(void)\n{\n\tp("a b");\n}\n'
    assert of_file(tmp_path, before, before.replace("a b", "a  b")).functions


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("notrace int f(int a)", "is marked notrace"),
        ("static int __init f(int a)", "is marked __init"),
    ],
)
def test_a_function_without_a_hook_cannot_be_patched(tmp_path: Path, head: str, why: str) -> None:
    before = f"\n{head}\n{{\n\treturn a;\n}}\n"
    assessment = of_file(tmp_path, before, before.replace("a;", "a + 1;"))
    assert assessment.verdict == "not patchable"
    assert why in reasons(assessment, "f")
    assert "(kernel/core.c:2)" in reasons(assessment, "f")


def test_a_makefile_may_take_the_hook_away(tmp_path: Path) -> None:
    assessment = of_file(tmp_path, FUNCTION, CHANGED, "lib/plain.c")
    assert part(assessment, "f").verdict == "not patchable"
    assert "(lib/Makefile:1)" in reasons(assessment, "f")


def test_an_inline_function_is_patched_in_its_callers(tmp_path: Path) -> None:
    header = "static inline int f(int a)\n{\n\treturn a;\n}\n"
    user = '#include "f.h"\nint g(void)\n{\n\treturn f(1);\n}\n'
    assessment = assessed(
        tmp_path,
        {"kernel/f.h": header},
        {"kernel/f.h": header.replace("a;", "a + 1;")},
        {"kernel/user.c": user},
    )
    function = part(assessment, "f")
    assert isinstance(function, ChangedFunction)
    assert function.verdict == "with care"
    assert function.users is not None
    assert [str(user.spot) for user in function.users.first] == ["kernel/user.c:2"]
    assert function.users.objects == ("vmlinux",)


def test_an_inline_function_without_callers_needs_nothing(tmp_path: Path) -> None:
    header = "static inline int f(int a)\n{\n\treturn a;\n}\n"
    after = {"kernel/f.h": header.replace("a;", "a + 1;")}
    assert part(assessed(tmp_path, {"kernel/f.h": header}, after), "f").verdict == "patchable"


def test_users_through_macros_and_inline_functions_count(tmp_path: Path) -> None:
    header = "#define LIMIT 3\n#define TWICE (2 * LIMIT)\n"
    user = (
        "static inline int h(void)\n{\n\treturn TWICE;\n}\n"
        "int g(void)\n{\n\treturn h();\n}\n"
        "static int __init late(void)\n{\n\treturn LIMIT;\n}\n"
    )
    assessment = assessed(
        tmp_path,
        {"kernel/f.h": header},
        {"kernel/f.h": header.replace("LIMIT 3", "LIMIT 4")},
        {"kernel/user.c": user, "kernel/other.c": "static inline int h(void);\n"},
    )
    macro = part(assessment, "LIMIT")
    assert macro.verdict == "with care"
    assert macro.users is not None
    assert [user.name for user in macro.users.first] == ["g", "late"]
    assert "late(), which uses it, cannot be patched (kernel/user.c:9)" in reasons(
        assessment, "LIMIT"
    )


def test_users_that_a_configuration_leaves_out_do_not_count(tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("CONFIG_OTHER=y\n")
    user = "int g(void)\n{\n\treturn LIMIT;\n}\n"
    assessment = assessed(
        tmp_path,
        {"fs/f.h": "#define LIMIT 3\n"},
        {"fs/f.h": "#define LIMIT 4\n"},
        {"fs/nine.c": user, "kernel/user.c": user},
    )
    macro = part(assessment, "LIMIT")
    assert macro.users is not None
    assert [str(user.spot) for user in macro.users.first] == ["kernel/user.c:1"]


def test_many_users_are_counted(tmp_path: Path) -> None:
    header = "#define LIMIT 3\n"
    users = "".join(f"int g{n}(void)\n{{\n\treturn LIMIT;\n}}\n" for n in range(9))
    data = "".join(f"static int v{n}[LIMIT];\n" for n in range(5))
    assessment = assessed(
        tmp_path,
        {"kernel/f.h": header},
        {"kernel/f.h": "#define LIMIT 4\n"},
        {"kernel/user.c": users + data},
    )
    assert "9 functions in 1 file (g0(), g1(), g2() and 6 more) have" in reasons(
        assessment, "LIMIT"
    )
    assert "type or value of v0, v1, v2 and 2 more" in reasons(assessment, "LIMIT")


def test_a_macro_that_decides_a_layout_cannot_change(tmp_path: Path) -> None:
    header = "#define LIMIT 3\nstruct s {\n\tint a[LIMIT];\n};\n"
    after = {"kernel/f.h": header.replace("LIMIT 3", "LIMIT 4")}
    assessment = assessed(tmp_path, {"kernel/f.h": header}, after)
    assert part(assessment, "LIMIT").verdict == "not patchable"
    assert "layout of s" in reasons(assessment, "LIMIT")
    assert "(kernel/f.h:2)" in reasons(assessment, "LIMIT")


def test_a_macro_of_a_c_file_is_used_there_only(tmp_path: Path) -> None:
    before = "#define LIMIT 3\nint g(void)\n{\n\treturn LIMIT;\n}\n"
    assessment = assessed(
        tmp_path,
        {"kernel/core.c": before},
        {"kernel/core.c": before.replace("LIMIT 3", "LIMIT 4")},
        {"kernel/user.c": "#define LIMIT 9\nint h(void)\n{\n\treturn LIMIT;\n}\n"},
    )
    macro = part(assessment, "LIMIT")
    assert macro.users is not None
    assert [user.name for user in macro.users.first] == ["g"]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("int a;", "int a; int b;", "not patchable"),
        ("int a; int b;", "int b; int a;", "not patchable"),
        ("char *a;", "char __user *a;", "patchable"),
        ("int n; int a[];", "int n; int a[] __counted_by(n);", "patchable"),
    ],
)
def test_the_layout_of_a_structure_stays(
    tmp_path: Path, before: str, after: str, verdict: str
) -> None:
    text = "struct s {{\n\t{}\n}};\nvoid g(struct s *p)\n{{\n}}\n"
    assessment = of_file(tmp_path, text.format(before), text.format(after))
    structure = part(assessment, "s")
    assert structure.verdict == verdict
    if verdict == "not patchable":
        assert structure.users is not None
        assert [user.name for user in structure.users.first] == ["g"]


def test_the_type_of_a_callback_is_named(tmp_path: Path) -> None:
    before = "struct ops {\n\tint (*open)(int a);\n\tvoid *data;\n};\n"
    assessment = of_file(tmp_path, before, before.replace("(int a)", "(int a, int b)"))
    assert "the type of its callback open changes" in reasons(assessment, "ops")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("static int v = 1;", "static int v = 2;", "its initial value changes"),
        ("static int v;", "static long v;", "its type changes"),
        ("static int v[] = { 1 };", "static int v[] = { 1, 2 };", "its initial value changes"),
        ("static struct s v = { .f = g };", "static struct s v = { .f = h };", "initial value"),
    ],
)
def test_data_in_memory_stay(tmp_path: Path, before: str, after: str, why: str) -> None:
    assessment = of_file(tmp_path, f"{before}\n", f"{after}\n")
    assert part(assessment, "v").verdict == "not patchable"
    assert why in reasons(assessment, "v")


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [
        ("static const int v[] =", "with care"),
        ("static const struct policy v[] =", "with care"),
        ("static const char *const v[] =", "with care"),
        ("static const char *v[] =", "not patchable"),
        ("static int v[] =", "not patchable"),
        ("const int v[] =", "not patchable"),
    ],
)
def test_a_constant_can_have_a_copy_in_the_livepatch(
    tmp_path: Path, declared: str, verdict: str
) -> None:
    text = declared + " {{ {} }};\nint g(void)\n{{\n\treturn h(v);\n}}\n"
    assessment = of_file(tmp_path, text.format("1"), text.format("1, 2"))
    assert part(assessment, "v").verdict == verdict
    if verdict == "with care":
        assert "1 function in 1 file (g()) has to be patched" in reasons(assessment, "v")


def test_a_constant_that_data_in_memory_refer_to_cannot_change(tmp_path: Path) -> None:
    before = "static const int v[] = { 1 };\nstatic struct ops o = { .table = v };\n"
    assessment = of_file(tmp_path, before, before.replace("{ 1 }", "{ 2 }"))
    assert part(assessment, "v").verdict == "not patchable"
    assert "value of o in memory (kernel/core.c:2)" in reasons(assessment, "v")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("static int v = 1;", "static int v __ro_after_init = 1;"),
        ("static struct s v;", "static const struct s v;"),
    ],
)
def test_where_data_are_kept_does_not_matter(tmp_path: Path, before: str, after: str) -> None:
    assessment = of_file(tmp_path, f"{before}\n{FUNCTION}", f"{after}\n{CHANGED}")
    assert assessment.verdict == "patchable"


def test_new_data_and_functions_are_part_of_the_livepatch(tmp_path: Path) -> None:
    after = f"static int v = 1;\nstatic int g(void)\n{{\n\treturn v;\n}}\n{CHANGED}"
    assessment = of_file(tmp_path, FUNCTION, after)
    assert assessment.verdict == "patchable"
    assert [f"{f.change} {f.name}" for f in assessment.functions] == ["changed f", "added g"]


def test_new_functions_alone_are_called_by_nothing(tmp_path: Path) -> None:
    assessment = of_file(tmp_path, FUNCTION, f"{FUNCTION}static void g(void)\n{{\n}}\n")
    assert assessment.verdict == "with care"
    assert "nothing calls the new ones" in assessment.reasons[0].text


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("", "\tstatic int count;\n", "gets the static variable count"),
        ("\tstatic int count;\n", "", "loses the static variable count"),
        ("\tstatic int count;\n", "\tstatic int number;\n", "loses the static variable count"),
    ],
)
def test_static_variables_of_a_function(tmp_path: Path, before: str, after: str, why: str) -> None:
    text = "void f(void)\n{{\n{}\tg();\n}}\n"
    assessment = of_file(tmp_path, text.format(before), text.format(after))
    assert part(assessment, "f").verdict == "with care"
    assert why in reasons(assessment, "f")


def test_a_static_variable_that_stays_is_a_note(tmp_path: Path) -> None:
    before = "void f(void)\n{\n\tstatic int count;\n\tg(count);\n}\n"
    function = part(of_file(tmp_path, before, before.replace("g(", "h(")), "f")
    assert isinstance(function, ChangedFunction)
    assert function.verdict == "patchable"
    assert "(count)" in function.notes[0]


def test_the_type_of_an_exported_function_stays(tmp_path: Path) -> None:
    before = "int f(int a)\n{\n\treturn a;\n}\nEXPORT_SYMBOL_GPL(f);\n"
    assessment = of_file(tmp_path, before, before.replace("int a)", "long a)"))
    assert part(assessment, "f").verdict == "not patchable"
    assert "it is exported" in reasons(assessment, "f")


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ("static int f(long a)", "which change with it (g())"),
        ("static int f(int a, int b)", "which change with it (g())"),
    ],
)
def test_the_type_of_a_static_function_changes_with_its_callers(
    tmp_path: Path, after: str, why: str
) -> None:
    before = f"{FUNCTION}int g(void)\n{{\n\treturn f(1);\n}}\n"
    changed = before.replace("static int f(int a)", after).replace("f(1)", "f(1 + 1)")
    assessment = of_file(tmp_path, before, changed)
    assert part(assessment, "f").verdict == "with care"
    assert why in reasons(assessment, "f")


def test_a_function_in_a_table_is_called_with_its_old_type(tmp_path: Path) -> None:
    before = f"{FUNCTION}static const struct ops o = {{ .f = f }};\n"
    assessment = of_file(tmp_path, before, before.replace("int a)", "long a)"))
    assert "through a pointer" in reasons(assessment, "f")
    assert "(kernel/core.c:5)" in reasons(assessment, "f")


@pytest.mark.parametrize(
    "after",
    [
        "static int f(int b)\n{\n\treturn b;\n}\n",
        "static noinline int f(int a)\n{\n\treturn a;\n}\n",
    ],
)
def test_names_and_annotations_are_not_types(tmp_path: Path, after: str) -> None:
    assert "type changes" not in reasons(of_file(tmp_path, FUNCTION, after), "f")


def test_a_system_call_has_another_name_in_memory(tmp_path: Path) -> None:
    before = "SYSCALL_DEFINE1(nine, int, a)\n{\n\treturn a;\n}\n"
    assessment = of_file(tmp_path, before, before.replace("a;", "a + 1;"))
    assert part(assessment, "sys_nine").verdict == "with care"
    assert "__x64_sys_nine" in reasons(assessment, "sys_nine")


def test_another_function_of_the_object_has_the_name(tmp_path: Path) -> None:
    assessment = assessed(
        tmp_path,
        {"kernel/core.c": FUNCTION},
        {"kernel/core.c": CHANGED},
        {"kernel/user.c": FUNCTION},
    )
    assert part(assessment, "f").verdict == "with care"
    assert "(also kernel/user.c:1): set old_sympos" in reasons(assessment, "f")


def test_a_function_of_another_object_may_have_the_name(tmp_path: Path) -> None:
    assessment = assessed(
        tmp_path, {"fs/nine.c": FUNCTION}, {"fs/nine.c": CHANGED}, {"kernel/user.c": FUNCTION}
    )
    assert assessment.verdict == "patchable"


def test_the_configuration_decides_whether_a_name_is_ambiguous(tmp_path: Path) -> None:
    assessment = assessed(
        tmp_path, {"kernel/core.c": FUNCTION}, {"kernel/core.c": CHANGED}, {"fs/nine.c": FUNCTION}
    )
    function = part(assessment, "f")
    assert isinstance(function, ChangedFunction)
    assert function.verdict == "patchable"
    assert "fs/nine.c:1 also defines f()" in function.notes[-1]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("\tfor (;;) {\n\t\twork(p);\n\t}\n", "a loop that nothing leaves"),
        ("\tfor (;;) {\n\t\twork(p);\n\t\tbreak;\n\t}\n", ""),
        ("\tfor (;;) {\n\t\twork(p);\n\t\tdo_exit(0);\n\t}\n", ""),
        ("\twhile (!kthread_should_stop())\n\t\twork(p);\n", "main loop of a kthread"),
        ("\twork(p);\n\tcpu_startup_entry(1);\n", "calls cpu_startup_entry()"),
        ("\twork(p);\n", ""),
    ],
)
def test_functions_that_their_task_never_leaves(tmp_path: Path, body: str, why: str) -> None:
    start = "void start(void)\n{\n\tkthread_run(f, 0, 1);\n}\n"
    before = f"static int f(void *p)\n{{\n{body}}}\n{start}"
    listed = reasons(of_file(tmp_path, before, before.replace("work", "work2")), "f")
    assert (why in listed) if why else (listed == "")


@pytest.mark.parametrize(
    ("added", "verdict"),
    [
        ("EXPORT_SYMBOL(f);", "not patchable"),
        ("TRACE_EVENT(f, P(int a), A(a = 1; b = 2;));", "not patchable"),
        ("module_init(start);", "not patchable"),
        ("late_initcall(start);", "not patchable"),
        ("module_param(v, int, 0);", "not patchable"),
        ('MODULE_AUTHOR("A");', "patchable"),
        ("DEFINE_MUTEX(m);", "patchable"),
        ("MAKES_SOMETHING(m);", "with care"),
    ],
)
def test_macros_outside_of_functions(tmp_path: Path, added: str, verdict: str) -> None:
    assert of_file(tmp_path, FUNCTION, f"{CHANGED}{added}\n").verdict == verdict


def test_an_include_in_a_file_with_exports(tmp_path: Path) -> None:
    before = f"{FUNCTION}EXPORT_SYMBOL(g);\n"
    after = f"#include <linux/x.h>\n{CHANGED}EXPORT_SYMBOL(g);\n"
    assert "checksums" in reasons(of_file(tmp_path, before, after), "<linux/x.h>")
    assert of_file(tmp_path, FUNCTION, f"#include <linux/x.h>\n{CHANGED}").verdict == "patchable"


def test_enumerators_that_move(tmp_path: Path) -> None:
    text = "enum e {{\n\tA,\n{}\tB,\n{}}};\nint g(void)\n{{\n\treturn B;\n}}\n"
    before = text.format("", "")
    inserted = of_file(tmp_path, before, text.format("\tNEW,\n", ""))
    appended = of_file(tmp_path, before, text.format("", "\tNEW,\n"))
    assert part(inserted, "e").verdict == "with care"
    assert "the value of B changes: 1 function in 1 file (g())" in reasons(inserted, "e")
    assert part(appended, "e").verdict == "patchable"


def test_another_condition_around_a_function(tmp_path: Path) -> None:
    before = f"#ifdef CONFIG_A\n{FUNCTION}#endif\n"
    assessment = of_file(tmp_path, before, before.replace("CONFIG_A", "CONFIG_B"))
    assert "`#if` condition" in reasons(assessment, "f")


@pytest.mark.parametrize(
    ("path", "before", "after", "verdict"),
    [
        ("arch/x86/entry.S", "nop\n", "nop\nnop\n", "not patchable"),
        ("fs/Kconfig.nine", "config A\n\tbool\n", "config A\n\ttristate\n", "not patchable"),
        ("kernel/Makefile", "obj-y := a.o\n", "obj-y := a.o b.o\n", "with care"),
        ("arch/arm/boot/dts/x.dts", "/ {};\n", "/ { a; };\n", "not patchable"),
        ("kernel/vmlinux.lds.S", "A\n", "B\n", "not patchable"),
    ],
)
def test_other_files_of_the_kernel(
    tmp_path: Path, path: str, before: str, after: str, verdict: str
) -> None:
    assessment = of_file(tmp_path, before, after, path)
    (item,) = assessment.items
    assert item.verdict == verdict


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Documentation/x.rst", "a\n", "b\n"),
        ("MAINTAINERS", "a\n", "b\n"),
        ("fs/Kconfig.nine", "config A\n\thelp\n\t  Old.\n", "config A\n\thelp\n\t  New.\n"),
        ("arch/x86/entry.S", "nop\n", "nop /* nothing */\n"),
        ("tools/x.c", "int a;\n", "int b;\n"),
    ],
)
def test_files_without_effect(tmp_path: Path, path: str, before: str, after: str) -> None:
    assessment = assessed(
        tmp_path,
        {path: before, "kernel/core.c": FUNCTION},
        {path: after, "kernel/core.c": CHANGED},
    )
    assert [skipped.file for skipped in assessment.without_effect] == [path]
    assert assessment.verdict == "patchable"


def test_files_that_are_not_analysed(tmp_path: Path) -> None:
    assessment = assessed(
        tmp_path,
        {"rust/x.rs": "a\n", "kernel/core.c": FUNCTION},
        {"rust/x.rs": "b\n", "kernel/core.c": CHANGED},
    )
    assert [skipped.file for skipped in assessment.not_analysed] == ["rust/x.rs"]
    assert assessment.verdict == "with care"


def test_new_and_deleted_files(tmp_path: Path) -> None:
    before = {"kernel/core.c": FUNCTION, "kernel/old.c": FUNCTION}
    after = {"kernel/core.c": CHANGED, "kernel/old.c": None, "kernel/new.c": FUNCTION}
    assessment = assessed(tmp_path, before, after)
    assert "deleted" in reasons(assessment, "kernel/old.c")
    assert "new file" in reasons(assessment, "kernel/new.c")
    assert assessment.verdict == "with care"


def test_a_configuration_may_leave_a_file_out(tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("CONFIG_OTHER=y\n")
    assessment = of_file(tmp_path, FUNCTION, CHANGED, "fs/nine.c")
    assert "leaves out" in reasons(assessment, "f")
    assert not any("not configured" in text for text in assessment.unknowns)
