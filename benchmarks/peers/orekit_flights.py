"""Flights by Orekit with the constants of our force models, written as small oracle files for the tests.

Run from the root of the repository: ``.venv-peers/bin/python -m benchmarks.peers.orekit_flights [CASE ...]``.
Each file holds the start, the forces by name and number, and the end; both sides get the same field file,
the same Earth orientation (finals2000A) and the same DE440.  Dormand-Prince 8(5,3) at the
tolerances named.
"""

from __future__ import annotations

# ruff: noqa: N802  (names of Java)
import gzip
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers.orekit_peer import DEFAULT_FOLDER, start_orekit

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "tests" / "data" / "propagation"
LUNAR_FIELD = "GRGM660PRIM_to150.gfc.gz"
GM = {
    "Sun": 1.32712440041279419e20,
    "Earth": 3.98600435507e14,
    "Moon": 4.902800118e12,
    "Jupiter": 1.267127641e17,
    "Mars": 4.2828375816e13,
    "Venus": 3.24858592e14,
}


def _write(name: str, case: dict[str, Any]) -> None:
    (OUT / f"orekit_{name}.json").write_text(json.dumps(case, indent=1) + "\n")
    print(name, case["end_m_m_s"], case["seconds"])


def _fly(
    case: dict[str, Any], forces: list[Any], frame: Any, gm: float, step: float, tolerance: float
) -> None:
    import jpype
    from org.hipparchus.geometry.euclidean.threed import Vector3D
    from org.hipparchus.ode.nonstiff import DormandPrince853Integrator
    from org.orekit.orbits import CartesianOrbit, OrbitType
    from org.orekit.propagation import SpacecraftState
    from org.orekit.propagation.numerical import NumericalPropagator
    from org.orekit.time import AbsoluteDate, TimeScalesFactory
    from org.orekit.utils import PVCoordinates

    date = AbsoluteDate(case["epoch_utc"], TimeScalesFactory.getUTC())
    start = case["start_m_m_s"]
    state = PVCoordinates(Vector3D(*start[:3]), Vector3D(*start[3:]))
    speed = tolerance / step
    bounds = jpype.JArray(jpype.JDouble)([tolerance] * 3 + [speed] * 3 + [1e-3])
    integrator = DormandPrince853Integrator(1e-6, step, bounds, jpype.JArray(jpype.JDouble)([0.0] * 7))
    propagator = NumericalPropagator(integrator)
    propagator.setOrbitType(OrbitType.CARTESIAN)
    for force in forces:
        propagator.addForceModel(force)
    begin = time.process_time()
    propagator.setInitialState(
        SpacecraftState(CartesianOrbit(state, frame, date, gm)).withMass(case.get("mass_kg", 1000.0))
    )
    end = propagator.propagate(date.shiftedBy(float(case["duration_s"])))
    seconds = time.process_time() - begin
    pv = end.getPVCoordinates(frame)
    case["end_m_m_s"] = [*pv.getPosition().toArray()[:], *pv.getVelocity().toArray()[:]]
    case["tolerance_m"] = tolerance
    case["seconds"] = round(seconds, 2)


def _own_body(name: str, gm: float) -> Any:
    """Return a body of Orekit's ephemeris."""
    from org.orekit.bodies import CelestialBodyFactory

    return {
        "Sun": CelestialBodyFactory.getSun,
        "Earth": CelestialBodyFactory.getEarth,
        "Moon": CelestialBodyFactory.getMoon,
        "Jupiter": CelestialBodyFactory.getJupiter,
        "Mars": CelestialBodyFactory.getMars,
        "Venus": CelestialBodyFactory.getVenus,
    }[name]()


def _third(*names: str) -> tuple[list[Any], dict[str, float]]:
    from org.orekit.forces.gravity import ThirdBodyAttraction

    bodies = {name: _own_body(name, 0.0) for name in names}
    return [ThirdBodyAttraction(body) for body in bodies.values()], {
        n: float(b.getGM()) for n, b in bodies.items()
    }


def _earth_field(degree: int) -> tuple[Any, dict[str, Any]]:
    from org.orekit.forces.gravity import HolmesFeatherstoneAttractionModel
    from org.orekit.forces.gravity.potential import GravityFieldFactory, ICGEMFormatReader
    from org.orekit.frames import FramesFactory
    from org.orekit.utils import IERSConventions

    GravityFieldFactory.clearPotentialCoefficientsReaders()
    GravityFieldFactory.addPotentialCoefficientsReader(ICGEMFormatReader("EGM96.gfc", True))
    provider = GravityFieldFactory.getNormalizedProvider(degree, degree)
    itrf = FramesFactory.getITRF(IERSConventions.IERS_2010, SIMPLE_EOP)
    name = {"name": "EGM96.gfc", "degree": degree, "gm_m3_s2": provider.getMu(), "radius_m": provider.getAe()}
    return HolmesFeatherstoneAttractionModel(itrf, provider), name


SIMPLE_EOP = True


def low_orbit() -> None:
    """One day at 500 km, 70x70, Sun and Moon."""
    from org.orekit.frames import FramesFactory

    field, name = _earth_field(70)
    third, gms = _third("Sun", "Moon")
    speed = math.sqrt(name["gm_m3_s2"] / 6_878_137.0)
    case = {
        "epoch_utc": "2024-04-15T00:00:00.000",
        "start_m_m_s": [6_878_137.0, 0.0, 0.0, 0.0, speed * math.cos(1.1), speed * math.sin(1.1)],
        "duration_s": 86_400.0,
        "field": name,
        "third_bodies_gm_m3_s2": gms,
    }
    _fly(case, [field, *third], FramesFactory.getGCRF(), name["gm_m3_s2"], 30.0, 1e-9)
    _write("low_orbit", case)


def cislunar() -> None:
    """Five days from the Earth to the Moon, point masses."""
    from org.orekit.forces.gravity import NewtonianAttraction
    from org.orekit.frames import FramesFactory

    third, gms = _third("Sun", "Moon", "Jupiter", "Venus")
    gm = float(_own_body("Earth", 0.0).getGM())
    case = {
        "epoch_utc": "2026-04-02T00:00:00.000",
        "start_m_m_s": [
            1942919.5980941,
            5505930.88636041,
            3029830.44244464,
            -10424.78414045,
            3009.34850747,
            1216.32302113,
        ],
        "duration_s": 432_000.0,
        "gm_m3_s2": gm,
        "third_bodies_gm_m3_s2": gms,
    }
    _fly(case, [*third, NewtonianAttraction(gm)], FramesFactory.getGCRF(), gm, 5_000.0, 1e-6)
    _write("cislunar", case)


def to_mars() -> None:
    """A hundred days about the Sun towards Mars, point masses, radiation pressure left out."""
    from org.orekit.forces.gravity import NewtonianAttraction

    sun = _own_body("Sun", 0.0)
    frame = sun.getInertiallyOrientedFrame()
    from org.orekit.bodies import CelestialBodyFactory

    icrf = CelestialBodyFactory.getSolarSystemBarycenter().getInertiallyOrientedFrame()
    from org.orekit.frames import FixedTransformProvider, Frame, Transform
    from org.orekit.time import AbsoluteDate, TimeScalesFactory

    turn = frame.getTransformTo(icrf, AbsoluteDate.J2000_EPOCH).getRotation()
    aligned = Frame(
        frame, FixedTransformProvider(Transform(AbsoluteDate.ARBITRARY_EPOCH, turn)), "sun-icrf", True
    )
    third, gms = _third("Earth", "Moon", "Jupiter", "Mars", "Venus")
    gm = float(sun.getGM())
    begin = AbsoluteDate("2026-11-10T00:00:00.000", TimeScalesFactory.getUTC())
    earth = _own_body("Earth", 0.0).getPVCoordinates(begin, aligned)
    place, speed = ([float(x) for x in v.toArray()[:]] for v in (earth.getPosition(), earth.getVelocity()))
    case = {
        "epoch_utc": "2026-11-10T00:00:00.000",
        "start_m_m_s": [round(1.034 * x) for x in place] + [round(1.1 * x, 3) for x in speed],
        "duration_s": 8_640_000.0,
        "gm_m3_s2": gm,
        "third_bodies_gm_m3_s2": gms,
    }
    _fly(case, [*third, NewtonianAttraction(gm)], aligned, gm, 100_000.0, 1e-4)
    _write("to_mars", case)


def lunar_orbit() -> None:
    """One day at 100 km of the Moon, 100x100, in body axes that turn uniformly about the axis of the field.

    The axes are those of a plain rotation, given to both sides: field and integration are compared.
    """
    from org.hipparchus.geometry.euclidean.threed import Rotation, RotationConvention, Vector3D
    from org.orekit.forces.gravity import HolmesFeatherstoneAttractionModel, NewtonianAttraction
    from org.orekit.forces.gravity.potential import GravityFieldFactory, ICGEMFormatReader
    from org.orekit.frames import Frame, FramesFactory, Transform
    from org.orekit.time import AbsoluteDate, TimeScalesFactory
    from org.orekit.utils import AngularCoordinates

    GravityFieldFactory.clearPotentialCoefficientsReaders()
    GravityFieldFactory.addPotentialCoefficientsReader(ICGEMFormatReader("GRGM660PRIM_to150.gfc", True))
    provider = GravityFieldFactory.getNormalizedProvider(100, 100)
    epoch = "2024-04-15T00:00:00.000"
    begin = AbsoluteDate(epoch, TimeScalesFactory.getUTC())
    aligned = Frame(FramesFactory.getGCRF(), _Provider.of(_to_the_moon), "moon-gcrf", True)
    spin, phase = 2.6616995e-6, 0.3
    start = Rotation(Vector3D.PLUS_K, phase, RotationConvention.FRAME_TRANSFORM)
    first = Transform(begin, AngularCoordinates(start, Vector3D(0.0, 0.0, spin)))
    body = Frame(aligned, _Provider.of(lambda date: first.shiftedBy(date.durationFrom(begin))), "spin", False)
    third, gms = _third("Sun", "Earth")
    gm = provider.getMu()
    radius = provider.getAe() + 100e3
    speed = math.sqrt(gm / radius)
    case = {
        "epoch_utc": epoch,
        "start_m_m_s": [radius, 0.0, 0.0, 0.0, speed * math.cos(1.4), speed * math.sin(1.4)],
        "duration_s": 86_400.0,
        "field": {"name": LUNAR_FIELD, "degree": 100, "gm_m3_s2": gm, "radius_m": provider.getAe()},
        "axes": {"phase_rad": phase, "spin_rad_s": spin, "pole": "z of ICRF"},
        "third_bodies_gm_m3_s2": gms,
    }
    force = HolmesFeatherstoneAttractionModel(body, provider)
    _fly(case, [force, *third, NewtonianAttraction(gm)], aligned, gm, 10.0, 1e-9)
    _write("lunar_orbit", case)


def _to_the_moon(date: Any) -> Any:
    """Return the shift from the Earth to the Moon; axes stay (Orekit's lunar frame follows the pole)."""
    from org.orekit.frames import FramesFactory, Transform

    place = _own_body("Moon", 0.0).getPVCoordinates(date, FramesFactory.getGCRF())
    return Transform(date, place.negate())


class _Provider:
    """A frame given by a function of the date."""

    @staticmethod
    def of(function: Callable[[Any], Any]) -> Any:
        import jpype
        from org.orekit.frames import TransformProvider

        @jpype.JImplements(TransformProvider)
        class Provider:
            @jpype.JOverride
            def getTransform(self, date: Any) -> Any:
                return function(date)

            @jpype.JOverride
            def getKinematicTransform(self, date: Any) -> Any:
                return function(date)

            @jpype.JOverride
            def getStaticTransform(self, date: Any) -> Any:
                return function(date)

        return Provider()


def air(height_m: float, name: str, mean_sun: bool) -> None:
    """One day in the air: NRLMSISE-00 with constant indices, J2 to J70."""
    import jpype
    from org.orekit.bodies import CelestialBodyFactory, OneAxisEllipsoid
    from org.orekit.forces.drag import DragForce, IsotropicDrag
    from org.orekit.frames import FramesFactory
    from org.orekit.models.earth.atmosphere import NRLMSISE00, NRLMSISE00InputParameters
    from org.orekit.time import AbsoluteDate
    from org.orekit.utils import IERSConventions

    itrf = FramesFactory.getITRF(IERSConventions.IERS_2010, SIMPLE_EOP)
    earth = OneAxisEllipsoid(6378137.0, 1.0 / 298.257223563, itrf)
    flux, ap = 150.0, 12.0

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
            return flux

        @jpype.JOverride
        def getAverageFlux(self, date: Any) -> float:
            return flux

        @jpype.JOverride
        def getAp(self, date: Any) -> Any:
            return jpype.JArray(jpype.JDouble)([ap] * 7)

    sun = CelestialBodyFactory.getSun()
    if mean_sun:
        sun = _mean_sun(itrf)
    atmosphere = NRLMSISE00(Indices(), sun, earth).withSwitch(9, -1)
    area_to_mass = 0.022
    drag = DragForce(atmosphere, IsotropicDrag(area_to_mass * 1000.0, 1.0))
    field, described = _earth_field(20)
    radius = 6_378_137.0 + height_m
    speed = math.sqrt(described["gm_m3_s2"] / radius)
    case = {
        "epoch_utc": "2024-04-15T00:00:00.000",
        "start_m_m_s": [radius, 0.0, 0.0, 0.0, speed * math.cos(0.9), speed * math.sin(0.9)],
        "duration_s": 86_400.0,
        "field": described,
        "drag": {"area_to_mass_m2_kg": area_to_mass, "f107_sfu": flux, "ap": ap, "mean_sun": mean_sun},
    }
    _fly(case, [field, drag], FramesFactory.getGCRF(), described["gm_m3_s2"], 300.0, 1e-5)
    _write(name, case)


def _mean_sun(itrf: Any) -> Any:
    """Return a Sun whose hour angle is mean solar time by UT, as the original model takes it."""
    import jpype
    from org.hipparchus.geometry.euclidean.threed import Vector3D
    from org.orekit.time import TimeScalesFactory
    from org.orekit.utils import ExtendedPositionProvider, TimeStampedPVCoordinates

    utc = TimeScalesFactory.getUTC()

    @jpype.JImplements(ExtendedPositionProvider)
    class MeanSun:
        @jpype.JOverride
        def getPosition(self, date: Any, frame: Any) -> Any:
            second = date.getComponents(utc).getTime().getSecondsInUTCDay()
            angle = math.pi - second * 2.0 * math.pi / 86_400.0
            place = Vector3D(1.496e11 * math.cos(angle), 1.496e11 * math.sin(angle), 0.0)
            return itrf.getStaticTransformTo(frame, date).transformPosition(place)

        @jpype.JOverride
        def getPVCoordinates(self, date: Any, frame: Any) -> Any:
            return TimeStampedPVCoordinates(date, self.getPosition(date, frame), Vector3D.ZERO)

    return MeanSun()


CASES: dict[str, Callable[[], None]] = {
    "low_orbit": low_orbit,
    "cislunar": cislunar,
    "lunar_orbit": lunar_orbit,
    "to_mars": to_mars,
    "air_500": lambda: air(500e3, "air_500", True),
    "air_350": lambda: air(350e3, "air_350", True),
    "air_350_true_sun": lambda: air(350e3, "air_350_true_sun", False),
}


def _lay_lunar_field() -> None:
    """Unpack the lunar field of the shared data beside the other files of Orekit."""
    source = ROOT.parent / "shared" / "data" / "exploration" / "gravity" / LUNAR_FIELD
    target = DEFAULT_FOLDER / LUNAR_FIELD.removesuffix(".gz")
    if source.exists() and not target.exists():
        DEFAULT_FOLDER.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.decompress(source.read_bytes()))


if __name__ == "__main__":
    _lay_lunar_field()
    start_orekit()
    for chosen in sys.argv[1:] or CASES:
        CASES[chosen]()
