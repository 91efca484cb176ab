"""What the launch-vehicle files say of one departure, in a figure, and what they hold, in a sentence."""

from __future__ import annotations

from syzygy.base.results import KeyFigure
from syzygy.exploration.launcher_choice import LauncherChoice
from syzygy.exploration.payload import STATEMENT, UNVERIFIED, LauncherFiles, PayloadRow


def best_payload(rows: list[PayloadRow], window: int) -> PayloadRow | None:
    """Return the largest verified payload through a window: of published curves, else of fitted ones."""
    return _largest(rows, window, published=True) or _largest(rows, window, published=False)


def payload_figures(rows: list[PayloadRow], window: int) -> tuple[KeyFigure, ...]:
    """Return the largest payload through a window: on a published curve, and on a fit that carries more."""
    curve = _largest(rows, window, published=True)
    fit = _largest(rows, window, published=False)
    found = []
    if curve is not None:
        label = f"largest payload on a curve ({curve.vehicle})"
        found.append(KeyFigure(label, f"{curve.payload_kg:.0f}", "kg"))
    if fit is not None and (curve is None or fit.payload_kg > curve.payload_kg):
        band = f"{fit.payload_kg:.0f} ({fit.low_kg:.0f} to {fit.high_kg:.0f})"
        found.append(KeyFigure(f"largest payload on a fitted curve ({fit.vehicle})", band, "kg"))
    return tuple(found)


def _largest(rows: list[PayloadRow], window: int, *, published: bool) -> PayloadRow | None:
    usable = [
        row
        for row in rows
        if row.window == window
        and row.status != UNVERIFIED
        and row.payload_kg > 0.0
        and row.on_curve == published
        and not row.verdict.startswith(STATEMENT)
    ]
    return max(usable, key=lambda row: row.payload_kg, default=None)


def describe_launchers(choice: LauncherChoice, launchers: LauncherFiles) -> str:
    """Return what the files of a request hold, in a sentence with a blank before it; empty without files."""
    if not choice.launchers:
        return ""
    unusable = f" ({'; '.join(launchers.rejected)})" if launchers.rejected else ""
    used = _count_unverified(launchers)
    labelled = f", {used} used and labelled so" if used else ""
    chosen = f" for the chosen vehicles ({', '.join(choice.vehicles)})" if choice.vehicles else ""
    return (
        f" Launch vehicles: {len(launchers.curves)} curves, {len(launchers.fits)} curves fitted through "
        f"two to four points and {len(launchers.statements)} single statements{chosen} from "
        f"{len(choice.launchers)} files; {launchers.withheld} unverified figures "
        f"left out{labelled}, {len(launchers.rejected)} rows unusable{unusable}."
    )


def _count_unverified(launchers: LauncherFiles) -> int:
    """Return how many curves, fits and statements in use are unverified."""
    statuses = [curve.status for curve in launchers.curves]
    statuses += [fit.status for fit in launchers.fits]
    statuses += [statement.status for statement in launchers.statements]
    return statuses.count(UNVERIFIED)
