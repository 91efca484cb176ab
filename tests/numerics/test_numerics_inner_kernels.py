"""How kernels are compiled changes neither what they compute nor numba itself."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import numpy as np
import pytest

FLIGHT = """
import sys
ABSENT = sys.argv[1]
if ABSENT:
    import importlib, numba
    place, name = ABSENT.rsplit(".", 1)
    delattr(importlib.import_module(place), name)
import hashlib
import numpy as np
from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.forces import ForceModel, PointMass
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.states import States
from syzygy.data import build_almanac
from syzygy.numerics import inner_kernels

almanac = build_almanac(("ephemeris",))
epoch = 1_775_088_000_000_000_000
place = np.array([1942919.5980941, 5505930.88636041, 3029830.44244464])
speed = np.array([-10424.78414045, 3009.34850747, 1216.32302113])
force = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
(flight,) = propagate(
    States(place, speed, np.array(epoch), ICRF, EARTH), epoch + 5 * 86_400_000_000_000, force, almanac
)
digest = hashlib.sha256(flight.dense.powers.tobytes() + flight.dense.start.tobytes()).hexdigest()
print(hasattr(inner_kernels, "_held"), digest)
"""


def flown(tmp_path, absent: str) -> list[str]:
    """Fly in a process of its own, where a name of numba may be absent; return what it printed."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / (absent or "all"))}
    done = subprocess.run(
        [sys.executable, "-c", FLIGHT, absent], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_without_the_internals_of_numba_a_flight_has_the_same_bits(tmp_path):
    by_hooks, digest = flown(tmp_path, "")
    plain, same = flown(tmp_path, "numba.core.typed_passes.NativeLowering")
    assert (by_hooks, plain) == ("True", "False")
    assert digest == same


def _mix(a, k, x, out):
    """Operators of whole numbers, real numbers and truths in one function."""
    out[0] = a * k + k
    out[1] = k * 2 + k // 3 - k % 5
    out[2] = k / 4 + a**2 + a**-3
    out[3] = (a > 1.5) + (k > 2) * 3
    out[4] = -a if (k == 3) == (a < 0.0) else float(-k)
    for i in range(x.shape[0]):
        out[5] += x[i] * i
        if i < k:
            out[6] += x[-1 - i] ** 0.5
        else:
            out[6] -= max(x[i], a, k * 0.25) + min(i, k) + abs(int(a))


@pytest.mark.slow
def test_remembered_types_of_operators_are_those_of_plain_numba():
    from numba import njit

    from syzygy.numerics.inner_kernels import inner, outer

    callee = inner(_mix)

    @outer(cache=False)
    def run(a, k, x, out):
        callee(a, k, x, out)
        callee(k, k, x, out)

    plain = njit(error_model="numpy")(_mix)
    random = np.random.default_rng(5)
    for k in range(-4, 9):
        a, x = random.normal() * 3.0, random.uniform(0.0, 9.0, 7)
        ours, theirs = np.zeros(7), np.zeros(7)
        run(a, k, x, ours)
        plain(a, k, x, theirs)
        plain(k, k, x, theirs)
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_compiling_leaves_numba_and_the_collector_as_they_were():
    from numba.core.errors import NumbaError
    from numba.core.types.functions import BaseFunction

    from syzygy.numerics.inner_kernels import apart, outer

    before = BaseFunction.get_call_type

    @apart
    def allowed(x):
        return np.zeros(3)[0] + x

    @outer(cache=False)
    def good(x):
        return x * 2.0

    @outer(cache=False)
    def bad(x):
        return x.no_such_thing

    @outer(cache=False)
    def allocating(x):
        return np.zeros(3)[0] + x

    assert allowed(1.0) == 1.0
    assert good(3.0) == 6.0
    for refused in (bad, allocating):  # whatever was allowed elsewhere before
        with pytest.raises((NumbaError, RuntimeError)):
            refused(1.0)
    assert BaseFunction.get_call_type is before
    assert gc.isenabled()
