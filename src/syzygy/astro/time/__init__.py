"""Time: instants as int64 TAI nanoseconds, and every scale, text and count in which people write them."""

from __future__ import annotations

from syzygy.astro.time.datetimes import (
    datetime64_from_tai,
    datetime_from_tai,
    tai_from_datetime,
    tai_from_datetime64,
    tai_from_datetimes,
)
from syzygy.astro.time.earth_orientation import (
    EarthOrientation,
    OrientationValues,
    earth_orientation_at,
    is_predicted,
)
from syzygy.astro.time.gnss import (
    GlonassTime,
    glonass_from_tai,
    tai_from_glonass,
    tai_from_week_and_ns,
    week_and_ns,
)
from syzygy.astro.time.instants import (
    J2000_DAY_NS,
    NS_PER_DAY,
    NS_PER_S,
    TT_MINUS_TAI_NS,
    Instants,
    as_instants,
)
from syzygy.astro.time.julian import (
    tai_from_tai_julian_date,
    tai_from_tdb_julian_date,
    tai_from_tt_julian_date,
    tai_from_utc_julian_date,
    tai_julian_date,
    tdb_julian_date,
    tt_julian_date,
    utc_julian_date,
    utc_quasi_julian_date,
)
from syzygy.astro.time.leap_seconds import LeapSeconds, tai_minus_utc_s
from syzygy.astro.time.scales import (
    TimeScale,
    labels_from_tai,
    tai_from_labels,
    tai_from_tt_seconds,
    tt_seconds,
)
from syzygy.astro.time.tdb import tai_from_tdb_seconds, tdb_minus_tt_s, tdb_seconds
from syzygy.astro.time.text import (
    format_time,
    format_time_many,
    format_utc,
    format_utc_many,
    parse_time,
    parse_time_many,
    parse_utc,
    parse_utc_many,
)
from syzygy.astro.time.ut1 import (
    tai_from_ut1_julian_date,
    ut1_julian_date,
    ut1_minus_tai_s,
    ut1_minus_utc_s,
)
from syzygy.astro.time.utc import tai_from_utc_day_and_ns, utc_day_and_ns, utc_day_length_s

__all__ = [
    "J2000_DAY_NS",
    "NS_PER_DAY",
    "NS_PER_S",
    "TT_MINUS_TAI_NS",
    "EarthOrientation",
    "GlonassTime",
    "Instants",
    "LeapSeconds",
    "OrientationValues",
    "TimeScale",
    "as_instants",
    "datetime64_from_tai",
    "datetime_from_tai",
    "earth_orientation_at",
    "format_time",
    "format_time_many",
    "format_utc",
    "format_utc_many",
    "glonass_from_tai",
    "is_predicted",
    "labels_from_tai",
    "parse_time",
    "parse_time_many",
    "parse_utc",
    "parse_utc_many",
    "tai_from_datetime",
    "tai_from_datetime64",
    "tai_from_datetimes",
    "tai_from_glonass",
    "tai_from_labels",
    "tai_from_tai_julian_date",
    "tai_from_tdb_julian_date",
    "tai_from_tdb_seconds",
    "tai_from_tt_julian_date",
    "tai_from_tt_seconds",
    "tai_from_ut1_julian_date",
    "tai_from_utc_day_and_ns",
    "tai_from_utc_julian_date",
    "tai_from_week_and_ns",
    "tai_julian_date",
    "tai_minus_utc_s",
    "tdb_julian_date",
    "tdb_minus_tt_s",
    "tdb_seconds",
    "tt_julian_date",
    "tt_seconds",
    "ut1_julian_date",
    "ut1_minus_tai_s",
    "ut1_minus_utc_s",
    "utc_day_and_ns",
    "utc_day_length_s",
    "utc_julian_date",
    "utc_quasi_julian_date",
    "week_and_ns",
]
