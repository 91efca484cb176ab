"""Frame values, the frame bias and the Moon's constant turns."""

from __future__ import annotations

import math
import pickle

import erfa
import numpy as np
import pytest

from syzygy.astro.constants import (
    ARCSECOND_RAD,
    EARTH_ROTATION_RATE_RAD_S,
    EARTH_ROTATION_TURNS_PER_UT1_DAY,
    GM_EARTH_M3_S2,
    GM_EARTH_MOON_M3_S2,
    GM_MOON_M3_S2,
    GM_SUN_M3_S2,
)
from syzygy.astro.frames import (
    EME2000,
    EME2000_FROM_ICRF,
    ICRF,
    ITRF,
    MOON_ME_FROM_PA,
    TEME,
    eme2000_from_icrf,
    icrf_from_eme2000,
    moon_me_from_icrf,
    moon_pa_from_icrf,
    require_frame,
)
from syzygy.base.errors import FrameError


def test_the_frame_bias_is_that_of_erfa(record_accuracy):
    theirs = erfa.bp00(2_451_545.0, 0.0)[0]
    worst = float(np.abs(theirs - EME2000_FROM_ICRF).max())
    record_accuracy("astro.frames", "frame bias", worst, 1e-15, "rad", "ERFA bp00")


def test_the_frame_bias_is_44_metres_at_the_moon():
    angle_rad = np.linalg.norm(EME2000_FROM_ICRF - np.eye(3)) / math.sqrt(2.0)
    assert angle_rad * 384_400e3 == pytest.approx(44.0, abs=1.0)
    vector = np.random.default_rng(1).normal(size=(5, 4, 3))
    assert np.abs(icrf_from_eme2000(eme2000_from_icrf(vector)) - vector).max() < 1e-15


def test_mixing_frames_names_both():
    with pytest.raises(FrameError, match=r"TEME.*ITRF") as caught:
        require_frame(TEME, ITRF, "find_passes")
    assert (caught.value.value, caught.value.allowed) == ("TEME", "ITRF")
    with pytest.raises(FrameError, match="ICRF or EME2000"):
        require_frame(TEME, (ICRF, EME2000), "states")
    require_frame(ICRF, (ICRF, EME2000), "states")


def test_frames_are_values_that_survive_pickling():
    assert pickle.loads(pickle.dumps(ITRF)) == ITRF
    assert ITRF != ICRF
    assert str(TEME) == "TEME"


def test_mean_earth_axes_are_the_frame_kernel_turn():
    z, y, x = np.array([67.8526, 78.6944, 0.2785]) * ARCSECOND_RAD
    small = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    assert np.abs(MOON_ME_FROM_PA - (np.eye(3) + small)).max() < 1e-6
    assert np.abs(MOON_ME_FROM_PA @ MOON_ME_FROM_PA.T - np.eye(3)).max() < 1e-15


def test_principal_axes_turn_about_z_x_z():
    phi, theta, psi = -0.0541, 0.4249, 2564.2583
    pole = np.array([math.sin(phi) * math.sin(theta), -math.cos(phi) * math.sin(theta), math.cos(theta)])
    matrix = moon_pa_from_icrf([phi, theta, psi])
    assert np.abs(matrix[2] - pole).max() < 1e-15
    node = np.array([math.cos(phi), math.sin(phi), 0.0])
    assert np.abs(matrix @ node - [math.cos(psi), -math.sin(psi), 0.0]).max() < 1e-12
    assert np.abs(moon_me_from_icrf([phi, theta, psi]) - MOON_ME_FROM_PA @ matrix).max() < 1e-15


def test_constants_hold_together():
    assert pytest.approx(GM_EARTH_MOON_M3_S2, rel=1e-15) == GM_EARTH_M3_S2 + GM_MOON_M3_S2
    rate = 2.0 * math.pi * EARTH_ROTATION_TURNS_PER_UT1_DAY / 86_400.0
    assert rate == pytest.approx(EARTH_ROTATION_RATE_RAD_S, rel=1e-15)
    assert pytest.approx((0.01720209895 / 86_400.0) ** 2 * 149_597_870_700.0**3, rel=1e-9) == GM_SUN_M3_S2
