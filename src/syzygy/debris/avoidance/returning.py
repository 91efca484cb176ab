"""Two burns that lead back to the old slot: the first changes no period, the second restores the orbit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.element_fit import fit_elements, repeat_elements, states_each
from syzygy.debris.avoidance.plans import Plans
from syzygy.debris.probability.element_motion import GM_M3_S2

FloatArray = NDArray[np.float64]
_ROUNDS = 3


def close_returns(plans: Plans, own: MeanElements, leap_seconds: LeapSeconds) -> Plans:
    """Correct plans of two burns so that the second leads back to the unchanged orbit and its slot.

    Parameters
    ----------
    plans : Plans
        Two burns a whole number of revolutions apart, the first about at right angles to the velocity.
    own : MeanElements
        The unchanged orbit.
    leap_seconds : LeapSeconds

    Notes
    -----
    A burn that leaves the period as it is comes back to its place after every revolution, where the opposite
    burn restores the orbit.  What is of second order, and what drag and the flattening add, is taken out on
    SGP4: the part of the first burn along the velocity until the second is reached in time, then the second
    from the velocities that differ, its part along the velocity from the mean motions.

    **Accuracy** metres to the slot at the end of the horizon by re-propagation (``test_avoidance_burns``).
    """
    count = len(plans)
    start, end = plans.burn_tai_ns[:, 0], plans.burn_tai_ns[:, 1]
    sets = repeat_elements(own, count)
    batch = prepare_sgp4(sets, leap_seconds)
    first, wanted = states_each(batch, start), states_each(batch, end)
    axes = rtn_axes(first[:, :3], first[:, 3:])
    along = first[:, 3:] / np.linalg.norm(first[:, 3:], axis=1)[:, None]
    ahead = wanted[:, 3:] / np.linalg.norm(wanted[:, 3:], axis=1)[:, None]
    burn = np.einsum("nij,ni->nj", axes, plans.impulse_m_s[:, 0])
    seconds = (end - start) / 1e9
    for _ in range(_ROUNDS):
        leg = fit_elements(sets, start, first[:, :3], first[:, 3:] + burn, leap_seconds).elements
        reached = states_each(prepare_sgp4(leg, leap_seconds), end)
        late = np.sum((reached[:, :3] - wanted[:, :3]) * ahead, axis=1)
        # A burn of 1 m/s along the velocity falls behind by about 3 m/s.
        burn = burn + along * (late / (3.0 * seconds))[:, None]
    leg = fit_elements(sets, start, first[:, :3], first[:, 3:] + burn, leap_seconds).elements
    reached = states_each(prepare_sgp4(leg, leap_seconds), end)
    back = wanted[:, 3:] - reached[:, 3:]
    for _ in range(_ROUNDS):
        after = fit_elements(leg, end, reached[:, :3], reached[:, 3:] + back, leap_seconds).elements
        faster = after.mean_motion_rad_s - sets.mean_motion_rad_s
        axis = np.cbrt(GM_M3_S2 / sets.mean_motion_rad_s**2)
        speed = np.linalg.norm(reached[:, 3:], axis=1)
        gain = 3.0 * sets.mean_motion_rad_s * axis * speed / GM_M3_S2
        back = back + ahead * (faster / gain)[:, None]
    later = rtn_axes(reached[:, :3], reached[:, 3:])
    impulses = np.stack([np.einsum("nij,nj->ni", axes, burn), np.einsum("nij,nj->ni", later, back)], axis=1)
    return Plans(plans.burn_tai_ns, impulses)
