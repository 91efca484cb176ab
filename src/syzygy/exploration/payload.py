"""Which launcher carries what through a window: figures with their provenance, never beyond their range."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from syzygy.base.errors import UnknownNameError
from syzygy.base.provenance import InputFile
from syzygy.exploration.last_stage import FittedCurve, fit_last_stage
from syzygy.exploration.launch_site import (
    SitePenalty,
    asymptote_penalty,
    inclination_penalty,
    raised_c3_m2_s2,
)
from syzygy.exploration.launcher_choice import is_chosen
from syzygy.exploration.legs import Leg
from syzygy.exploration.minima import INTERIOR, Window
from syzygy.formats.launch_records import LaunchSite, PayloadPoint, PayloadStatement, VehicleFacts
from syzygy.formats.launch_vehicles import (
    BELOW,
    DECLINATION,
    INSIDE,
    OUTSIDE,
    PayloadCurve,
    read_launch_vehicles,
)

STATEMENT = "single statement, no curve"
_MARS_IDS = (4, 499)
_NEAR_RAD = math.radians(1.5)
UNVERIFIED = "unverified"
_Labelled = TypeVar("_Labelled", PayloadCurve, PayloadStatement, FittedCurve, LaunchSite)


@dataclass(frozen=True)
class LauncherFiles:
    """What the launch-vehicle files of a request hold.

    Attributes
    ----------
    curves, statements : tuple
        Those that may be shown.
    withheld : int
        Unverified figures that were not asked for.
    rejected : tuple of str
        Rows that could not be used: file, line and reason; vehicles whose points give no fit.
    fits : tuple of FittedCurve
        Curves through two to four points.
    vehicles, sites : dict
        Facts by the name of the vehicle, sites by their name.
    """

    curves: tuple[PayloadCurve, ...]
    statements: tuple[PayloadStatement, ...]
    withheld: int
    rejected: tuple[str, ...]
    fits: tuple[FittedCurve, ...]
    vehicles: dict[str, VehicleFacts]
    sites: dict[str, LaunchSite]


@dataclass(frozen=True)
class Asked:
    """What a departure asks of a launch vehicle.

    Attributes
    ----------
    c3_m2_s2 : float
        Twice the energy of the orbit reached, negative for closed ones.
    declination_rad : float
        Of the asymptote; of the apogee for closed orbits.
    inclination_rad : float or None
        Of the parking orbit where that is fixed (to the Moon); None where the asymptote alone counts.
    orbit : str
        Kind of orbit of the single statements that apply: TLI, TMI, ESC.
    place_rad : tuple of float or None
        Latitude and longitude of the only site for which the inclination is meant; vehicles of other sites
        fly their own planes to the asymptote.
    """

    c3_m2_s2: float
    declination_rad: float
    inclination_rad: float | None
    orbit: str
    place_rad: tuple[float, float] | None = None

    def fixes_inclination_at(self, site: LaunchSite) -> bool:
        """Return whether vehicles of a site fly the given inclination."""
        if self.inclination_rad is None or self.place_rad is None:
            return self.inclination_rad is not None
        apart = (site.latitude_rad - self.place_rad[0], site.longitude_rad - self.place_rad[1])
        return abs(apart[0]) < _NEAR_RAD and abs(math.remainder(apart[1], 2.0 * math.pi)) < _NEAR_RAD


@dataclass(frozen=True)
class PayloadRow:
    """Payload of one vehicle through one window; `payload_kg` is 0 where there is no figure.

    `window` counts the windows (or flights) from 1 in their order; `on_curve` tells figures of a published
    curve, used within its range, from fits and single statements.  `low_kg` and `high_kg` are the band of a
    fit; `net_kg` is the payload without the adapter, as far as `adapter_kg` is known (0: not deducted);
    `penalty_m_s` is what the launch site pays for the declination.
    """

    window: int
    vehicle: str
    payload_kg: float
    verdict: str
    status: str
    source: str
    note: str = ""
    on_curve: bool = False
    low_kg: float = 0.0
    high_kg: float = 0.0
    adapter_kg: float = 0.0
    net_kg: float = 0.0
    site: str = ""
    penalty_m_s: float = 0.0


def read_launcher_files(
    files: tuple[InputFile, ...], *, include_unverified: bool, vehicles: tuple[str, ...] = ()
) -> LauncherFiles:
    """Read the files of a request and set unverified figures aside unless they are asked for.

    Parameters
    ----------
    files : tuple of InputFile
    include_unverified : bool
    vehicles : tuple of str
        Only these and their variants; all where none is named.

    Raises
    ------
    FormatError
        A file is of no known kind or has no usable row.
    IntegrityError
        A file has changed since the request was made.
    UnknownNameError
        No figure of the files is of a vehicle that was named.
    """
    read = [(file.name, read_launch_vehicles(file.read(), name=file.name)) for file in files]
    rejected = [f"{name}, line {item.line}: {item.reason}" for name, found in read for item in found.rejected]
    facts_of = {facts.vehicle: facts for _, found in read for facts in found.vehicles}
    every_curve = [curve for _, found in read for curve in found.curves]
    every_statement = [said for _, found in read for said in found.statements]
    every_point = [point for _, found in read for point in found.points]
    names = [curve.vehicle for curve in every_curve] + [said.vehicle for said in every_statement]
    _require_known(vehicles, {*names, *(point.vehicle for point in every_point)})
    points = [point for point in every_point if is_chosen(point.vehicle, vehicles)]
    fits, unfit = _fit_all(points, facts_of)
    counts = [0]

    def shown(items: Iterable[_Labelled]) -> list[_Labelled]:
        given = list(items)
        kept = [item for item in given if include_unverified or item.status != UNVERIFIED]
        counts[0] += len(given) - len(kept)
        return kept

    curves = shown(curve for curve in every_curve if is_chosen(curve.vehicle, vehicles))
    statements = shown(said for said in every_statement if is_chosen(said.vehicle, vehicles))
    usable = shown(fits)
    sites = {site.site: site for site in shown(site for _, found in read for site in found.sites)}
    return LauncherFiles(
        tuple(curves), tuple(statements), counts[0], (*rejected, *unfit), tuple(usable), facts_of, sites
    )


def _require_known(chosen: tuple[str, ...], known: set[str]) -> None:
    for name in chosen:
        if not any(is_chosen(vehicle, (name,)) for vehicle in known):
            raise UnknownNameError(
                "no figure of the launch-vehicle files is of this vehicle",
                value=name,
                allowed=", ".join(sorted(known)),
                where="vehicles",
                hint="write it as in the files, or add the file that knows it",
            )


def _fit_all(
    points: list[PayloadPoint], vehicles: dict[str, VehicleFacts]
) -> tuple[list[FittedCurve], list[str]]:
    fits, unfit = [], []
    for vehicle in dict.fromkeys(point.vehicle for point in points):
        own = tuple(point for point in points if point.vehicle == vehicle)
        try:
            if vehicle not in vehicles:
                raise ValueError("no row of facts names it")
            fits.append(fit_last_stage(vehicles[vehicle], own))
        except ValueError as problem:
            unfit.append(f"no curve for {vehicle}: {problem}")
    return fits, unfit


def list_payloads(
    leg: Leg, windows: list[Window], launchers: LauncherFiles, *, adapter_kg: float = 0.0
) -> list[PayloadRow]:
    """Return the payload of every vehicle through every window with an interior minimum.

    A window that no curve reaches (C3 beyond all of them) is left to the single statements.

    Parameters
    ----------
    leg : Leg
    windows : list of Window
    launchers : LauncherFiles
    adapter_kg : float
        Deducted where a vehicle's own adapter is not known.
    """
    rows: list[PayloadRow] = []
    for number, window in enumerate(windows, start=1):
        if window.verdict == INTERIOR:
            rows += payloads_of(number, _asked(leg, window), launchers, adapter_kg=adapter_kg)
    return rows


def payloads_of(
    number: int, asked: Asked, launchers: LauncherFiles, *, adapter_kg: float = 0.0
) -> list[PayloadRow]:
    """Return the payload of every vehicle for one departure: curves and fits, largest first, then statements.

    Parameters
    ----------
    number : int
        Of the window or flight, from 1.
    asked : Asked
    launchers : LauncherFiles
    adapter_kg : float
        Deducted where a vehicle's own adapter is not known.
    """
    own = [_on_curve(number, asked, curve, launchers) for curve in launchers.curves]
    own += [_on_fit(number, asked, fit, launchers) for fit in launchers.fits]
    own.sort(key=lambda row: (-row.payload_kg, row.vehicle, row.status))
    own += _statements(number, asked.orbit, launchers.statements)
    return [_without_adapter(row, launchers, adapter_kg) for row in own]


def _asked(leg: Leg, window: Window) -> Asked:
    transfer = window.transfer
    lunar = leg.is_geocentric
    orbit = "TLI" if lunar else "TMI" if leg.destination.naif_id in _MARS_IDS else "ESC"
    inclination = leg.parking_inclination_rad if lunar else None
    return Asked(float(transfer.c3_m2_s2[0]), float(transfer.declination_rad[0]), inclination, orbit)


def _without_adapter(row: PayloadRow, launchers: LauncherFiles, adapter_kg: float) -> PayloadRow:
    facts = launchers.vehicles.get(row.vehicle)
    own = facts.adapter_kg if facts is not None else 0.0
    mass = min(own or adapter_kg, row.payload_kg)
    words = "" if mass or not row.payload_kg else "adapter not known, not deducted"
    note = "; ".join(word for word in (row.note, words) if word)
    return replace(row, adapter_kg=mass, net_kg=row.payload_kg - mass, note=note)


def _penalty(asked: Asked, vehicle: str, launchers: LauncherFiles) -> tuple[LaunchSite, SitePenalty] | None:
    facts = launchers.vehicles.get(vehicle)
    site = launchers.sites.get(facts.site) if facts is not None else None
    if site is None:
        return None
    if asked.inclination_rad is not None and asked.fixes_inclination_at(site):
        return site, inclination_penalty(site, asked.c3_m2_s2, asked.inclination_rad)
    return site, asymptote_penalty(site, asked.c3_m2_s2, asked.declination_rad)


def _on_curve(number: int, asked: Asked, curve: PayloadCurve, launchers: LauncherFiles) -> PayloadRow:
    c3, tilt = asked.c3_m2_s2, asked.declination_rad
    reach = None if len(curve.declination_rad) > 2 else _penalty(asked, curve.vehicle, launchers)
    row = PayloadRow(number, curve.vehicle, 0.0, "", curve.status, curve.source)
    if reach is not None:
        site, penalty = reach
        row = _at_site(row, site, penalty)
        if not penalty.reachable:
            return row
        c3, tilt = raised_c3_m2_s2(c3, penalty), 0.0
    payload, verdicts = curve.evaluate(c3, tilt)
    words = {
        INSIDE: INSIDE,
        BELOW: f"{BELOW}: at least its value at C3 {curve.c3_m2_s2[0] / 1e6:g} km2/s2",
        OUTSIDE: f"{OUTSIDE}: it ends at C3 {curve.c3_m2_s2[-1] / 1e6:g} km2/s2",
        DECLINATION: f"{DECLINATION}: the figures do not cover this declination",
    }
    usable = verdicts[0] in (INSIDE, BELOW)
    mass = float(payload[0])
    verdict = "; ".join(word for word in (words[verdicts[0]], row.verdict) if word)
    return replace(row, payload_kg=mass, low_kg=mass, high_kg=mass, verdict=verdict, on_curve=usable)


def _on_fit(number: int, asked: Asked, fit: FittedCurve, launchers: LauncherFiles) -> PayloadRow:
    c3 = asked.c3_m2_s2
    reach = _penalty(asked, fit.vehicle, launchers)
    row = PayloadRow(number, fit.vehicle, 0.0, _unchecked(fit.vehicle, launchers), fit.status, fit.source)
    if reach is not None:
        site, penalty = reach
        row = _at_site(replace(row, verdict=""), site, penalty)
        if not penalty.reachable:
            return row
        c3 = raised_c3_m2_s2(c3, penalty)
    low, high = fit.c3_m2_s2
    if c3 > high:
        verdict = f"outside the fit: its last point ends at C3 {high / 1e6:g} km2/s2"
        return replace(row, verdict="; ".join(word for word in (verdict, row.verdict) if word))
    mass, least, most = fit.evaluate(max(c3, low))
    words = f"{fit.label} ({fit.orbits})"
    if c3 < low:
        words = f"below the fit: at least its value at C3 {low / 1e6:g} km2/s2; {words}"
    return replace(
        row, payload_kg=mass, low_kg=least, high_kg=most,
        verdict="; ".join(word for word in (words, row.verdict) if word),
    )  # fmt: skip


def _unchecked(vehicle: str, launchers: LauncherFiles) -> str:
    facts = launchers.vehicles.get(vehicle)
    why = f"azimuths of {facts.site} not verified" if facts and facts.site else "site not given"
    return f"declination not checked: {why}"


def _at_site(row: PayloadRow, site: LaunchSite, penalty: SitePenalty) -> PayloadRow:
    label = f"{site.site} (azimuths {site.status})"
    if not penalty.reachable:
        return replace(row, site=site.site, verdict=f"{DECLINATION}: out of reach of {label}")
    words = ""
    if penalty.plane_change_m_s >= 0.5:
        words = f"{penalty.plane_change_m_s:.0f} m/s to turn the plane, beyond the azimuths of {label}"
    elif penalty.total_m_s >= 1.0:
        words = f"{penalty.total_m_s:.0f} m/s of the turn of the Earth unused from {label}"
    return replace(row, site=site.site, verdict=words, penalty_m_s=penalty.total_m_s)


def _statements(number: int, orbit: str, statements: tuple[PayloadStatement, ...]) -> list[PayloadRow]:
    said = sorted((s for s in statements if s.orbit == orbit), key=lambda s: (-s.mass_kg, s.vehicle))
    return [
        PayloadRow(
            number, s.vehicle, s.mass_kg, f"{STATEMENT} ({orbit})", s.status, f"{s.source} {s.date}".strip(),
            s.note, low_kg=s.mass_kg, high_kg=s.mass_kg,
        )
        for s in said
    ]  # fmt: skip
