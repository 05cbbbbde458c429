"""Partners that a read barrier cannot have: a read barrier, an acquire, a compiler barrier.

Source: Documentation/memory-barriers.txt, "SMP BARRIER PAIRING": a read barrier pairs with a
barrier that orders writes.
"""

from __future__ import annotations

from klplint.barriers import vocabulary as words
from klplint.barriers.primitives import Primitives


def impossible_partner(sentence: str, primitives: Primitives, reader_names: frozenset[str]) -> str:
    """What of another function a sentence pairs with, if that cannot be a partner; else "".

    `reader_names` are the barrier and its function. A sentence that names the writer's side, too,
    is not taken apart: it may have the two sides in either order.
    """
    if reader_names & primitives.full:
        return ""  # a full barrier may pair with a read barrier
    for verb in (*words.strong_pairings(sentence), *words.WEAK_PAIRING.finditer(sentence)):
        match = primitives.read_side_of.match(sentence, verb.end())
        if match is None or match["function"] in reader_names or words.is_denied(sentence, verb):
            continue
        rest = f"{sentence[: match.start()]} {sentence[match.end() :]}"
        if not primitives.write_barriers_in(rest, reader_names):
            words_for_it = match["words"]
            primitive = f"the {words_for_it}" if words_for_it else f"{match['name']}()"
            return f"{primitive} in {match['function']}()"
    return ""
