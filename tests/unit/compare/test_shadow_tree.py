"""Shadows of a tree: what they hold, what they list, and that the tree stays as it is."""

from __future__ import annotations

import os
from pathlib import Path

from klplint.compare.shadow_tree import Texts, shadow
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import Sources, find_sources, kernel_listing
from tests.support.paths import MINIKERNEL

TEXTS: Texts = {
    "kernel/livepatch/patch.c": "patched\n",
    "kernel/livepatch/core.c": None,
    "drivers/new/deep/new.c": "new\n",
    "tools/new.c": "new\n",
    "Makefile": (MINIKERNEL / "Makefile").read_text().replace("VERSION = ", "VERSION = 1", 1),
}
SOURCES = find_sources([MINIKERNEL], None, DEFAULT_EXCLUDES)
NOWHERE = Path("/no/such/compile_commands.json")


def files_below(directory: Path) -> dict[str, bytes]:
    """All files, links to directories followed."""
    return {
        os.path.relpath(f"{where}/{name}", directory): Path(where, name).read_bytes()
        for where, _, names in os.walk(directory, followlinks=True)
        for name in names
    }


def test_a_shadow_holds_the_tree_with_other_texts() -> None:
    expected = files_below(MINIKERNEL) | {
        path: text.encode() for path, text in TEXTS.items() if text is not None
    }
    del expected["kernel/livepatch/core.c"]
    with shadow(SOURCES, TEXTS, ["."], DEFAULT_EXCLUDES, NOWHERE) as (shadowed, _):
        assert files_below(shadowed.root) == expected
        assert (shadowed.root / "include").is_symlink()
        directory = shadowed.root.parent
    assert not directory.exists()
    assert (MINIKERNEL / "kernel/livepatch/patch.c").read_text() != "patched\n"


def listed(paths: tuple[str, ...], exclude: tuple[str, ...] = DEFAULT_EXCLUDES) -> Sources:
    with shadow(SOURCES, TEXTS, paths, exclude, NOWHERE) as (shadowed, _):
        assert shadowed.kernel.root == shadowed.root
        assert shadowed.kernel.version.major == 10 + SOURCES.kernel.version.major
        return shadowed


def test_files_that_come_and_go_are_listed_so() -> None:
    whole = (set(SOURCES.files) | {"drivers/new/deep/new.c"}) - {"kernel/livepatch/core.c"}
    assert listed(paths=(".",)).files == tuple(sorted(whole))
    assert set(kernel_listing(listed(paths=("kernel",)))) == whole
    assert "drivers/new/deep/new.c" in listed(paths=("drivers",)).files
    assert "drivers/new/deep/new.c" not in listed(paths=("kernel", "drivers/ne")).files
    assert "tools/new.c" in listed(paths=(".",), exclude=()).files


def test_directories_around_a_changed_header_are_real() -> None:
    with shadow(SOURCES, {"kernel/livepatch/core.h": ""}, ["."], (), NOWHERE) as (shadowed, _):
        assert not (shadowed.root / "kernel/sched").is_symlink()
        assert (shadowed.root / "kernel/sched/../livepatch/core.h").read_text() == ""
        assert (shadowed.root / "drivers").is_symlink()


def test_directories_of_shared_headers_are_kept_whole() -> None:
    with shadow(SOURCES, {"include/linux/new/x.h": ""}, ["."], (), NOWHERE) as (shadowed, _):
        below = [path for path in (shadowed.root / "include").rglob("*") if path.is_dir()]
        assert len(below) > 2
        assert not any(path.is_symlink() for path in below)


def test_a_compilation_database_speaks_of_the_shadow(tmp_path: Path) -> None:
    database = tmp_path / "compile_commands.json"
    database.write_text(f'[{{"directory": "{MINIKERNEL}", "file": "{MINIKERNEL}/lib/x.c"}}]')
    with shadow(SOURCES, TEXTS, ["."], (), database) as (shadowed, translated):
        assert translated is not None
        assert translated.read_text() == database.read_text().replace(
            str(MINIKERNEL), str(shadowed.root)
        )
