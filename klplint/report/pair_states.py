"""The state of a pair in one word: what a map of pairs colours and counts."""

from __future__ import annotations

from typing import Literal, get_args

from klplint.barriers.pairing import differs
from klplint.engine.pair_listing import FilePair

State = Literal["misordered", "contradicted", "ordered", "named", "by-code", "unpaired"]
"""`misordered`: the barriers do not order what both sides access. `contradicted`: the tree, the
code or the other end disagrees with the comment. `ordered`: they order it. `named`: the comment
names the partner; the order was not checked. `by-code`: only the code shows it. `unpaired`: neither
the comment nor the code does."""
STATES: tuple[State, ...] = get_args(State)
TITLES: dict[State, str] = {
    "misordered": "Misordered",
    "contradicted": "Contradicted",
    "ordered": "Ordered",
    "named": "Named",
    "by-code": "By the code",
    "unpaired": "Unpaired",
}
MEANINGS: dict[State, str] = {
    "misordered": "the two barriers do not order what both sides access",
    "contradicted": "the tree, the code or the other end disagrees with the comment",
    "ordered": "the two barriers order what both sides access",
    "named": "the comment names the partner; the order was not checked",
    "by-code": "only the code shows the partner",
    "unpaired": "neither the comment nor the code shows a partner",
}


def state_of(entry: FilePair) -> State:
    """The state of a pair; what is wrong comes before what is right."""
    pair, reading = entry.pair, entry.pair.reading
    certain = entry.partners[0] if entry.partners and entry.partners[0].confident else None
    is_wrong = any(c.status not in ("ok", "not-in-part") for c in pair.counterparts)
    disagrees = any(not end.agrees for end in entry.ends) or bool(
        certain and differs(pair, certain)
    )
    if entry.order and entry.order.status == "misordered":
        return "misordered"
    if is_wrong or disagrees or reading.impossible:
        return "contradicted"
    if entry.order and entry.order.status == "ordered":
        return "ordered"
    if reading.pairing == "explicit":
        return "named"
    return "by-code" if certain else "unpaired"
