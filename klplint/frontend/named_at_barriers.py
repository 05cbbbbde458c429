"""Barriers whose comments contain a name: where one end of a pair may be named at the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.outline import Outline
from klplint.facts.queries import Definition, Mention, NamedAtBarriers
from klplint.frontend.barrier_comments import CommentSearch


def named_at_barriers(outline: Outline, path: str, query: NamedAtBarriers) -> Iterator[Definition]:
    """The barriers of a file with a comment at them that contains the name."""
    source = outline.source
    word = re.compile(rf"(?<!\w){re.escape(query.name)}(?!\w)")
    search = CommentSearch(source, outline)
    for use in outline.uses(frozenset(query.barriers)):
        body = outline.body_at(use.start)
        if body is None or body.name == query.name:
            continue
        texts = tuple(
            comment.text
            for comment in search.near(use)
            if comment.place in ("line", "above") and not comment.gap and word.search(comment.text)
        )
        if texts:
            region = source.region(use.start, use.end)
            yield Definition(
                kind="use",
                name=body.name,
                path=path,
                region=region,
                calls=(Mention(name=use.name, region=region),),
                comments=texts,
            )
