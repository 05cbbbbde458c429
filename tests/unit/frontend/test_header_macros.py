"""What the macros in a file and its headers change: names of functions, and what is precompiled."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from klplint.csource.lexer import Source
from klplint.facts.kernel_version import Version
from klplint.frontend.header_macros import HeaderMacros
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.tree import Kernel
from tests.support.single_file import unit


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    """A kernel with headers that include each other; only one defines a macro."""
    include = tmp_path / "kernel" / "include" / "linux"
    include.mkdir(parents=True)
    (include / "outer.h").write_text('#include "inner.h"\n#include <linux/outer.h>\n')
    (include / "inner.h").write_text("#  define\tpull driver_pull\n")
    (include / "other.h").write_text(
        "int pull_all(void); /* #undef pull */\n#define smp_rmb() mb()\n"
    )
    return Kernel(root=tmp_path / "kernel", version=Version(6, 12))


def sample(kernel: Kernel, directory: Path, text: str, *extra: str) -> CompileUnit:
    """A file with this text."""
    (directory / "sample.c").write_text(text)
    return replace(unit(directory / "sample.c"), kernel=kernel, extra=extra)


def defined(kernel: Kernel, directory: Path, text: str, *extra: str) -> bool:
    """Whether a file with this text or its headers define `pull`."""
    return HeaderMacros(sample(kernel, directory, text, *extra), Source(text)).may_rename(("pull",))


def test_headers_of_the_tree(kernel: Kernel, tmp_path: Path) -> None:
    assert defined(kernel, tmp_path, "#include <linux/outer.h>\n")
    assert defined(kernel, tmp_path, "#include <linux/inner.h>\n")
    assert not defined(kernel, tmp_path, "#include <linux/other.h>\n#include <linux/gone.h>\n")


@pytest.mark.parametrize(
    ("text", "is_defined"),
    [
        ("#define pull other\n", True),
        ("# define \\\n pull(x) other(x)\n", True),
        ("#ifndef A\n#define pull\n#endif\n", True),
        ("#define pull_all pull\n", False),
        ("#undef pull\n/* #define pull */\n", False),
    ],
)
def test_the_file_itself(kernel: Kernel, tmp_path: Path, text: str, is_defined: bool) -> None:
    assert defined(kernel, tmp_path, f"#include <linux/other.h>\n{text}") is is_defined


@pytest.mark.parametrize("kconfig", ["", "#include <linux/inner.h>\n"])
def test_headers_before_all_files(kernel: Kernel, tmp_path: Path, kconfig: str) -> None:
    """Those in include/linux are meant, also if there are others of the name."""
    first, shadow = (kernel.root / each for each in ("include/linux", "arch/x86/include/linux"))
    shadow.mkdir(parents=True)
    (shadow / "kconfig.h").write_text("")
    (first / "kconfig.h").write_text(kconfig)
    assert defined(kernel, tmp_path, "#include <linux/other.h>\n") is bool(kconfig)


def test_a_header_behind_one_of_its_name(kernel: Kernel, tmp_path: Path) -> None:
    """The stub header asm/barrier.h includes the tree's with #include_next."""
    include = kernel.root / "arch/x86/include/asm"
    include.mkdir(parents=True)
    text = "#include <asm/barrier.h>\n"
    (include / "barrier.h").write_text("#define pull driver_pull\n")
    assert defined(kernel, tmp_path, text)


def test_headers_that_a_makefile_includes(kernel: Kernel, tmp_path: Path) -> None:
    text, inner = "#include <linux/other.h>\n", kernel.root / "include/linux/inner.h"
    for forced in (
        ("-include", str(inner)),
        ("-include", "linux/inner.h"),
        ("-imacros", str(inner)),
    ):
        assert defined(kernel, tmp_path, text, *forced)
        assert not defined(kernel, tmp_path, text, forced[0], "linux/other.h")


def test_headers_of_the_wrapper(kernel: Kernel, tmp_path: Path) -> None:
    (kernel.root / "include/linux/wait.h").write_text("#include <linux/inner.h>\n")
    assert defined(kernel, tmp_path, "int pull(void);\n"), "it relies on common headers"
    assert not defined(kernel, tmp_path, "#include <linux/other.h>\nint pull(void);\n")


def test_headers_beside_the_file_and_in_its_directories(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "names.h").write_text("#define pull driver_pull\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "all.h").write_text('#include "../names.h"\n')
    assert defined(kernel, tmp_path, '#include "names.h"\n')
    assert defined(kernel, tmp_path, '#include "more/all.h"\n')
    assert not defined(kernel, tmp_path, "#include <all.h>\n")
    assert defined(kernel, tmp_path, "#include <names.h>\n"), "its directory comes last"
    for option in (f"-I{tmp_path}/more", f"-isystem{tmp_path}/more"):
        assert defined(kernel, tmp_path, "#include <all.h>\n", option)


def test_other_names_count_only_outside_of_the_tree(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "names.h").write_text("#define smp_rmb() nothing()\n")
    tree = "#include <linux/other.h>\n"
    for text, is_defined in ((tree, False), (f'{tree}#include "names.h"\n', True)):
        of = sample(kernel, tmp_path, text)
        assert HeaderMacros(of, Source(text)).define_outside(("smp_rmb",)) is is_defined


@pytest.mark.parametrize(
    ("text", "guards"),
    [
        ("", []),
        ("#ifndef A\n#define A\n#endif\n#ifndef B\n#define B 1\n#endif\n", ["A", "B"]),
        ("#ifndef A\n#define A\n#ifndef pull\n#define pull 1\n#endif\n#endif\n", ["A"]),
        ("#ifndef SAME_H\n#define SAME_H\n#endif\n", []),
        ("#ifndef A\n#define A\n#endif\n#include HEADER\n", []),
    ],
)
def test_guards_that_no_other_header_sets(
    kernel: Kernel, tmp_path: Path, text: str, guards: list[str]
) -> None:
    (tmp_path / "same.h").write_text("#ifndef SAME_H\n#define SAME_H\n#endif\n")
    text = f'#include <linux/inner.h>\n#include "same.h"\n{text}'
    assert HeaderMacros(sample(kernel, tmp_path, text), Source(text)).own_guards == guards


def test_a_header_that_others_include_has_its_own_guard(kernel: Kernel) -> None:
    file = kernel.root / "include/linux/inner.h"
    text = "#ifndef INNER_H\n#define INNER_H\n#include <linux/outer.h>\n#endif\n"
    file.write_text(text)
    of = replace(unit(file), kernel=kernel)
    assert HeaderMacros(of, Source(text)).own_guards == ["INNER_H"]


@pytest.mark.parametrize(
    ("text", "extra", "includes"),
    [
        ("#include <linux/outer.h>\n", (), True),
        ('#include "more.h"\n', (), True),
        ("#include <linux/inner.h>\n", (), False),
        ("#define LENGTH 2\n#include <linux/outer.h>\n", (), True),
        ("#define pr_name(x) x\n#include <linux/outer.h>\n", (), True),
        ("#define WIDE 1\n#include <linux/outer.h>\n", (), False),
        ("#undef WIDE\n#include <linux/outer.h>\n", (), False),
        ("#define pull 1\n#include <linux/outer.h>\n", (), False),
        ("#define ASKING_H\n#include <linux/outer.h>\n", (), False),
        ('#include "same.h"\n#include <linux/outer.h>\n', (), False),
        ("#include <linux/outer.h>\n", ("-DWIDE",), False),
        ("#include <linux/outer.h>\n#include HEADER\n", (), False),
    ],
)
def test_headers_that_may_as_well_come_first(
    text: str, extra: tuple[str, ...], includes: bool, kernel: Kernel, tmp_path: Path
) -> None:
    asking = kernel.root / "include" / "linux" / "asking.h"
    asking.write_text(
        "#ifndef ASKING_H\n#define ASKING_H /* once */\n#endif\n"
        "#if defined(CONFIG_SMP) && \\\n\tdefined(WIDE)\n#endif\n"
        "#ifndef pr_name\n#define pr_name(x) #x\n#endif\n"
    )
    (asking.parent / "inner.h").write_text("#include <linux/asking.h>\n#define pull driver_pull\n")
    (tmp_path / "more.h").write_text("#include <linux/outer.h>\n")
    (tmp_path / "same.h").write_text("#ifndef ASKING_H\n#define ASKING_H\n#endif\n")
    (tmp_path / "sample.c").write_text(text)
    of = replace(unit(tmp_path / "sample.c"), kernel=kernel, extra=extra)
    assert HeaderMacros(of, Source(text)).allow_before(["linux/outer.h"]) is includes


def test_a_header_is_not_parsed_behind_itself(kernel: Kernel) -> None:
    for name, may_be in (("outer", False), ("inner", False), ("other", True)):
        file = kernel.root / "include" / "linux" / f"{name}.h"
        file.write_text(file.read_text() + "#include <linux/outer.h>\n")
        of = replace(unit(file), kernel=kernel)
        macros = HeaderMacros(of, Source(file.read_text()))
        assert macros.allow_before(["linux/outer.h"]) is may_be


def test_a_header_that_a_macro_names_may_define_anything(kernel: Kernel, tmp_path: Path) -> None:
    assert defined(kernel, tmp_path, "#define HEADER <linux/other.h>\n#include HEADER\n")
