"""A run's memo: work is done once for each subject, whoever asks."""

from __future__ import annotations

from klplint.facts.memo import Memo
from klplint.facts.region import Region


class Counted:
    """Work that counts how often it is done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, subject: Region, factor: int = 1) -> int:
        self.times += 1
        return subject.line * factor


def test_work_is_done_once_for_each_subject_and_setting() -> None:
    memo, work, subject = Memo(), Counted(), Region(3, 1, 3, 2)
    assert [memo.once(work, subject) for _ in range(3)] == [3, 3, 3]
    assert work.times == 1
    assert [memo.once(work, subject, 2), memo.once(work, subject, factor=3)] == [6, 9]
    assert work.times == 3


def test_equal_subjects_are_two() -> None:
    memo, work = Memo(), Counted()
    for subject in (Region(3, 1, 3, 2), Region(3, 1, 3, 2)):
        memo.once(work, subject)
    assert work.times == 2


def test_a_subject_that_nobody_else_holds_is_not_mistaken_for_a_later_one() -> None:
    memo, work = Memo(), Counted()
    lines = [memo.once(work, Region(line, 1, line, 2)) for line in range(1, 50)]
    assert lines == list(range(1, 50))


def test_two_kinds_of_work_on_a_subject_do_not_mix() -> None:
    memo, subject = Memo(), Region(3, 1, 3, 2)
    assert memo.once(Counted(), subject) == 3
    assert memo.once(str, subject) == str(subject)


def test_there_is_one_object_of_a_kind() -> None:
    memo = Memo()
    assert memo.the(Counted) is memo.the(Counted)
    assert isinstance(memo.the(Memo), Memo)
    assert memo.the(Counted) is not Memo().the(Counted)


def test_what_is_missing_may_be_a_result() -> None:
    memo, calls = Memo(), list[int]()
    for _ in range(2):
        assert memo.once(calls.append, 7) is None
    assert calls == [7]
