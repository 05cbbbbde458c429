"""Which object a source file is built into, and which files ftrace cannot hook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from klplint.facts.kernel_version import Version
from klplint.kernel.objects import KernelObject, KernelObjects
from klplint.kernel.tree import Kernel

TREE = {
    "Kbuild": "obj-y += kernel/ fs/ drivers/\nobj-$(CONFIG_NET) += net/\n",
    "kernel/Makefile": "obj-y := fork.o \\\n\texit.o\nobj-y += sched/\n",
    "kernel/sched/Makefile": "obj-y += core.o\nobj-$(CONFIG_PSI) += build_utility.o\n",
    "kernel/sched/build_utility.c": '#include "psi.c"\n',
    "init/Kconfig": "config NET\n\tbool\nconfig PSI\n\tbool 'x'\n",
    "fs/Makefile": "obj-$(CONFIG_EXT9_FS) += ext9/\nobj-$(subst m,y,$(CONFIG_FUSED)) += fused.o\n",
    "fs/Kconfig": "config EXT9_FS\n\ttristate 'x'\nconfig FUSED\n\ttristate\n",
    "fs/ext9/Makefile": (
        "obj-$(CONFIG_EXT9_FS) += ext-nine.o\n"
        "ext-nine-y := inode.o sub/deep.o\n"
        "ext-nine-$(CONFIG_EXT9_ACL) += acl.o\n"
    ),
    "drivers/Makefile": "obj-y += chip/core/\nobj-m += alone.o\n",
    "drivers/chip/core/Makefile": (
        "obj-$(CONFIG_CHIP) := chip.o\n"
        "SHARED := $(addprefix ../shared/,one.o two.o)\n"
        "include $(src)/more.mk\n"
        "chip-objs := main.o $(SHARED) $(late-y) time_$(BITS).o\n"
        "late-$(CONFIG_CHIP_LATE) += late.o\n"
    ),
    "drivers/chip/core/more.mk": "chip-objs += $(patsubst %,%.o,more)\n",
    "net/Makefile": "lib-y += strings.o\nsubdir-y += tool\n",
    "net/tool/Makefile": "obj-y += tool.o\n",
}


def objects(root: Path, files: Mapping[str, str] = TREE) -> KernelObjects:
    """The objects of a tree with some files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return KernelObjects(Kernel(root, Version(6, 12)))


def names(listed: tuple[KernelObject, ...]) -> str:
    """Objects as `name` or `name:CONFIG_X`."""
    return " ".join(f"{o.name}:{o.condition}" if o.condition else o.name for o in listed)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("kernel/fork.c", "vmlinux"),
        ("kernel/exit.c", "vmlinux"),
        ("kernel/entry.S", ""),
        ("kernel/sched/core.c", "vmlinux"),
        ("kernel/sched/build_utility.c", "vmlinux:CONFIG_PSI"),
        ("kernel/sched/psi.c", "vmlinux:CONFIG_PSI"),
        ("kernel/sched/missing.c", ""),
        ("fs/ext9/inode.c", "ext_nine:CONFIG_EXT9_FS vmlinux:CONFIG_EXT9_FS"),
        ("fs/ext9/acl.c", "ext_nine:CONFIG_EXT9_FS vmlinux:CONFIG_EXT9_FS"),
        ("fs/ext9/sub/deep.c", "ext_nine:CONFIG_EXT9_FS vmlinux:CONFIG_EXT9_FS"),
        ("fs/ext9/ext-nine.c", ""),
        ("fs/fused.c", "vmlinux:CONFIG_FUSED"),
        ("drivers/alone.c", "alone"),
        ("drivers/chip/core/main.c", "chip:CONFIG_CHIP vmlinux:CONFIG_CHIP"),
        ("drivers/chip/core/more.c", "chip:CONFIG_CHIP vmlinux:CONFIG_CHIP"),
        ("drivers/chip/core/late.c", "chip:CONFIG_CHIP vmlinux:CONFIG_CHIP"),
        ("drivers/chip/core/time_64.c", "chip:CONFIG_CHIP vmlinux:CONFIG_CHIP"),
        ("drivers/chip/shared/two.c", "chip:CONFIG_CHIP vmlinux:CONFIG_CHIP"),
        ("drivers/chip/shared/three.c", ""),
        ("net/strings.c", "vmlinux:CONFIG_NET"),
        ("net/tool/tool.c", ""),
        ("include/linux/fs.h", ""),
    ],
)
def test_objects_of_a_file_without_a_configuration(
    tmp_path: Path, path: str, expected: str
) -> None:
    assert names(objects(tmp_path).of(path)) == expected


@pytest.mark.parametrize(
    ("config", "path", "expected"),
    [
        ("CONFIG_EXT9_FS=m\n", "fs/ext9/inode.c", "ext_nine:CONFIG_EXT9_FS"),
        ("CONFIG_EXT9_FS=y\n", "fs/ext9/inode.c", "vmlinux:CONFIG_EXT9_FS"),
        ("CONFIG_EXT9_FS=m\n", "fs/ext9/acl.c", ""),
        ("CONFIG_EXT9_FS=m\nCONFIG_EXT9_ACL=y\n", "fs/ext9/acl.c", "ext_nine:CONFIG_EXT9_FS"),
        ("CONFIG_NET=y\n", "fs/ext9/inode.c", ""),
        ("CONFIG_FUSED=m\n", "fs/fused.c", "vmlinux:CONFIG_FUSED"),
        ("CONFIG_CHIP=m\n", "drivers/chip/core/late.c", ""),
        ("CONFIG_CHIP=m\nCONFIG_CHIP_LATE=y\n", "drivers/chip/core/late.c", "chip:CONFIG_CHIP"),
        ("CONFIG_FUSED=y\n", "net/strings.c", ""),
    ],
)
def test_a_configuration_decides(tmp_path: Path, config: str, path: str, expected: str) -> None:
    assert names(objects(tmp_path, {**TREE, ".config": config}).of(path)) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [("CONFIG_A=y\n", "vmlinux:CONFIG_A"), ("CONFIG_B=y\n", "m"), ("", "vmlinux:CONFIG_A m")],
)
def test_conditionals_of_makefiles_are_read(tmp_path: Path, config: str, expected: str) -> None:
    makefile = "ifdef CONFIG_A\nobj-y += x.o\nelse\nobj-m += m.o\nm-y := x.o\nendif\n"
    tree = {"lib/Makefile": makefile, ".config": config}
    listed = objects(tmp_path, tree).of("lib/x.c")
    assert sorted(names(listed).split()) == sorted(expected.split())


def test_a_makefile_of_an_architecture_may_build_what_is_elsewhere(tmp_path: Path) -> None:
    tree = {
        "arch/x86/vm/Makefile": "include $(srctree)/virt/vm/Makefile.vm\nobj-m += vm.o\n",
        "virt/vm/Makefile.vm": "VM ?= ../../../virt/vm\nvm-y := $(VM)/vm_main.o\n",
    }
    assert names(objects(tmp_path, tree).of("virt/vm/vm_main.c")) == "vm"


def test_a_configuration_leaves_files_out(tmp_path: Path) -> None:
    configured = objects(tmp_path, {**TREE, ".config": "CONFIG_NET=y\n"})
    assert configured.is_left_out("fs/ext9/inode.c")
    assert not configured.is_left_out("kernel/fork.c")
    assert not configured.is_left_out("fs/ext9/not-listed.c")
    (tmp_path / ".config").unlink()
    assert not objects(tmp_path).is_left_out("fs/ext9/inode.c")


def test_files_of_an_object(tmp_path: Path) -> None:
    tree = {**TREE, "fs/ext9/inode.c": "", "fs/ext9/sub/deep.c": "", "fs/fused.c": ""}
    tree_objects = objects(tmp_path, tree)
    names = {path: [each.name for each in tree_objects.of(path)] for path in tree}
    in_module = [path for path in sorted(tree) if "ext_nine" in names[path]]
    assert in_module == ["fs/ext9/inode.c", "fs/ext9/sub/deep.c"]
    assert "vmlinux" in names["fs/fused.c"]
    assert not any("nothing" in each for each in names.values())


@pytest.mark.parametrize(
    ("makefile", "is_untraced"),
    [
        ("obj-y := x.o\n", False),
        ("CFLAGS_REMOVE_x.o = -pg\n", True),
        ("CFLAGS_REMOVE_x.o = $(CC_FLAGS_FTRACE)\n", True),
        ("CFLAGS_REMOVE_y.o = $(CC_FLAGS_FTRACE)\n", False),
        ("CFLAGS_REMOVE_x.o = -fstack-protector\n", False),
        ("NONE := -pg\nCFLAGS_REMOVE_x.o = $(NONE)\n", True),
        ("ccflags-remove-$(CONFIG_FUNCTION_TRACER) += $(CC_FLAGS_FTRACE)\n", True),
        ("ccflags-remove-y += -pg\nCFLAGS_x.o = $(CC_FLAGS_FTRACE)\n", False),
        ("KBUILD_CFLAGS = $(subst $(CC_FLAGS_FTRACE),,$(ORIG_CFLAGS))\n", True),
        ("KBUILD_CFLAGS := $(filter-out $(CC_FLAGS_FTRACE), $(KBUILD_CFLAGS))\n", True),
        ("KBUILD_CFLAGS += -Wall\n", False),
    ],
)
def test_makefiles_take_the_flags_for_ftrace_away(
    tmp_path: Path, makefile: str, is_untraced: bool
) -> None:
    line = objects(tmp_path, {"lib/Makefile": makefile}).untraced("lib/x.c")
    assert (line is not None) == is_untraced
    if line:
        assert line.path == "lib/Makefile"
        assert makefile.splitlines()[line.line - 1] == line.text


def test_flags_of_a_directory_are_not_those_of_the_ones_below(tmp_path: Path) -> None:
    tree = {
        "lib/Makefile": "ccflags-remove-y += -pg\nCFLAGS_REMOVE_sub/y.o := -pg\nobj-y += sub/\n",
        "lib/sub/Makefile": "obj-y += x.o y.o\n",
    }
    tree_objects = objects(tmp_path, tree)
    assert tree_objects.untraced("lib/sub/x.c") is None
    assert tree_objects.untraced("lib/sub/y.c") is not None
    assert tree_objects.untraced("lib/z.c") is not None


@pytest.mark.parametrize(
    "makefile",
    ["ifdef CONFIG_A\nCFLAGS_REMOVE_x.o = -pg\nendif\n", "ccflags-remove-$(CONFIG_A) += -pg\n"],
)
def test_a_configuration_decides_whether_flags_are_taken_away(
    tmp_path: Path, makefile: str
) -> None:
    with_b = objects(tmp_path, {"lib/Makefile": makefile, ".config": "CONFIG_B=y\n"})
    assert with_b.untraced("lib/x.c") is None


def test_a_file_that_another_includes_has_its_flags(tmp_path: Path) -> None:
    tree = {
        "lib/Makefile": "obj-y += whole.o\nCFLAGS_REMOVE_whole.o = -pg\n",
        "lib/whole.c": '#include "part.c"\n',
    }
    assert objects(tmp_path, tree).untraced("lib/part.c") is not None
