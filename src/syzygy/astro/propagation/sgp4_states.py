"""SGP4 in batch: mean elements to TEME states, with the error code of every object and instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.mean_elements import REVOLUTIONS_PER_DAY_RAD_S, MeanElements, validate
from syzygy.astro.time import Instants, as_instants
from syzygy.base.errors import CoverageError, InputError

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

ERROR_MEANINGS = (
    "usable",
    "mean eccentricity or semi-major axis out of range",
    "mean motion is not positive",
    "perturbed eccentricity out of range",
    "semi-latus rectum is negative",
    "sub-orbital epoch elements",
    "the object has decayed (below one Earth radius)",
    "SGP4 gave no finite state",
)
"""What SGP4's codes 0 to 6 mean; 7 is ours, for a state that is not finite although SGP4 reports 0."""

_NOT_FINITE = 7

UNPHYSICAL_SPEED_M_S = 100.0
"""Position and velocity that disagree by more are not an orbit; real catalogues show a clean gap here."""

_NS_PER_DAY = 86_400_000_000_000
_JD_OF_1970 = 2440587.5
_JD_OF_1950 = 2433281.5
_MAX_LIBRARY_ID = 339_999


@dataclass(frozen=True, eq=False)
class Sgp4States:
    """States of n objects at m instants, frame TEME.

    Attributes
    ----------
    position_m, velocity_m_s : float64 (n, m, 3)
        NaN where the code is not 0.
    error_code : uint8 (n, m)
        0 usable; 1 to 7 as in `ERROR_MEANINGS`.
    """

    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    error_code: NDArray[np.uint8]


def propagate_sgp4(elements: MeanElements, tai_ns: ArrayLike, leap_seconds: LeapSeconds) -> Sgp4States:
    """Propagate every object to every instant (WGS-72, improved mode).

    Parameters
    ----------
    elements : MeanElements
        n objects.
    tai_ns : int64 array (m,)
        Instants, nanoseconds of TAI since 1970.
    leap_seconds : LeapSeconds
        For the UTC day count that the library takes. The time since epoch is elapsed atomic time: a leap
        second between epoch and instant counts as one second.

    Raises
    ------
    CoverageError
        An epoch before the leap-second table begins.
    TimeScaleError
        Instants that are no whole numbers.
    InputError
        Instants that are not a row.
    ProblemList
        Elements that are not finite or that no orbit can have (`validate`).

    Notes
    -----
    **Accuracy**: equal to the library's own reading of the same lines to the last bit (24,132 objects,
    ``tests/debris/test_sgp4_states.py``); within 1e-6 km of the 667 states of AIAA 2006-6753 (same file).
    **Source**: Vallado, Crawford, Hujsak, Kelso, AIAA 2006-6753, through the package sgp4.
    """
    return propagate_satrecs(satrec_array(elements), elements, tai_ns, leap_seconds)


def propagate_satrecs(
    satrecs: Any, elements: MeanElements, tai_ns: ArrayLike, leap_seconds: LeapSeconds
) -> Sgp4States:
    """Propagate as `propagate_sgp4`, with a SatrecArray made once by `satrec_array`."""
    instants = _as_row(tai_ns)
    offsets_s = epoch_tai_minus_utc_s(elements, leap_seconds)
    groups = np.unique(offsets_s).tolist()
    if len(groups) <= 1:
        jd, fraction = julian_date_with_offset(instants, groups[0] if groups else 0)
        return _states(*satrecs.sgp4(jd, fraction))
    states = Sgp4States(
        np.empty((len(elements), instants.size, 3)),
        np.empty((len(elements), instants.size, 3)),
        np.empty((len(elements), instants.size), dtype=np.uint8),
    )
    for offset_s in groups:
        members = np.flatnonzero(offsets_s == offset_s)
        jd, fraction = julian_date_with_offset(instants, offset_s)
        part = _states(*satrec_array(elements.select(members)).sgp4(jd, fraction))
        states.position_m[members] = part.position_m
        states.velocity_m_s[members] = part.velocity_m_s
        states.error_code[members] = part.error_code
    return states


def satrec_array(elements: MeanElements) -> Any:
    """Return the library's ``SatrecArray`` (WGS-72, improved mode; epochs in UTC days).

    The array does not cross process borders: send the MeanElements and build it there (about 20 us an
    object). Catalogue numbers above 339,999, which the library refuses, are initialised as 0.
    """
    from sgp4.api import SatrecArray

    return SatrecArray(satrec_list(elements))


def satrec_list(elements: MeanElements) -> list[Any]:
    """Return the library's ``Satrec`` of every object, initialised as in `satrec_array`.

    Raises
    ------
    ProblemList
        As `validate`: the library would answer NaN with code 0.
    """
    from sgp4.api import WGS72, Satrec

    validate(elements)
    numbers = np.where(elements.object_id > _MAX_LIBRARY_ID, 0, elements.object_id).tolist()
    whole = elements.epoch_jd.tolist()
    fraction = elements.epoch_jd_fraction.tolist()
    columns = (
        numbers,
        ((elements.epoch_jd + elements.epoch_jd_fraction) - _JD_OF_1950).tolist(),
        elements.bstar_per_earth_radius.tolist(),
        elements.eccentricity.tolist(),
        elements.argument_of_perigee_rad.tolist(),
        elements.inclination_rad.tolist(),
        elements.mean_anomaly_rad.tolist(),
        kozai_rad_min(elements.mean_motion_rad_s).tolist(),
        elements.raan_rad.tolist(),
    )
    satrecs = []
    for index, (number, epoch, bstar, e, argp, incl, anomaly, motion, node) in enumerate(
        zip(*columns, strict=True)
    ):
        satrec = Satrec()
        satrec.sgp4init(WGS72, "i", number, epoch, bstar, 0.0, 0.0, e, argp, incl, anomaly, motion, node)
        satrec.jdsatepoch = whole[index]
        satrec.jdsatepochF = fraction[index]
        satrecs.append(satrec)
    return satrecs


def uniform_julian_date(
    elements: MeanElements, index: NDArray[np.int64], tai_ns: NDArray[np.int64], leap_seconds: LeapSeconds
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two-part Julian dates to hand to the ``Satrec`` of object ``index[k]`` at ``tai_ns[k]``.

    Days of 86,400 s counted on with TAI - UTC of the object's epoch, so that the time since epoch is elapsed
    atomic time also across a leap second.
    """
    return julian_date_with_offset(tai_ns, epoch_tai_minus_utc_s(elements, leap_seconds)[index])


def kozai_rad_min(mean_motion_rad_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean motion in rad/min with the rounding of the library's own readers.

    An element set prints revolutions per day with eight decimals. Where the value is such a number up to
    the rounding of the conversion, it is restored before the library's own division, so that the same
    text gives the same bits.
    """
    rev_day = mean_motion_rad_s / REVOLUTIONS_PER_DAY_RAD_S
    printed = np.round(rev_day * 1e8) / 1e8
    same = np.abs(printed - rev_day) <= 4.0 * np.spacing(rev_day)
    return np.where(same, printed, rev_day) / (1440.0 / (2.0 * np.pi))


def find_unphysical(
    elements: MeanElements, tai_ns: ArrayLike, leap_seconds: LeapSeconds, *, step_s: float = 10.0
) -> NDArray[np.bool_]:
    """Find the objects whose position does not follow their velocity although SGP4 reports code 0.

    Stale sets of decaying objects run off to 10^4-10^8 km without an error code. The change of position
    over `step_s` around each instant is compared with the trapezoid of the velocities.

    Returns
    -------
    bool array (n, m)
        True where the two disagree by more than 100 m/s. False where a code is not 0: that object is
        reported by its code.

    Notes
    -----
    **Accuracy**: the four unphysical objects of a screening of 24,132, and no other
    (``tests/debris/test_sgp4_states.py``).
    """
    instants = _as_row(tai_ns)
    if not 1e-3 <= step_s <= 3600.0:
        raise InputError(
            "a step of comparison is out of range",
            value=f"{step_s} s",
            allowed="0.001 to 3600 s",
            where="step_s",
        )
    half_ns = round(step_s * 5e8)
    pair = np.stack([instants - half_ns, instants + half_ns], axis=1).ravel()
    states = propagate_sgp4(elements, pair, leap_seconds)
    position = states.position_m.reshape(len(elements), -1, 2, 3)
    velocity = states.velocity_m_s.reshape(len(elements), -1, 2, 3)
    drift = (position[:, :, 1] - position[:, :, 0]) / step_s - velocity.mean(axis=2)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.linalg.norm(drift, axis=-1) > UNPHYSICAL_SPEED_M_S)


def _states(
    code: NDArray[np.uint8], position: NDArray[np.float64], velocity: NDArray[np.float64]
) -> Sgp4States:
    position *= 1000.0
    velocity *= 1000.0
    if not (np.isfinite(position.sum()) and np.isfinite(velocity.sum())):
        lost = ~(np.isfinite(position).all(axis=-1) & np.isfinite(velocity).all(axis=-1))
        code = np.where(lost & (code == 0), np.uint8(_NOT_FINITE), code)
    bad = code != 0
    if bad.any():
        position[bad] = np.nan
        velocity[bad] = np.nan
    return Sgp4States(position, velocity, code)


def _as_row(tai_ns: ArrayLike) -> Instants:
    instants = np.atleast_1d(as_instants(tai_ns))
    if instants.ndim != 1:
        raise InputError("instants are not a row", value=instants.shape, allowed="(m,)", where="tai_ns")
    return instants


def julian_date_with_offset(
    tai_ns: NDArray[np.int64], offset_s: int | NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two-part Julian date of UTC (split at midnight) under a fixed TAI - UTC of `offset_s`."""
    day, rest_ns = np.divmod(tai_ns - offset_s * 1_000_000_000, _NS_PER_DAY)
    return day + _JD_OF_1970, rest_ns / _NS_PER_DAY


def epoch_tai_minus_utc_s(elements: MeanElements, leap_seconds: LeapSeconds) -> NDArray[np.int64]:
    """Return TAI minus UTC at each epoch, in whole seconds.

    Raises
    ------
    CoverageError
        An epoch before the leap-second table begins.
    """
    utc_day = np.floor(elements.epoch_jd - _JD_OF_1970).astype(np.int64)
    entry = np.searchsorted(leap_seconds.start_utc_day, utc_day, side="right") - 1
    if (entry < 0).any():
        early = int(np.flatnonzero(entry < 0)[0])
        raise CoverageError(
            "an epoch lies before the leap-second table",
            value=f"Julian date {elements.epoch_jd[early]}",
            allowed="an epoch covered by the table",
            where=f"object {int(elements.object_id[early])}",
        )
    return np.asarray(leap_seconds.tai_minus_utc_s[entry])
