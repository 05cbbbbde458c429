"""Which definitions are defaults, in whose place an architecture may have another one."""

from __future__ import annotations

import pytest

from klplint.csource.definitions import definitions_in
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline

BODY = "me(void)\n{\n\treturn 0;\n}\n"
GUARD = "#ifndef A_H\n#define A_H\n{}#endif\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"int {BODY}", False),
        (f"int __weak {BODY}", True),
        (f"__weak int {BODY}", True),
        (f"int __attribute__((weak)) {BODY}", True),
        (f"__attribute__((__weak__, noinline))\nint {BODY}", True),
        (f"int __sample_weak {BODY}", True),
        (f"#pragma weak me\nint {BODY}", True),
        (f"int __weak me(void);\nint {BODY}", True),
        (f"int me(void) __attribute__((weak));\nint {BODY}", True),
        (f"int __weak you(void);\nint {BODY}", False),
        (f"struct weak_ref *{BODY}", False),
        (f"#ifndef me\nint {BODY}#endif\n", True),
        (f"#ifndef __HAVE_ARCH_ME\n#include <b.h>\nint {BODY}#endif\n", True),
        (f"#ifdef CONFIG_GENERIC_ME\nint {BODY}#endif\n", True),
        (f"#ifdef me\n#else\nint {BODY}#endif\n", True),
        (GUARD.format(f"static inline int {BODY}"), False),
        (GUARD.format(f"#ifndef me\n#define me me\nstatic inline int {BODY}#endif\n"), True),
        ("#define me() 0\n", False),
        ("#ifndef me\n#define me() 0\n#endif\n", True),
        (GUARD.format("#define me 0\n"), False),
        (GUARD.format("#ifndef me\n#define me() 0\n#endif\n"), True),
    ],
)
def test_defaults(code: str, expected: bool) -> None:
    definitions = definitions_in(Outline(Source(code)), "include/linux/a.h", "me")
    assert [each.replaceable for each in definitions if each.body][-1:] == [expected]


def test_what_is_in_asm_generic_is_a_default() -> None:
    code = Outline(Source(f"int {BODY}"))
    assert [d.replaceable for d in definitions_in(code, "include/asm-generic/a.h", "me")] == [True]
