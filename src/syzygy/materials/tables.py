"""The tables of an exposure study, in the units of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.base.tables import Column, Table, column, table

if TYPE_CHECKING:
    from syzygy.materials.results import ExposureResult

PER_CM2 = 1e-4
RELATIVE_TOLERANCE = 1e-4
"""The atmosphere library computes in single precision (1e-7); exponentials on the lee side widen that."""
EDGE_TOLERANCE_S = 1e-3


def face_table(result: ExposureResult) -> Table:
    """Return one row per face: the exposure and the campaign."""
    sums, scaling = result.faces, result.scaling
    exposure, campaign = scaling.exposure_quantiles * PER_CM2, scaling.campaign_quantiles * PER_CM2
    columns = [
        column("face", result.face_names, "", "name of the face"),
        _relative("ao_fluence_per_cm2", sums.oxygen_per_m2 * PER_CM2, "1/cm2", "atomic oxygen, exposure"),
        _relative(
            "ao_fluence_p05_per_cm2", exposure[:, 0], "1/cm2", "5 % point of the exposure (model error)"
        ),
        _relative("ao_fluence_p95_per_cm2", exposure[:, 2], "1/cm2", "95 % point of the exposure"),
        _relative("campaign_ao_fluence_p05_per_cm2", campaign[:, 0], "1/cm2", "5 % point of the campaign"),
        _relative("campaign_ao_fluence_p50_per_cm2", campaign[:, 1], "1/cm2", "median of the campaign"),
        _relative("campaign_ao_fluence_p95_per_cm2", campaign[:, 2], "1/cm2", "95 % point of the campaign"),
        column("sun_hours_h", sums.sun_hours, "h", "equivalent sun hours, exposure", tolerance=1e-4),
        column(
            "campaign_sun_hours_h",
            scaling.seasons.sun_hours,
            "h",
            "equivalent sun hours, campaign",
            tolerance=1e-1,
        ),
        column("temperature_min_k", sums.temperature_min_k, "K", "coldest coupon", tolerance=1e-3),
        column("temperature_max_k", sums.temperature_max_k, "K", "hottest coupon", tolerance=1e-3),
        column("thermal_cycles", sums.thermal_cycles, "1", "rainflow cycles of 10 K or more", tolerance=0.5),
        column("largest_range_k", sums.largest_range_k, "K", "largest thermal cycle", tolerance=2e-3),
    ]
    return table("faces", columns, "exposure of each face, and the campaign with 5, 50 and 95 %")


def day_table(result: ExposureResult) -> Table:
    """Return the daily ledger: density, sunlight and the indices used."""
    days = result.days
    columns = [
        column("date_utc", _dates(days.utc_day), "", "UTC day"),
        column("exposed_s", days.seconds, "s", "exposed time of the day", tolerance=1e-6),
        column("height_km", days.height_m / 1e3, "km", "mean geodetic height", tolerance=1e-5),
        _relative("oxygen_per_cm3", days.oxygen_per_m3 * 1e-6, "1/cm3", "mean density of atomic oxygen"),
        column("gas_temperature_k", days.temperature_k, "K", "mean gas temperature", tolerance=1e-2),
        column(
            "beta_deg", np.rad2deg(days.beta_rad), "deg", "mean Sun above the orbital plane", tolerance=1e-6
        ),
        column("lit_share", days.lit, "1", "mean visible share of the Sun", tolerance=1e-6),
        column("f107_sfu", days.f107_sfu, "sfu", "observed F10.7 of the day before, as used"),
        column("f107_mean81_sfu", days.f107_mean81_sfu, "sfu", "81-day mean, centred", tolerance=1e-9),
        column("ap_daily", days.ap_daily, "1", "daily Ap"),
        column("kind", days.kind, "", "observed or forecast"),
        column("rests_on_forecast", days.rests_on_forecast, "", "an index, or its mean, is a forecast"),
        column("flux_replaced", days.flux_replaced, "", "the recorded flux was a burst or dip"),
    ]
    return table("days", columns, "daily ledger of density, sunlight and indices")


def day_face_table(result: ExposureResult) -> Table:
    """Return one row per day and face."""
    days = result.days
    faces = len(result.face_names)
    columns = [
        column("date_utc", np.repeat(_dates(days.utc_day), faces), "", "UTC day"),
        column("face", list(result.face_names) * days.utc_day.size, "", "name of the face"),
        _relative(
            "ao_fluence_per_cm2", days.oxygen_per_m2.ravel() * PER_CM2, "1/cm2", "atomic oxygen of the day"
        ),
        column("sun_hours_h", days.sun_hours.ravel(), "h", "equivalent sun hours of the day", tolerance=1e-5),
    ]
    return table("face_days", columns, "fluence and sun hours of each face by day")


def eclipse_table(result: ExposureResult) -> Table:
    """Return one row per eclipse with its four contacts; without umbra those two are empty and zero.

    The text is for reading and goes to whole seconds; the seconds since the start of the exposure are exact.
    """
    eclipses = result.eclipses
    every = np.ones(len(eclipses), dtype=bool)
    contacts = (
        ("penumbra_start", eclipses.penumbra_start_tai_ns, every, "first contact"),
        ("umbra_start", eclipses.umbra_start_tai_ns, eclipses.total, "second contact"),
        ("umbra_end", eclipses.umbra_end_tai_ns, eclipses.total, "third contact"),
        ("penumbra_end", eclipses.penumbra_end_tai_ns, every, "last contact"),
    )
    columns = [
        column(f"{name}_utc", _times(result, tai_ns, shown), "", words)
        for name, tai_ns, shown, words in contacts
    ]
    for name, tai_ns, shown, words in contacts:
        seconds = np.where(shown, tai_ns - result.start_tai_ns, 0).astype(np.float64) * 1e-9
        columns.append(_edge(f"{name}_s", seconds, f"{words}, since the start of the exposure"))
    columns += [
        _edge("umbra_length_s", eclipses.umbra_s, "time in the umbra"),
        _edge("shadow_length_s", eclipses.shadow_s, "time from first to last contact"),
        column("total", eclipses.total, "", "the umbra is reached"),
        column("cut", eclipses.cut, "", "the exposure begins or ends during this eclipse"),
    ]
    return table("eclipses", columns, "eclipses by the Earth: conical shadow of the ellipsoid")


def _edge(name: str, values: NDArray[np.float64], description: str) -> Column:
    return column(name, values, "s", description, tolerance=EDGE_TOLERANCE_S)


def _times(
    result: ExposureResult, tai_ns: NDArray[np.int64], shown: NDArray[np.bool_]
) -> NDArray[np.object_]:
    from syzygy.astro.time import format_utc_many

    if tai_ns.size == 0:
        return np.empty(0, dtype=object)
    safe = np.where(shown, tai_ns, result.start_tai_ns)
    texts = np.asarray(format_utc_many(safe, result.leap_seconds, digits=0), dtype=object)
    return np.where(shown, texts, "")


def activity_table(result: ExposureResult) -> Table:
    """Return one row per window of the record: how the campaign would have fared there."""
    activity = result.scaling.activity
    worst = int(np.argmax(result.faces.oxygen_per_m2))
    columns = [
        column("first_day_utc", _dates(activity.first_utc_day), "", "first day of the window"),
        column("f107_mean_sfu", activity.f107_mean_sfu, "sfu", "mean F10.7 of the window", tolerance=1e-9),
        _relative(
            "ratio",
            activity.ratio[:, worst],
            "1",
            f"oxygen flux on {result.face_names[worst]}, window over exposure",
        ),
    ]
    return table("activity", columns, "the campaign in other parts of the space weather record")


def replaced_table(result: ExposureResult) -> Table:
    """Return the days near the exposure whose recorded flux was not used."""
    entries = result.replaced
    columns = [
        column("date_utc", np.array([e.date for e in entries], dtype=object), "", "UTC day"),
        column(
            "recorded_sfu",
            np.array([e.recorded_sfu for e in entries], dtype=np.float64),
            "sfu",
            "in the file",
        ),
        column("used_sfu", np.array([e.used_sfu for e in entries], dtype=np.float64), "sfu", "interpolated"),
        column("reason", np.array([e.reason for e in entries], dtype=object), "", "why"),
    ]
    return table("replaced_flux", columns, "radio bursts and implausible dips in F10.7 that were replaced")


def erosion_table(result: ExposureResult) -> Table:
    """Return the depth of erosion per face and material; a censored yield gives a lower bound."""
    faces, yields = len(result.face_names), result.yields
    per_atom_m3 = np.tile([y.yield_m3 for y in yields], faces)
    exposure = np.repeat(result.faces.oxygen_per_m2, len(yields))
    campaign = np.repeat(result.scaling.campaign_quantiles, len(yields), axis=0)
    columns = [
        column(
            "face", np.repeat(np.array(result.face_names, dtype=object), len(yields)), "", "name of the face"
        ),
        column("material", [y.name for y in yields] * faces, "", "abbreviation"),
        column("sample", [y.sample for y in yields] * faces, "", "sample behind the yield"),
        column("kind", [y.kind for y in yields] * faces, "", "value, lower_bound (censored) or witness"),
        _relative("depth_um", per_atom_m3 * exposure * 1e6, "um", "yield times fluence, exposure"),
        _relative("campaign_depth_p50_um", per_atom_m3 * campaign[:, 1] * 1e6, "um", "median, campaign"),
        _relative("campaign_depth_p95_um", per_atom_m3 * campaign[:, 2] * 1e6, "um", "95 % point, campaign"),
    ]
    return table(
        "erosion", columns, "depth of erosion by atomic oxygen; a lower_bound row is at least so deep"
    )


def _relative(name: str, values: NDArray[np.float64], unit: str, description: str) -> Column:
    largest = float(np.max(np.abs(values), initial=0.0))
    return column(name, values, unit, description, tolerance=RELATIVE_TOLERANCE * largest)


def _dates(utc_day: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.array([str(np.datetime64(int(day), "D")) for day in utc_day], dtype=object)
