"""A file has the same findings whether it is linted alone, in a batch, or with the whole tree."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.command import klplint
from tests.support.paths import MINIKERNEL, ROOT

Findings = dict[str, list[dict[str, object]]]


def findings(*paths: Path, options: tuple[object, ...] = ()) -> Findings:
    """The findings of some files, by file."""
    done = klplint("-q", "--isolated", "-f", "json", *options, *paths)
    assert done.returncode in (0, 1), done.stderr
    by_file: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    for finding in json.loads(done.stdout)["findings"]:
        by_file[finding["file"]].append(finding)
    return dict(by_file)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    return "--cache-dir", tmp_path_factory.mktemp("cache")


def test_files_of_a_tree_one_by_one(cache: tuple[object, ...]) -> None:
    whole = findings(MINIKERNEL, options=cache)
    assert len(whole) > 5
    for path in sorted({*MINIKERNEL.rglob("*.[ch]")} - {*(MINIKERNEL / "tools").rglob("*")}):
        name = path.relative_to(MINIKERNEL).as_posix()
        alone = findings(path, options=cache)
        assert alone.get(name, []) == whole.get(name, []), name


@pytest.mark.parametrize("rule", ["KLP001", "KLP002", "KLP006"])
def test_files_of_another_project_one_by_one(rule: str, cache: tuple[object, ...]) -> None:
    options = (*cache, "--kernel", MINIKERNEL, "--select", rule)
    directory = ROOT / "fixtures" / rule
    whole = findings(directory, options=options)
    assert len(whole) > 5
    for path in sorted(directory.glob("*.[ch]")):
        alone = findings(path, options=options)
        assert alone.get(path.name, []) == whole.get(path.name, []), path


# What a file has before its function `pull`, and what this is called. A header before all files
# renames it; one that is precompiled, and not included, does not.
HEADS = {
    "": "driver_pull",
    "#undef pull\n": "pull",
    "#undef pull\n#define pull(x) own_pull(x)\n": "own_pull",
    "#ifndef pull\n#define pull own_pull\n#endif\n": "driver_pull",
    "#ifdef GONE\n#ifndef pull\n#define pull own_pull\n#endif\n#endif\n": "driver_pull",
    "#ifndef SCHED\n#undef pull\n#define pull own_pull\n#endif\n": "own_pull",
    "#include <linux/sched.h>\n": "pull",
    "#include <linux/own.h>\n": "own_pull",
}


def test_functions_that_macros_rename(tmp_path: Path) -> None:
    """There are enough files for common headers to be precompiled."""
    tree = tmp_path / "linux"
    headers = {
        "kconfig.h": "#define pull driver_pull\n",
        "sched.h": "#define SCHED 1\n#undef pull\n",
        "own.h": "#undef pull\n#define pull own_pull\n",
        "types.h": "",
    }
    for directory in ("include/linux", "arch/x86/include/asm", "lib"):
        (tree / directory).mkdir(parents=True)
    (tree / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 12\n")
    for name, text in headers.items():
        (tree / "include/linux" / name).write_text(text)
    names = {}
    for number, head in enumerate([*HEADS] * 4):
        file = tree / "lib" / f"{number}.c"
        body = "void pull(int x)\n{\n\tsmp_rmb();\n}\n"
        file.write_text(f"#include <linux/types.h>\n{head}{body}")
        names[f"lib/{number}.c"] = HEADS[head]
    cache = "--cache-dir", tmp_path / "cache"
    whole = findings(tree, options=("--no-cache",))
    assert {file: each[0]["function"] for file, each in whole.items()} == names
    assert findings(tree, options=cache) == whole
    for name in list(names)[: len(HEADS)]:
        assert findings(tree / name, options=("--no-cache",)) == {name: whole[name]}
        assert findings(tree / name, options=cache) == {name: whole[name]}


HEAD = "#include <linux/livepatch.h>\n#include <linux/sched.h>\n"
TASK = "struct task_struct *"
# Functions that give `current` unless another definition of theirs is meant, and that definition.
DEFAULTS = {
    "weak": ("drivers/own/b.c", f"{TASK} __weak {{}}(void) {{ return current; }}\n"),
    "attribute": (
        "drivers/own/b.c",
        f"{TASK} __attribute__((__weak__)) {{}}(void) {{ return current; }}\n",
    ),
    "unless": (
        "lib/own.c",
        f"#ifndef __HAVE_ARCH_OWN\n{TASK}{{}}(void) {{ return current; }}\n#endif\n",
    ),
    "strong": ("drivers/own/b.c", f"{TASK}{{}}(void) {{ return current; }}\n"),
}
OVERRIDES = {
    "x86": (
        "arch/x86/kernel/own.c",
        f"extern {TASK}other;\n{TASK}{{}}(void) {{ return other; }}\n",
    ),
    "powerpc": (
        "arch/powerpc/kernel/own.c",
        f"extern {TASK}other;\n{TASK}{{}}(void) {{ return other; }}\n",
    ),
    "assembly": ("arch/x86/kernel/own_entry.S", "SYM_FUNC_START({})\n\tret\nSYM_FUNC_END({})\n"),
    "same": ("arch/x86/kernel/own.c", f"{TASK}{{}}(void) {{ return get_current(); }}\n"),
}


def test_definitions_of_architectures_in_place_of_defaults(tmp_path: Path) -> None:
    """That a function gives `current` is not said if an architecture may have another one."""
    tree = tmp_path / "linux"
    shutil.copytree(MINIKERNEL, tree)
    files: defaultdict[str, str] = defaultdict(lambda: HEAD)
    expected = {}
    for default, (file, text) in DEFAULTS.items():
        for override, (place, other) in OVERRIDES.items():
            name = f"own_{default}_{override}"
            for path, definition in ((file, text), (place, other)):
                files[path] += definition.replace("{}", name)
            files["drivers/own/a.c"] += (
                f"{TASK}{name}(void);\nvoid {name}_go(void)\n{{\n"
                f"\tklp_update_patch_state({name}());\n}}\n"
            )
            is_always = "strong" in name or "same" in name
            expected[f"{name}_go"] = "note" if is_always else "error"
    for path, text in files.items():
        (tree / path).parent.mkdir(exist_ok=True)
        (tree / path).write_text(text)
    options = ("--no-cache", "--select", "KLP001")
    whole = findings(tree, options=options)["drivers/own/a.c"]
    assert {str(f["function"]): f["level"] for f in whole} == expected
    assert findings(tree / "drivers/own/a.c", options=options)["drivers/own/a.c"] == whole
