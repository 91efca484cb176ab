"""Overlapping investment: the same field, an overlapping period, a similar purpose and deliverable.

The score of two plan lines of different partners is ``(purpose + deliverables) / 2 * sqrt(period)``, where
the first two are cosine similarities of words weighted by how rare they are in all plans, and the third is
the shared part of the shorter period.  It is a reason to talk, not a verdict: words are compared, not
their meaning, so synonyms and two languages are not seen, and the same words are alike whatever they plan.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from syzygy.programme.records import Investment, Programme

_COMMON = frozenset(
    "a all an and are as at be by for from in into is it its of on or own per that the this to with".split()
    + "а в во для за и из к на не о об от по под при с со у".split()  # noqa: RUF001
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Overlap:
    """Two lines of two partners that look alike.

    Attributes
    ----------
    first, second : Investment
        The two lines.
    score : float
        0 to 1.
    purpose, deliverables, period : float
        The three parts of the score, 0 to 1.
    shared_words : tuple of str
        The words that weigh most in the likeness.
    saved : int
        Barter units that a joint project would save: the smaller value in the shared time, times the score.
    """

    first: Investment
    second: Investment
    score: float
    purpose: float
    deliverables: float
    period: float
    shared_words: tuple[str, ...]
    saved: int

    @property
    def reason(self) -> str:
        """One sentence for the report."""
        words = ", ".join(self.shared_words) or "no common words"
        return (
            f"same field; {self.period:.0%} of the shorter period is shared; "
            f"purpose alike {self.purpose:.0%}, deliverables alike {self.deliverables:.0%} ({words})"
        )


@dataclass(frozen=True)
class _WeighedText:
    """A text as weights of its stems, with the length of that vector and how each stem is spelled."""

    vector: dict[str, float]
    length: float
    spelled: dict[str, str]


def find_overlaps(programme: Programme) -> tuple[Overlap, ...]:
    """Return every pair of two partners above the programme's threshold, the strongest first."""
    lines = programme.investment
    field = {section.id: section.field for section in programme.section}
    weights = _rarity([f"{line.purpose} {' '.join(line.deliverables)}" for line in lines])
    purposes = [_weigh(line.purpose, weights) for line in lines]
    deliverables = [_weigh(" ".join(line.deliverables), weights) for line in lines]
    found = []
    for i, first in enumerate(lines):
        for j, second in enumerate(lines[i + 1 :], i + 1):
            if first.partner == second.partner or field[first.section] != field[second.section]:
                continue
            likeness = _cosine(purposes[i], purposes[j]), _cosine(deliverables[i], deliverables[j])
            overlap = _compare(first, second, *likeness)
            if overlap.score >= programme.programme.overlap_threshold:
                found.append(overlap)
    return tuple(sorted(found, key=lambda o: (-o.score, o.first.id, o.second.id)))


def total_saved(overlaps: Sequence[Overlap]) -> int:
    """Return what all overlaps together would save: of n lines that are all alike, n - 1 can be saved.

    Each line joins another at most once: the sum over the strongest tree that joins alike lines.
    """
    group: dict[str, str] = {}

    def head(line: str) -> str:
        while group.get(line, line) != line:
            line = group[line]
        return line

    saved = 0
    for overlap in sorted(overlaps, key=lambda o: (-o.saved, o.first.id, o.second.id)):
        first, second = head(overlap.first.id), head(overlap.second.id)
        if first != second:
            group[second] = first
            saved += overlap.saved
    return saved


def _compare(
    first: Investment,
    second: Investment,
    purposes: tuple[float, tuple[str, ...]],
    results: tuple[float, tuple[str, ...]],
) -> Overlap:
    (purpose, words), (deliverables, more) = purposes, results
    shared_days = _days(max(first.start, second.start), min(first.end, second.end))
    shorter = min(_days(first.start, first.end), _days(second.start, second.end))
    period = shared_days / shorter if shorter else 0.0
    score = (purpose + deliverables) / 2 * math.sqrt(period)
    at_stake = min(line.value * shared_days / max(_days(line.start, line.end), 1) for line in (first, second))
    shared = tuple(dict.fromkeys((*words, *more)))[:5]
    return Overlap(first, second, score, purpose, deliverables, period, shared, round(at_stake * score))


def _days(start: date, end: date) -> int:
    return max((end - start).days + 1, 0)


def _words(text: str) -> list[str]:
    """Return the words of a text; scripts that write no blanks are cut into pairs of characters."""
    words: list[str] = []
    for word in re.findall(r"[^\W_]+", text.casefold()):
        if _UNSPACED.search(word):
            words.extend(word[i : i + 2] for i in range(max(len(word) - 1, 1)))
        elif word not in _COMMON:
            words.append(word)
    return words


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """Return the Snowball stem of a word by its script (``monitoring`` meets ``monitors``)."""
    from snowballstemmer import stemmer

    stem: str = stemmer("russian" if _CYRILLIC.search(word) else "english").stemWord(word)
    return stem


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in _words(text)]


def _rarity(texts: Sequence[str]) -> dict[str, float]:
    documents = [set(_stems(text)) for text in texts]
    counts = Counter(stem for stems in documents for stem in sorted(stems))
    return {stem: 1.0 + math.log(len(documents) / count) for stem, count in counts.items()}


def _weigh(text: str, weights: dict[str, float]) -> _WeighedText:
    counts = Counter(_stems(text))
    vector = {stem: count * weights[stem] for stem, count in sorted(counts.items())}
    spelled = {_stem(word): word for word in reversed(_words(text))}
    return _WeighedText(vector, math.sqrt(math.fsum(weight**2 for weight in vector.values())), spelled)


def _cosine(first: _WeighedText, second: _WeighedText) -> tuple[float, tuple[str, ...]]:
    """Return the likeness of two texts and their common words, the weightiest first."""
    norm = first.length * second.length
    common = first.vector.keys() & second.vector.keys()
    if not norm or not common:
        return 0.0, ()
    parts = {stem: first.vector[stem] * second.vector[stem] for stem in common}
    ranked = tuple(first.spelled[stem] for stem in sorted(parts, key=lambda stem: (-parts[stem], stem)))
    return min(math.fsum(parts.values()) / norm, 1.0), ranked
