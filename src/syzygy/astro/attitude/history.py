"""Attitude at instants as a message or a star tracker gives it, and the rotation in between."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.attitude.rotations import (
    angular_velocity,
    conjugate,
    continuous,
    quaternion_rates,
    quaternions_from_euler,
    quaternions_from_spin,
    slerp,
    unit_quaternions,
)
from syzygy.astro.time import as_instants
from syzygy.base.errors import CoverageError, InputError
from syzygy.numerics.interpolation import hermite, lagrange, nearest_windows

Doubles = NDArray[np.float64]

COLUMNS = MappingProxyType(
    {
        "QUATERNION": 4,
        "QUATERNION/DERIVATIVE": 8,
        "QUATERNION/ANGVEL": 7,
        "QUATERNION/RATE": 7,
        "EULER_ANGLE": 3,
        "EULER_ANGLE/DERIVATIVE": 6,
        "EULER_ANGLE/ANGVEL": 6,
        "EULER_ANGLE/RATE": 6,
        "SPIN": 4,
        "SPIN/NUTATION": 7,
        "SPIN/NUTATION_MOM": 7,
    }
)
"""Number of columns of each kind of attitude data (CCSDS 504.0-B-1 and B-2)."""

KINDS = ("SLERP", "LINEAR", "HERMITE", "LAGRANGE")
MAX_DEGREE = 25


@dataclass(frozen=True, eq=False)
class AttitudeHistory:
    """n attitudes of frame B with respect to frame A.

    Attributes
    ----------
    tai_ns : int64 (n,)
        Strictly ascending.
    kind : str
        What the columns are, a key of `COLUMNS`.
    values : float64 (n, k)
        Columns in the order of CCSDS 504.0-B-2 table 4-4, in SI: quaternion vector first, then 1/s or rad/s;
        angles in rad, rates in rad/s; spin: right ascension, declination, phase, rate, then nutation angle,
        period in s and phase, or right ascension and declination of the angular momentum and nutation rate.
    frame_a, frame_b : str
        Names: ``EME2000``, ``SC_BODY_1``.
    reversed_direction : bool
        The values describe the way from B to A (ATTITUDE_DIR = B2A of 504.0-B-1).
    sequence : str
        Axes of Euler angles: ``ZXZ``.
    rates_in_b : bool
        Whether angular velocities are in the axes of B (else of A).
    useable_tai_ns : tuple of int or None
        First and last instant for which interpolation is allowed; None takes those of the data.
    interpolation : str
        ``SLERP``, ``LINEAR``, ``HERMITE``, ``LAGRANGE`` or empty where nobody says.
    degree : int

    Raises
    ------
    InputError
        Shapes, kinds or instants that do not fit.
    """

    tai_ns: NDArray[np.int64]
    kind: str
    values: Doubles
    frame_a: str
    frame_b: str
    reversed_direction: bool = False
    sequence: str = ""
    rates_in_b: bool = True
    useable_tai_ns: tuple[int, int] | None = None
    interpolation: str = ""
    degree: int = 0

    def __post_init__(self) -> None:
        width = COLUMNS.get(self.kind)
        if width is None:
            raise InputError("no such kind of attitude data", value=self.kind, allowed=", ".join(COLUMNS))
        if self.tai_ns.ndim != 1 or self.values.shape != (self.tai_ns.size, width) or not self.tai_ns.size:
            raise InputError(
                "the columns of an attitude history do not fit its kind",
                value=f"{self.values.shape} for {self.tai_ns.size} instants",
                allowed=f"(n, {width}) for {self.kind}", where="AttitudeHistory",
            )  # fmt: skip
        if bool((np.diff(self.tai_ns) <= 0).any()):
            at = int(np.argmax(np.diff(self.tai_ns) <= 0)) + 2
            raise InputError(
                "the attitudes do not ascend in time", value=f"record {at}",
                allowed="each later than the one before", where="AttitudeHistory",
            )  # fmt: skip

    def __len__(self) -> int:
        """Return n."""
        return int(self.tai_ns.size)

    @property
    def span_tai_ns(self) -> tuple[int, int]:
        """First and last instant that may be asked for."""
        return self.useable_tai_ns or (int(self.tai_ns[0]), int(self.tai_ns[-1]))

    def quaternions(self) -> Doubles:
        """Return the quaternions (n, 4) from A to B at the instants, of length one, signs continuous.

        **Accuracy**: as the functions of `syzygy.astro.attitude.rotations`.
        """
        return self._quaternions_of(self.values)

    def angular_velocity_rad_s(self) -> Doubles:
        """Return the angular velocity (n, 3) of B with respect to A in the axes of B.

        Raises
        ------
        InputError
            The data carry no rates.
        """
        rates = self._rates()
        if rates is None:
            raise InputError(
                "the attitude data carry no rates", value=self.kind,
                allowed="QUATERNION/DERIVATIVE, QUATERNION/ANGVEL", where="AttitudeHistory",
            )  # fmt: skip
        quaternions, derivative = rates
        found = angular_velocity(quaternions, derivative)
        return -found if self.reversed_direction else found

    def at(self, tai_ns: ArrayLike, *, interpolation: str = "", degree: int = 0) -> Doubles:
        """Return quaternions (..., 4) from A to B at instants of the useable span.

        Parameters
        ----------
        tai_ns : int64 (...)
        interpolation, degree
            Only where the data name none, or to overrule them. The columns are interpolated as they stand
            (components of quaternions with continuous signs, angles unwrapped) and then become a rotation;
            SLERP turns at constant rate between neighbours. Hermite needs rates.

        Raises
        ------
        CoverageError
            Outside the useable span.
        InputError
            Neither the data nor the caller says how, or a way that does not fit the data.

        **Accuracy**: rotation at constant rate, 10 s apart: SLERP exact to 1e-14
        (``tests/astro/test_attitude.py``).
        """
        how = (interpolation or self.interpolation).upper()
        if how not in KINDS:
            raise InputError(
                "the attitude cannot be interpolated so", value=how or "no kind", allowed=", ".join(KINDS),
                hint="name interpolation and degree where the message does not",
            )  # fmt: skip
        instants = as_instants(tai_ns)
        times = np.atleast_1d(instants).ravel()
        self._require_inside(times)
        if how == "SLERP":
            found = self._slerp(times)
        else:
            found = self._quaternions_of(self._columns_at(times, how, degree or self.degree or 1))
        return found.reshape(*instants.shape, 4)

    def _require_inside(self, times: NDArray[np.int64]) -> None:
        first, last = self.span_tai_ns
        first, last = max(first, int(self.tai_ns[0])), min(last, int(self.tai_ns[-1]))
        if times.size and (int(times.min()) < first or int(times.max()) > last):
            raise CoverageError(
                "an instant lies outside the useable span of the attitude data",
                value=f"{int(times.min())} to {int(times.max())} ns TAI", allowed=f"{first} to {last}",
                where="AttitudeHistory",
            )  # fmt: skip

    def _slerp(self, times: NDArray[np.int64]) -> Doubles:
        if len(self) < 2:
            return np.repeat(self.quaternions(), times.size, axis=0)
        left = np.clip(np.searchsorted(self.tai_ns, times, side="right") - 1, 0, len(self) - 2)
        start, step = self.tai_ns[left], np.diff(self.tai_ns)[left]
        quaternions = self.quaternions()
        return slerp(quaternions[left], quaternions[left + 1], (times - start) / step)

    def _columns_at(self, times: NDArray[np.int64], how: str, degree: int) -> Doubles:
        count = (degree + 1) // 2 if how == "HERMITE" else (2 if how == "LINEAR" else degree + 1)
        if not 1 <= degree <= MAX_DEGREE or not 2 <= count <= len(self):
            raise InputError(
                "the attitude cannot be interpolated so", value=f"{how} of degree {degree} over {len(self)}",
                allowed=f"degree 1 (Hermite: 3) to {MAX_DEGREE}, with as many records",
            )  # fmt: skip
        columns, rates = self._smooth_columns()
        window = nearest_windows(self.tai_ns, times, count)
        middle = self.tai_ns[window[:, count // 2]]
        nodes_s, times_s = (self.tai_ns[window] - middle[:, None]) / 1e9, (times - middle) / 1e9
        if how != "HERMITE":
            return lagrange(times_s, nodes_s, columns[window])
        if rates is None:
            raise InputError(
                "Hermite needs rates", value=self.kind,
                allowed="QUATERNION/DERIVATIVE, QUATERNION/ANGVEL, EULER_ANGLE/DERIVATIVE",
            )  # fmt: skip
        return hermite(times_s, nodes_s, columns[window], rates[window])[0]

    def _smooth_columns(self) -> tuple[Doubles, Doubles | None]:
        """Return the columns of the rotation without jumps, and their rates where there are any."""
        if self.kind.startswith("QUATERNION"):
            found = self._rates()
            return found if found is not None else (continuous(unit_quaternions(self.values[:, :4])), None)
        angles = self.values[:, :3].copy()
        if self.kind.startswith("SPIN"):
            elapsed = np.diff(self.tai_ns) / 1e9
            turned = elapsed * (self.values[1:, 3] + self.values[:-1, 3]) / 2.0
            missing = np.rint((turned - np.diff(angles[:, 2])) / (2.0 * np.pi)) * 2.0 * np.pi
            angles[1:, 2] += np.cumsum(missing)
            angles[:, 0] = np.unwrap(angles[:, 0])
            return angles, None
        angles = np.unwrap(angles, axis=0)
        derived = self.kind in ("EULER_ANGLE/DERIVATIVE", "EULER_ANGLE/RATE")
        return angles, self.values[:, 3:6] if derived else None

    def _rates(self) -> tuple[Doubles, Doubles] | None:
        """Return quaternions as given (continuous signs) with their rates, None without rates."""
        raw = self.values[:, :4]
        if self.kind not in ("QUATERNION/DERIVATIVE", "QUATERNION/ANGVEL"):
            return None
        quaternions = unit_quaternions(raw)
        smooth = continuous(quaternions)
        if self.kind == "QUATERNION/ANGVEL":
            return smooth, quaternion_rates(smooth, self.values[:, 4:7], in_frame_b=self.rates_in_b)
        sign = np.sum(smooth * quaternions, axis=1, keepdims=True)
        length = np.linalg.norm(raw, axis=1, keepdims=True)
        return smooth, self.values[:, 4:8] * np.sign(sign) / length

    def _quaternions_of(self, columns: Doubles) -> Doubles:
        if self.kind.startswith("QUATERNION"):
            given = columns[:, :4]
            if columns is not self.values:  # between the records, a polynomial is shorter than the rotation
                given = given / np.linalg.norm(given, axis=1, keepdims=True)
            found = continuous(unit_quaternions(given))
        elif self.kind.startswith("EULER"):
            found = continuous(quaternions_from_euler(columns[:, :3], self.sequence))
        else:
            found = continuous(quaternions_from_spin(columns[:, 0], columns[:, 1], columns[:, 2]))
        return conjugate(found) if self.reversed_direction else found
