"""Parsing behind a precompiled header: the same facts as by a parse of the file alone."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.file_facts import FileFacts
from klplint.frontend.collect import collect_facts
from klplint.frontend.precompiled import headers_of, precompile
from klplint.frontend.trimmed_text import without_other_bodies
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.header_wrapper import BARRIER_HEADERS
from tests.support.paths import MINIKERNEL
from tests.support.single_file import WATCH, in_code, unit

NAMING = sorted(
    file
    for file in MINIKERNEL.rglob("*.[ch]")
    if "arch/" not in str(file) and any(name in file.read_text() for name in WATCH.names)
)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prefix of all files of the small kernel that name something watched."""
    units = [unit(file) for file in NAMING]
    made = precompile(units[0], headers_of(units), tmp_path_factory.mktemp("prefix") / "x86.pch")
    assert made is not None
    return made[1]


def facts(of: CompileUnit) -> FileFacts:
    """The facts of a file, however often it was parsed."""
    return msgspec.structs.replace(collect_facts(of, WATCH), parses=0)


@pytest.mark.parametrize("file", NAMING, ids=lambda file: file.name)
def test_the_facts_are_the_same(file: Path, prefix: Path) -> None:
    alone = facts(unit(file))
    assert facts(replace(unit(file), precompiled=prefix)) == alone
    common = tuple(headers_of([unit(file)]))
    ours = replace(unit(file), precompiled=prefix, precompiled_headers=common)
    assert facts(ours) == alone


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is precompiled for few files: the barriers alone."""
    file = tmp_path_factory.mktemp("small") / "x86.pch"
    made = precompile(unit(NAMING[0]), BARRIER_HEADERS, file)
    assert made is not None
    assert made.headers == BARRIER_HEADERS
    return made.file


def behind_barriers(of: CompileUnit, small: Path) -> CompileUnit:
    return replace(of, precompiled=small, precompiled_headers=BARRIER_HEADERS)


@pytest.mark.parametrize("file", NAMING, ids=lambda file: file.name)
def test_the_facts_are_the_same_behind_the_barriers_alone(file: Path, small: Path) -> None:
    assert facts(behind_barriers(unit(file), small)) == facts(unit(file))


@pytest.mark.parametrize(
    ("code", "parses"),
    [
        ("void f(void)\n{\n\tsmp_rmb();\n}\n", 1),
        ("#ifdef CONFIG_RARE\nvoid f(void)\n{\n\tsmp_rmb();\n}\n#endif\n", 2),
        ("void f(void)\n{\n\tg(smp_rmb());\n}\n", 1),
        ("#if RARE\nvoid f(void)\n{\n\tsmp_rmb();\n}\n#endif\n", 2),
        ("#ifdef RARE\n#ifndef RARE\nvoid f(void)\n{\n\tsmp_rmb();\n}\n#endif\n#endif\n", 1),
    ],
)
def test_a_file_alone_is_parsed_if_the_barriers_are_not_enough(
    tmp_path: Path, small: Path, code: str, parses: int
) -> None:
    """What headers may decide takes as many parses as without anything precompiled."""
    (tmp_path / "sample.c").write_text(f"#include <linux/smp.h>\n{code}")
    alone = unit(tmp_path / "sample.c")
    got = collect_facts(behind_barriers(alone, small), WATCH)
    assert msgspec.structs.replace(got, parses=0) == facts(alone)
    assert got.parses == parses


def test_a_function_with_a_switch_is_analysed_behind_the_headers_of_its_file(
    tmp_path: Path, prefix: Path
) -> None:
    """The whole file is parsed once: with its own types, and in the usual configuration."""
    headers = tuple(headers_of([unit(NAMING[0])]))
    lines = [f"#include <{header}>\n" for header in headers]
    body = "\twhile (w->left)\n\t\tklp_update_patch_state(current);\n"
    text = f"struct work {{ int left; }};\nvoid f(struct work *w)\n{{\n{body}}}\n"
    (tmp_path / "sample.c").write_text("".join(lines) + text)
    ours = replace(unit(tmp_path / "sample.c"), precompiled=prefix, precompiled_headers=headers)
    assert collect_facts(ours, WATCH) == collect_facts(unit(tmp_path / "sample.c"), WATCH)
    gone = replace(ours, precompiled=tmp_path / "gone.pch")
    assert collect_facts(gone, WATCH).parses == 2, "first behind the precompiled header"


def test_a_header_is_analysed_behind_headers_that_do_not_include_it(prefix: Path) -> None:
    file = MINIKERNEL / "include/linux/livepatch.h"
    headers = tuple(headers_of([unit(NAMING[0])]))
    assert "linux/livepatch.h" not in headers
    ours = replace(unit(file), precompiled=prefix, precompiled_headers=headers)
    assert facts(ours) == facts(unit(file))
    gone = replace(ours, precompiled=prefix.with_name("gone.pch"))
    assert collect_facts(ours, WATCH).parses < collect_facts(gone, WATCH).parses


def parsed(directory: Path, text: str, prefix: Path, name: str = "sample.c") -> list[str]:
    """How the calls of a file were parsed."""
    (directory / name).write_text(text)
    ours = replace(unit(directory / name), precompiled=prefix)
    return [occurrence.how for occurrence in in_code(collect_facts(ours, WATCH))]


def test_what_a_header_of_others_hides_is_parsed_without_it(tmp_path: Path, prefix: Path) -> None:
    """The prefix has read a macro that the file itself never sees."""
    header = tmp_path / "other.h"
    header.write_text("#define pull(x) /* nothing */\n")
    text = "#include <linux/types.h>\nvoid pull(int x)\n{\n\tsmp_rmb();\n}\n"
    assert parsed(tmp_path, text, prefix) == ["ast"]
    assert parsed(tmp_path, f'#include "{header}"\n' + text, prefix) == ["tokens"]


def test_a_function_has_the_name_that_a_header_gives_it(tmp_path: Path, prefix: Path) -> None:
    (tmp_path / "names.h").write_text("#define pull driver_pull\n")
    text = '#include <linux/types.h>\n#include "names.h"\nvoid pull(int x)\n{\n\tsmp_rmb();\n}\n'
    (tmp_path / "sample.c").write_text(text)
    ours = replace(unit(tmp_path / "sample.c"), precompiled=prefix)
    assert [o.function for o in in_code(collect_facts(ours, WATCH))] == ["driver_pull"]


def test_code_that_a_macro_of_a_header_removes_is_not_found(tmp_path: Path, prefix: Path) -> None:
    (tmp_path / "log.h").write_text("#define LOG(x)\n")
    text = '#include "log.h"\nvoid f(void)\n{\n\t%s;\n}\n'
    assert parsed(tmp_path, text % "LOG(smp_rmb())", prefix) == ["tokens"]
    assert parsed(tmp_path, text % "LOG(1); smp_rmb()", prefix) == ["ast"]


def test_a_use_is_found_without_the_types_of_its_headers(tmp_path: Path, prefix: Path) -> None:
    """One parse is enough: the header, which does not exist, is never looked for."""
    (tmp_path / "sample.c").write_text(
        '#include "gone.h"\nstatic struct table *all = { 0, };\nint size(struct table *t)\n'
        "{\n\tif (!t->size)\n\t\treturn 0;\n\tsmp_rmb();\n\treturn t->size + all->size;\n}\n"
    )
    got = collect_facts(replace(unit(tmp_path / "sample.c"), precompiled=prefix), WATCH)
    assert [(o.how, o.function) for o in in_code(got)] == [("ast", "size")]
    assert got.parses == 1


@pytest.mark.parametrize(
    "code",
    [
        'void f(void)\n{\n#include "open.h"\n\tg();\n}\n\tsmp_rmb();\n}\n',
        "HEAD\n\tsmp_rmb();\n}\n",
        "page_t (*get(int x))(int)\n{\n\tsmp_rmb();\n}\n",
        "struct ops {\n\tpage_t (*smp_rmb)(int);\n};\n",
        "void f(page_t (*smp_rmb)(int))\n{\n\tsmp_rmb(1);\n}\n",
        "void f(void)\n{\n\tpage_t smp_rmb;\n\tsmp_rmb++;\n}\n",
        "void f(void)\n{\n\tpage_t *smp_rmb;\n\t*smp_rmb = 1;\n}\n",
        "void f(void)\n{\n\tDECLARE\n\tsmp_rmb = 1;\n}\n",
    ],
)
def test_what_only_headers_explain_is_as_in_a_parse_of_the_file(
    tmp_path: Path, prefix: Path, code: str
) -> None:
    """A type, a macro with a brace or with a declaration, which a text without headers lacks."""
    (tmp_path / "open.h").write_text("\tif (1) {\n")
    (tmp_path / "own.h").write_text(
        "typedef int page_t;\n#define HEAD void head(void) {\n#define DECLARE int smp_rmb;\n"
    )
    (tmp_path / "sample.c").write_text(f'#include <linux/smp.h>\n#include "own.h"\n{code}')
    alone = unit(tmp_path / "sample.c")
    assert facts(replace(alone, precompiled=prefix)) == facts(alone)


def test_headers_that_many_files_name_are_precompiled(tmp_path: Path) -> None:
    def files(count: int) -> list[CompileUnit]:
        for number in range(count):
            (tmp_path / f"{number}.c").write_text("#include <linux/uaccess.h>\n")
        return [unit(tmp_path / f"{number}.c") for number in range(count)]

    assert "linux/uaccess.h" in headers_of(files(50) * 10)
    assert "linux/uaccess.h" not in headers_of(files(49) * 10)
    assert {"linux/sched.h", "linux/spinlock.h"} <= {*headers_of(files(1))}


def test_a_configuration_that_the_prefix_has_not(tmp_path: Path, prefix: Path) -> None:
    text = (
        "#include <linux/types.h>\n#ifdef CONFIG_RARE\nvoid f(void)\n{\n\tsmp_rmb();\n}\n"
        "#else\nvoid g(void)\n{\n\tsmp_rmb();\n}\n#endif\n"
    )
    assert parsed(tmp_path, text, prefix) == ["ast", "ast"]


def test_a_header_with_a_guard_that_the_prefix_has_set(tmp_path: Path, prefix: Path) -> None:
    text = "#ifndef _LINUX_TYPES_H\n#define _LINUX_TYPES_H\n%s\n#endif\n"
    body = "static inline void f(void)\n{\n\tsmp_rmb();\n}\n"
    assert parsed(tmp_path, text % body, prefix, "sample.h") == ["tokens"]
    alone = unit(tmp_path / "sample.h")
    assert [o.how for o in in_code(collect_facts(alone, WATCH))] == ["tokens"]


def test_a_prefix_that_is_gone_costs_nothing(tmp_path: Path) -> None:
    text = "#include <linux/types.h>\nvoid f(void)\n{\n\tsmp_rmb();\n}\n"
    assert parsed(tmp_path, text, tmp_path / "gone.pch") == ["ast"]


def test_a_prefix_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    assert precompile(unit(NAMING[0]), ["linux/types.h"], tmp_path / "no" / "x.pch") is None


BODY = st.sampled_from(
    ["", "\tg();\n", "\tif (x) {\n\t\ty();\n\t}\n", "#define A 1\n", "\t/* } */\n"]
)


@given(st.lists(st.tuples(BODY, BODY), min_size=1, max_size=5), st.integers(0, 4))
def test_blanking_leaves_everything_in_its_place(bodies: list[tuple[str, str]], kept: int) -> None:
    functions = [f"void f{n}(void)\n{{\n{a}{b}}}\n" for n, (a, b) in enumerate(bodies)]
    text = "".join(functions)
    place = text.find(f"void f{kept}(")
    outline = Outline(Source(text))
    places = [text.index("{", place)] if place >= 0 else []
    lean = without_other_bodies(outline, places)
    assert len(lean) == len(text)
    assert [len(line) for line in lean.split("\n")] == [len(line) for line in text.split("\n")]
    for number, function in enumerate(functions):
        start = text.index(f"void f{number}(")
        left = lean[start : start + len(function)]
        directives = [line for line in function.split("\n") if line.startswith("#")]
        assert left.startswith(f"void f{number}(void)\n{{")
        assert [line for line in left.split("\n") if line.startswith("#")] == directives
        if number == kept:
            assert left == function
        else:
            assert "g()" not in left
            assert "y()" not in left
