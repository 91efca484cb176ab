"""From what people call an object (number, designator, OBJECT_ID) to its number in a screening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements

_ALPHA = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class NamedObjects:
    """The names under which the objects of a screening are found.

    Attributes
    ----------
    numbers : dict
        Name in its normal spelling to the number of the object.
    """

    numbers: dict[str, int]

    def find(self, names: Sequence[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return the number of each name (-1 where there is none), and the names without an object."""
        found = np.array([self.numbers.get(normal_name(name), -1) for name in names], dtype=np.int64)
        return found, tuple(name for name, number in zip(names, found.tolist(), strict=True) if number < 0)


def name_objects(elements: MeanElements) -> NamedObjects:
    """Return the names of the objects of a catalogue: numbers and international designators."""
    numbers: dict[str, int] = {}
    known = elements.object_id.tolist()
    for number, designator in zip(known, elements.international_designator.tolist(), strict=True):
        if designator:
            numbers.setdefault(normal_name(str(designator)), number)
    numbers.update((str(number), number) for number in known)
    return NamedObjects(numbers)


def normal_name(name: str) -> str:
    """Return one spelling for the many of an object: no leading zeros, Alpha-5 as number, full year.

    Examples
    --------
    >>> normal_name("00005"), normal_name("T0001"), normal_name("98067A"), normal_name("1998-067a")
    ('5', '270001', '1998-067A', '1998-067A')
    """
    text = name.strip().upper()
    if text.isdigit():
        return str(int(text))
    if len(text) == 5 and text[0] in _ALPHA and text[1:].isdigit():
        return str((_ALPHA.index(text[0]) + 10) * 10_000 + int(text[1:]))
    if len(text) in (6, 7, 8) and text[:5].isdigit() and text[5:].isalpha():
        year = int(text[:2])
        return f"{1900 + year if year >= 57 else 2000 + year}-{text[2:5]}{text[5:]}"
    return text
