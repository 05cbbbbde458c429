"""klplint as kbuild's checker: called by a real make, with flags as kbuild gives them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import klplint
from tests.support.paths import IDLE, MINIKERNEL, ROOT

# What kbuild calls: flags for sparse, gcc's with paths from the build directory, the file.
MAKEFILE = """\
CHECKFLAGS := -D__linux__ -Dlinux -D__STDC__ -Dunix -D__unix__ -Wbitwise -Wno-return-void \\
	--arch=x86 -mlittle-endian -m64
c_flags = -Wp,-MMD,.$(@F).d -nostdinc -I$(srctree)/arch/x86/include \\
	-I./arch/x86/include/generated -I$(srctree)/include -I./include \\
	-I$(srctree)/include/uapi -include $(srctree)/include/linux/kconfig.h \\
	-include $(srctree)/include/linux/compiler_types.h -D__KERNEL__ \\
	-fmacro-prefix-map=$(srctree)/= -std=gnu11 -mno-sse -mpreferred-stack-boundary=3 -Werror \\
	-fno-allow-store-data-races -mindirect-branch=thunk-extern -falign-functions=16 -pg -mfentry \\
	-Wframe-larger-than=2048 $(ccflags-y) -DKBUILD_MODFILE='"a/$(*F)"' \\
	-DKBUILD_BASENAME='"$(*F)"' -D__KBUILD_MODNAME=kmod_$(*F) -c -o $@
$(MAKECMDGOALS): %.o: $(or $(src),$(srctree))/%.c
	@$(CHECK) $(CHECKFLAGS) $(c_flags) $<
"""
# Right only where OWN is defined.
CALL = (
    "#include <linux/livepatch.h>\nvoid touch(struct task_struct *t)\n{\n"
    "#ifdef OWN\n\tt = current;\n#endif\n\tklp_update_patch_state(t);\n}\n"
)


@pytest.fixture
def kernel(minikernel: Path) -> Path:
    """A kernel tree with a call; its parent is for build directories."""
    (minikernel / "lib" / "call.c").write_text(CALL)
    return minikernel


def make(
    directory: Path, target: str, *options: object, srctree: str = ".", **variables: str
) -> subprocess.CompletedProcess[str]:
    """`make target` in a build directory, klplint with `options` being the checker."""
    (directory / "kbuild.mk").write_text(MAKEFILE)
    checker = " ".join(map(str, (sys.executable, "-m", "klplint", *options, "--kbuild")))
    given = {"CHECK": checker, "srctree": srctree, **variables}
    command = ["make", "-s", "-f", "kbuild.mk", *(f"{k}={v}" for k, v in given.items()), target]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, cwd=directory, env=env)


def test_findings_are_what_check_finds_on_standard_error_and_the_build_goes_on(
    kernel: Path,
) -> None:
    done = make(kernel, "kernel/sched/idle.o")
    assert (done.returncode, done.stdout) == (0, "")
    assert "kernel/sched/idle.c:" in done.stderr
    assert "[KLP002]\n" in done.stderr
    assert done.stderr == klplint("-f", "concise", IDLE).stdout


def test_a_file_without_findings_is_passed_in_silence(kernel: Path) -> None:
    done = make(kernel, "kernel/livepatch/patch.o")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("flag", "got"), [("-DOWN", False), ("", True), ("-D OWN", False)])
def test_the_very_flags_are_used(kernel: Path, flag: str, got: bool) -> None:
    options = ("--select", "KLP001", "--fail-on", "error")
    done = make(kernel, "lib/call.o", *options, **{"ccflags-y": flag})
    assert bool(done.returncode) == got
    assert ("lib/call.c:7:25: error:" in done.stderr) == got


def test_options_stand_before_kbuild(kernel: Path) -> None:
    assert make(kernel, "kernel/sched/idle.o", "--select", "KLP003").stderr == ""
    assert "[KLP002]" in make(kernel, "kernel/sched/idle.o", "check", "--select", "KLP002").stderr


def test_only_the_command_line_ends_a_build(kernel: Path) -> None:
    (kernel / "klplint.toml").write_text(
        'fail-on = "note"\nstrict = true\nformat = "json"\noutput = "all.json"\n'
        '[rule.KLP002]\nlevel = "warning"\n'
    )
    done = make(kernel, "kernel/sched/idle.o")
    assert done.returncode == 0
    assert ": warning: " in done.stderr  # what the file says of rules holds
    assert not (kernel / "all.json").exists()
    assert make(kernel, "kernel/sched/idle.o", "--fail-on", "warning").returncode
    assert not make(kernel, "kernel/sched/idle.o", "--fail-on", "error").returncode
    assert make(kernel, "drivers/misc/kpoll.o", "--strict").returncode
    assert not make(kernel, "drivers/misc/kpoll.o").returncode


def test_what_the_configuration_leaves_out_is_passed(kernel: Path) -> None:
    (kernel / "klplint.toml").write_text('exclude = ["/kernel/sched/"]\n')
    done = make(kernel, "kernel/sched/idle.o")
    assert (done.returncode, done.stderr) == (0, "")
    assert "[KLP002]" in make(kernel, "kernel/sched/idle.o", "--isolated").stderr


@pytest.mark.parametrize("form", ["../linux", "{kernel}", "{kernel}/../linux"])
def test_in_a_build_directory_paths_are_as_kbuild_gives_them(kernel: Path, form: str) -> None:
    build = kernel.parent / "build"
    build.mkdir()
    srctree = form.format(kernel=kernel)
    done = make(build, "kernel/sched/idle.o", srctree=srctree)
    plain = make(kernel, "kernel/sched/idle.o").stderr
    assert done.stderr == plain.replace("kernel/sched/idle.c:", f"{srctree}/kernel/sched/idle.c:")


def test_a_build_directories_configuration_counts_and_its_change_is_noticed(kernel: Path) -> None:
    build = kernel.parent / "build"
    header = build / "include" / "generated" / "autoconf.h"
    header.parent.mkdir(parents=True)
    (kernel / "include/linux/kconfig.h").write_text("#include <generated/autoconf.h>\n")
    options = ("--select", "KLP001", "--cache-dir", kernel.parent / "cache")

    def got(text: str) -> bool:
        header.write_text(text)
        done = make(build, "lib/call.o", *options, srctree="../linux")
        return "call.c:7:25: error:" in done.stderr

    ours = "#define OWN\n"
    assert [got(ours), got(""), got(ours)] == [False, True, False]


@pytest.mark.parametrize("place", ["flags", "directory"])
def test_a_module_outside_is_compiled_against_the_tree_of_the_build(
    kernel: Path, place: str
) -> None:
    module = kernel.parent / "module"
    module.mkdir()
    (module / "call.c").write_text(CALL)
    directory = kernel if place == "directory" else module
    flags = {"src": str(module)}
    srctree = "." if place == "directory" else str(kernel)
    done = make(directory, "call.o", srctree=srctree, **flags)
    assert done.returncode == 0
    assert f"{module}/call.c:7:25: error: " in done.stderr


def test_a_baseline_leaves_out_what_it_has(kernel: Path) -> None:
    baseline = kernel / "klplint.base"
    assert klplint("baseline", "-o", baseline, kernel / "kernel").returncode == 0
    assert make(kernel, "kernel/sched/idle.o", "--baseline", baseline).stderr == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--kbuild: expected a file as the last word; let kbuild run klplint"),
        (("-Iinclude",), '--kbuild: expected a file as the last word, not "-Iinclude"'),
        (("-Iinclude", "nowhere.c"), "nowhere.c: no such file"),
        (("-Iinclude", "kernel"), "kernel: is a directory, not a file; let kbuild run klplint"),
    ],
)
def test_wrong_use_is_reported_in_one_sentence(words: tuple[str, ...], said: str) -> None:
    done = klplint("--kbuild", *words, directory=MINIKERNEL)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"klplint: {said}")
    assert done.stderr.count("\n") == 1


def test_a_file_in_no_tree_needs_kernel(tmp_path: Path) -> None:
    (tmp_path / "call.c").write_text(CALL)
    done = klplint("--kbuild", "call.c", directory=tmp_path)
    assert done.returncode == 2
    assert "not in a kernel tree, and no -I flag leads into one" in done.stderr
    done = klplint("--kernel", MINIKERNEL, "--kbuild", "call.c", directory=tmp_path)
    assert "call.c:7:25: error:" in done.stderr


@pytest.mark.parametrize("key", ["patch", "diff-from"])
def test_changed_lines_are_no_matter_of_a_build(kernel: Path, key: str) -> None:
    (kernel / "klplint.toml").write_text(f'{key} = "x"\n')
    done = klplint("--kbuild", "kernel/sched/idle.c", directory=kernel)
    assert done.returncode == 2
    assert "cannot be combined with `patch` or `diff-from`" in done.stderr
