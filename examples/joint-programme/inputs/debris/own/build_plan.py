"""The plan of the tutorial: states of an element set as an ephemeris, as an operator would send them.

Run from the root of the checkout: ``python examples/joint-programme/inputs/debris/own/build_plan.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from syzygy.astro.bodies import EARTH
from syzygy.astro.frames import EME2000
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.astro.propagation.tabulated import TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.astro.time import parse_utc
from syzygy.data import build_almanac
from syzygy.debris.teme_axes import eme2000_from_teme
from syzygy.formats.catalogue import read_catalogue
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.ephemerides import make_segment, write_ephemeris

HERE = Path(__file__).resolve().parent
NUMBER, HOURS, STEP_S = 52200, 3, 120


def main() -> None:
    """Write the ephemeris."""
    almanac = build_almanac(("leap_seconds",))
    catalogue = HERE.parent / "catalogue_2022-07-15_sample.3le.gz"
    elements = read_catalogue(catalogue.read_bytes(), almanac.leap_seconds).elements
    one = elements.select(elements.object_id == NUMBER)
    start = parse_utc("2022-07-15T00:00:00Z", almanac.leap_seconds)
    tai_ns = start + np.arange(0, HOURS * 3600 + 1, STEP_S) * 1_000_000_000
    found = propagate_sgp4(one, tai_ns, almanac.leap_seconds)
    r, v = eme2000_from_teme(found.position_m[0], found.velocity_m_s[0], tai_ns, almanac)
    states = States(np.round(r, 3), np.round(v, 6), tai_ns, EME2000, EARTH)
    flight = TabulatedTrajectory(states, (int(tai_ns[0]), int(tai_ns[-1])), "HERMITE", 7)
    segment = make_segment(str(one.name[0]), str(one.international_designator[0]), flight)
    header = MessageHeader(
        "CNSA", start - 6 * 3600 * 1_000_000_000, comments=("made for a tutorial from an element set",)
    )
    content = write_ephemeris([segment], header, almanac.leap_seconds, version="2.0")
    (HERE / "gaofen_3_03_plan_2022-07-15.oem").write_bytes(content)


if __name__ == "__main__":
    main()
