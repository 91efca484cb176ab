"""Forces about another centre that belong to the same motion: the new centre moves as the ephemeris says.

Seen from the old centre, the model says how a craft is accelerated; the ephemeris says how the new centre is.
What the model about the new centre leaves out (planets, figures, relativity in the motion of the new centre)
is a function of time alone and is added to it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces.accelerations import accelerations_at
from syzygy.astro.forces.axes import chebyshev_nodes
from syzygy.astro.forces.tables import ForceTables, body_series

Doubles = NDArray[np.float64]

COMMON = 2
"""In the column of a body's row that says whether it raises a tide: the row is an acceleration."""
_ASIDE = np.array([0.31, -0.22, 0.17])


def carry_centre(home: ForceTables, there: ForceTables, almanac: Almanac) -> ForceTables:
    """Return the tables about another centre with what keeps the motion that of the home model.

    With ``m`` the place of the new centre about the old one and ``A`` the accelerations of the two models,
    ``A_home(m + r) - A_there(r)`` does not depend on ``r``; less the second derivative of the series of
    ``m`` it is what is missing.

    Notes
    -----
    **Accuracy**: tests/astro/test_propagation_centres.py.
    """
    span = (there.first_s, there.last_s)
    centre = there.force.centre
    start, length, pieces, series = body_series(centre, home.force.centre, almanac, home.clock, *span)
    terms = series.shape[-1]
    nodes, matrix = chebyshev_nodes(terms)
    t = (start + length * (np.arange(pieces)[:, None] + 0.5 * (1.0 + nodes))).ravel()
    wave = np.polynomial.chebyshev.chebvander(nodes, terms - 1)
    place = np.einsum("ktn,jn->kjt", series, wave).reshape(-1, 3)
    aside = np.linalg.norm(place, axis=1, keepdims=True) * _ASIDE
    still = np.zeros_like(place)
    apart = accelerations_at(t, place + aside, still, home)[0] - accelerations_at(t, aside, still, there)[0]
    second = np.polynomial.chebyshev.chebder(series, 2, scl=2.0 / length, axis=-1)
    common = np.swapaxes(matrix @ apart.reshape(pieces, terms, 3), 1, 2)
    common[..., : terms - 2] -= second
    return _with_row(there, start, length, common)


def _with_row(tables: ForceTables, start: float, length: float, series: Doubles) -> ForceTables:
    """Return the tables with an acceleration that depends on time only, after the rows of the bodies."""
    ints, reals, words = tables.model
    row = 1 + int(ints[0, 3])
    ints, reals = np.insert(ints, row, 0, axis=0), np.insert(reals, row, 0.0, axis=0)
    ints[0, 3] += 1
    if ints[0, 6] > 0:
        ints[0, 6] += 1
    ints[row, :4] = (words.size, series.shape[-1], series.shape[0], COMMON)
    reals[row, 1:3] = (start, length)
    return replace(
        tables,
        model=(ints, reals, np.concatenate([words, series.ravel()])),
        environment_size=tables.environment_size + 3,
        craft_row=tables.craft_row + 1,
    )
