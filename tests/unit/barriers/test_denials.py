"""Pairings that a comment denies, takes back, wishes for, or says of another barrier."""

from __future__ import annotations

import pytest

from tests.support.comment_reading import names, read


@pytest.mark.parametrize(
    "text",
    [
        "was paired with smp_wmb() in foo() until v5.3",
        "This was paired with smp_wmb() in foo() until v5.3.",
        "Paired with smp_wmb() in foo() until commit 0123456789ab.",
        "Originally paired with smp_wmb() in foo().",
        "This once paired with smp_wmb() in foo().",
        "Previously paired with smp_wmb() in foo().",
        "This was the counterpart of smp_wmb() in foo() until 6.1.",
        "There's nothing in foo() that pairs with this",
        "There's nothing in foo() that pairs with smp_wmb().",
        "There is no barrier in foo() that pairs with this.",
        "There is no smp_wmb() in foo() to pair with this.",
        "Nothing in foo() pairs with this.",
        "Nobody pairs with this barrier; foo() just writes.",
        "None of the barriers in foo() pairs with this one.",
        "foo() has nothing that pairs with this",
        "Should pair with smp_wmb() in foo(), but that one was dropped.",
        "Pairs with smp_wmb() in foo(), but that barrier is gone.",
        "Pairs with smp_wmb() in foo(), which has been removed.",
        "Pairs with smp_wmb() in foo(), although it was removed in v5.3.",
        "Supposedly pairs with foo() but there is no barrier.",
        "Pairs with smp_wmb() in foo(), though there is none any more.",
        "Pairs with foo(), which has no barrier.",
        "There ought to be a matching smp_wmb() in foo().",
        "There should be a matching smp_wmb() in foo().",
        "foo() ought to have a matching write barrier.",
        "foo() would need a matching smp_wmb().",
        "The matching smp_wmb() in foo() is missing.",
        "The corresponding smp_wmb() in foo() was removed.",
        "There used to be an smp_wmb() in foo() that paired with this.",
        "The smp_wmb() that paired with this was dropped from foo().",
        "smp_wmb() in foo() no longer exists",
        "No one pairs with this, foo() uses a lock.",
        "The barrier in foo() that paired with this one has been removed.",
        "This was meant to pair with smp_wmb() in foo(), but it was never added.",
        "It is supposed to pair with smp_wmb() in foo(), which doesn't exist yet.",
        "Was coupled with the smp_wmb() in foo() before v4.14.",
        "was matched by smp_wmb() in foo() until 5.10",
        "Had been paired with smp_wmb() in foo() until it got a lock.",
        "Up to v6.1 this was paired with smp_wmb() in foo().",
        "Until v5.3, this paired with smp_wmb() in foo().",
        "foo() should have a write barrier.",
        "foo() should have a matching write barrier, but has none.",
        "There must have been a matching smp_wmb() in foo() once.",
        "Paired with smp_wmb() in foo() before commit 0123abc.",
        "Pairs with smp_wmb() in foo(), which lacks a barrier now.",
        "Pairs with foo(), but it has no matching write barrier.",
    ],
)
def test_a_pairing_that_is_denied_or_over_is_none(text: str) -> None:
    assert read(text).pairing == "none"


@pytest.mark.parametrize(
    "text",
    [
        "unlike the one in bar(), which pairs with smp_wmb() in foo()",
        "In contrast to the smp_rmb() in bar(), which pairs with smp_wmb() in foo(), this is not.",
        "as opposed to the barrier in bar() that pairs with smp_wmb() in foo()",
        "Not the one that pairs with smp_wmb() in foo().",
        "Other than the barrier in bar(), which is paired with smp_wmb() in foo().",
        "the smp_wmb() in foo() is unrelated",
        "smp_wmb() in foo() is unrelated.",
        "The smp_wmb() in foo() has nothing to do with this.",
        "The write barrier in foo() is for something else.",
        "The smp_wmb() in foo() belongs to another flag.",
        "The smp_wmb() of foo() is not related to this one.",
        "smp_wmb() in foo() was removed",
        "This is not the barrier that pairs with smp_wmb() in foo().",
        "Unlike the smp_rmb() in bar() that is paired with smp_wmb() in foo(), this is paranoia.",
        "Different from the rmb in bar(), which matches smp_wmb() in foo().",
        "smp_wmb() in foo() is for somebody else",
        "The smp_wmb() in foo() is irrelevant here.",
        "The barrier in foo() has nothing to do with this.",
    ],
)
def test_what_is_said_of_another_barrier_is_none(text: str) -> None:
    assert read(text).pairing == "none"


@pytest.mark.parametrize(
    "text",
    [
        "We could use smp_store_release() in foo() instead of this.",
        "We could use smp_store_release() in bk_wmb() instead",
        "Could be replaced by smp_store_release() in foo().",
        "Consider using smp_store_release() in foo().",
        "An smp_store_release() in foo() would do as well.",
        "It would be nicer to use smp_wmb() in foo().",
        "Maybe smp_wmb() in foo() is better.",
        "Perhaps foo() could use smp_store_release().",
        "One might put an smp_wmb() into foo() instead.",
        "foo() could use smp_store_release() instead.",
        "Let's use smp_store_release() in foo() some day.",
        "It might be better to use smp_store_release() in foo().",
        "Alternatively, use smp_store_release() in foo().",
        "smp_store_release() in foo() might be better.",
        "We should use smp_store_release() in foo() instead.",
        "Someone could convert this to smp_store_release() in foo().",
        "Using smp_store_release() in foo() would be cheaper.",
        "Why not use smp_store_release() in foo()?",
        "A future patch may add smp_wmb() to foo().",
        "A lock would do; so would smp_store_release() in foo().",
    ],
)
def test_a_suggestion_is_no_pairing(text: str) -> None:
    assert read(text).pairing == "none"


@pytest.mark.parametrize(
    "text",
    [
        "Pairs with smp_wmb() in foo() until the ring is empty.",
        "Pairs with smp_wmb() in foo(), but the lock is not needed here.",
        "Pairs with smp_wmb() in foo(), but is not needed on x86.",
        "This was the lock once, now it pairs with smp_wmb() in foo().",
        "Nothing else is needed: pairs with smp_wmb() in foo().",
        "Make sure that nothing is lost. Pairs with smp_wmb() in foo().",
        "So that nothing is read early, this pairs with smp_wmb() in foo().",
        "Should pair with smp_wmb() in foo().",
        "Pairs with smp_wmb() in foo(), which was added in v5.3.",
        "There is a barrier in foo() that pairs with this.",
        "Pairs with smp_wmb() in foo(), which clears the flag and no lock is taken.",
        "It must be paired with smp_wmb() in foo().",
        "This needs to be paired with smp_wmb() in foo().",
        "This is paired with the smp_wmb() in foo() since v5.3.",
        "This must match the smp_wmb() in foo().",
        "Pairs with smp_wmb() in foo(), but not with the one in bar_lock.",
        "Pairs with smp_wmb() in foo() and there is no lock.",
        "Pairs with smp_wmb() in foo(), though only on SMP.",
        "Paired with smp_wmb() in foo() before commit.",
        "Pairs with smp_wmb() in foo(), which has no lock.",
        "Paired with the smp_wmb() in foo(), but there is no lock.",
        "Pairs with the smp_wmb() in foo(), but it has no effect on UP.",
        "Pairs with smp_wmb() in foo(), which lacks a timeout.",
        "If the entry is gone, we retry. Pairs with smp_wmb() in foo().",
        "Pairs with smp_wmb() in foo(), the entry may be gone.",
        "Pairs with smp_wmb() in foo() which is called before the entry is removed.",
        "Pairs with smp_wmb() in foo(): if the entry is gone, but the key was removed, retry.",
        "Pairs with smp_wmb() in foo(), but the entry was removed.",
        "Once paired with smp_wmb() in foo(), the head is stable.",
        "Once the head is set, pairs with smp_wmb() in foo().",
        "We were woken up until here; pairs with smp_wmb() in foo().",
        "When the lock was dropped this pairs with smp_wmb() in foo().",
        "The list was empty, so this pairs with smp_wmb() in foo() until it is filled.",
        "There is nothing to do if the head is old. Pairs with smp_wmb() in foo().",
        "If nothing was queued this pairs with smp_wmb() in foo()",
        "Make sure nobody sees old data, by pairing with smp_wmb() in foo().",
        "This has not been read before the smp_wmb() in foo().",
        "Unlike bar(), this one pairs with smp_wmb() in foo().",
        "Unlike the one in bar(), this pairs with smp_wmb() in foo().",
        "unlike before, it pairs with smp_wmb() in foo()",
        "The smp_wmb() in foo() is the other half.",
        "the smp_wmb() in foo() is for us",
        "Pairs with smp_wmb() in foo(); the lock is unrelated.",
        "Just as the one in bar(), which is similar, this pairs with smp_wmb() in foo().",
        "Contrary to what it looks like, this pairs with smp_wmb() in foo().",
        "Like the one in bar(), pairs with smp_wmb() in foo()",
        "The smp_wmb() in foo() is related to the lock, too.",
        "Not only this, but also bar() pairs with smp_wmb() in foo().",
        "foo() uses smp_store_release() instead of a lock.",
        "We use smp_store_release() in foo() instead of a lock.",
        "Pairs with smp_store_release() in foo(); we could use smp_load_acquire() instead.",
        "We rely on smp_store_release() in foo().",
        "foo() already uses smp_store_release() so this may be an acquire.",
        "Could be an smp_load_acquire(); pairs with smp_wmb() in foo().",
    ],
)
def test_words_of_another_clause_do_not_deny(text: str) -> None:
    reading = read(text)
    assert reading.pairing == "explicit"
    assert names(reading) == ["foo"]
