"""Trees that are not whole kernels, builds apart from the sources, PATHs without sources."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint
from tests.support.scratch_git import WRONG, Repository

NAMING = """#include <linux/sched.h>
void reads(void)
{
	/* pairs with the smp_wmb() in klp_init_transition() */
	smp_rmb();
	/* pairs with the smp_wmb() in kernel/livepatch/transition.c */
	smp_rmb();
	/* pairs with the smp_wmb() in nowhere_at_all() */
	smp_rmb();
}
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A module out of the tree, whose comments name functions of the kernel."""
    directory = tmp_path / "module"
    directory.mkdir()
    (directory / "module.c").write_text(NAMING)
    return directory


def stale(*arguments: object) -> tuple[list[int], str]:
    """The lines with findings of KLP004, and what is printed on standard error."""
    done = klplint("-f", "json", "--select", "KLP004", *arguments)
    assert done.returncode < 2, done
    return [f["line"] for f in json.loads(done.stdout)["findings"]], done.stderr


def remove_sources(tree: Path) -> None:
    """Leave of a tree what a package of headers has: headers, Makefiles and Kconfig files."""
    for file in tree.rglob("*.[cS]"):
        file.unlink()


def test_a_whole_tree_is_asked_for_names(minikernel: Path, module: Path) -> None:
    lines, errors = stale("--kernel", minikernel, module)
    assert (lines, "lacks" in errors) == ([9], False)


@pytest.mark.parametrize(
    ("makefile", "is_whole"),
    [
        ("obj-y += $(patsubst %,%.gen.o, $(CONFIG_BLOBS))", True),
        ("obj-$(CONFIG_BLOBS) := $(blobs)\nobj-n := dummy", True),
        ("# nothing\n", True),
        ("obj-y += blob.o", False),
        ("obj-$(CONFIG_BLOBS) += \\\n\tone.o \\\n\tinner/", False),
        (None, False),
    ],
)
def test_a_directory_without_sources_lacks_them_if_its_makefile_builds_some(
    minikernel: Path, module: Path, makefile: str | None, is_whole: bool
) -> None:
    with (minikernel / "Makefile").open("a") as opened:
        opened.write("\ndrivers-y += blobs/\n")
    if makefile is not None:
        (minikernel / "blobs").mkdir()
        (minikernel / "blobs" / "Makefile").write_text(makefile)
    lines, errors = stale("--kernel", minikernel, module)
    assert (lines, "lacks blobs/: " in errors) == (([9], False) if is_whole else ([], True))


def test_nothing_is_nowhere_in_a_package_of_headers(minikernel: Path, module: Path) -> None:
    remove_sources(minikernel)
    lines, errors = stale("--kernel", minikernel, module)
    assert lines == []
    assert errors.count("the kernel tree lacks drivers/, fs/, kernel/ and lib/: ") == 1
    listed = klplint("pairs", "--kernel", minikernel, module)
    assert listed.stderr.count("the kernel tree lacks drivers/, fs/, kernel/ and lib/: ") == 1
    assert listed.stdout.count(": not in this part of the tree\n") == 2
    assert "MISSING" not in listed.stdout
    assert "0 missing, 0 without a write barrier, 2 not in this part of" in listed.stdout


@pytest.mark.parametrize("quiet", [True, False])
def test_a_part_of_a_tree_in_git(minikernel: Path, quiet: bool) -> None:
    (minikernel / "drivers/misc/naming.c").write_text(NAMING)
    for name in ("kernel", "lib"):
        shutil.rmtree(minikernel / name)
    Repository.of(minikernel)
    lines, errors = stale(*(["-q"] if quiet else []), minikernel / "drivers/misc/naming.c")
    assert lines == []
    assert errors.count("the kernel tree lacks kernel/ and lib/") == (not quiet)


def test_a_sparse_checkout(minikernel: Path) -> None:
    (minikernel / "drivers/misc/naming.c").write_text(NAMING)
    repository = Repository.of(minikernel)
    repository.git("sparse-checkout", "set", "--no-cone", "/*", "!/kernel/livepatch/")
    lines, errors = stale(minikernel)
    assert lines == []
    assert "the kernel tree lacks what git's sparse checkout leaves out" in errors
    repository.git("sparse-checkout", "disable")
    assert stale(minikernel / "drivers")[0] == [9]


def test_a_deleted_file_is_no_gap(minikernel: Path) -> None:
    (minikernel / "drivers/misc/naming.c").write_text(NAMING)
    Repository.of(minikernel)
    (minikernel / "kernel/livepatch/transition.c").unlink()
    assert stale(minikernel / "drivers/misc/naming.c")[0] == [7, 9]


def build_of(source: Path, makefile: str, *, link: bool = False) -> Path:
    """A build that was made apart from its sources, with one option and one generated header."""
    build = source.parent / "build"
    for directory in ("include/generated", "arch/x86/include/generated/asm"):
        (build / directory).mkdir(parents=True)
    (build / "Makefile").write_text(makefile.format(source=source))
    (build / ".config").write_text("CONFIG_X86=y\nCONFIG_ONLY_HERE=y\n")
    (build / "include/generated/autoconf.h").write_text("#define CONFIG_ONLY_HERE 1\n")
    (build / "include/generated/mine.h").write_text("#define GENERATED 1\n")
    if link:
        (build / "source").symlink_to(source)
    return build


MAKEFILES = {
    "since 5.3": "# Automatically generated\ninclude {source}/Makefile\n",
    "relative": "export KBUILD_OUTPUT = .\ninclude ../linux/Makefile\n",
    "before 5.3": "VERSION = 6\nPATCHLEVEL = 12\nMAKEARGS := -C {source}\nMAKEARGS += O=.\n",
}
CONFIGURED = """#include <linux/sched.h>
#include <generated/mine.h>
#if defined(CONFIG_ONLY_HERE) && defined(GENERATED)
void touch(void)
{
	klp_update_patch_state(current);
}
#endif
"""


@pytest.mark.parametrize("makefile", MAKEFILES.values(), ids=MAKEFILES)
def test_a_build_directory_leads_to_its_sources(
    minikernel: Path, module: Path, makefile: str
) -> None:
    build = build_of(minikernel, makefile)
    (module / "module.c").write_text(CONFIGURED)
    # The build's settings and generated headers count: the first parse has the call.
    assert "in 1 file (1 parse)" in klplint("coverage", "--kernel", build, module).stdout
    without = klplint("coverage", "--kernel", minikernel, module)
    assert "in 1 file (2 parses)" in without.stdout


def test_another_configuration_is_analysed_again(minikernel: Path, module: Path) -> None:
    build = build_of(minikernel, MAKEFILES["relative"])
    (module / "module.c").write_text(CONFIGURED)
    assert "(1 parse)" in klplint("coverage", "--kernel", build, module).stdout
    (build / "include/generated/mine.h").write_text("\n")
    assert "(2 parses)" in klplint("coverage", "--kernel", build, module).stdout


def test_the_link_and_links_to_a_build_lead_there(minikernel: Path, module: Path) -> None:
    build = build_of(minikernel, "# nothing\n", link=True)
    modules = minikernel.parent / "modules"
    modules.mkdir()
    (modules / "build").symlink_to(build)
    for path in (build, modules / "build"):
        assert stale("--kernel", path, module)[0] == [9]


def test_a_build_that_leads_nowhere(minikernel: Path, module: Path) -> None:
    build = build_of(minikernel, "include /nowhere/linux/Makefile\n")
    assert complaint("--kernel", build, module) == (
        f"klplint: {build}: is a build whose sources should be in /nowhere/linux, but no "
        "kernel tree is there; give the source tree with --kernel\n"
    )
    (build / "Makefile").write_text("all:\n")
    assert "leads to the sources; give the source tree" in complaint("--kernel", build, module)
    for path in (module, minikernel / "include"):
        assert "is not the root of a kernel tree" in complaint("--kernel", path, module)


NOTHING = "nothing is linted here: "


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("utf16.c", WRONG.encode("utf-16"), f"{NOTHING}the text is UTF-16"),
        ("utf16be.c", b"\xfe\xff" + WRONG.encode("utf-16-be"), f"{NOTHING}the text is UTF-16"),
        ("Makefile", b"obj-y += a.o\n", "the name does not end in .c, .h or .S"),
        ("Kconfig", b"config A\n", "the name does not end in .c, .h or .S"),
    ],
)
def test_a_file_in_which_nothing_is_linted(
    minikernel: Path, name: str, content: bytes, expected: str
) -> None:
    directory = minikernel / "drivers/new"
    directory.mkdir()
    (directory / name).write_bytes(content)
    done = klplint(directory / name)
    assert done.stderr.count(f"klplint: {directory / name}: {expected}") == 1
    assert done.returncode == 0
    in_directory = klplint(directory)
    assert in_directory.stderr.count(f"klplint: {directory}: {NOTHING}") == 1
    assert expected not in klplint("-q", directory / name).stderr
    (directory / "more.c").write_bytes(b"int a;\n")
    assert NOTHING not in klplint(directory).stderr


@pytest.mark.parametrize(("text", "findings"), [("\x7fELF\0\0", 0), (f"{WRONG}\0", 2)])
def test_a_file_with_null_bytes_is_linted_as_a_compiler_reads_it(
    minikernel: Path, text: str, findings: int
) -> None:
    file = minikernel / "drivers/new/object.c"
    file.parent.mkdir()
    file.write_text(text)
    for path in (file, file.parent):
        done = klplint("-f", "json", path)
        assert f"klplint: {path}: there are null bytes in it" in done.stderr
        assert NOTHING not in done.stderr
        assert len(json.loads(done.stdout)["findings"]) == findings


def test_directories_in_which_nothing_is_linted(minikernel: Path) -> None:
    for name in ("Documentation", "drivers/empty"):
        (minikernel / name).mkdir(exist_ok=True)
        done = klplint(minikernel / name)
        assert f"klplint: {minikernel / name}: {NOTHING}of the files" in done.stderr
    repository = Repository.of(minikernel)
    repository.write(".gitignore", "/drivers/ignored/*\n")
    repository.write("drivers/ignored/a.o", "")
    assert NOTHING in klplint(minikernel / "drivers/ignored").stderr
    for path in (minikernel, minikernel / "lib", minikernel / "lib/once_table.c"):
        assert NOTHING not in klplint(path).stderr
