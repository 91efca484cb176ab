"""Overlapping investment: the same field, an overlapping period, a similar purpose and deliverable.

The score of two plan lines of different partners is ``(purpose + deliverables) / 2 * sqrt(period)``, where
the first two are cosine similarities of words weighted by how rare they are in all plans, and the third is
the shared part of the shorter period.  It is a reason to talk, not a verdict.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from syzygy.programme.records import Investment, Programme

_COMMON = frozenset(
    "a all an and are as at be by for from in into is it its of on or own per that the this to with".split()
)


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


def find_overlaps(programme: Programme) -> tuple[Overlap, ...]:
    """Return every pair of two partners above the programme's threshold, the strongest first."""
    lines = programme.investment
    field = {section.id: section.field for section in programme.section}
    weights = _rarity([f"{line.purpose} {' '.join(line.deliverables)}" for line in lines])
    found = []
    for i, first in enumerate(lines):
        for second in lines[i + 1 :]:
            if first.partner == second.partner or field[first.section] != field[second.section]:
                continue
            overlap = _compare(first, second, weights)
            if overlap.score >= programme.programme.overlap_threshold:
                found.append(overlap)
    return tuple(sorted(found, key=lambda o: (-o.score, o.first.id, o.second.id)))


def _compare(first: Investment, second: Investment, weights: dict[str, float]) -> Overlap:
    purpose, words = _cosine(first.purpose, second.purpose, weights)
    deliverables, more = _cosine(" ".join(first.deliverables), " ".join(second.deliverables), weights)
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
    return [word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _COMMON]


def _stems(text: str) -> list[str]:
    """Return the Snowball stems of the words that carry meaning (``monitoring`` meets ``monitors``)."""
    from snowballstemmer import stemmer

    stems: list[str] = stemmer("english").stemWords(_words(text))
    return stems


def _rarity(texts: Sequence[str]) -> dict[str, float]:
    documents = [set(_stems(text)) for text in texts]
    counts = Counter(stem for stems in documents for stem in sorted(stems))
    return {stem: 1.0 + math.log(len(documents) / count) for stem, count in counts.items()}


def _cosine(first: str, second: str, weights: dict[str, float]) -> tuple[float, tuple[str, ...]]:
    """Return the likeness of two texts and their common words, the weightiest first."""
    a, b = Counter(_stems(first)), Counter(_stems(second))
    parts = {stem: a[stem] * b[stem] * weights[stem] ** 2 for stem in sorted(set(a) & set(b))}
    norm = _length(a, weights) * _length(b, weights)
    if not norm:
        return 0.0, ()
    spelled = {stem: word for word in reversed(_words(first)) for stem in _stems(word)}
    ranked = tuple(spelled[stem] for stem in sorted(parts, key=lambda stem: (-parts[stem], stem)))
    return min(math.fsum(parts.values()) / norm, 1.0), ranked


def _length(counts: Counter[str], weights: dict[str, float]) -> float:
    return math.sqrt(math.fsum((n * weights[stem]) ** 2 for stem, n in sorted(counts.items())))
