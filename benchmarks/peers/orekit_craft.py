"""Oracles by Orekit for a craft of plates, a low ephemeris with drag, and mean orbits (DSST).

Run from the root of the repository: ``.venv-peers/bin/python -m benchmarks.peers.orekit_craft [CASE ...]``.
"""

from __future__ import annotations

# ruff: noqa: N802  (names of Java)
import json
import math
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.peers.orekit_flights import OUT, _earth_field, _mean_sun, _own_body, _third
from benchmarks.peers.orekit_peer import start_orekit

PRESSURE_N_M2 = 1361.0 / 299_792_458.0
AU_M = 149_597_870_700.0
SPIN_RAD_S = 2.0e-4
PLATES = (
    ((1.0, 0.0, 0.0), 8.0, 0.2, 0.3), ((-1.0, 0.0, 0.0), 8.0, 0.2, 0.3), ((0.0, 1.0, 0.0), 20.0, 0.1, 0.1),
    ((0.0, -1.0, 0.0), 20.0, 0.4, 0.0), ((0.0, 0.0, 1.0), 5.0, 0.0, 0.6), ((0.0, 0.0, -1.0), 5.0, 0.3, 0.3),
)  # fmt: skip
"""Normal, area (m2), specular and diffuse share."""
EPOCH = "2024-06-21T00:00:00.000"


def _date(text: str) -> Any:
    from org.orekit.time import AbsoluteDate, TimeScalesFactory

    return AbsoluteDate(text, TimeScalesFactory.getUTC())


def _round_earth() -> Any:
    from org.orekit.bodies import OneAxisEllipsoid
    from org.orekit.frames import FramesFactory
    from org.orekit.utils import IERSConventions

    return OneAxisEllipsoid(6_378_137.0, 0.0, FramesFactory.getITRF(IERSConventions.IERS_2010, True))


def _orbit(case: dict[str, Any], gm: float) -> Any:
    from org.hipparchus.geometry.euclidean.threed import Vector3D
    from org.orekit.frames import FramesFactory
    from org.orekit.orbits import CartesianOrbit
    from org.orekit.utils import PVCoordinates

    start = case["start_m_m_s"]
    state = PVCoordinates(Vector3D(*start[:3]), Vector3D(*start[3:]))
    return CartesianOrbit(state, FramesFactory.getGCRF(), _date(case["epoch_utc"]), gm)


def _numerical(orbit: Any, forces: list[Any], step: float, tolerance: float, mass_kg: float, law: Any) -> Any:
    import jpype
    from org.hipparchus.ode.nonstiff import DormandPrince853Integrator
    from org.orekit.orbits import OrbitType
    from org.orekit.propagation import SpacecraftState
    from org.orekit.propagation.numerical import NumericalPropagator

    bounds = jpype.JArray(jpype.JDouble)([tolerance] * 3 + [tolerance / step] * 3 + [1e-3])
    integrator = DormandPrince853Integrator(1e-6, step, bounds, jpype.JArray(jpype.JDouble)([0.0] * 7))
    propagator = NumericalPropagator(integrator)
    propagator.setOrbitType(OrbitType.CARTESIAN)
    if law is not None:
        propagator.setAttitudeProvider(law)
    for force in forces:
        propagator.addForceModel(force)
    propagator.setInitialState(SpacecraftState(orbit).withMass(mass_kg))
    return propagator


def _state(found: Any) -> list[float]:
    from org.orekit.frames import FramesFactory

    pv = found.getPVCoordinates(FramesFactory.getGCRF())
    return [*pv.getPosition().toArray()[:], *pv.getVelocity().toArray()[:]]


def plates(law: str) -> None:
    """Two days at 42 164 km at solstice (no shadow), a box of six plates turned by a law."""
    from java.util import ArrayList
    from org.hipparchus.geometry.euclidean.threed import Rotation, Vector3D
    from org.orekit.attitudes import Attitude, FixedRate, LofOffset
    from org.orekit.forces import BoxAndSolarArraySpacecraft, FixedPanel
    from org.orekit.forces.gravity import NewtonianAttraction
    from org.orekit.forces.radiation import SolarRadiationPressure
    from org.orekit.frames import FramesFactory, LOFType

    gm = float(_own_body("Earth", 0.0).getGM())
    speed = math.sqrt(gm / 42_164e3)
    case: dict[str, Any] = {
        "epoch_utc": EPOCH,
        "start_m_m_s": [42_164e3, 0.0, 0.0, 0.0, speed * 1.02, 0.1 * speed],
        "duration_s": 172_800.0, "gm_m3_s2": gm, "mass_kg": 800.0, "law": law, "plates": PLATES,
        "pressure_n_m2": PRESSURE_N_M2, "astronomical_unit_m": AU_M, "spin_rad_s": SPIN_RAD_S,
    }  # fmt: skip
    panels = ArrayList()
    for normal, area, specular, diffuse in PLATES:
        absorbed = 1.0 - specular - diffuse
        panels.add(FixedPanel(Vector3D(*normal), area, False, 2.0, 0.0, absorbed, specular))
    light = SolarRadiationPressure(
        AU_M, PRESSURE_N_M2, _own_body("Sun", 0.0), _round_earth(), BoxAndSolarArraySpacecraft(panels)
    )
    frame = FramesFactory.getGCRF()
    if law == "RTN":
        turned = LofOffset(frame, LOFType.QSW)
    else:
        spin = Vector3D(0.0, 0.0, SPIN_RAD_S)
        turned = FixedRate(Attitude(_date(EPOCH), frame, Rotation.IDENTITY, spin, Vector3D.ZERO))
    forces = [light, NewtonianAttraction(gm)]
    begin = time.process_time()
    propagator = _numerical(_orbit(case, gm), forces, 60.0, 1e-9, case["mass_kg"], turned)
    end = propagator.propagate(_date(EPOCH).shiftedBy(case["duration_s"]))
    case["end_m_m_s"], case["seconds"] = _state(end), round(time.process_time() - begin, 2)
    (OUT / f"orekit_plates_{law.lower()}.json").write_text(json.dumps(case, indent=1) + "\n")
    print(law, case["end_m_m_s"])


def _air(area_to_mass: float) -> Any:
    """Return Orekit's NRLMSISE-00 drag with constant indices (150, 12) and the mean Sun."""
    import jpype
    from org.orekit.bodies import OneAxisEllipsoid
    from org.orekit.forces.drag import DragForce, IsotropicDrag
    from org.orekit.frames import FramesFactory
    from org.orekit.models.earth.atmosphere import NRLMSISE00, NRLMSISE00InputParameters
    from org.orekit.time import AbsoluteDate
    from org.orekit.utils import IERSConventions

    itrf = FramesFactory.getITRF(IERSConventions.IERS_2010, True)
    earth = OneAxisEllipsoid(6378137.0, 1.0 / 298.257223563, itrf)

    @jpype.JImplements(NRLMSISE00InputParameters)
    class Indices:
        @jpype.JOverride
        def getMinDate(self) -> Any:
            return AbsoluteDate.PAST_INFINITY

        @jpype.JOverride
        def getMaxDate(self) -> Any:
            return AbsoluteDate.FUTURE_INFINITY

        @jpype.JOverride
        def getDailyFlux(self, date: Any) -> float:
            return 150.0

        @jpype.JOverride
        def getAverageFlux(self, date: Any) -> float:
            return 150.0

        @jpype.JOverride
        def getAp(self, date: Any) -> Any:
            return jpype.JArray(jpype.JDouble)([12.0] * 7)

    atmosphere = NRLMSISE00(Indices(), _mean_sun(itrf), earth).withSwitch(9, -1)
    return DragForce(atmosphere, IsotropicDrag(area_to_mass * 1000.0, 1.0))


def air_ephemeris() -> None:
    """Three hours at 380 km as an OEM, every 120 s: J2 of EGM96 and drag of 0.022 m2/kg."""
    field, described = _earth_field(2)
    radius = 6_758_137.0
    speed = math.sqrt(described["gm_m3_s2"] / radius)
    case = {
        "epoch_utc": "2024-04-15T00:00:00.000",
        "start_m_m_s": [radius, 0.0, 0.0, 0.0, speed * math.cos(0.9), speed * math.sin(0.9)],
    }
    gm = described["gm_m3_s2"]
    third, _ = _third("Sun", "Moon")
    propagator = _numerical(_orbit(case, gm), [field, *third, _air(0.022)], 300.0, 1e-5, 1000.0, None)
    lines = [
        "CCSDS_OEM_VERS = 2.0", "COMMENT EGM96 2x2, Sun, Moon, NRLMSISE-00 at F10.7 150, ap 12: 0.022 m2/kg",
        "CREATION_DATE = 2026-11-22T00:00:00", "ORIGINATOR = OREKIT", "META_START", "OBJECT_NAME = LOW",
        "OBJECT_ID = 2024-000A", "CENTER_NAME = EARTH", "REF_FRAME = ICRF", "TIME_SYSTEM = UTC",
        "START_TIME = 2024-04-15T00:00:00.000", "STOP_TIME = 2024-04-15T03:00:00.000", "META_STOP",
    ]  # fmt: skip
    for step in range(91):
        second = 120 * step
        state = _state(propagator.propagate(_date(case["epoch_utc"]).shiftedBy(float(second))))
        when = f"2024-04-15T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000"
        lines.append(when + " " + " ".join(f"{x / 1e3:.9f}" for x in state))
    (OUT / "orekit_air_380.oem").write_text("\n".join(lines) + "\n")
    print(lines[-1])


MEAN_EPOCH = "2024-04-15T00:00:00.000"
MEAN_CASES = {
    "sso": (7_078_137.0, 1e-3, 98.19, 60.0),
    "gto": (24_371e3, 0.7301, 27.0, 60.0),
    "geo": (42_164e3, 2e-4, 0.5, 365.0),
}
"""Semi-major axis (m), eccentricity, inclination (deg), days."""


def mean_propagator(shape: tuple[float, float, float], mean_out: bool) -> tuple[Any, Any]:
    """Return DSST from mean elements (a, e, inclination in deg), and the osculating state of the start.

    Zonals J2 to J4 of EGM96 about the axis of the Earth, J2 squared in closed form (Zeis), Sun, Moon.
    """
    import jpype
    from java.util import ArrayList
    from org.hipparchus.ode.nonstiff import DormandPrince853Integrator
    from org.orekit.forces.gravity.potential import GravityFieldFactory, ICGEMFormatReader
    from org.orekit.frames import FramesFactory
    from org.orekit.orbits import KeplerianOrbit, PositionAngleType
    from org.orekit.propagation import PropagationType, SpacecraftState
    from org.orekit.propagation.semianalytical.dsst import DSSTPropagator
    from org.orekit.propagation.semianalytical.dsst.forces import (
        DSSTJ2SquaredClosedForm,
        DSSTThirdBody,
        DSSTZonal,
        ZeisModel,
    )
    from org.orekit.utils import IERSConventions

    GravityFieldFactory.clearPotentialCoefficientsReaders()
    GravityFieldFactory.addPotentialCoefficientsReader(ICGEMFormatReader("EGM96.gfc", True))
    provider = GravityFieldFactory.getUnnormalizedProvider(4, 0)
    itrf, gm = FramesFactory.getITRF(IERSConventions.IERS_2010, True), provider.getMu()
    a, e, inclination = shape
    orbit = KeplerianOrbit(
        a, e, math.radians(inclination), 1.0, 2.0, 0.5, PositionAngleType.MEAN, FramesFactory.getGCRF(),
        _date(MEAN_EPOCH), gm,
    )  # fmt: skip
    flat = jpype.JArray(jpype.JDouble)
    bounds = (flat([1e-3, 1e-11, 1e-11, 1e-11, 1e-11, 1e-11, 1e-3]), flat([0.0] * 7))
    integrator = DormandPrince853Integrator(600.0, 432_000.0, *bounds)
    kind = PropagationType.MEAN if mean_out else PropagationType.OSCULATING
    propagator = DSSTPropagator(integrator, kind)
    forces = [DSSTZonal(itrf, provider), DSSTJ2SquaredClosedForm(ZeisModel(), provider)]
    forces += [DSSTThirdBody(_own_body(body, 0.0), gm) for body in ("Sun", "Moon")]
    for force in forces:
        propagator.addForceModel(force)
    first = SpacecraftState(orbit).withMass(1000.0)
    propagator.setInitialState(first, PropagationType.MEAN)
    law = propagator.getAttitudeProvider()
    return propagator, DSSTPropagator.computeOsculatingState(first, law, ArrayList(forces))


def mean_orbits() -> None:
    """Mean elements at thirteen instants by DSST, and its osculating states."""
    from org.orekit.orbits import EquinoctialOrbit

    lines = ["case,day,a_m,ex,ey,hx,hy,mean_longitude_rad,x_m,y_m,z_m,vx_m_s,vy_m_s,vz_m_s"]
    for name, (*shape, days) in MEAN_CASES.items():
        (means, first), (osculating, _) = (mean_propagator(tuple(shape), out) for out in (True, False))
        for step in range(13):
            day = days * step / 12.0
            at = _date(MEAN_EPOCH).shiftedBy(day * 86_400.0)
            mean = EquinoctialOrbit(means.propagate(at).getOrbit())
            state = _state(osculating.propagate(at) if step else first)  # over no time it stays mean
            numbers = (mean.getA(), mean.getEquinoctialEx(), mean.getEquinoctialEy(), mean.getHx())
            numbers = (*numbers, mean.getHy(), mean.getLM(), *state)
            lines.append(f"{name},{day:g}," + ",".join(repr(float(x)) for x in numbers))
    (OUT / "orekit_mean_orbits.csv").write_text("\n".join(lines) + "\n")
    print(len(lines), "lines")


CASES: dict[str, Callable[[], None]] = {
    "plates_rtn": lambda: plates("RTN"),
    "plates_spin": lambda: plates("spin"),
    "air_ephemeris": air_ephemeris,
    "mean_orbits": mean_orbits,
}

if __name__ == "__main__":
    start_orekit()
    for chosen in sys.argv[1:] or CASES:
        CASES[chosen]()
