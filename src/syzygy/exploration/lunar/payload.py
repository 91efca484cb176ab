"""Payload at the C3 of a flight to the Moon: curves within their range, single statements named as such."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.exploration.payload import LauncherFiles
from syzygy.formats.launch_vehicles import BELOW, DECLINATION, INSIDE, OUTSIDE, PayloadCurve

_UNVERIFIED = "unverified"
_ORBIT = "TLI"


@dataclass(frozen=True)
class PayloadAtC3:
    """Payload of one vehicle; `payload_kg` is 0 where there is no figure."""

    vehicle: str
    payload_kg: float
    verdict: str
    status: str
    source: str
    on_curve: bool


def list_payloads(c3_m2_s2: float, declination_rad: float, launchers: LauncherFiles) -> list[PayloadAtC3]:
    """Return the payload of every vehicle: curves first, largest first, then statements for the Moon."""
    own = [_on_curve(c3_m2_s2, declination_rad, curve) for curve in launchers.curves]
    own.sort(key=lambda row: (-row.payload_kg, row.vehicle, row.status))
    said = sorted(
        (s for s in launchers.statements if s.orbit == _ORBIT), key=lambda s: (-s.mass_kg, s.vehicle)
    )
    return own + [
        PayloadAtC3(
            s.vehicle, s.mass_kg, f"single statement ({_ORBIT}), no curve", s.status,
            f"{s.source} {s.date}".strip(), False,
        )
        for s in said
    ]  # fmt: skip


def best_verified(rows: list[PayloadAtC3]) -> PayloadAtC3 | None:
    """Return the largest figure of a curve that is not unverified."""
    usable = [row for row in rows if row.on_curve and row.status != _UNVERIFIED]
    return max(usable, key=lambda row: row.payload_kg, default=None)


def _on_curve(c3_m2_s2: float, declination_rad: float, curve: PayloadCurve) -> PayloadAtC3:
    payload, verdicts = curve.evaluate(c3_m2_s2, declination_rad)
    verdict = str(verdicts[0])
    words = {
        INSIDE: INSIDE,
        BELOW: f"{BELOW}: at least its value at C3 {curve.c3_m2_s2[0] / 1e6:g} km2/s2",
        OUTSIDE: f"{OUTSIDE}: it ends at C3 {curve.c3_m2_s2[-1] / 1e6:g} km2/s2",
        DECLINATION: f"{DECLINATION}: the figures do not cover this declination",
    }
    return PayloadAtC3(
        curve.vehicle, float(payload[0]), words[verdict], curve.status, curve.source,
        verdict in (INSIDE, BELOW),
    )  # fmt: skip
