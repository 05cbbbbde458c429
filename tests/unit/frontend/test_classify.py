"""The names of functions that macros define, where no header of the file has the macro."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from tests.support.single_file import facts_of, in_code

BODY = "\n{\n\tklp_update_patch_state(current);\n\tsmp_rmb();\n}\n"
HEADS = {
    "SYSCALL_DEFINE0(foo)": "sys_foo",
    "SYSCALL_DEFINE2(foo, int, fd, char __user *, name)": "sys_foo",
    "COMPAT_SYSCALL_DEFINE1(foo, int, fd)": "compat_sys_foo",
    "SYSCALL32_DEFINE1(foo, int, fd)": "sys_foo",
    "DEFINE_IDTENTRY(exc_foo)": "exc_foo",
    "DEFINE_IDTENTRY_ERRORCODE(exc_foo)": "exc_foo",
    "DEFINE_INTERRUPT_HANDLER(foo)": "foo",
    "BPF_CALL_1(bpf_foo, int, a)": "bpf_foo",
    "static int OURS(foo)(int a)": "foo",
    "int foo(struct task_struct *t)": "foo",
    "int SHOUT(int a)": "SHOUT",
    "int SHOUT(void)": "SHOUT",
}


@pytest.mark.parametrize(("head", "name"), HEADS.items(), ids=HEADS)
def test_the_outline_has_the_name_that_people_use(head: str, name: str) -> None:
    (body,) = Outline(Source(head + BODY)).bodies
    assert body.called == name


@pytest.mark.parametrize(("head", "name"), HEADS.items(), ids=HEADS)
def test_facts_have_it_with_and_without_the_ast(tmp_path: Path, head: str, name: str) -> None:
    facts = facts_of(tmp_path, f"#include <linux/sched.h>\n{head}{BODY}")
    assert {occurrence.function for occurrence in in_code(facts)} == {name}
    assert {barrier.function for barrier in facts.barriers} == {name}
    assert {function.name for function in facts.functions} <= {name}
    dead = facts_of(tmp_path, f"#include <linux/sched.h>\n#if 0\n{head}{BODY}\n#endif\n")
    assert {occurrence.function for occurrence in in_code(dead)} == {name}


def test_a_macro_that_the_file_has_names_the_function(tmp_path: Path) -> None:
    macro = "#define SYSCALL_DEFINE0(name) long __do_sys_##name(void)\n"
    facts = facts_of(tmp_path, f"#include <linux/sched.h>\n{macro}SYSCALL_DEFINE0(foo){BODY}")
    assert {occurrence.function for occurrence in in_code(facts)} == {"sys_foo"}
