"""Tables of launch vehicles: what they carry through the windows, and every figure of their files."""

from __future__ import annotations

import numpy as np

from syzygy.base.tables import Column, Table, column, table
from syzygy.exploration.payload import LauncherFiles, PayloadRow

_LOWEST = "payload at the lowest C3"


def payload_table(rows: list[PayloadRow], *, number: str = "window") -> Table:
    """Return the payload by window (or by what else `number` names) and launch vehicle."""

    def mass(name: str, words: str) -> Column:
        values = np.array([getattr(row, name) for row in rows], dtype=float)
        return column(name, values, "kg", words, tolerance=0.5)

    return table(
        "payload",
        [
            column(
                number, np.array([row.window for row in rows], dtype=np.int64), "1",
                f"number of the {number}, from 1",
            ),
            column("vehicle", [row.vehicle for row in rows], "", "launch vehicle"),
            mass("payload_kg", "payload with its adapter; 0 where the verdict says that there is no figure"),
            mass("low_kg", "lower end of the band of a fit"),
            mass("high_kg", "upper end of the band of a fit"),
            mass("adapter_kg", "adapter deducted; 0 where it is not known"),
            mass("net_kg", "payload less the adapter"),
            column("verdict", [row.verdict for row in rows], "", "inside, below or outside the figures"),
            column(
                "status", [row.status for row in rows], "", "agency fit or table, flown, press, unverified"
            ),
            column("site", [row.site for row in rows], "", "launch site whose limits were applied"),
            column(
                "penalty_m_s", np.array([row.penalty_m_s for row in rows], dtype=float), "m/s",
                "what the launch site pays for the declination", tolerance=0.1,
            ),
            column("source", [row.source for row in rows], "", "where the figure is from"),
            column("note", [row.note for row in rows], "", "what the source adds"),
        ],
        "Payload by launch vehicle; nothing is extrapolated",
    )  # fmt: skip


def vehicles_table(launchers: LauncherFiles) -> Table:
    """Return every figure of the files by vehicle and orbit: LEO, SSO, GTO, TLI, and the ranges of curves."""
    rows: list[tuple[str, str, float, str, str, str]] = []
    for curve in launchers.curves:
        low, high = curve.c3_m2_s2[0], curve.c3_m2_s2[-1]
        mass = float(curve.evaluate(low, 0.0)[0][0])
        rows.append((curve.vehicle, _range(low, high), mass, curve.status, curve.source, _LOWEST))
    for fit in launchers.fits:
        low, high = fit.c3_m2_s2
        words = f"{_range(low, high)} {fit.label}"
        rows.append((fit.vehicle, words, fit.evaluate(low)[0], fit.status, fit.source, _LOWEST))
    rows += [
        (s.vehicle, s.orbit, s.mass_kg, s.status, f"{s.source} {s.date}".strip(), s.note)
        for s in launchers.statements
    ]
    rows.sort()
    facts = [launchers.vehicles.get(row[0]) for row in rows]
    return table(
        "vehicles",
        [
            column("vehicle", [row[0] for row in rows], "", "launch vehicle"),
            column("state", [one.state if one else "" for one in facts], "", "of the vehicle, where given"),
            column("site", [one.site if one else "" for one in facts], "", "launch site, where given"),
            column("orbit", [row[1] for row in rows], "", "orbit of a statement, or range of a curve"),
            column("payload_kg", np.array([row[2] for row in rows]), "kg", "published mass", tolerance=0.5),
            column(
                "adapter_kg", np.array([one.adapter_kg if one else 0.0 for one in facts]), "kg",
                "adapter, 0 where not known", tolerance=0.5,
            ),
            column("status", [row[3] for row in rows], "", "agency fit or table, flown, press, unverified"),
            column("source", [row[4] for row in rows], "", "where the figure is from"),
            column("note", [row[5] for row in rows], "", "what the source adds"),
        ],
        "All figures of the launch-vehicle files that may be shown",
    )  # fmt: skip


def _range(low_m2_s2: float, high_m2_s2: float) -> str:
    return f"C3 {low_m2_s2 / 1e6:.4g} to {high_m2_s2 / 1e6:.4g} km2/s2"
