"""The words of barrier comments: how they say that barriers pair, and what a writer does.

The patterns have no nested repetition, so that no text makes them slow.
Source: Documentation/memory-barriers.txt (SMP BARRIER PAIRING; implicit barriers) for what
orders writes, and the practice of kernel comments for how they say it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache

# How far before a word others are searched that deny it, in characters.
_NEAR = 60
# Ends the name of a primitive, which may be written as a call.
CALLED_OR_NOT = r"(?:\(\))?(?!\w)"


def phrase(pattern: str) -> re.Pattern[str]:
    """A pattern that starts at a word; letter case and the spaces in the pattern do not matter."""
    return compiled(rf"\b(?:{pattern})")


@lru_cache(maxsize=64)  # as `re` keeps what it compiled, but not among the names of a large tree
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern; letter case and the spaces in it do not matter."""
    return re.compile(pattern, re.VERBOSE | re.IGNORECASE)


# Says by itself that two sides belong together: whatever the sentence names is the other side.
STRONG_PAIRING = phrase(
    r""" pair(?:s|ed|ing)?(?:\s+up)?\s+(?:with|to|w/|against|by)
      | pairs?\s+of\s+(?:the\s+)?(?:\w+\s+)?barriers? | pair(?:s|ed|ing)?\s+barrier
      | counter[\s-]?parts?\b | coupl(?:es|ed|ing)\s+(?:with|to) | companion\b
      | (?:synchroni[sz]|seriali[sz])(?:es?|ed|ing)\s+(?:with|against)
      | sync(?:s|ed)?\s+(?:with|against)
      | (?:for|is|on)\s+the\s+other\s+side\b | other\s+side\s+of\s+(?:the|this)\b """
)

# Says so only if a primitive or a function follows close by: "matches foo()" does, "if the key
# matches" does not.
WEAK_PAIRING = phrase(
    r""" pair(?:s|ed|ing)?\b | match(?:s|es|ed|ing)?\b | correspond(?:s|ed|ing)?\b
      | complement(?:s|ed|ing|ary)?\b | partner(?:s|ed)?\b | echo(?:s|es|ed|ing)?\b
      | accompan(?:y|ies|ied|ying)\b | interact(?:s|ed|ing)?\s+with | vs\.?(?!\w)
      | (?<!racing\s)(?<!races\s)(?<!race\s)(?<!raced\s)against
      | in\s+conjunction\s+with | together\s+with """
)

# Points to a place where the pairing is explained.
POINTER = phrase(
    r""" comments?\s+(?:in|at|above|of|on|before|for|near|inside)\b
      | (?:see|cf\.?|refer\s+to|(?:described|explained|documented)\s+in)\s+
        (?:also\s+)?(?:the\s+)? """
)

# Points to any place, and says that the pairing is explained there.
POINTER_TO_PAIRING = phrase(
    r"(?:see|cf\.?|refer\s+to)\s+\S.{0,60}?\b(?:pairing|barriers?|ordering)\b"
)

# A place that a diagram or a list marks with a letter: "pairs with (A)".
MARKED_SPOT = re.compile(r"\s*\(?[A-Z]\d?\)")

# Points to an earlier comment of the same file.
SEE_ABOVE = phrase(
    r"(?:see|as|cf\.?)\s+(?:the\s+)?(?:comments?\s+)?above\b | ditto\b | same\s+as\s+above\b"
    r" | (?:see|cf\.?)\s.{0,40}\b(?:top|head|beginning|start)\s+of\s+(?:the|this)\s+file\b"
)

# Continues the comment at an earlier barrier.
CONTINUES = re.compile(r"/[*/]+\s*(?:\.\.\.|\u2026)")

# Also applies to barriers other than the one at which it stands.
SEVERAL = phrase(
    r"""(?:both|these|those\s+two|two|the\s+following|all)\s+(?:\w+\s+)?(?:barriers|fences|rmbs)
      | (?:and|as\s+well\s+as)\s+the\s+(?:next|following|other|second|one\s+below) """
)

# A misspelt word before "with" or "to" counts as the verb that it resembles.
_PAIRING_VERBS = (
    "pairs", "paired", "pairing", "matches", "matched", "matching", "corresponds", "coupled",
)  # fmt: skip
_VERB_WITH = re.compile(r"\b([a-z]{4,14})\s+(?:with|to)\b", re.IGNORECASE)

# Says what a writer did to the data, without a word about its barrier.
WRITING = phrase(
    r""" (?:set|written|updated|modified|changed|made|stored|cleared|published|filled|rewound|bumped
        |initiali[sz]ed|incremented|queued|added|enqueued|posted)\s+\(?(?:by|in|from)\b
      | (?:writes?|stores?|updates?|changes?|modifications?)\s+(?:made\s+)?(?:by|in|from)\b
      | (?:other|another|remote|that)\s+(?:cpu|thread|processor|side|core)s?\b
      | \w+\(\)\s+(?:has\s+)?(?:sets?|writes?|updates?d?|stores?d?|clears?|cleared|changes?d?|fills?
        |filled|publish(?:es|ed)?|increments?|enqueues?d?|adds?|moves?d?)\b
      | (?:writer|producer|updater)s?\b | \w+(?:ing|er)\s+side\b """
)

# Says the same without naming a writer.
DEED = phrase(
    r""" (?:set|written|updated|modified|changed|stored|cleared|published|filled)\s+by\s+
        (?!(?:this|us|me|the\s+(?:caller|reader))\b)\w
      | (?:set|written|updated|modified|changed|stored|cleared|published|filled)\b[^,]{0,40}?
        \swith\s+(?:a\s+)?(?:memory\s+)?barriers? """
)

# Stands before the function that wrote: "updates from foo()", "set by foo()".
DEED_OF = re.compile(
    r"\b(?:writes?|stores?|updates?|changes?|modifications?|set|written|updated|modified|changed"
    r"|stored|cleared|published|filled)\s+(?:made\s+|done\s+)?(?:by|in|from)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
# Says that the reader sees what was written.
TAKES_EFFECT = re.compile(r"\b(?:visible|sees?|saw|seen|observes?|observed)\b", re.IGNORECASE)
# Starts a sentence that only points to another place.
SEE = re.compile(r"\W*(?:see|cf\.?|refer\s+to)\s", re.IGNORECASE)
# Follows a function's name: the function does what was said before.
DOES_THAT = re.compile(r"\s+\w+s\s+(?:that|this|it|so)\b", re.IGNORECASE)
# Stands between a read barrier and the places that it orders.
WITHIN = re.compile(
    r"[\s,()]*(?:(?:from|in|inside|within|of|at|to|and|between|the)\s+)*", re.IGNORECASE
)
# Starts the purpose of the pairing; names behind it are not partners.
PURPOSE = re.compile(
    r"\b(?:making\s+sure|to\s+(?:make\s+sure|ensure|guarantee|prevent)|so\s+that|such\s+that"
    r"|ensuring|guaranteeing|assuring|which\s+(?:ensures|guarantees))\b",
    re.IGNORECASE,
)
# Stand around a name that only marks a place in another function: "after foo() in bar()".
SPOT_BEFORE = re.compile(r"\b(?:after|before)\s+(?:the\s+)?$", re.IGNORECASE)
SPOT_BEHIND = re.compile(r"\s+in\s+\w+(?:\(\)|_)")
ORDERING = re.compile(r"\b(?:smp_)?mb\b", re.IGNORECASE)

# Stand around a barrier that is mentioned because it is missing, or only possible.
DENIED_BEFORE = re.compile(
    r"\b(?:no|not|never|without|lacks?|lacking|missing|instead\s+of|rather\s+than|omit(?:s|ted)?"
    r"|should\s+be|needs?|wants?)"
    r"(?:\s+(?:an?|the|any|need(?:s|ed)?|for|explicit|extra|additional|matching|paired|with|use|to))*\s+$"
    r"|\b(?:may|might|could|perhaps|probably)(?:\s+\w+){0,3}\s+$",
    re.IGNORECASE,
)
DENIED_BEHIND = re.compile(
    r"\s+(?:is|are|was|would\s+be)\s+(?:not|missing|needless|unnecessary|useless|gone|removed)\b",
    re.IGNORECASE,
)
SPEAKS_OF_BARRIERS = phrase(
    r"(?:\w*[rw]?mb(?:\(\))?(?!\w) | barriers?\b | fences?\b | order(?:s|ed|ing)?\b | reorder)"
)


def strong_pairings(sentence: str) -> Iterator[re.Match[str]]:
    """The words of pairing in a sentence that need no particular object, misspelt ones included."""
    yield from STRONG_PAIRING.finditer(sentence)
    for match in _VERB_WITH.finditer(sentence):
        word = match[1].lower()
        if word in _PAIRING_VERBS:
            continue
        if difflib.get_close_matches(word, _PAIRING_VERBS, n=1, cutoff=0.85):
            yield match


def is_denied(sentence: str, match: re.Match[str]) -> bool:
    """Whether the words before a match deny it: "does not pair with"."""
    start = match.start()
    return DENIED_BEFORE.search(sentence, max(0, start - _NEAR), start) is not None
