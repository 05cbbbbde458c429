"""compile_commands.json: what of it is used, what is not, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from klplint.errors import KlplintError
from klplint.frontend.collect import collect_facts
from klplint.kernel.compile_commands import CompileCommands
from tests.support.compile_databases import database, sample
from tests.support.single_file import WATCH, in_code, unit, variants


def arguments(place: Path, **entry: object) -> tuple[str, ...] | None:
    """The arguments of an entry for sample.c in `place`, which is written as DIR."""
    (place / "sample.c").touch()
    whole = {"directory": str(place), "file": "sample.c", **entry}
    listed = CompileCommands(database(place, whole)).arguments(place / "sample.c")
    return listed and tuple(word.replace(str(place), "DIR") for word in listed)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gcc -DONE -D TWO=2 -UTHREE -c -o sample.o sample.c", "-D ONE -D TWO=2 -U THREE"),
        ("gcc -I./include -I /usr/odd -isystem sys -include first.h sample.c",
         "-I DIR/include -I /usr/odd -isystem DIR/sys -include DIR/first.h"),
        ("gcc -nostdinc -std=gnu89 -m32 -fshort-wchar sample.c",
         "-nostdinc -std=gnu89 -m32 -fshort-wchar"),
        (("gcc -mpreferred-stack-boundary=3 -fno-allow-store-data-races -falign-jumps=1 "
         "-fplugin=./odd.so -Wp,-MMD,.sample.o.d -Wno-odd -O2 -pg sample.c"), ""),
        ("ccache gcc -DONE sample.c", "-D ONE"),
        ("gcc '-DNAME=\"a b\"' sample.c", '-D NAME="a b"'),
        ("gcc -DLAST -I", "-D LAST"),
    ],
)  # fmt: skip
def test_only_what_the_parser_sees_is_taken(tmp_path: Path, command: str, expected: str) -> None:
    got = arguments(tmp_path, command=command)
    assert got is not None
    assert " ".join(got) == expected


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
    got = CompileCommands(path).arguments(source / "lib" / "sample.c")
    assert got is not None
    paths = " ".join(got).replace(str(source), "SOURCE").replace(str(build), "BUILD")
    assert paths == (
        "-nostdinc -I SOURCE/arch/x86/include -I BUILD/arch/x86/include/generated "
        "-I SOURCE/include -I BUILD/include -include SOURCE/include/linux/kconfig.h "
        "-D __KERNEL__ -std=gnu11 -fshort-wchar -m64 -D CC_USING_FENTRY -I SOURCE/lib "
        '-I BUILD/lib -D KBUILD_MODFILE="lib/sample" -D __KBUILD_MODNAME=kmod_sample'
    )


@pytest.mark.parametrize(
    "form", ["sample.c", "./sample.c", "sub/../sample.c", "{directory}/sample.c"]
)
def test_files_may_be_relative_or_absolute(tmp_path: Path, form: str) -> None:
    (tmp_path / "sub").mkdir()
    file = form.format(directory=tmp_path)
    assert arguments(tmp_path, file=file, command="gcc -DONE") == ("-D", "ONE")


def test_a_relative_directory_is_relative_to_the_database(tmp_path: Path) -> None:
    got = arguments(tmp_path, directory=".", command="gcc -Iinclude")
    assert got == ("-I", "DIR/include")


@pytest.mark.parametrize(
    "entry", [{}, {"command": ""}, {"arguments": []}, {"command": "gcc 'open"}, {"file": "a\0.c"}]
)
def test_an_entry_that_says_nothing_is_none(tmp_path: Path, entry: dict[str, object]) -> None:
    assert arguments(tmp_path, **entry) is None


def test_stale_entries_do_no_harm(tmp_path: Path) -> None:
    gone = {"directory": "/no/such/directory", "file": "gone.c", "command": "gcc -DGONE gone.c"}
    commands = CompileCommands(database(tmp_path, gone))
    assert commands.arguments(tmp_path / "sample.c") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[1]",
        '[{"directory": "/"}]',
        '[{"directory": 1, "file": "a.c"}]',
        "\xff",
        '[{"directory": "/", "file": "a.c", "x": ' + "[" * 100_000,
    ],
    ids=range(8),
)
def test_a_malformed_database_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "compile_commands.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(KlplintError, match="not a valid compilation database"):
        CompileCommands(path)


def test_entries_are_used_as_they_are(tmp_path: Path) -> None:
    commands = CompileCommands(sample(tmp_path, "-DSAMPLE", "-fplugin=odd", "-mrecord-mcount"))
    built = unit(tmp_path / "sample.c")
    built = replace(built, commands=commands.arguments(built.file))
    facts = collect_facts(built, WATCH)
    assert (facts.parses, variants(facts)) == (1, [""])


def test_what_an_entrys_configuration_leaves_out_is_parsed_all_the_same(tmp_path: Path) -> None:
    commands = CompileCommands(sample(tmp_path))
    built = unit(tmp_path / "sample.c")
    built = replace(built, commands=commands.arguments(built.file))
    facts = collect_facts(built, WATCH)
    assert (facts.parses, variants(facts)) == (2, ["SAMPLE_ODD"])
    assert [o.function for o in in_code(facts)] == ["sample"]
