"""The comments of two messages compared: which only one has, and which stand elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from syzygy.formats.ccsds.differences import Difference
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Comment, Entry

_MAX_ALIGNED_COMMENTS = 1000


def compare_comments(a: Block, b: Block, path: str) -> Iterator[Difference]:
    """Yield the comments that only one has, or that stand before something else.

    KVN does not say whether a comment before a block belongs to it, so only the keyword or data line that
    follows counts, and no white space at the end.
    """
    ours, theirs = list(_anchored(a, path)), list(_anchored(b, path))
    if ours == theirs:
        return
    if max(len(ours), len(theirs)) > _MAX_ALIGNED_COMMENTS:
        for x, y in zip_longest(ours, theirs, fillvalue=("", "")):
            if x != y:
                yield Difference(f"COMMENT before {x[0] or y[0]}", "comment", x[1], y[1])
        return
    for tag, i, j, k, m in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        for index in range(0 if tag == "equal" else max(j - i, m - k)):
            x = ours[i + index] if i + index < j else ("", "")
            y = theirs[k + index] if k + index < m else ("", "")
            yield Difference(f"COMMENT before {x[0] or y[0]}", "comment", x[1], y[1])


def _anchored(block: Block, path: str) -> Iterator[tuple[str, str]]:
    """Yield the comments with the place of what follows each."""
    waiting: list[str] = []
    for place, text in _leaves(block, path):
        if text is not None:
            waiting.append(text)
        elif waiting:
            yield from ((place, one) for one in waiting)
            waiting.clear()
    yield from (("the end", one) for one in waiting)


def _leaves(block: Block, path: str) -> Iterator[tuple[str, str | None]]:
    """Yield comments as ("", text) and the places of keywords and data lines between them."""
    counts: dict[str, int] = {}
    lines = 0
    for item in block.items:
        if isinstance(item, Comment):
            yield "", item.text.rstrip()
        elif isinstance(item, Entry):
            yield f"{path}{item.keyword}", None
        elif isinstance(item, Block):
            counts[item.name] = counts.get(item.name, 0) + 1
            number = f"[{counts[item.name]}]" if len(block.blocks(item.name)) > 1 else ""
            yield from _leaves(item, f"{path}{item.name}{number}/")
        elif isinstance(item, KvnRecords) and item.content.find(b"COMMENT", item.start, item.stop) < 0:
            yield f"{path}line {lines + 1}", None
        else:
            for record in item.items():
                if isinstance(record, Comment):
                    yield "", record.text.rstrip()
                else:
                    lines += 1
                    yield f"{path}line {lines}", None
