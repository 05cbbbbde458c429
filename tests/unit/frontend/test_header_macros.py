"""Whether the headers of a file give another meaning to the name of one of its functions."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from klplint.csource.lexer import Source
from klplint.facts.kernel_version import Version
from klplint.frontend.header_macros import define_one_of, includes_itself
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


def defined(
    kernel: Kernel, directory: Path, text: str, *extra: str, others: tuple[str, ...] = ()
) -> bool:
    """Whether the headers of a file with this text define `pull`, or one of `others`."""
    (directory / "sample.c").write_text(text)
    of = replace(unit(directory / "sample.c"), kernel=kernel, extra=extra)
    return define_one_of(of, Source(text), ("pull",), others)


def test_headers_of_the_tree(kernel: Kernel, tmp_path: Path) -> None:
    assert defined(kernel, tmp_path, "#include <linux/outer.h>\n")
    assert defined(kernel, tmp_path, "#include <linux/inner.h>\n")
    assert not defined(kernel, tmp_path, "#include <linux/other.h>\n#include <linux/gone.h>\n")
    assert not defined(kernel, tmp_path, "#define pull other\n"), "the file itself does not count"


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
    for option in (f"-I{tmp_path}/more", f"-isystem{tmp_path}/more"):
        assert defined(kernel, tmp_path, "#include <all.h>\n", option)


def test_other_names_count_only_outside_of_the_tree(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "names.h").write_text("#define smp_rmb() nothing()\n")
    tree = "#include <linux/other.h>\n"
    assert not defined(kernel, tmp_path, tree, others=("smp_rmb",))
    assert defined(kernel, tmp_path, f'{tree}#include "names.h"\n', others=("smp_rmb",))


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
    assert includes_itself(of, ["linux/outer.h"], Source(text)) is includes


def test_a_header_is_not_parsed_behind_itself(kernel: Kernel) -> None:
    for name, may_be in (("outer", False), ("inner", False), ("other", True)):
        file = kernel.root / "include" / "linux" / f"{name}.h"
        file.write_text(file.read_text() + "#include <linux/outer.h>\n")
        of = replace(unit(file), kernel=kernel)
        assert includes_itself(of, ["linux/outer.h"], Source(file.read_text())) is may_be


def test_a_header_that_a_macro_names_may_define_anything(kernel: Kernel, tmp_path: Path) -> None:
    assert defined(kernel, tmp_path, "#define HEADER <linux/other.h>\n#include HEADER\n")
