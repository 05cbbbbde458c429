"""What a directory's Makefile adds to the compiler's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from klplint.csource.if_expressions import Value
from klplint.kernel.makefile import Makefiles


def flags(
    root: Path,
    file: str,
    makefiles: Mapping[str, str],
    settings: Mapping[str, Value] | None = None,
) -> str:
    """The arguments that Makefiles (by path) add for a file, the tree's root written as ROOT."""
    for name, text in makefiles.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    words = Makefiles(root).arguments(root / file, settings or {})
    return " ".join(words).replace(str(root), "ROOT")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ccflags-y := -DONE", "-D ONE"),
        ("ccflags-y += -DONE\nccflags-y += -DTWO=2", "-D ONE -D TWO=2"),
        ("ccflags-y = -D ONE -U TWO", "-D ONE -U TWO"),
        ("EXTRA_CFLAGS += -DONE", "-D ONE"),
        ("CFLAGS_file.o = -DONE", "-D ONE"),
        ("CFLAGS_other.o = -DONE", ""),
        ("subdir-ccflags-y += -DONE", "-D ONE"),
        ("ccflags-n += -DONE", ""),
        ("asflags-y += -DONE\nldflags-y += -DTWO", ""),
        ("ccflags-y += -Wall -O2 -mno-sse -DONE", "-D ONE"),
        ("ccflags-y += -DONE \\\n\t-DTWO \\\n\t-DTHREE", "-D ONE -D TWO -D THREE"),
        ("# ccflags-y += -DONE", ""),
        ("ccflags-y += -DONE # -DTWO", "-D ONE"),
        ("\tccflags-y += -DONE", "-D ONE"),
        ("ccflags-y += -DNAME='\"a b\"'", '-D NAME="a b"'),
        ("ccflags-y += -DNAME='a", ""),
        ("ccflags-y += -I", ""),
        ("obj-y += file.o\nccflags-y-other += -DONE", ""),
    ],
)
def test_flags_of_the_files_own_directory(tmp_path: Path, text: str, expected: str) -> None:
    assert flags(tmp_path, "drivers/a/file.c", {"drivers/a/Makefile": text}) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("-I$(srctree)/drivers/b", "-I ROOT/drivers/b"),
        ("-I $(srctree)/drivers/b", "-I ROOT/drivers/b"),
        ("-I$(src)", "-I ROOT/drivers/a"),
        ("-I${src}/inc", "-I ROOT/drivers/a/inc"),
        ("-I$(srctree)/$(src)/inc", "-I ROOT/drivers/a/inc"),
        ("-I$(obj)", "-I ROOT/drivers/a"),
        ("-Idrivers/b", "-I ROOT/drivers/b"),
        ("-I/usr/odd", "-I /usr/odd"),
        ("-include $(src)/first.h", "-include ROOT/drivers/a/first.h"),
        ("-include $(srctree)/first.h", "-include ROOT/first.h"),
        ("-isystem $(srctree)/x", "-isystem ROOT/x"),
        ("-I$(M)/x", "-I ROOT/drivers/a/x"),
        ("-I$(MY)", "-I ROOT/drivers/my"),
        ("-I$(YOURS)", "-I ROOT/drivers/my/your"),
        ("-I$(UNKNOWN)/x", ""),
        ("-I$(shell pwd) -DTWO", "-D TWO"),
        ("-I$(addprefix $(src)/,x) -DTWO", "-D TWO"),
        ("$(call cc-option,-Wodd) -DTWO", "-D TWO"),
        ("-DNAME=$(UNKNOWN) -DTWO", "-D TWO"),
        ("-I$(LOOP)", ""),
        ("$(FLAGS)", "-D ONE -I ROOT/drivers/my"),
    ],
)
def test_variables_are_put_in_where_they_are_plain(
    tmp_path: Path, word: str, expected: str
) -> None:
    text = (
        "MY := $(srctree)/drivers/my\nYOURS = $(MY)/your\nLOOP = $(LOOP)\n"
        f"FLAGS := -DONE -I$(MY)\nccflags-y += {word}\n"
    )
    assert flags(tmp_path, "drivers/a/file.c", {"drivers/a/Makefile": text}) == expected


def test_flags_of_the_directories_above_are_those_for_subdirectories(tmp_path: Path) -> None:
    makefiles = {
        "Makefile": "subdir-ccflags-y := -DROOT\nccflags-y := -DNO",
        "drivers/Makefile": "subdir-ccflags-y += -DDRIVERS -I$(src)\nEXTRA_CFLAGS += -DNO",
        "drivers/a/Makefile": "ccflags-y += -DOWN\nsubdir-ccflags-y += -DALSO",
    }
    expected = "-D ROOT -D DRIVERS -I ROOT/drivers -D OWN -D ALSO"
    assert flags(tmp_path, "drivers/a/file.c", makefiles) == expected


def test_a_directory_without_a_makefile_is_its_parents_business(tmp_path: Path) -> None:
    makefiles = {"fs/a/Makefile": "ccflags-y += -I$(src)/deep\nCFLAGS_deep/file.o += -DONE"}
    expected = "-I ROOT/fs/a/deep -D ONE"
    assert flags(tmp_path, "fs/a/deep/file.c", makefiles) == expected


def test_kbuild_goes_before_makefile(tmp_path: Path) -> None:
    makefiles = {"a/Kbuild": "ccflags-y := -DKBUILD", "a/Makefile": "ccflags-y := -DMAKEFILE"}
    assert flags(tmp_path, "a/file.c", makefiles) == "-D KBUILD"


def test_what_stands_above_the_root_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("subdir-ccflags-y := -DABOVE")
    makefiles = {"Makefile": "subdir-ccflags-y := -DROOT"}
    assert flags(tmp_path / "tree", "a/file.c", makefiles) == "-D ROOT"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({}, ""), ({"CONFIG_X": 1}, "-D ONE -D TWO"), ({"CONFIG_X": None}, ""), ({"X": 1}, "")],
)
def test_flags_that_hang_on_an_option(
    tmp_path: Path, settings: Mapping[str, Value], expected: str
) -> None:
    text = "ccflags-$(CONFIG_X) += -DONE\nsubdir-ccflags-${CONFIG_X} += -DTWO\n"
    assert flags(tmp_path, "a/file.c", {"a/Makefile": text}, settings) == expected


def test_a_file_beside_a_makefile_of_odd_bytes(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_bytes(b"ccflags-y += -DONE\xff\0\r\nccflags-y += -DTWO\r\n")
    assert "-D TWO" in flags(tmp_path, "file.c", {})


def test_a_makefile_that_is_a_directory(tmp_path: Path) -> None:
    (tmp_path / "Makefile").mkdir()
    assert flags(tmp_path, "file.c", {}) == ""


def test_c_and_assembly_and_headers_have_their_directories_flags(tmp_path: Path) -> None:
    makefiles = {"Makefile": "ccflags-y := -DONE"}
    assert flags(tmp_path, "file.h", makefiles) == "-D ONE"
