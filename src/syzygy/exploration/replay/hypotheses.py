"""In which axes, time scale and constants is an ephemeris really given? The label against its likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.astro.frames import EME2000, ICRF, Frame
from syzygy.astro.states import States
from syzygy.astro.time import tai_minus_utc_s, tdb_minus_tt_s
from syzygy.base.errors import ComputationError, CoverageError
from syzygy.exploration.replay.fitting import fit_arc
from syzygy.exploration.replay.flights import Doubles, rows_of
from syzygy.exploration.replay.forces import CENTRE_GMS, with_centre_gm
from syzygy.exploration.replay.reading import EphemerisBlock, in_icrf

SCALES = ("UTC", "TAI", "TT", "TDB", "GPS")
_CELESTIAL = (EME2000, ICRF)
_TT_MINUS_TAI_S = 32.184
_GPS_MINUS_TAI_S = -19.0
_DECISIVE = np.log(1000.0)
_LEAST_RMS_M = 1e-4


@dataclass(frozen=True)
class Hypothesis:
    """One way to read the numbers of a file.

    Attributes
    ----------
    axes, time_system, gm_set : str
        The set of constants is empty for that of the force model.
    labelled : bool
        Whether axes and time system are those on the label.
    rms_m : float
        Of the whole arc after the fit; infinite where the flight is impossible.
    log_likelihood : float
        Relative to the best hypothesis, natural logarithm (0 or less).
    """

    axes: str
    time_system: str
    gm_set: str
    labelled: bool
    rms_m: float
    log_likelihood: float


@dataclass(frozen=True, eq=False)
class Reading:
    """The numbers of an arc under one hypothesis, and the forces with its constants."""

    axes: Frame
    time_system: str
    gm_set: str
    states: States
    force: ForceModel


def read_as(
    block: EphemerisBlock,
    rows: slice | NDArray[np.int64],
    force: ForceModel,
    almanac: Almanac,
    axes: Frame,
    time_system: str,
    gm: tuple[str, float] | None = None,
) -> Reading:
    """Return the rows of an arc as if their axes, time system and GM were those named."""
    labelled = block.labelled
    instants = labelled.tai_ns[rows]
    part = States(
        labelled.position_m[rows],
        labelled.velocity_m_s[rows],
        instants + _shift_ns(instants, block.time_system, time_system, almanac),
        labelled.frame,
        labelled.centre,
    )
    forces = force if gm is None else with_centre_gm(force, gm[1])
    return Reading(axes, time_system, gm[0] if gm else "", in_icrf(part, axes, almanac), forces)


def weigh_hypotheses(
    block: EphemerisBlock,
    rows: slice | NDArray[np.int64],
    force: ForceModel,
    almanac: Almanac,
    fitted: tuple[str, ...],
    share: float,
) -> tuple[tuple[Hypothesis, ...], Reading]:
    """Fit an arc under every pair of axes and time scale, then under other constants.

    The residuals of the whole arc are taken as white and normal: the likelihood is that of their variance
    with the number of rows as degrees of freedom (not three times that: neighbours are not independent).

    Returns
    -------
    hypotheses : tuple of Hypothesis
        Best first.
    reading : Reading
        The one to go on with: that on the label unless another is better by 1000 to 1.
    """

    def rms_of(reading: Reading) -> float:
        try:
            states = reading.states
            fit = fit_arc(rows_of(states, slice(None)), states.tai_ns, reading.force, almanac, fitted, share)
        except (ComputationError, CoverageError):
            return float("inf")
        return fit.rms_m

    near = block.read_as or block.frame
    axes_tried = dict.fromkeys((block.frame, *(_CELESTIAL if near in _CELESTIAL else (near,))))
    scales = SCALES if block.time_system in SCALES else (block.time_system,)
    readings = [read_as(block, rows, force, almanac, axes, scale) for axes in axes_tried for scale in scales]
    rms = [rms_of(reading) for reading in readings]
    best = _adopted(readings, rms, block)
    if "gm" not in fitted:
        others = [
            read_as(block, rows, force, almanac, best.axes, best.time_system, gm)
            for gm in CENTRE_GMS.get(force.centre.naif_id, ())
            if gm[1] != force.effective_gm_m3_s2
        ]
        readings += others
        rms += [rms_of(reading) for reading in others]
        best = _adopted(readings, rms, block)
    return _ranked(readings, rms, block), best


def _adopted(readings: list[Reading], rms: list[float], block: EphemerisBlock) -> Reading:
    logs = _log_likelihoods(readings, rms)
    best = int(np.argmax(logs))
    label = next(k for k, reading in enumerate(readings) if _is_labelled(reading, block))
    return readings[best] if logs[best] - logs[label] > _DECISIVE else readings[label]


def _is_labelled(reading: Reading, block: EphemerisBlock) -> bool:
    return reading.axes == block.frame and reading.time_system == block.time_system


def _log_likelihoods(readings: list[Reading], rms: list[float]) -> list[float]:
    count = readings[0].states.tai_ns.size
    return [
        -count * float(np.log(max(value, _LEAST_RMS_M))) if np.isfinite(value) else -np.inf for value in rms
    ]


def _ranked(readings: list[Reading], rms: list[float], block: EphemerisBlock) -> tuple[Hypothesis, ...]:
    logs = _log_likelihoods(readings, rms)
    top = max(logs)
    ranked = [
        Hypothesis(
            str(reading.axes),
            reading.time_system,
            reading.gm_set,
            _is_labelled(reading, block),
            value,
            log - top,
        )
        for reading, value, log in zip(readings, rms, logs, strict=True)
    ]
    return tuple(sorted(ranked, key=lambda h: (-h.log_likelihood, not h.labelled, h.axes, h.time_system)))


def give_verdict(ranked: tuple[Hypothesis, ...]) -> str:
    """Say in one line which axes and time system hold, and whose GM fits."""
    plain = [h for h in ranked if not h.gm_set]
    best = plain[0]
    words = f"{best.axes}, {best.time_system}"
    rivals = [h for h in plain[1:] if h.log_likelihood > best.log_likelihood - _DECISIVE]
    label = next(h for h in plain if h.labelled)
    if rivals:
        names = "; ".join(f"{h.axes}, {h.time_system}" for h in rivals[:3])
        return f"undecided: {words} fits best, not excluded: {names}"
    words += " as labelled" if best is label else f" (labelled {label.axes}, {label.time_system})"
    sets = [h for h in ranked if h.gm_set and h.log_likelihood > best.log_likelihood + _DECISIVE]
    return words + (f"; GM as in {sets[0].gm_set}" if sets else "")


def _shift_ns(tai_ns: NDArray[np.int64], labelled: str, meant: str, almanac: Almanac) -> NDArray[np.int64]:
    """Return what to add to instants read under one scale when the texts mean another."""
    if labelled == meant:
        return np.zeros_like(tai_ns)
    ahead = {name: _ahead_s(tai_ns, name, almanac) for name in (labelled, meant)}
    return np.rint((ahead[labelled] - ahead[meant]) * 1e9).astype(np.int64)


def _ahead_s(tai_ns: NDArray[np.int64], scale: str, almanac: Almanac) -> Doubles:
    """Return reading of a clock of the scale less that of TAI."""
    if scale == "UTC":
        return -tai_minus_utc_s(tai_ns, almanac.leap_seconds).astype(np.float64)
    fixed = {"TAI": 0.0, "TT": _TT_MINUS_TAI_S, "GPS": _GPS_MINUS_TAI_S, "TDB": _TT_MINUS_TAI_S}[scale]
    return fixed + (tdb_minus_tt_s(tai_ns) if scale == "TDB" else np.zeros(tai_ns.shape))
