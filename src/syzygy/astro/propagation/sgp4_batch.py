"""SGP4 for catalogues: constants computed once, states streamed through a compiled kernel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.mean_elements import validate
from syzygy.astro.propagation.sgp4_constants import Sgp4Constants, initialise
from syzygy.astro.propagation.sgp4_states import (
    Sgp4States,
    epoch_tai_minus_utc_s,
    julian_date_with_offset,
)
from syzygy.astro.time import as_instants
from syzygy.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syzygy.astro.mean_elements import MeanElements
    from syzygy.astro.time import LeapSeconds

_NO_VECTORS = np.empty((0, 3))
_NO_RANGES = np.empty((3, 0))


@dataclass(frozen=True, eq=False)
class RadiusRange:
    """Least and greatest distance of each object from the Earth's centre over a set of instants.

    Attributes
    ----------
    lowest_m, highest_m : float64 (n,)
        Over the instants with code 0; infinity and 0 where there is none.
    first_unusable : int64 (n,)
        Number of the first instant whose code is not 0; the number of instants where there is none.
    """

    lowest_m: NDArray[np.float64]
    highest_m: NDArray[np.float64]
    first_unusable: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sgp4Batch:
    """n objects made ready for SGP4 (WGS-72, improved mode, TEME); made by `prepare_sgp4`.

    Plain arrays throughout: it pickles, and `select` gives a worker its share without a new initialisation.

    Attributes
    ----------
    near, deep : Sgp4Constants
        Constants of the objects with periods below and above 225 minutes.
    epoch_jd : float64 (n, 2)
        Epoch, two-part Julian date of UTC.
    tai_minus_utc_s : int64 (n,)
        Offset of UTC at the epoch, with which days are counted.

    Notes
    -----
    **Time**: minutes since epoch are formed as in `propagate_sgp4`, to the bit; a leap second counts.
    **Accuracy**: against the package sgp4, every object of the catalogue of July 2022 (24,132) at every hour
    of a week (4.08 million states): equal codes; nearer than 1e8 m the position differs by 1e-8 m in the
    median object, by 4e-7 m in one of a thousand, by more than 1e-5 m in 9 states and by 2.2e-4 m at most.
    Element sets that have run off farther (see `find_unphysical`) differ by a part in 5e8; deep-space orbits
    within a degree of 180 degrees by up to metres (13.9 m at 180 itself), where the theory is singular. The
    666 verification states of AIAA 2006-6753 within 1e-6 km (``tests/debris/test_sgp4_batch.py``).
    **Repeatability**: an object at an instant gives the same bits alone, in any batch, in any order of the
    instants and on any machine with IEEE arithmetic, given the same constants.
    **Speed**: ``benchmarks/bench_sgp4_kernel.py``. The kernel releases the GIL; threads and processes are the
    executor's.
    """

    near: Sgp4Constants
    deep: Sgp4Constants
    epoch_jd: NDArray[np.float64]
    tai_minus_utc_s: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.epoch_jd.shape[0])

    @cached_property
    def _places(self) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Which objects are near the Earth, and the row of each object in its table."""
        of_near = np.zeros(len(self), dtype=bool)
        of_near[self.near.place] = True
        row = np.empty(len(self), dtype=np.int64)
        for constants in (self.near, self.deep):
            row[constants.place] = np.arange(constants.place.size)
        return of_near, row

    @cached_property
    def _parts(self) -> tuple[tuple[Sgp4Constants, NDArray[np.float64]], ...]:
        """Near and deep objects with their epochs: a question about few objects must not sort all of them."""
        return tuple((constants, self.epoch_jd[constants.place]) for constants in (self.near, self.deep))

    def states(self, tai_ns: ArrayLike) -> Sgp4States:
        """Propagate every object to every instant.

        Parameters
        ----------
        tai_ns : int64 array (m,)
            Instants, nanoseconds of TAI since 1970.

        Returns
        -------
        Sgp4States
            Position and velocity (n, m, 3) in TEME, NaN where the code is not 0, and the codes (n, m).
        """
        instants = _instants(tai_ns)
        shape = (len(self), instants.size)
        states = Sgp4States(np.empty((*shape, 3)), np.empty((*shape, 3)), np.empty(shape, dtype=np.uint8))
        self._grid(
            instants, states.position_m.reshape(-1, 3), states.velocity_m_s.reshape(-1, 3), states.error_code
        )
        return states

    def states_on_days(
        self, day: ArrayLike, fraction: ArrayLike, *, out: Sgp4States | None = None
    ) -> Sgp4States:
        """Propagate every object to two-part days in the count of `epoch_jd`.

        For callers with their own origin of time: ``dataclasses.replace(batch, epoch_jd=...)`` with the
        epochs in days from the begin of a window lets day and fraction count from there.

        Parameters
        ----------
        day, fraction : float64 arrays (m,)
            Days of 86,400 s, whole part and rest.
        out : Sgp4States, optional
            Contiguous arrays of n objects and m days to write to, so that a caller who walks through time
            touches the same memory.

        Returns
        -------
        Sgp4States
            As `states`.

        Raises
        ------
        InputError
            `out` of another shape.
        """
        days = np.atleast_1d(np.asarray(day, dtype=np.float64))
        rest = np.atleast_1d(np.asarray(fraction, dtype=np.float64))
        shape = (len(self), days.size)
        if out is not None and (out.error_code.shape != shape or not out.position_m.flags.c_contiguous):
            raise InputError(
                "the arrays for the states do not fit",
                value=f"{out.error_code.shape}",
                allowed=f"contiguous, {shape}",
                where="Sgp4Batch.states_on_days",
            )
        states = out or Sgp4States(
            np.empty((*shape, 3)), np.empty((*shape, 3)), np.empty(shape, dtype=np.uint8)
        )
        vectors = (states.position_m.reshape(-1, 3), states.velocity_m_s.reshape(-1, 3))
        self._run(
            (days[None, :], rest[None, :]), np.zeros(len(self), dtype=np.int64), *vectors, states.error_code
        )
        return states

    def positions(
        self, tai_ns: ArrayLike, *, out: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Propagate every object to every instant, positions only.

        Parameters
        ----------
        tai_ns : int64 array (m,)
            Instants, nanoseconds of TAI since 1970.
        out : float64 (n, m, 3), optional
            Contiguous array to write to, so that a caller who walks through time touches the same memory.

        Returns
        -------
        position_m : float64 (n, m, 3)
            TEME, NaN where the code is not 0.
        error_code : uint8 (n, m)
            0 usable; 1 to 6 as in `ERROR_MEANINGS`.

        Raises
        ------
        InputError
            `out` of another shape, type or memory order.
        """
        instants = _instants(tai_ns)
        shape = (len(self), instants.size, 3)
        position_m = np.empty(shape) if out is None else out
        if position_m.shape != shape or position_m.dtype != np.float64 or not position_m.flags.c_contiguous:
            raise InputError(
                "the array for the positions does not fit",
                value=f"{position_m.dtype} {position_m.shape}",
                allowed=f"contiguous float64 {shape}",
                where="Sgp4Batch.positions",
            )
        code = np.empty(shape[:2], dtype=np.uint8)
        self._grid(instants, position_m.reshape(-1, 3), _NO_VECTORS, code)
        return position_m, code

    def states_at(self, index: ArrayLike, tai_ns: ArrayLike) -> Sgp4States:
        """Propagate object ``index[k]`` to instant ``tai_ns[k]``.

        Parameters
        ----------
        index : int64 array (k,)
            Numbers of objects in the batch.
        tai_ns : int64 array (k,)
            Instants, nanoseconds of TAI since 1970.

        Returns
        -------
        Sgp4States
            Position and velocity (k, 3) in TEME, NaN where the code is not 0, and the codes (k,).

        Raises
        ------
        InputError
            An index outside the batch, or lengths that differ.
        """
        which = np.atleast_1d(np.asarray(index, dtype=np.int64))
        instants = _instants(tai_ns)
        self._require_pairs(which, instants.shape, "Sgp4Batch.states_at")
        return self._pairs(which, *julian_date_with_offset(instants, self.tai_minus_utc_s[which]))

    def states_at_days(self, index: ArrayLike, day: ArrayLike, fraction: ArrayLike) -> Sgp4States:
        """Propagate object ``index[k]`` to its own two-part day in the count of `epoch_jd`.

        Parameters
        ----------
        index : int64 array (k,)
            Numbers of objects in the batch.
        day, fraction : float64 arrays (k,)
            Days of 86,400 s, whole part and rest; see `states_on_days`.

        Raises
        ------
        InputError
            An index outside the batch, or lengths that differ.
        """
        which = np.atleast_1d(np.asarray(index, dtype=np.int64))
        days = np.atleast_1d(np.asarray(day, dtype=np.float64))
        rest = np.atleast_1d(np.asarray(fraction, dtype=np.float64))
        shape = days.shape if rest.shape == which.shape else rest.shape
        self._require_pairs(which, shape, "Sgp4Batch.states_at_days")
        return self._pairs(which, days, rest)

    def _require_pairs(self, which: NDArray[np.int64], shape: tuple[int, ...], where: str) -> None:
        outside = which.size and (which.min() < 0 or which.max() >= len(self))
        if which.shape != shape or outside:
            raise InputError(
                "pairs of object and instant do not fit",
                value=f"{which.size} objects, {int(np.prod(shape))} instants",
                allowed=f"equal lengths, objects 0 to {len(self) - 1}",
                where=where,
            )

    def _pairs(
        self, which: NDArray[np.int64], day: NDArray[np.float64], fraction: NDArray[np.float64]
    ) -> Sgp4States:
        from syzygy.astro.propagation import _sgp4_kernels

        states = Sgp4States(
            np.empty((which.size, 3)), np.empty((which.size, 3)), np.empty(which.size, dtype=np.uint8)
        )
        of_near, place = self._places
        local = place[which]
        chosen_near = of_near[which]
        for constants, epochs in self._parts:
            rows = np.flatnonzero(chosen_near if constants is self.near else ~chosen_near)
            if constants is self.deep:
                # Objects together and in time order: the resonance integrator then never starts again.
                rows = rows[np.lexsort((fraction[rows], day[rows], which[rows]))]
            if rows.size:
                _sgp4_kernels.propagate_pairs(
                    constants is self.deep,
                    constants.table,
                    local[rows],
                    rows,
                    epochs,
                    day[rows],
                    fraction[rows],
                    states.position_m,
                    states.velocity_m_s,
                    states.error_code,
                )
        return states

    def radius_range(self, tai_ns: ArrayLike) -> RadiusRange:
        """Return the least and greatest distance from the Earth's centre; no state is written to memory.

        Parameters
        ----------
        tai_ns : int64 array (m,)
            Instants, nanoseconds of TAI since 1970.
        """
        instants = _instants(tai_ns)
        ranges = np.empty((3, len(self)))
        ranges[0], ranges[1], ranges[2] = np.inf, 0.0, instants.size
        self._grid(instants, _NO_VECTORS, _NO_VECTORS, np.empty(0, dtype=np.uint8), ranges)
        return RadiusRange(np.sqrt(ranges[0]), np.sqrt(ranges[1]), ranges[2].astype(np.int64))

    def select(self, which: ArrayLike) -> Sgp4Batch:
        """Return the objects chosen by a mask or an array of indices, in that order."""
        index = np.arange(len(self))[np.atleast_1d(np.asarray(which))]
        parts = []
        for constants in (self.near, self.deep):
            row = np.full(len(self), -1)
            row[constants.place] = np.arange(constants.place.size)
            kept = row[index] >= 0
            parts.append(Sgp4Constants(np.flatnonzero(kept), constants.table[row[index[kept]]]))
        return Sgp4Batch(parts[0], parts[1], self.epoch_jd[index], self.tai_minus_utc_s[index])

    def pieces(self, size: int) -> Iterator[tuple[NDArray[np.int64], Sgp4Batch]]:
        """Yield every object once, with its number, in batches of up to `size`; no constant is copied.

        For callers who use states up while they are still in the processor's cache.
        """
        nobody = np.empty(0, dtype=np.int64)
        for constants in (self.near, self.deep):
            for first in range(0, constants.place.size, size):
                number = constants.place[first : first + size]
                own = Sgp4Constants(np.arange(number.size), constants.table[first : first + size])
                none = Sgp4Constants(nobody, constants.table[:0])
                both = (own, none) if constants is self.near else (none, own)
                yield number, Sgp4Batch(*both, self.epoch_jd[number], self.tai_minus_utc_s[number])

    def _grid(
        self,
        instants: NDArray[np.int64],
        position_m: NDArray[np.float64],
        velocity_m_s: NDArray[np.float64],
        code: NDArray[np.uint8],
        ranges: NDArray[np.float64] = _NO_RANGES,
    ) -> None:
        offsets_s, group = np.unique(self.tai_minus_utc_s, return_inverse=True)
        dates = julian_date_with_offset(instants[None, :], offsets_s[:, None])
        self._run(dates, group, position_m, velocity_m_s, code, ranges)

    def _run(
        self,
        dates: tuple[NDArray[np.float64], NDArray[np.float64]],
        group: NDArray[np.int64],
        position_m: NDArray[np.float64],
        velocity_m_s: NDArray[np.float64],
        code: NDArray[np.uint8],
        ranges: NDArray[np.float64] = _NO_RANGES,
    ) -> None:
        from syzygy.astro.propagation import _sgp4_kernels

        for constants, epochs in self._parts:
            place = constants.place
            if place.size and dates[0].size:
                _sgp4_kernels.propagate_grid(
                    constants is self.deep,
                    constants.table,
                    place,
                    group[place],
                    epochs,
                    *dates,
                    position_m,
                    velocity_m_s,
                    code.reshape(-1),
                    ranges,
                )


def prepare_sgp4(elements: MeanElements, leap_seconds: LeapSeconds) -> Sgp4Batch:
    """Initialise SGP4 for a catalogue: about 1 us an object.

    Parameters
    ----------
    elements : MeanElements
        n objects.
    leap_seconds : LeapSeconds
        For the count of days of UTC at the epochs.

    Raises
    ------
    CoverageError
        An epoch before the leap-second table begins.
    ProblemList
        An object with implausible or non-finite elements.

    Notes
    -----
    **Source**: Hoots & Roehrich, Spacetrack Report 3 (1980); Vallado, Crawford, Hujsak, Kelso,
    AIAA 2006-6753.
    """
    validate(elements)
    near, deep = initialise(elements)
    return Sgp4Batch(
        near,
        deep,
        np.stack([elements.epoch_jd, elements.epoch_jd_fraction], axis=1),
        epoch_tai_minus_utc_s(elements, leap_seconds),
    )


def _instants(tai_ns: ArrayLike) -> NDArray[np.int64]:
    if np.size(tai_ns) == 0:
        return np.empty(0, dtype=np.int64)
    return np.atleast_1d(as_instants(tai_ns))
