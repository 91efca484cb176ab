"""How far an impulse moves a satellite later: closed forms of Keplerian motion in equinoctial elements."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.element_motion import equinoctial_from_state, states_and_partials

FloatArray = NDArray[np.float64]
_RETROGRADE = -0.9


def position_response(burn_states: FloatArray, later_states: FloatArray, seconds: FloatArray) -> FloatArray:
    """Return the partials (n, 3, 3) of a later position by the velocity at a burn, s.

    Parameters
    ----------
    burn_states, later_states : (n, 6) float64
        Inertial states of the unchanged orbit at the burns and later, m and m/s.
    seconds : (n,) float64
        From burn to later.

    Notes
    -----
    The impulse changes the elements by Gauss's equations; mean motion, eccentricity vector and plane stay
    changed, the mean longitude drifts on by the change of the mean motion. Phases come from the states, so
    precession between the two is in them; only its change by the impulse is not (0.3 % of the drift).

    **Accuracy** the partials of two-body motion to 1e-9; optimal impulses of direct two-body propagation
    within 1 % (``test_avoidance_optimum``).

    **Source** the linear map of Bombardelli & Hernando-Ayuso, J. Guid. Control Dyn. 38 (2015) 217, written in
    equinoctial elements (Broucke & Cefola 1972) in place of theirs.
    """
    turn = _axes(burn_states)
    start, end = (_turned(states, turn) for states in (burn_states, later_states))
    nothing = np.zeros(len(start))
    _, by_elements = states_and_partials(equinoctial_from_state(start), nothing)
    elements = np.linalg.inv(by_elements * _SCALE)[:, :, 3:] * _SCALE[:, None]
    elements[:, 5] += elements[:, 0] * seconds[:, None]
    _, arrival = states_and_partials(equinoctial_from_state(end), nothing)
    response = arrival[:, :3] @ elements
    return np.asarray(np.swapaxes(turn, 1, 2) @ response @ turn)


_SCALE = np.array([1e-3, 1.0, 1.0, 1.0, 1.0, 1.0])


def _axes(states: FloatArray) -> FloatArray:
    """Return axes (n, 3, 3) in which no orbit is near the singular inclination of the elements."""
    normal = np.cross(states[:, :3], states[:, 3:])
    retrograde = normal[:, 2] < _RETROGRADE * np.linalg.norm(normal, axis=1)
    return np.where(retrograde[:, None, None], np.diag([1.0, -1.0, -1.0]), np.eye(3))


def _turned(states: FloatArray, turn: FloatArray) -> FloatArray:
    return np.concatenate(
        [np.einsum("nij,nj->ni", turn, part) for part in (states[:, :3], states[:, 3:])], axis=1
    )
