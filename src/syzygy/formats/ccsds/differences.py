"""One difference between two messages."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes
    ----------
    place : str
        Block path with keyword, or with the data line, its epoch and its column.
    kind : str
        ``value`` (another meaning), ``missing`` (only one of the two has it), ``spelling`` (the same meaning
        in other characters), ``comment``, ``order``, ``form``.
    first, second : str
        As written, empty where absent.
    unit : str
        Unit of the first.
    difference : str
        second minus first in that unit, exact decimal; for epochs in seconds; empty where there is none.
    plain, plain_unit : float, str
        The same in m, m/s, m**2, s, arcsec; None and empty for other quantities.
    last_digits : float
        That difference counted in the last digit of the coarser writing; up to 0.5 it may be rounding.
    state : str
        For a component of a state: the place of the state.
    """

    place: str
    kind: str
    first: str
    second: str
    unit: str = ""
    difference: str = ""
    last_digits: float = 0.0
    plain: float | None = None
    plain_unit: str = ""
    state: str = ""

    @property
    def matters(self) -> bool:
        """Whether the meaning differs."""
        return self.kind in ("value", "missing")

    @property
    def may_be_rounding(self) -> bool:
        """Whether the two numbers may be one number written with other digits."""
        return self.kind == "value" and bool(self.difference) and self.last_digits <= 0.5

    def as_mapping(self) -> dict[str, str | float | bool | None]:
        """Return the fields for ``--json``."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return {**fields, "matters": self.matters, "may_be_rounding": self.may_be_rounding}


@dataclass(frozen=True, slots=True)
class StateDifference:
    """How far two states lie apart: `position_m`, `velocity_m_s` (Euclidean), or None where not touched."""

    place: str
    position_m: float | None
    velocity_m_s: float | None


def state_differences(differences: Iterable[Difference]) -> list[StateDifference]:
    """Gather differing components into states, in order.

    Only components that differ are in `differences`; the others add nothing, so that the norm is exact.
    """
    squares: dict[str, dict[str, float]] = {}
    for item in differences:
        if item.state and item.plain is not None and item.plain_unit in ("m", "m/s"):
            sums = squares.setdefault(item.state, {})
            sums[item.plain_unit] = sums.get(item.plain_unit, 0.0) + item.plain**2
    return [
        StateDifference(place, *(math.sqrt(sums[unit]) if unit in sums else None for unit in ("m", "m/s")))
        for place, sums in squares.items()
    ]
