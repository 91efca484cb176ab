"""States and covariances of single objects at an instant, from element sets and from ephemerides, in ICRF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import (
    EME2000,
    ICRF,
    TEME,
    gcrf_from_itrf,
    gcrf_from_teme,
    icrf_from_eme2000,
    rtn_axes,
)
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.astro.states import States
from syzygy.base.errors import CoverageError, FrameError, InputError, MissingDataError
from syzygy.base.provenance import InputFile
from syzygy.debris.element_sets import load_element_sets
from syzygy.debris.object_names import normal_name
from syzygy.debris.probability.element_set_errors import ErrorModel
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.ephemerides import EphemerisSegment, read_ephemeris

FloatArray = NDArray[np.float64]
_DAY_NS = 86_400e9
_DEGREE = 7
_LONGEST_GAP_NS = 6 * 3600 * 1_000_000_000
_RTN_NAMES = ("RTN", "RSW", "RIC", "RTN_ROTATING", "RSW_ROTATING", "RTN_INERTIAL", "RSW_INERTIAL")


@dataclass(frozen=True)
class StateAt:
    """One object at one instant.

    Attributes
    ----------
    position_m, velocity_m_s : (3,) float64
        ICRF.
    covariance_rtn : (6, 6) float64 or None
    covariance_source : str
    """

    position_m: FloatArray
    velocity_m_s: FloatArray
    covariance_rtn: FloatArray | None
    covariance_source: str


@dataclass(frozen=True)
class ObjectStates:
    """What is known of objects.

    Attributes
    ----------
    elements : MeanElements or None
    rows : dict
        Catalogue number (as text) to row of `elements`.
    segments : dict
        Object id or name of an ephemeris to its segments.
    models : mapping of int to ErrorModel
        From history, by catalogue number.
    usual : ErrorModel
        For all others.
    almanac : Almanac
    """

    elements: MeanElements | None
    rows: Mapping[str, int]
    segments: Mapping[str, tuple[EphemerisSegment, ...]]
    models: Mapping[int, ErrorModel]
    usual: ErrorModel
    almanac: Almanac

    def at(self, names: Sequence[str], tai_ns: int) -> StateAt:
        """Return the state of the object that goes by any of the names.

        Raises
        ------
        MissingDataError
            No file holds the object.
        CoverageError
            Its element set has no usable state then, or the instant is outside its ephemeris.
        """
        keys = [normal_name(name) for name in names if name]
        for key in keys:
            if key in self.segments:
                return self._from_ephemeris(self.segments[key], tai_ns, key)
        for key in keys:
            if key in self.rows:
                return self._from_elements(self.rows[key], tai_ns, key)
        raise MissingDataError(
            "no file holds this object",
            value=" or ".join(keys) or "no name",
            allowed=f"one of {len(self.rows)} element sets and {len(self.segments)} names of ephemerides",
            where="--catalogue, --ephemeris",
            hint="name the catalogue or the ephemeris that the screening used",
        )

    def _from_elements(self, row: int, tai_ns: int, name: str) -> StateAt:
        one = _of(self.elements).select(np.array([row]))
        found = propagate_sgp4(one, np.array([tai_ns]), self.almanac.leap_seconds)
        if found.error_code[0, 0]:
            raise CoverageError(
                "an element set has no state at the event",
                value=f"SGP4 code {int(found.error_code[0, 0])}",
                allowed="a usable element set",
                where=f"object {name}",
            )
        position, velocity = gcrf_from_teme(
            found.position_m[0, 0], found.velocity_m_s[0, 0], np.asarray(tai_ns), self.almanac
        )
        age = (tai_ns - int(one.epoch_tai_ns[0])) / _DAY_NS
        model = self.models.get(int(one.object_id[0]), self.usual)
        motion = float(one.mean_motion_rad_s[0])
        words = f"{model.source}, set {age:+.2f} d old"
        return StateAt(position, _known(velocity), model.covariance_rtn(age, motion), words)

    def _from_ephemeris(self, segments: Sequence[EphemerisSegment], tai_ns: int, name: str) -> StateAt:
        for segment in segments:
            if segment.trajectory.useable_tai_ns[0] <= tai_ns <= segment.trajectory.useable_tai_ns[1]:
                break
        else:
            raise CoverageError(
                "the event is outside the ephemeris of an object",
                value=f"{tai_ns} ns TAI",
                allowed="an instant of the useable span",
                where=f"object {name}",
            )
        position, velocity = self._inertial(segment, np.asarray(tai_ns))
        covariance, source = self._covariance(segment, tai_ns)
        return StateAt(position, velocity, covariance, source)

    def _inertial(
        self, segment: EphemerisSegment, instants: NDArray[np.int64]
    ) -> tuple[FloatArray, FloatArray]:
        states = _interpolated(segment, instants)
        if states.frame == ICRF:
            return states.position_m, states.velocity_m_s
        if states.frame == EME2000:
            return icrf_from_eme2000(states.position_m), icrf_from_eme2000(states.velocity_m_s)
        if states.frame == TEME:
            position, velocity = gcrf_from_teme(
                states.position_m, states.velocity_m_s, instants, self.almanac
            )
            return position, _known(velocity)
        position, velocity = gcrf_from_itrf(states.position_m, states.velocity_m_s, instants, self.almanac)
        return position, _known(velocity)

    def _covariance(self, segment: EphemerisSegment, tai_ns: int) -> tuple[FloatArray | None, str]:
        history = segment.covariances
        if history is None:
            return None, "none (the ephemeris has no covariance)"
        after = int(np.searchsorted(history.tai_ns, tai_ns))
        near = [k for k in (after - 1, after) if 0 <= k < len(history.tai_ns)]
        gap = min(abs(int(history.tai_ns[k]) - tai_ns) for k in near)
        if len(near) < 2 and gap > _LONGEST_GAP_NS:
            return None, f"none (the nearest covariance is {gap / 3.6e12:.1f} h away)"
        turned = [
            self._in_rtn(segment, history.matrix[k], history.frame[k], int(history.tai_ns[k])) for k in near
        ]
        if len(near) < 2:
            return turned[0], f"ephemeris, {gap / 6e10:.0f} min away"
        first, last = (int(history.tai_ns[k]) for k in near)
        share = (tai_ns - first) / (last - first)
        return (1.0 - share) * turned[0] + share * turned[1], "ephemeris, between two"

    def _in_rtn(self, segment: EphemerisSegment, matrix: FloatArray, frame: str, tai_ns: int) -> FloatArray:
        if frame.upper().replace("-", "_") in _RTN_NAMES:
            return matrix
        if frame not in (segment.states.frame.name, "EME2000", "GCRF", "ICRF", "J2000", "TEME"):
            raise FrameError(
                "the axes of a covariance are not known here",
                value=frame,
                allowed="RTN, RSW, EME2000, GCRF, ICRF, TEME",
                where=segment.object_name,
            )
        states = _interpolated(segment, np.asarray(tai_ns))
        axes = rtn_axes(states.position_m, states.velocity_m_s)
        turn = np.kron(np.eye(2), axes)
        return np.asarray(turn @ matrix @ turn.T)


def load_objects(
    catalogues: Sequence[InputFile],
    ephemerides: Sequence[InputFile],
    models: Mapping[int, ErrorModel],
    usual: ErrorModel,
    almanac: Almanac,
) -> ObjectStates:
    """Read the catalogues and ephemerides of a request."""
    elements = load_element_sets(catalogues, almanac.leap_seconds).elements if catalogues else None
    rows = {str(number): row for row, number in enumerate(elements.object_id.tolist())} if elements else {}
    segments: dict[str, list[EphemerisSegment]] = {}
    for file in ephemerides:
        message = read_message(file.read(), name=file.name)
        for segment in read_ephemeris(message, almanac.leap_seconds):
            for name in {segment.object_id, segment.object_name} - {""}:
                segments.setdefault(normal_name(name), []).append(segment)
    return ObjectStates(
        elements, rows, {name: tuple(found) for name, found in segments.items()}, models, usual, almanac
    )


def _interpolated(segment: EphemerisSegment, instants: NDArray[np.int64]) -> States:
    """Interpolate as the message says; where it says nothing, positions with velocities by degree 7."""
    flight = segment.trajectory
    kind = flight.interpolation or "HERMITE"
    return segment.states_at(instants, interpolation=kind, degree=flight.degree or _DEGREE)


def _of(elements: MeanElements | None) -> MeanElements:
    if elements is None:
        raise MissingDataError("no catalogue is given", value="0 files", allowed="--catalogue FILE")
    return elements


def _known(velocity: FloatArray | None) -> FloatArray:
    if velocity is None:
        raise InputError("a state without velocity", value="no velocity", allowed="position and velocity")
    return velocity
