"""Gzip at the door of the readers: whole files only, and never more than the limit."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import FormatError
from syzygy.formats.compression import expand


@pytest.mark.slow
@given(parts=st.lists(st.binary(max_size=200), min_size=1, max_size=3))
def test_members_come_out_one_after_the_other(parts: list[bytes]) -> None:
    packed = b"".join(gzip.compress(part) for part in parts)
    assert expand(packed) == b"".join(parts)
    assert expand(packed + b"\0" * 16) == b"".join(parts)


@given(content=st.binary(max_size=200).filter(lambda content: content[:1] != b"\x1f"))
def test_plain_content_passes(content: bytes) -> None:
    assert expand(content) == content


def _packed(content: bytes) -> bytes:
    """Return the same bytes at any time of day: test names made from them must not differ."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (_packed(b"x" * 2000), "too large"),
        (_packed(b"x" * 600) + _packed(b"x" * 600), "too large"),
        (_packed(b"hello")[:-3], "cut short"),
        (_packed(b"hello")[:5], "cut short"),
        (_packed(b"hello") + b"more", "goes on after its end"),
        (b"\x1f\x8b" + b"\xff" * 30, "damaged"),
        (b"\x1f\x9d\x90", "Unix compress"),
    ],
    ids=["bomb", "bomb in two members", "tail cut", "head only", "tail added", "damaged", "compress"],
)
def test_what_is_no_whole_gzip_file_is_refused(content: bytes, what: str) -> None:
    with pytest.raises(FormatError, match=what) as caught:
        expand(content, name="file.gz", limit=1000)
    assert caught.value.where == "file.gz"
