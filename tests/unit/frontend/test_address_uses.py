"""What becomes of a function that is named and not called, by the tokens around the name."""

from __future__ import annotations

import pytest

from klplint.facts.file_facts import Reference
from klplint.frontend.address_uses import how_taken, is_assembly, is_unevaluated


def taken(text: str) -> tuple[str, str]:
    start = text.index("FN")
    reference = how_taken(text, start, start + 2)
    assert isinstance(reference, Reference)
    return reference.kind, reference.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fn = FN;", ("assigned", "fn")),
        ("x(); fn = &FN;", ("assigned", "fn")),
        ("ops->switch_task = (void *)FN;", ("assigned", "ops->switch_task")),
        ("a.b[i] = FN;", ("assigned", "a.b")),
        ("void (*fn)(struct task_struct *) = FN;", ("assigned", "fn")),
        ("void (*const fns[2])(int) = { other, FN };", ("initialiser", "fns")),
        ("int a = 1, *fn = FN;", ("assigned", "fn")),
        ("for (fn = FN; fn; fn = 0)", ("assigned", "fn")),
        ("if (x) { y(); } fn = FN;", ("assigned", "fn")),
        ("struct o ops = { .first = a, .switch_task = FN, };", ("assigned", "switch_task")),
        ("struct o ops[] = { { 1, a }, { 2, FN } };", ("initialiser", "ops")),
        ("use(&(struct o){ .fn = FN });", ("assigned", "fn")),
        ("smp_call_function(FN, p, 1);", ("argument", "smp_call_function")),
        ("on_each(a, f(b), (void *)FN, 1);", ("argument", "on_each")),
        ("on_each(a, ((FN)), 1);", ("argument", "on_each")),
        ("use(FN) == 0", ("argument", "use")),
        ("EXPORT_SYMBOL_GPL(FN);", ("argument", "EXPORT_SYMBOL_GPL")),
        ("}\nEXPORT_SYMBOL_GPL(FN);", ("argument", "EXPORT_SYMBOL_GPL")),
        ("return FN;", ("returned", "")),
        ("return (FN);", ("returned", "")),
        ("default: return FN;", ("returned", "")),
        ("if (fn == FN)", ("compared", "")),
        ("if (FN != fn)", ("compared", "")),
        ("if ((FN) != fn)", ("compared", "")),
        ("if (FN)", ("compared", "")),
        ("same = fn == FN;", ("compared", "")),
        ("if (x && !FN)", ("compared", "")),
        ("return ip == (unsigned long)FN;", ("compared", "")),
        ("return ip >= (long)&FN;", ("compared", "")),
        ("return ip < ((long)FN) + size;", ("compared", "")),
        ("return (long)FN > ip;", ("compared", "")),
        ("return (const void *)FN != ip;", ("compared", "")),
        ("return ip << (long)FN;", ("returned", "")),
        ("return (long)FN;", ("returned", "")),
        ("(void)FN;", ("discarded", "")),
        ("if (x) (void)(&FN);", ("discarded", "")),
        ("x(); FN;", ("discarded", "")),
        ("x(); FN; })", ("other", "")),
        ("fn = (void *)FN;", ("assigned", "fn")),
        ("typeof(FN) *fn;", ("unevaluated", "")),
        ("sizeof FN", ("unevaluated", "")),
        ("ops->FN", ("member", "")),
        (".FN = f", ("member", "")),
        ("fn = x ? FN : other;", ("assigned", "fn")),
        ("(x ? FN : other)(p);", ("other", "")),
        ("({ FN; })", ("other", "")),
        ("table[FN]", ("other", "")),
        ("FN", ("other", "")),
        ("} } ) FN", ("other", "")),
    ],
)
def test_where_a_name_goes(text: str, expected: tuple[str, str]) -> None:
    assert taken(text) == expected


def test_what_stands_before_the_beginning_does_not_count() -> None:
    assert how_taken("fn = FN", 5, 7, 5) == Reference("other")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sizeof(FN(p))", True),
        ("sizeof(1 + (FN(p)))", True),
        ("sizeof FN(p)", True),
        ("typeof(FN(p)) x;", True),
        ("sizeof(x); FN(p)", False),
        ("sizeof(x) + FN(p)", False),
        ("use(FN(p))", False),
        ("sizeof(({ FN(p); }))", False),  # claimed only where no statement is in between
    ],
)
def test_operands_that_are_not_evaluated(text: str, expected: bool) -> None:
    assert is_unevaluated(text, text.index("FN")) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("asm(FN)", True),
        ("asm volatile(FN)", True),
        ("__asm__ __volatile__ (a FN : : b)", True),
        ("asm_inline volatile (FN)", True),
        ("asm(a); use(FN)", False),
        ("use(FN)", False),
        ("wasm(FN)", False),
    ],
)
def test_what_is_in_inline_assembly(text: str, expected: bool) -> None:
    assert is_assembly(text, text.index("FN")) is expected
