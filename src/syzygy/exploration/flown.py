"""Flown missions rebuilt from their dates: what C3, direction and arrival speed they had, and what margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, SUN, find_body
from syzygy.astro.time import LeapSeconds, format_utc
from syzygy.base.errors import InputError
from syzygy.base.tables import Column, Table, column, table
from syzygy.exploration.legs import Family, FloatArray, Leg, surface
from syzygy.exploration.minima import INTERIOR, Window
from syzygy.exploration.payload import LauncherFiles, PayloadRow, list_payloads
from syzygy.exploration.requests import DAY_S, NS_PER_S
from syzygy.exploration.transfers import Transfers, evaluate_transfers
from syzygy.formats.flown_missions import FlownMission

_PARKING_HEIGHT_M = 200e3
_ARRIVAL_HEIGHT_M = 400e3


@dataclass(frozen=True, eq=False)
class RebuiltMission:
    """A mission with the conic between its dates, and what the files say its vehicle carries there.

    `payload` is the figure of the flown vehicle, None where there is none.
    """

    mission: FlownMission
    transfer: Transfers
    payload: PayloadRow | None


def rebuild_missions(
    missions: Sequence[FlownMission],
    launchers: LauncherFiles,
    almanac: Almanac,
    *,
    moon_inclination_rad: float = np.radians(20.0),
) -> list[RebuiltMission]:
    """Rebuild missions by one conic each, from the second of launch to the minute of arrival.

    Parameters
    ----------
    missions : sequence of FlownMission
    launchers : LauncherFiles
    almanac : Almanac
    moon_inclination_rad : float
        Of the parking orbit of flights to the Moon; it moves the direction, hardly C3 or arrival speed.

    Raises
    ------
    InputError
        No conic joins the two dates.
    CoverageError, MissingDataError
        As `find_windows`.

    **Accuracy**: the ascent and the coast before the burn take about an hour, corrections on the way are not
    in it: C3 to some tenths of a km2/s2.  No public figure of C3 of these flights was at hand to test it.
    """
    return [_rebuild(one, launchers, almanac, moon_inclination_rad) for one in missions]


def _rebuild(
    mission: FlownMission, launchers: LauncherFiles, almanac: Almanac, inclination_rad: float
) -> RebuiltMission:
    origin, destination = find_body(mission.departure_body), find_body(mission.arrival_body)
    lunar = (origin.naif_id, destination.naif_id) == (399, 301)
    leg = Leg(
        origin, destination, EARTH if lunar else SUN, surface(origin).radius_m + _PARKING_HEIGHT_M,
        surface(destination).radius_m + _ARRIVAL_HEIGHT_M, inclination_rad, "c3",
    )  # fmt: skip
    family = Family("ascending" if lunar else "prograde")
    transfer = evaluate_transfers(
        leg, family, almanac.require_ephemeris(), np.array([mission.launch_tai_ns]),
        np.array([mission.arrival_tai_ns]),
    )  # fmt: skip
    if not bool(transfer.solved[0]):
        raise InputError(
            "no conic joins the dates of a mission", value=mission.mission,
            allowed="dates between which the bodies can be joined", where="rebuild_missions",
        )  # fmt: skip
    window = Window(family, "", mission.launch_tai_ns, mission.arrival_tai_ns, INTERIOR, transfer)
    rows = list_payloads(leg, [window], launchers)
    own = [row for row in rows if row.vehicle == mission.vehicle and not row.verdict.startswith("single")]
    return RebuiltMission(mission, transfer, own[0] if own else None)


def missions_table(rebuilt: Sequence[RebuiltMission], leap_seconds: LeapSeconds) -> Table:
    """Return the rebuilt missions: dates, C3, direction, arrival speed, masses and margin."""
    flown = [item.mission for item in rebuilt]
    masses = np.array([one.mass_kg for one in flown])
    figures = [item.payload for item in rebuilt]
    payload = np.array([one.payload_kg if one else 0.0 for one in figures])

    def kilograms(name: str, values: FloatArray, words: str) -> Column:
        return column(name, values, "kg", words, tolerance=0.5)

    def figure(name: str, attribute: str, factor: float, unit: str, words: str) -> Column:
        values = np.array([getattr(item.transfer, attribute)[0] for item in rebuilt]) * factor
        return column(name, values, unit, words, tolerance=1e-4)

    flight_d = [(one.arrival_tai_ns - one.launch_tai_ns) / NS_PER_S / DAY_S for one in flown]
    return table(
        "missions",
        [
            column("mission", [one.mission for one in flown], "", "flown mission"),
            column("vehicle", [one.vehicle for one in flown], "", "launch vehicle"),
            column("launch_utc", [format_utc(o.launch_tai_ns, leap_seconds, 0) for o in flown], "", "launch"),
            column("flight_d", np.array(flight_d), "d", "time of flight", tolerance=1e-9),
            figure("c3_km2_s2", "c3_m2_s2", 1e-6, "km2/s2", "C3 of the conic"),
            figure("declination_deg", "declination_rad", 180.0 / np.pi, "deg", "of the departure direction"),
            figure("arrival_speed_km_s", "arrival_speed_m_s", 1e-3, "km/s", "excess speed at arrival"),
            kilograms("flown_kg", masses, "spacecraft at separation"),
            kilograms("payload_kg", payload, "figure of the vehicle; 0 where there is none"),
            kilograms("low_kg", np.array([o.low_kg if o else 0.0 for o in figures]), "lower end of its band"),
            kilograms("high_kg", np.array([o.high_kg if o else 0.0 for o in figures]), "upper end"),
            kilograms("margin_kg", np.where(payload > 0.0, payload - masses, 0.0), "payload less flown mass"),
            column("verdict", [o.verdict if o else "no curve" for o in figures], "", "of the figure"),
            column("status", [o.status if o else "" for o in figures], "", "of the figure"),
            column("mass_status", [one.mass_status for one in flown], "", "of the flown mass"),
            column("date_status", [one.date_status for one in flown], "", "of the dates"),
            column("note", [one.note for one in flown], "", "what the source adds"),
        ],
        "Flown missions rebuilt from their dates",
    )
