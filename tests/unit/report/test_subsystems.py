from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from klplint.report.subsystems import subsystems


def test_a_small_directory_is_one_group() -> None:
    assert subsystems(["kernel/fork.c", "kernel/sched/core.c", "mm/memory.c"]) == {
        "kernel/fork.c": "kernel/",
        "kernel/sched/core.c": "kernel/",
        "mm/memory.c": "mm/",
    }


def test_a_large_directory_is_divided_and_its_small_parts_stay_together() -> None:
    net = [f"drivers/net/{number}.c" for number in range(20)]
    gpu = [f"drivers/gpu/drm/{number}.c" for number in range(20)]
    few = ["drivers/xen/a.c", "drivers/tty/a.c", "drivers/main.c"]
    groups = subsystems([*net, *gpu, *few])
    assert {groups[path] for path in net} == {"drivers/net/"}
    assert {groups[path] for path in gpu} == {"drivers/gpu/"}
    assert {groups[path] for path in few} == {"drivers/ (other)"}


def test_a_path_counts_as_often_as_it_occurs() -> None:
    groups = subsystems(["drivers/net/a.c"] * 50 + ["drivers/gpu/a.c"] * 5)
    assert groups == {"drivers/net/a.c": "drivers/net/", "drivers/gpu/a.c": "drivers/gpu/"}


def test_files_at_the_root() -> None:
    assert subsystems(["main.c"]) == {"main.c": "(root)"}


@given(st.lists(st.text("ab/.", min_size=1, max_size=8), max_size=120))
def test_each_path_has_a_group_that_holds_it(paths: list[str]) -> None:
    groups = subsystems(paths)
    assert groups.keys() == set(paths)
    for path, group in groups.items():
        assert group == "(root)" or path.startswith(group.removesuffix(" (other)"))
