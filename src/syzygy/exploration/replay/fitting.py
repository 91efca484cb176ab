"""Fitting what is not known to the leading part of an arc, and looking at the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.astro.frames import rtn_axes
from syzygy.base.errors import InputError
from syzygy.exploration.replay.flights import Doubles, Reference, fly, inverse_transition
from syzygy.exploration.replay.forces import with_centre_gm, with_drag, with_sunlight

_ROUNDS = 6
_CONVERGED = 1e-6
STATE_NAMES = ("x_m", "y_m", "z_m", "vx_m_s", "vy_m_s", "vz_m_s")
_NAMES = {
    "state": STATE_NAMES,
    "sunlight": ("sunlight_m_s2",),
    "gm": ("gm_m3_s2",),
    "drag": ("drag_m2_kg",),
    "acceleration": ("radial_m_s2", "in_track_m_s2", "cross_track_m_s2"),
}


@dataclass(frozen=True, eq=False)
class Fit:
    """An arc explained by a flight.

    Attributes
    ----------
    names : tuple of str
        Fitted numbers, unit in the name; those of the state are corrections to the first row.
    values, sigmas : array (p,)
        SI; sigmas are scaled by the scatter that remains in the fitted rows.
    covariance : array (p, p)
    force : ForceModel
        With the fitted numbers in it.
    start : array (6,)
        Of the flight, m and m/s, ICRF.
    model : array (n, 6)
        The flight at the rows of the arc.
    residual_m, residual_rtn_m : array (n, 3)
        Ephemeris less flight, ICRF axes and along radius, track, normal.
    fitted_rows : int
        Leading rows that the fit has seen.
    """

    names: tuple[str, ...]
    values: Doubles
    sigmas: Doubles
    covariance: Doubles
    force: ForceModel
    start: Doubles
    model: Doubles
    residual_m: Doubles
    residual_rtn_m: Doubles
    fitted_rows: int

    @property
    def distance_m(self) -> Doubles:
        """Length of the residuals."""
        return np.asarray(np.linalg.norm(self.residual_m, axis=1))

    @property
    def rms_m(self) -> float:
        """Root mean square of the residuals over the whole arc."""
        return float(np.sqrt(np.mean(self.distance_m**2)))


def fit_arc(
    rows: Doubles,
    instants: NDArray[np.int64],
    force: ForceModel,
    almanac: Almanac,
    fitted: tuple[str, ...],
    share: float,
) -> Fit:
    """Fit to the leading rows of an arc (positions), by Gauss-Newton from the first row.

    Raises
    ------
    InputError
        The leading part has fewer numbers than are to be fitted.
    """
    names = tuple(name for part in fitted for name in _NAMES[part])
    count = max(2, int(np.ceil(share * rows.shape[0])))
    if 3 * (count - 1) < len(names) + 1:
        raise InputError(
            "the leading part of the arc is too short for the fit",
            value=f"{count} rows for {len(names)} numbers",
            allowed=f"{len(names) // 3 + 2} rows or more",
            where="fit_share",
            hint="raise fit_share, or fit less",
        )
    start, extra = rows[0].copy(), np.zeros(3)
    state_sum = np.zeros(6)
    parameters = tuple(part for part in fitted if part in ("sunlight", "gm", "drag"))
    covariance = np.zeros((len(names), len(names)))
    for _ in range(_ROUNDS if names else 1):
        reference = fly(start, instants, force, almanac, parameters)
        design, model = _design(reference, instants, fitted, extra)
        rest = rows[:, :3] - model[:, :3]
        if not names:
            break
        a, b = design[1:count, :3].reshape(-1, len(names)), rest[1:count].ravel()
        scale = np.linalg.norm(a, axis=0)
        scale[scale == 0.0] = 1.0
        change = np.linalg.lstsq(a / scale, b, rcond=None)[0] / scale
        left = b - a @ change
        freedom = max(1, b.size - len(names))
        inverse = np.linalg.pinv((a / scale).T @ (a / scale)) / np.outer(scale, scale)
        covariance = inverse * float(left @ left) / freedom
        start, extra, force, state_sum = _apply(change, fitted, start, extra, force, state_sum)
        effect = np.abs(a @ change).max()
        if effect <= _CONVERGED:
            break
    if names:
        reference = fly(start, instants, force, almanac, parameters)
        model = _design(reference, instants, fitted, extra)[1]
        rest = rows[:, :3] - model[:, :3]
    axes = rtn_axes(model[:, :3], model[:, 3:])
    values = _values(fitted, state_sum, extra, force)
    return Fit(
        names, values, np.sqrt(np.diagonal(covariance)), covariance, force, start, model, rest,
        np.einsum("nij,nj->ni", axes, rest), count,
    )  # fmt: skip


def _design(
    reference: Reference, instants: NDArray[np.int64], fitted: tuple[str, ...], extra: Doubles
) -> tuple[Doubles, Doubles]:
    """Return the derivatives (n, 6, p) of the states by the numbers, and the states with `extra` acting."""
    columns = []
    place = 0
    model = reference.state
    for part in fitted:
        if part == "state":
            columns.append(reference.transition)
        elif part == "acceleration":
            response = _acceleration_response(reference, instants)
            columns.append(response)
            model = model + response @ extra
        else:
            columns.append(reference.partials[:, :, place : place + 1])
            place += 1
    empty = np.zeros((instants.size, 6, 0))
    return np.concatenate([empty, *columns], axis=2), model


def _acceleration_response(reference: Reference, instants: NDArray[np.int64]) -> Doubles:
    """Return (n, 6, 3): the answer of the states to constant accelerations along radius, track and normal.

    Simpson's rule over each gap for the integral of the inverse transition matrix times the axes.
    """
    middle = instants[:-1] + (instants[1:] - instants[:-1]) // 2
    values = []
    for when in (instants, middle):
        seen = reference.flight.states(when)
        axes = rtn_axes(seen.position_m, seen.velocity_m_s)
        inverse = inverse_transition(reference.flight.transition(when), reference.flight.force)
        values.append(inverse[:, :, 3:] @ axes.swapaxes(1, 2))
    nodes, between = values
    step = (np.diff(instants) / 1e9)[:, None, None]
    pieces = step / 6.0 * (nodes[:-1] + 4.0 * between + nodes[1:])
    total = np.concatenate([np.zeros((1, 6, 3)), np.cumsum(pieces, axis=0)])
    return np.asarray(reference.transition @ total)


def _apply(
    change: Doubles,
    fitted: tuple[str, ...],
    start: Doubles,
    extra: Doubles,
    force: ForceModel,
    state_sum: Doubles,
) -> tuple[Doubles, Doubles, ForceModel, Doubles]:
    place = 0
    for part in fitted:
        own = change[place : place + len(_NAMES[part])]
        place += len(_NAMES[part])
        if part == "state":
            start, state_sum = start + own, state_sum + own
        elif part == "acceleration":
            extra = extra + own
        elif part == "gm":
            force = with_centre_gm(force, force.effective_gm_m3_s2 + float(own[0]))
        elif part == "drag":
            force = with_drag(force, _drag_of(force) + float(own[0]))
        else:
            light = force.sunlight.acceleration_m_s2 if force.sunlight else 0.0
            force = with_sunlight(force, light + float(own[0]))
    return start, extra, force, state_sum


def _values(fitted: tuple[str, ...], state_sum: Doubles, extra: Doubles, force: ForceModel) -> Doubles:
    light = force.sunlight.acceleration_m_s2 if force.sunlight else 0.0
    known = {
        "state": state_sum,
        "acceleration": extra,
        "gm": np.array([force.effective_gm_m3_s2]),
        "sunlight": np.array([light]),
        "drag": np.array([_drag_of(force)]),
    }
    return np.concatenate([np.zeros(0), *(known[part] for part in fitted)])


def _drag_of(force: ForceModel) -> float:
    return force.drag.area_to_mass_m2_kg if force.drag is not None else 0.0
