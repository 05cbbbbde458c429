"""compile_commands.json: what of it is used, what is not, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from expectations import MINIKERNEL
from single_file import WATCH, in_code, unit, variants
from test_cli import IDLE, klplint

from klplint.errors import KlplintError
from klplint.frontend.collect import collect_facts
from klplint.kernel.compile_commands import CompileCommands

SAMPLE = (
    "#include <linux/sched.h>\n#include <sample_option.h>\n"
    "void sample(void);\nvoid sample(void)\n{\n"
    "#ifdef SAMPLE_ODD\n\tsmp_rmb();\n#endif\n}\n"
)


def database(folder: Path, *entries: object) -> Path:
    path = folder / "compile_commands.json"
    path.write_text(json.dumps(entries))
    return path


def arguments(folder: Path, **entry: object) -> tuple[str, ...] | None:
    """What is taken of an entry for sample.c in `folder`; the folder is written as DIR."""
    (folder / "sample.c").touch()
    whole = {"directory": str(folder), "file": "sample.c", **entry}
    found = CompileCommands(database(folder, whole)).arguments(folder / "sample.c")
    return found and tuple(word.replace(str(folder), "DIR") for word in found)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gcc -DONE -D TWO=2 -UTHREE -c -o sample.o sample.c", "-D ONE -D TWO=2 -U THREE"),
        ("gcc -I./include -I /usr/odd -isystem sys -include first.h sample.c",
         "-I DIR/include -I /usr/odd -isystem DIR/sys -include DIR/first.h"),
        ("gcc -nostdinc -std=gnu89 -m32 -fshort-wchar sample.c",
         "-nostdinc -std=gnu89 -m32 -fshort-wchar"),
        ("gcc -mpreferred-stack-boundary=3 -fno-allow-store-data-races -falign-jumps=1 "
         "-fplugin=./odd.so -Wp,-MMD,.sample.o.d -Wno-odd -O2 -pg sample.c", ""),
        ("ccache gcc -DONE sample.c", "-D ONE"),
        ("gcc '-DNAME=\"a b\"' sample.c", '-D NAME="a b"'),
        ("gcc -DLAST -I", "-D LAST"),
    ],
)  # fmt: skip
def test_only_what_the_parser_sees_is_taken(tmp_path: Path, command: str, expected: str) -> None:
    found = arguments(tmp_path, command=command)
    assert found is not None
    assert " ".join(found) == expected


@pytest.mark.parametrize(
    "entry",
    [{"arguments": ["gcc", "-DA\0", "sample.c"]}, {"command": "gcc -I a\0 sample.c"}],
)
def test_an_entry_with_a_nul_byte_is_none(tmp_path: Path, entry: dict[str, object]) -> None:
    assert arguments(tmp_path, **entry) is None


def test_arguments_and_command_are_the_same(tmp_path: Path) -> None:
    words = ["gcc", "-DNAME=a b", "-Iinclude", "sample.c"]
    command = "gcc '-DNAME=a b' -Iinclude sample.c"
    expected = ("-D", "NAME=a b", "-I", "DIR/include")
    assert arguments(tmp_path, arguments=words) == expected
    assert arguments(tmp_path, command=command) == expected


# An entry as scripts/clang-tools/gen_compile_commands.py makes it of the .cmd files of a build.
GENERATED = (
    "gcc -Wp,-MMD,lib/.sample.o.d -nostdinc -I{source}/arch/x86/include "
    "-I./arch/x86/include/generated -I{source}/include -I./include -include "
    "{source}/include/linux/kconfig.h -D__KERNEL__ -fmacro-prefix-map={source}/= -Werror "
    "-std=gnu11 -fshort-wchar -mno-sse -m64 -falign-jumps=1 -fpatchable-function-entry=16,16 "
    "--param=allow-store-data-races=0 -pg -mfentry -DCC_USING_FENTRY -Wframe-larger-than=2048 "
    "-I{source}/lib -Ilib    -DKBUILD_MODFILE='\"lib/sample\"' -D__KBUILD_MODNAME=kmod_sample "
    "-c -o lib/sample.o {file}"
)


@pytest.mark.parametrize("file", ["../linux/lib/sample.c", "{source}/lib/sample.c"])
def test_entries_of_the_kernels_own_generator_are_taken(tmp_path: Path, file: str) -> None:
    source, build = tmp_path / "linux", tmp_path / "build"
    (source / "lib").mkdir(parents=True)
    build.mkdir()
    (source / "lib" / "sample.c").touch()
    file = file.format(source=source)
    command = GENERATED.format(source=source, file=file)
    path = database(build, {"command": command, "directory": str(build), "file": file})
    found = CompileCommands(path).arguments(source / "lib" / "sample.c")
    assert found is not None
    paths = " ".join(found).replace(str(source), "SOURCE").replace(str(build), "BUILD")
    assert paths == (
        "-nostdinc -I SOURCE/arch/x86/include -I BUILD/arch/x86/include/generated "
        "-I SOURCE/include -I BUILD/include -include SOURCE/include/linux/kconfig.h "
        "-D __KERNEL__ -std=gnu11 -fshort-wchar -m64 -D CC_USING_FENTRY -I SOURCE/lib "
        '-I BUILD/lib -D KBUILD_MODFILE="lib/sample" -D __KBUILD_MODNAME=kmod_sample'
    )


@pytest.mark.parametrize("form", ["sample.c", "./sample.c", "sub/../sample.c", "{folder}/sample.c"])
def test_files_may_be_relative_or_absolute(tmp_path: Path, form: str) -> None:
    (tmp_path / "sub").mkdir()
    file = form.format(folder=tmp_path)
    assert arguments(tmp_path, file=file, command="gcc -DONE") == ("-D", "ONE")


def test_a_relative_directory_is_relative_to_the_database(tmp_path: Path) -> None:
    found = arguments(tmp_path, directory=".", command="gcc -Iinclude")
    assert found == ("-I", "DIR/include")


@pytest.mark.parametrize(
    "entry", [{}, {"command": ""}, {"arguments": []}, {"command": "gcc 'open"}, {"file": "a\0.c"}]
)
def test_an_entry_that_says_nothing_is_none(tmp_path: Path, entry: dict[str, object]) -> None:
    assert arguments(tmp_path, **entry) is None


def test_stale_entries_do_no_harm(tmp_path: Path) -> None:
    gone = {"directory": "/no/such/folder", "file": "gone.c", "command": "gcc -DGONE gone.c"}
    commands = CompileCommands(database(tmp_path, gone))
    assert commands.arguments(tmp_path / "sample.c") is None
    done = klplint("--compile-commands", tmp_path / "compile_commands.json", IDLE)
    assert done.stdout == klplint(IDLE).stdout


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[1]", '[{"directory": "/"}]', '[{"directory": 1, "file": "a.c"}]', "\xff"],
)
def test_a_malformed_database_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "compile_commands.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(KlplintError, match="not a valid compilation database"):
        CompileCommands(path)


def test_a_malformed_database_ends_the_run(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text('[{"file": "a.c"}]')
    for named in (path, tmp_path / "nowhere.json"):
        done = klplint("--compile-commands", named, IDLE)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("klplint: ")
        assert str(named) in done.stderr
        assert done.stderr.count("\n") == 1


def sample(folder: Path, *words: str) -> Path:
    """A folder with the sample and a header that only its -I finds; the database beside them."""
    (folder / "sample.c").write_text(SAMPLE)
    (folder / "inc").mkdir()
    (folder / "inc" / "sample_option.h").write_text("#ifdef SAMPLE\n#define SAMPLE_ODD\n#endif\n")
    kernel = MINIKERNEL
    usual = [
        "-nostdinc",
        "-D__KERNEL__",
        f"-I{kernel}/arch/x86/include",
        f"-I{kernel}/include",
        f"-I{kernel}/include/uapi",
        f"-include{kernel}/include/linux/kconfig.h",
        f"-include{kernel}/include/linux/compiler_types.h",
    ]
    command = ["gcc", *usual, "-Iinc", *words, "-c", "sample.c"]
    return database(folder, {"directory": str(folder), "file": "sample.c", "arguments": command})


def test_entries_are_used_as_they_are(tmp_path: Path) -> None:
    commands = CompileCommands(sample(tmp_path, "-DSAMPLE", "-fplugin=odd", "-mrecord-mcount"))
    built = unit(tmp_path / "sample.c")
    built = built._replace(commands=commands.arguments(built.file))
    facts = collect_facts(built, WATCH)
    assert (facts.parses, variants(facts)) == (1, [""])


def test_what_an_entrys_configuration_leaves_out_is_reached_all_the_same(tmp_path: Path) -> None:
    commands = CompileCommands(sample(tmp_path))
    built = unit(tmp_path / "sample.c")
    built = built._replace(commands=commands.arguments(built.file))
    facts = collect_facts(built, WATCH)
    assert (facts.parses, variants(facts)) == (2, ["SAMPLE_ODD"])
    assert [o.function for o in in_code(facts)] == ["sample"]


def test_the_database_at_the_trees_root_is_found(tmp_path: Path) -> None:
    for name in ("arch", "include"):
        (tmp_path / name).symlink_to(MINIKERNEL / name)
    (tmp_path / "Makefile").write_text((MINIKERNEL / "Makefile").read_text())
    (tmp_path / "lib").mkdir()
    sample(tmp_path / "lib", "-DSAMPLE").rename(tmp_path / "compile_commands.json")
    done = klplint("coverage", "-f", "json", tmp_path / "lib")
    document = json.loads(done.stdout)
    assert document["parses"] == 1
    assert [o["how"] for o in document["occurrences"]] == ["ast"]
