"""Which launcher carries what through a window: figures with their provenance, never beyond their range."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.provenance import InputFile
from syzygy.exploration.legs import Leg
from syzygy.exploration.minima import INTERIOR, Window
from syzygy.formats.launch_vehicles import (
    BELOW,
    DECLINATION,
    INSIDE,
    OUTSIDE,
    PayloadCurve,
    PayloadStatement,
    read_launch_vehicles,
)

STATEMENT = "single statement, no curve"
_MARS_IDS = (4, 499)
_UNVERIFIED = "unverified"


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
        Rows that could not be used: file, line and reason.
    """

    curves: tuple[PayloadCurve, ...]
    statements: tuple[PayloadStatement, ...]
    withheld: int
    rejected: tuple[str, ...]


@dataclass(frozen=True)
class PayloadRow:
    """Payload of one vehicle through one window; `payload_kg` is 0 where there is no figure.

    `window` counts the windows from 1 in their order; `on_curve` tells figures of a curve, used within its
    range, from single statements.
    """

    window: int
    vehicle: str
    payload_kg: float
    verdict: str
    status: str
    source: str
    note: str = ""
    on_curve: bool = False


def read_launcher_files(files: tuple[InputFile, ...], *, include_unverified: bool) -> LauncherFiles:
    """Read the files of a request and set unverified figures aside unless they are asked for.

    Raises
    ------
    FormatError
        A file is of no known kind or has no usable row.
    IntegrityError
        A file has changed since the request was made.
    """
    curves: list[PayloadCurve] = []
    statements: list[PayloadStatement] = []
    rejected: list[str] = []
    for file in files:
        found = read_launch_vehicles(file.read(), name=file.name)
        curves.extend(found.curves)
        statements.extend(found.statements)
        rejected.extend(f"{file.name}, line {item.line}: {item.reason}" for item in found.rejected)
    shown = tuple(c for c in curves if include_unverified or c.status != _UNVERIFIED)
    said = tuple(s for s in statements if include_unverified or s.status != _UNVERIFIED)
    withheld = len(curves) + len(statements) - len(shown) - len(said)
    return LauncherFiles(shown, said, withheld, tuple(rejected))


def list_payloads(leg: Leg, windows: list[Window], launchers: LauncherFiles) -> list[PayloadRow]:
    """Return the payload of every vehicle through every window with an interior minimum.

    A window that no curve reaches (C3 beyond all of them) is left to the single statements.
    """
    rows: list[PayloadRow] = []
    for number, window in enumerate(windows, start=1):
        if window.verdict != INTERIOR:
            continue
        own = [_on_curve(number, window, curve) for curve in launchers.curves]
        own.sort(key=lambda row: (-row.payload_kg, row.vehicle, row.status))
        rows.extend(own)
        rows.extend(_statements(number, leg, launchers.statements))
    return rows


def best_payload(rows: list[PayloadRow], window: int) -> PayloadRow | None:
    """Return the largest verified payload on a curve through a window, if there is one."""
    usable = [row for row in rows if row.window == window and row.on_curve and row.status != _UNVERIFIED]
    return max(usable, key=lambda row: row.payload_kg, default=None)


def _on_curve(number: int, window: Window, curve: PayloadCurve) -> PayloadRow:
    payload, verdicts = curve.evaluate(window.transfer.c3_m2_s2, window.transfer.declination_rad)
    words = {
        INSIDE: INSIDE,
        BELOW: f"{BELOW}: at least its value at C3 {curve.c3_m2_s2[0] / 1e6:g} km2/s2",
        OUTSIDE: f"{OUTSIDE}: it ends at C3 {curve.c3_m2_s2[-1] / 1e6:g} km2/s2",
        DECLINATION: f"{DECLINATION}: the figures do not cover this declination",
    }
    usable = verdicts[0] in (INSIDE, BELOW)
    return PayloadRow(
        number, curve.vehicle, float(payload[0]), words[verdicts[0]], curve.status, curve.source, "", usable
    )


def _statements(number: int, leg: Leg, statements: tuple[PayloadStatement, ...]) -> list[PayloadRow]:
    orbit = "TLI" if leg.is_geocentric else "TMI" if leg.destination.naif_id in _MARS_IDS else "ESC"
    said = sorted((s for s in statements if s.orbit == orbit), key=lambda s: (-s.mass_kg, s.vehicle))
    return [
        PayloadRow(
            number,
            s.vehicle,
            s.mass_kg,
            f"{STATEMENT} ({orbit})",
            s.status,
            f"{s.source} {s.date}".strip(),
            s.note,
        )
        for s in said
    ]
