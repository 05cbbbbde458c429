"""Partners that a read barrier cannot have: a read barrier, an acquire, a compiler barrier.

Source: Documentation/memory-barriers.txt, "SMP BARRIER PAIRING": a read barrier pairs with a
barrier that orders writes.
"""

from __future__ import annotations

from klplint.barriers.disguise import undisguised
from klplint.barriers.statement import Statement


def impossible_partner(s: Statement) -> str:
    """What of another function a sentence pairs with, if that cannot be a partner; else "".

    A sentence that names the writer's side, too, is not taken apart: it may have the two sides in
    either order.
    """
    if s.primitives.may_write(s.site):
        return ""  # it may pair with a read barrier, and two write barriers may order stores
    for verb in (*s.pairings, *s.words.matches.finditer(s.text)):
        match = s.primitives.read_side_of.match(s.text, verb.end())
        function = undisguised(match["function"]) if match else ""
        if match is None or function in s.site.names or s.denials.is_taken_back(verb):
            continue
        rest = f"{s.text[: match.start()]} {s.text[match.end() :]}"
        part = s.primitives.partner_part(rest, s.site, s.words.pairs_or_matches)
        if not s.primitives.write_barriers_in(part, s.site):
            words_for_it = match["words"]
            primitive = f"the {words_for_it}" if words_for_it else f"{match['name']}()"
            return f"{primitive} in {function}()"
    return ""
