"""Time text, TDB and Earth frames beside ERFA and astropy: ``python -m benchmarks time_frames``.

One thread, warm: the best of three repeats, so that the tables of the pole and the compiled loops are there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import astropy_iers_data
import erfa
import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import geodetic_from_itrf, itrf_from_gcrf, itrf_from_teme
from syzygy.astro.time import (
    earth_orientation_at,
    format_utc_many,
    parse_utc,
    parse_utc_many,
    tdb_minus_tt_s,
    tt_julian_date,
    ut1_julian_date,
)
from syzygy.formats.iers import read_eop_c04, read_leap_seconds

_DAY_NS = 86_400_000_000_000
_STATES = 400_000
_PEER_STATES = 10_000
_TEXTS = 200_000


def run() -> list[dict[str, object]]:
    """Measure every task once warm and return the rows."""
    place = Path(astropy_iers_data.__file__).parent / "data"
    almanac = Almanac(
        leap_seconds=read_leap_seconds((place / "Leap_Second.dat").read_bytes()),
        earth_orientation=read_eop_c04((place / "eopc04.1962-now").read_bytes()),
    )
    rng = np.random.default_rng(1)
    start = parse_utc("2024-01-01", almanac.leap_seconds)
    tai = start + rng.integers(0, 30 * _DAY_NS, _STATES)
    position, velocity = rng.normal(size=(2, _STATES, 3)) * 7e6
    return [
        *_frame_rows(position, velocity, tai, almanac),
        *_tdb_rows(tai),
        *_text_rows(tai[:_TEXTS], almanac),
    ]


def _frame_rows(
    position: np.ndarray, velocity: np.ndarray, tai: np.ndarray, almanac: Almanac
) -> list[dict[str, object]]:
    few, some = tai[:_PEER_STATES], position[:_PEER_STATES]
    peer = _rate(lambda: _erfa_itrf(some, few, almanac), few.size)
    ours = _rate(lambda: itrf_from_gcrf(position, velocity, tai, almanac), tai.size)
    error = np.linalg.norm(
        itrf_from_gcrf(some, None, few, almanac)[0] - _erfa_itrf(some, few, almanac), axis=-1
    )
    shared = position[: tai.size // 1_000 * 1_000].reshape(-1, 1_000, 3)
    many = _rate(lambda: itrf_from_gcrf(shared, shared, tai[:1_000], almanac), shared.size // 3)
    teme = _rate(lambda: itrf_from_teme(position, velocity, tai, almanac), tai.size)
    geodetic = _rate(lambda: geodetic_from_itrf(position), tai.size)
    plain = _rate(lambda: erfa.gc2gd(1, position), tai.size)
    chain = "ERFA chain, positions only"
    unit = "states/s"
    return [
        _row("GCRF to ITRF, own instants", ours, peer, chain, unit, f"{error.max():.1e} m"),
        _row("GCRF to ITRF, 1000 instants", many, peer, chain, unit, "same bits"),
        _row("TEME to ITRF, own instants", teme, None, "", unit, "same way as GCRF to 5e-8 m"),
        _row("geodetic", geodetic, plain, "ERFA gc2gd", unit, "6e-9 m in the round trip"),
    ]


def _tdb_rows(tai: np.ndarray) -> list[dict[str, object]]:
    few = tai[:_PEER_STATES]
    jd = tt_julian_date(few)
    peer = _rate(lambda: erfa.dtdb(*jd, 0.0, 0.0, 0.0, 0.0), few.size)
    error = np.abs(tdb_minus_tt_s(few) - erfa.dtdb(*jd, 0.0, 0.0, 0.0, 0.0)).max()
    ours = _rate(lambda: tdb_minus_tt_s(tai), tai.size)
    return [_row("TDB - TT", ours, peer, "ERFA dtdb", "instants/s", f"{error:.1e} s")]


def _text_rows(tai: np.ndarray, almanac: Almanac) -> list[dict[str, object]]:
    leap_seconds = almanac.leap_seconds
    texts = format_utc_many(tai, leap_seconds, 6)
    assert np.abs(parse_utc_many(texts, leap_seconds) - tai).max() <= 500
    write = _rate(lambda: format_utc_many(tai, leap_seconds, 6), tai.size)
    read = _rate(lambda: parse_utc_many(texts, leap_seconds), tai.size)
    peer_write = peer_read = None
    if find_spec("astropy") is not None:
        from astropy.time import Time

        few = [text.removesuffix("Z") for text in texts[:_PEER_STATES]]
        peer_read = _rate(lambda: Time(few, format="isot", scale="utc"), len(few))
        times = Time(few, format="isot", scale="utc", precision=6)
        peer_write = _rate(lambda: times.replicate().isot, len(few))
    return [
        _row("read UTC text", read, peer_read, "astropy Time", "texts/s", "exact"),
        _row("write UTC text", write, peer_write, "astropy Time", "texts/s", "exact"),
    ]


def _erfa_itrf(position: np.ndarray, tai: np.ndarray, almanac: Almanac) -> np.ndarray:
    values = earth_orientation_at(tai, almanac.leap_seconds, almanac.require_earth_orientation())
    tt = tt_julian_date(tai)
    ut1 = ut1_julian_date(tai, almanac.leap_seconds, almanac.require_earth_orientation())
    x, y, s = erfa.xys06a(*tt)
    celestial = erfa.c2ixys(x + values.celestial_dx_rad, y + values.celestial_dy_rad, s)
    pole = erfa.pom00(values.pole_x_rad, values.pole_y_rad, erfa.sp00(*tt))
    return np.einsum("nij,nj->ni", erfa.c2tcio(celestial, erfa.era00(*ut1), pole), position)


def _rate(task: Callable[[], object], count: int) -> float:
    task()
    best = np.inf
    for _ in range(3):
        begin = time.perf_counter()
        task()
        best = min(best, time.perf_counter() - begin)
    return count / best


def _row(
    task: str, ours: float, peer: float | None, peer_name: str, unit: str, accuracy: str
) -> dict[str, object]:
    return {
        "task": task,
        "ours": ours,
        "peer": peer,
        "peer_name": peer_name if peer is not None else f"{peer_name} (not installed)" if peer_name else None,
        "ratio": None if peer is None else ours / peer,
        "unit": unit,
        "accuracy": accuracy,
    }


if __name__ == "__main__":
    for row in run():
        print(row)
