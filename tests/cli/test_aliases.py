"""Uses of a barrier by the name of a macro: in files of the tree, and of other projects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import klplint
from tests.support.paths import MINIKERNEL

READER = """%s
int flag, data;

int read_data(void)
{
	if (!flag)
		return 0;
	my_rmb();
	return data;
}
"""
DEFINITION = "#define my_rmb() smp_rmb()\n"


def write(root: Path, **files: str) -> None:
    """Files by their paths, with `__` for `/` and `_h` for `.h`."""
    for name, text in files.items():
        file = root / (name.replace("__", "/")[:-2] + "." + name[-1])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def uses(*arguments: object) -> list[str]:
    """The places of findings about my_rmb()."""
    done = klplint("check", "-f", "json", "--no-cache", "--exit-zero", *arguments)
    assert done.returncode == 0, done.stderr
    findings = json.loads(done.stdout)["findings"]
    return [f"{f['file']}:{f['line']}" for f in findings if "my_rmb()" in f["message"]]


@pytest.mark.parametrize("options", [(), ("--kernel", MINIKERNEL)], ids=["alone", "--kernel"])
@pytest.mark.parametrize(
    "include", ['#include "my_os.h"', "#include <my_os.h>", '#include "sub/../my_os.h"']
)
def test_a_file_without_other_barriers(
    include: str, options: tuple[object, ...], tmp_path: Path
) -> None:
    write(tmp_path, reader_c=READER % include, my_os_h=DEFINITION)
    assert uses(tmp_path, *options) == ["reader.c:8"]


def test_a_file_of_the_tree(minikernel: Path) -> None:
    write(minikernel, lib__reader_c=READER % '#include "my_os.h"', lib__my_os_h=DEFINITION)
    assert uses(minikernel / "lib/reader.c") == ["lib/reader.c:8"]
    assert uses(minikernel) == ["lib/reader.c:8"]


@pytest.mark.parametrize(
    ("reader", "outer", "places"),
    [
        ("#include <outer.h>", "#include <my_os.h>", ["drivers/reader.c:8"]),
        ('#include "../lib/outer.h"', '#include "os/my_os.h"', ["drivers/reader.c:8"]),
        ("#include <vendor/my_os.h>", "", ["drivers/reader.c:8"]),
        ("#include <other.h>", "#include <my_os.h>", []),
        ("", "#include <my_os.h>", []),
    ],
)
def test_a_header_that_another_header_includes(
    reader: str, outer: str, places: list[str], tmp_path: Path
) -> None:
    write(
        tmp_path,
        drivers__reader_c=READER % reader,
        lib__outer_h=outer + "\n",
        lib__os__my_os_h=DEFINITION,
    )
    assert uses(tmp_path) == places


def test_a_header_that_relies_on_what_is_included_before_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        drivers__ring_h=READER % "",
        drivers__ring_c='#include <outer.h>\n#include "ring.h"\n',
        lib__outer_h="#include <my_os.h>\n",
        lib__os__my_os_h=DEFINITION,
    )
    assert uses(tmp_path) == ["drivers/ring.h:8"]


@pytest.mark.parametrize("kind", ["reader", "full"])
def test_a_barrier_that_is_made_of_another_one_is_checked_where_it_is_used(
    kind: str, tmp_path: Path
) -> None:
    write(
        tmp_path,
        reader_c=READER % '#include "my_os.h"',
        my_os_h='static inline void my_base(void)\n{\n\tasm volatile("");\n}\n'
        "static inline void my_rmb(void)\n{\n\tmy_base();\n}\n",
    )
    heading = "" if kind == "reader" else f"[families.{kind}]\n"
    (tmp_path / "klplint.toml").write_text(
        '[families.writer]\nmy_wmb = "my_rmb"\n[families.reader]\nmy_rmb = "my_wmb"\n'
        f'{heading}my_base = "my_wmb"\n[rule.KLP003]\nextend-barriers = ["my_base"]\n'
    )
    assert uses(tmp_path) == ["reader.c:8"]
