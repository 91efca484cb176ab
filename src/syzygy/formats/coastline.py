"""Coastlines for pictures: the land polygons of Natural Earth at 1:110 million, carried by the package."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError

_DEGREES_PER_UNIT = 0.01


@cache
def read_coastline() -> tuple[NDArray[np.float64], ...]:
    """Return the coastlines of the world as lines to draw on a cylindrical map.

    Returns
    -------
    tuple of numpy array (n, 2), deg
        Longitude (-180 to 180) and latitude along each line, WGS84; read-only. No line crosses the date line:
        an outline that does is cut there into pieces.

    Notes
    -----
    **Accuracy**: coordinates rounded to 0.01 deg; the outlines themselves are generalised for maps of
    1:110 million (some 10 km). For pictures, not for deciding whether a place is on land.

    **Source**: Natural Earth ``ne_110m_land`` (public domain); the full note stands in the resource.
    """
    lines: list[NDArray[np.float64]] = []
    for ring in read_land_outlines():
        leaps = np.flatnonzero(np.abs(np.diff(ring[:, 0])) > 180.0) + 1
        lines.extend(piece for piece in np.split(ring, leaps) if piece.shape[0] > 1)
    return tuple(lines)


@cache
def read_land_outlines() -> tuple[NDArray[np.float64], ...]:
    """Return the outlines of the land as closed rings, for filling and even-odd tests.

    Returns
    -------
    tuple of numpy array (n, 2), deg
        Longitude and latitude; the last point is the first. Rings that cross the date line leap from 180 to
        -180 at one latitude, which an even-odd fill does not notice but a drawn line would show.

    Examples
    --------
    >>> len(read_land_outlines())
    126
    """
    resource = files("syzygy.formats") / "resources" / "coastline_110m.json"
    return decode_coastline(resource.read_bytes())


def decode_coastline(content: bytes) -> tuple[NDArray[np.float64], ...]:
    """Decode the resource: ``rings`` is a list of flat lists longitude, latitude, ... in 0.01 deg.

    Raises
    ------
    FormatError
        Not JSON, no rings, or a ring that is not pairs of whole numbers.
    """
    try:
        rings = [np.array(ring, dtype=np.int64).reshape(-1, 2) for ring in json.loads(content)["rings"]]
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise FormatError(
            "the coastline resource cannot be read",
            value=error,
            allowed="JSON with rings of longitude, latitude pairs in 0.01 degree",
            where="coastline_110m.json",
            hint="install the package again",
        ) from error
    outlines = tuple((ring * _DEGREES_PER_UNIT).astype(np.float64) for ring in rings)
    for outline in outlines:
        outline.setflags(write=False)
    return outlines
