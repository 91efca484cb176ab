"""Mean orbital elements in the sense of SGP4: one record for a whole catalogue."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError, ProblemList, SyzygyError, UnitError

REVOLUTIONS_PER_DAY_RAD_S = 2.0 * math.pi / 86400.0
"""One revolution per day in rad/s."""

MAX_MEAN_MOTION_RAD_S = 18.0 * REVOLUTIONS_PER_DAY_RAD_S
"""An orbit at the Earth's surface makes 17.07 revolutions a day."""

MAX_OBJECT_ID = 999_999_999
"""Catalogue numbers have at most nine digits (CCSDS 502.0-B-3, NORAD_CAT_ID)."""


@dataclass(frozen=True, eq=False)
class MeanElements:
    """Mean elements of n objects, frame TEME, theory SGP4, mean motion after Kozai.

    Attributes
    ----------
    object_id : int64 (n,)
        Catalogue number, 1 to 999,999,999 (0 where none is known).
    name, international_designator, classification : object (n,)
        Text; designator in the form ``1998-067A``, empty where unknown; classification ``U``, ``C``, ``S``.
    epoch_tai_ns : int64 (n,)
        Epoch, nanoseconds of TAI since 1970-01-01T00:00:00 TAI.
    epoch_jd, epoch_jd_fraction : float64 (n,)
        The same epoch as a two-part Julian date of UTC (days of 86,400 s), split at midnight.
    mean_motion_rad_s : float64 (n,)
        Kozai's mean motion, rad/s.
    eccentricity : float64 (n,)
        0 to below 1.
    inclination_rad, raan_rad, argument_of_perigee_rad, mean_anomaly_rad : float64 (n,)
        Angles, rad.
    bstar_per_earth_radius : float64 (n,)
        Drag term, per Earth radius of WGS-72.
    mean_motion_dot_rad_s2, mean_motion_ddot_rad_s3 : float64 (n,)
        First and second derivative of the mean motion (element sets print half and a sixth of them).
        SGP4 does not use them.
    element_set, revolution : int64 (n,)
        Number of the set and revolution at epoch; 0 where unknown.
    source_line : int64 (n,)
        Line of the file (counted from 1) where the set begins; 0 where it does not come from a file.
    """

    object_id: NDArray[np.int64]
    name: NDArray[np.object_]
    international_designator: NDArray[np.object_]
    epoch_tai_ns: NDArray[np.int64]
    epoch_jd: NDArray[np.float64]
    epoch_jd_fraction: NDArray[np.float64]
    mean_motion_rad_s: NDArray[np.float64]
    eccentricity: NDArray[np.float64]
    inclination_rad: NDArray[np.float64]
    raan_rad: NDArray[np.float64]
    argument_of_perigee_rad: NDArray[np.float64]
    mean_anomaly_rad: NDArray[np.float64]
    bstar_per_earth_radius: NDArray[np.float64]
    mean_motion_dot_rad_s2: NDArray[np.float64]
    mean_motion_ddot_rad_s3: NDArray[np.float64]
    classification: NDArray[np.object_]
    element_set: NDArray[np.int64]
    revolution: NDArray[np.int64]
    source_line: NDArray[np.int64]

    def __post_init__(self) -> None:
        shape = self.object_id.shape
        for item in fields(self):
            found = getattr(self, item.name).shape
            if found != shape or len(shape) != 1:
                raise InputError(
                    "the columns of mean elements differ in length",
                    value=f"{item.name}: {found}",
                    allowed=f"({shape[0] if shape else 'n'},)",
                    where="MeanElements",
                )

    def __len__(self) -> int:
        return int(self.object_id.shape[0])

    def select(self, which: ArrayLike | slice) -> MeanElements:
        """Return the objects chosen by a mask, a slice, an index or an array of indices."""
        index = which if isinstance(which, slice) else np.atleast_1d(np.asarray(which))
        if not isinstance(index, slice) and index.size == 0:
            index = index.astype(np.int64)
        return MeanElements(**{item.name: getattr(self, item.name)[index] for item in fields(self)})


def empty_elements() -> MeanElements:
    """Return a batch of no objects."""
    kinds = {"NDArray[np.int64]": np.int64, "NDArray[np.float64]": np.float64}
    return MeanElements(
        **{item.name: np.empty(0, dtype=kinds.get(str(item.type), object)) for item in fields(MeanElements)}
    )


def join_elements(parts: Sequence[MeanElements]) -> MeanElements:
    """Return the objects of several batches, one after the other."""
    if not parts:
        raise InputError("no mean elements to join", value=0, allowed="at least one batch")
    return MeanElements(
        **{
            item.name: np.concatenate([getattr(part, item.name) for part in parts])
            for item in fields(MeanElements)
        }
    )


@dataclass(frozen=True)
class Implausibility:
    """One value that no orbit around the Earth can have.

    Attributes
    ----------
    index : int
        Position in the batch.
    error : SyzygyError
        What is wrong, the value with its unit, what is allowed, a hint at the unit mistake.
    """

    index: int
    error: SyzygyError


_FLOAT_FIELDS = tuple(item.name for item in fields(MeanElements) if "float64" in str(item.type))


def find_implausible(elements: MeanElements) -> tuple[Implausibility, ...]:
    """Find every value outside its range; magnitudes of a unit mistake are named as such.

    Returns
    -------
    tuple of Implausibility
        Sorted by index; at most one per object (the first rule that fails).
    """
    found: dict[int, Implausibility] = {}
    for name in _FLOAT_FIELDS:
        values = getattr(elements, name)
        for index in np.flatnonzero(~np.isfinite(values)).tolist():
            fault = InputError("an element is not a finite number", value=values[index], allowed="a number")
            found.setdefault(index, Implausibility(index, _placed(fault, elements, index, name)))
    for name, bad, explain in _rules(elements):
        values = getattr(elements, name)
        for index in np.flatnonzero(bad).tolist():
            if index not in found:
                error = explain(values[index].item())
                found[index] = Implausibility(index, _placed(error, elements, index, name))
    return tuple(found[index] for index in sorted(found))


def validate(elements: MeanElements) -> None:
    """Refuse a batch with any implausible value.

    Raises
    ------
    ProblemList
        One problem per object, each with value, unit and hint (degrees for radians, revolutions per day).
    """
    problems = [item.error for item in find_implausible(elements)]
    if problems:
        raise ProblemList(problems, where="mean elements")


Rule = tuple[str, NDArray[np.bool_], Callable[[float], SyzygyError]]


def _rules(elements: MeanElements) -> list[Rule]:
    motion = elements.mean_motion_rad_s
    rules: list[Rule] = [
        ("object_id", (elements.object_id < 0) | (elements.object_id > MAX_OBJECT_ID), _explain_id),
        ("mean_motion_rad_s", motion <= 0.0, _explain_motion_sign),
        ("mean_motion_rad_s", motion > MAX_MEAN_MOTION_RAD_S, _explain_motion),
        (
            "eccentricity",
            (elements.eccentricity < 0.0) | (elements.eccentricity >= 1.0),
            _explain_eccentricity,
        ),
        (
            "inclination_rad",
            (elements.inclination_rad < 0.0) | (elements.inclination_rad > math.pi),
            _explain_inclination,
        ),
    ]
    for name in ("raan_rad", "argument_of_perigee_rad", "mean_anomaly_rad"):
        rules.append((name, np.abs(getattr(elements, name)) > 2.0 * math.pi, _explain_angle))
    return rules


def _explain_id(value: float) -> SyzygyError:
    return InputError("a catalogue number is out of range", value=value, allowed=f"0 to {MAX_OBJECT_ID}")


def _explain_motion_sign(value: float) -> SyzygyError:
    return InputError("the mean motion is not positive", value=f"{value!r} rad/s", allowed="above 0 rad/s")


def _explain_motion(value: float) -> SyzygyError:
    return UnitError(
        "the mean motion is faster than any orbit around the Earth",
        value=f"{value!r} rad/s ({value / REVOLUTIONS_PER_DAY_RAD_S:.6g} revolutions per day)",
        allowed="0 to 18 revolutions per day",
        hint="revolutions per day, or rad per minute, given as rad/s?",
    )


def _explain_eccentricity(value: float) -> SyzygyError:
    return InputError(
        "the eccentricity is out of range",
        value=value,
        allowed="0 to below 1",
        hint="is the decimal point of the element set implied?",
    )


def _explain_inclination(value: float) -> SyzygyError:
    return UnitError(
        "the inclination is out of range",
        value=f"{value!r} rad ({math.degrees(value):.6g} deg)",
        allowed="0 to pi rad (0 to 180 deg)",
        hint="degrees given as radians?",
    )


def _explain_angle(value: float) -> SyzygyError:
    return UnitError(
        "an angle is beyond one turn",
        value=f"{value!r} rad ({math.degrees(value):.6g} deg)",
        allowed="-2 pi to 2 pi rad (-360 to 360 deg)",
        hint="degrees given as radians?",
    )


def _placed(error: SyzygyError, elements: MeanElements, index: int, name: str) -> SyzygyError:
    line = int(elements.source_line[index])
    place = f", line {line}" if line else ""
    error.where = f"object {int(elements.object_id[index])}{place}, {name}"
    return error
