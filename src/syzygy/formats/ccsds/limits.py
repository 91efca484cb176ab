"""Limits on what comes from outside; a message beyond them is refused before it can cost much."""

from __future__ import annotations

MAX_BYTES = 4 << 30
MAX_XML_BYTES = 1 << 30
MAX_LINE_BYTES = 1 << 20
MAX_KEYWORD_LINES = 2_000_000
MAX_BAD_LINES = 1000
MAX_XML_DEPTH = 24
MAX_XML_ELEMENTS = 4_000_000
MAX_XML_TEXT = 1 << 20
MAX_SEGMENTS = 100_000
MAX_JSON_DEPTH = 48
MAX_SKELETON_BYTES = 1 << 26
