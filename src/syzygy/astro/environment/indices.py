"""Solar and geomagnetic indices as an atmosphere model wants them, from a space weather record.

The recorded F10.7 contains radio bursts, which are not extreme-ultraviolet light: fed to the model they
give a wrong density, and beyond some 600 sfu zero, NaN or a temperature of 1e14 K without a warning. They are
found by date, replaced and listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.environment.space_weather import DAILY_PREDICTED, OBSERVED, SpaceWeather
from syzygy.base.errors import CoverageError

BURST_RATIO = 1.25
"""A day is a burst when it exceeds the second largest of its four neighbours by this factor.

Outside flare days the record since 1957 does not reach 1.22 (1980-12-27); bursts of two days in a row
(2001-04-05 and 06) are still found because one neighbour may be a burst itself.
"""
DIP_RATIO = 1.3
"""A day is an implausible dip when it is lower than the second smallest of its neighbours by this factor."""

_REACH = 2
_HISTORY_DAYS = 3
_HALF_WINDOW = 40
_WINDOW = 2 * _HALF_WINDOW + 1


@dataclass(frozen=True)
class ReplacedFlux:
    """One day whose recorded flux was not used.

    Attributes
    ----------
    utc_day : int
        Days since 1970-01-01 UTC.
    recorded_sfu, used_sfu : float
        What the record says, and the value interpolated between the nearest undisturbed days.
    reason : str
        ``radio burst`` or ``implausible dip``.
    """

    utc_day: int
    recorded_sfu: float
    used_sfu: float
    reason: str

    @property
    def date(self) -> str:
        """The day as ISO text."""
        return str(np.datetime64(self.utc_day, "D"))


@dataclass(frozen=True, eq=False)
class IndexTable:
    """Indices on consecutive days, ready for look-up; NaN where the record has none.

    Attributes
    ----------
    first_utc_day : int
        Day of the first row.
    f107_sfu, f107_mean81_sfu : numpy array (n,)
        Observed flux without bursts, and its mean over 81 days, centred.
    ap : numpy array (n, 8)
        Three-hour ap.
    ap_daily : numpy array (n,)
        Daily Ap.
    predicted : numpy array (n,) bool
        Any of the values of the day rests on a forecast.
    replaced : tuple of ReplacedFlux
        Every day whose recorded flux was not used.
    span : str
        What the record covers, for messages.
    allow_predicted : bool
        Whether forecasts were let in.
    """

    first_utc_day: int
    f107_sfu: NDArray[np.float64]
    f107_mean81_sfu: NDArray[np.float64]
    ap: NDArray[np.float64]
    ap_daily: NDArray[np.float64]
    predicted: NDArray[np.bool_]
    replaced: tuple[ReplacedFlux, ...]
    span: str
    allow_predicted: bool

    def between(self, first_utc_day: int, last_utc_day: int) -> IndexTable:
        """Return the part of the table that look-ups from the first to the last day need."""
        low = max(first_utc_day - _HISTORY_DAYS - self.first_utc_day, 0)
        high = max(last_utc_day + 1 - self.first_utc_day, low)
        part = slice(low, high)
        return replace(
            self,
            first_utc_day=self.first_utc_day + low,
            f107_sfu=self.f107_sfu[part],
            f107_mean81_sfu=self.f107_mean81_sfu[part],
            ap=self.ap[part],
            ap_daily=self.ap_daily[part],
            predicted=self.predicted[part],
        )

    def replaced_between(self, first_utc_day: int, last_utc_day: int) -> tuple[ReplacedFlux, ...]:
        """Return the replaced days of an interval, both ends included."""
        return tuple(entry for entry in self.replaced if first_utc_day <= entry.utc_day <= last_utc_day)


@dataclass(frozen=True, eq=False)
class AtmosphereIndices:
    """Indices per instant, in the form of NRLMSISE-00.

    Attributes
    ----------
    f107_sfu : numpy array (m,)
        Observed F10.7 of the day before.
    f107_mean81_sfu : numpy array (m,)
        81-day mean centred on the day.
    ap : numpy array (m, 7)
        Daily Ap; ap of the current three hours, of 3, 6 and 9 hours before; means over 12-33 and 36-57 hours
        before.
    predicted : numpy array (m,) bool
        Rests on a forecast.
    """

    f107_sfu: NDArray[np.float64]
    f107_mean81_sfu: NDArray[np.float64]
    ap: NDArray[np.float64]
    predicted: NDArray[np.bool_]


def prepare_indices(weather: SpaceWeather, *, allow_predicted: bool = False) -> IndexTable:
    """Clean a record for look-up: bursts and dips replaced, 81-day mean recomputed, gaps left as gaps.

    Parameters
    ----------
    weather : SpaceWeather
        The record.
    allow_predicted : bool
        Whether daily forecasts may be used (labelled). Monthly forecasts carry no ap and are never used.

    Returns
    -------
    IndexTable

    Notes
    -----
    Bursts are looked for among observed days only. Where all 81 days of a window are at hand the mean is
    taken over the cleaned values; at the ends of the record the mean of the file is corrected by what was
    replaced. In the last 40 days of a record that mean rests on a forecast: it is used only when allowed.

    **Accuracy**: on undisturbed days the recomputed mean agrees with the file's within its rounding
    (0.06 sfu; ``test_the_recomputed_mean_equals_the_file_where_nothing_was_replaced``).

    **Source**: F10.7 of the day before, centred mean and ap history as in the header of NRLMSISE-00 (Picone,
    Hedin, Drob, Aikin 2002, J. Geophys. Res. 107(A12), 1468).
    """
    usable = weather.kind <= (DAILY_PREDICTED if allow_predicted else OBSERVED)
    if not np.any(usable):
        raise CoverageError(
            "the space weather record has no usable day",
            value=weather.span,
            allowed="observed days" + (" or daily forecasts" if allow_predicted else ""),
        )
    used = weather.select(usable)
    first = int(used.utc_day[0])
    rows = used.utc_day - first
    count = int(rows[-1]) + 1

    def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
        wide = np.full((count, *values.shape[1:]), np.nan)
        wide[rows] = values
        return wide

    recorded = spread(used.f107_observed_sfu)
    observed = np.zeros(count, dtype=bool)
    observed[rows] = used.kind == OBSERVED
    cleaned, replaced = _without_bursts(recorded, observed, first)
    mean81 = _centred_mean(cleaned, recorded, spread(used.f107_mean81_centred_sfu))
    last_observed = int(np.flatnonzero(observed)[-1]) if np.any(observed) else -1
    predicted = ~observed | (np.arange(count) + _HALF_WINDOW > last_observed)
    if not allow_predicted:
        mean81[predicted] = np.nan
    return IndexTable(
        first_utc_day=first,
        f107_sfu=cleaned,
        f107_mean81_sfu=mean81,
        ap=spread(used.ap),
        ap_daily=spread(used.ap_daily),
        predicted=predicted,
        replaced=replaced,
        span=weather.span,
        allow_predicted=allow_predicted,
    )


def look_up_indices(
    table: IndexTable, utc_day: NDArray[np.int64], utc_second: NDArray[np.float64]
) -> AtmosphereIndices:
    """Return the indices at instants given as UTC day and second of day.

    Raises
    ------
    CoverageError
        A day, or one of the three days before it that the history needs, is not in the record.
    """
    days = np.asarray(utc_day, dtype=np.int64)
    row = days - table.first_utc_day
    inside = (row >= _HISTORY_DAYS) & (row < table.f107_sfu.size)
    if not np.all(inside):
        raise _outside(table, int(days[~inside][0]))
    interval = row * 8 + np.minimum((np.asarray(utc_second) // 10800.0).astype(np.int64), 7)
    flat = table.ap.reshape(-1)
    history = np.empty((days.size, 7))
    history[:, 0] = table.ap_daily[row]
    for place in range(4):
        history[:, 1 + place] = flat[interval - place]
    for place, start in ((5, 4), (6, 12)):
        history[:, place] = np.mean(flat[interval[:, None] - (start + np.arange(8))], axis=1)
    f107 = table.f107_sfu[row - 1]
    mean81 = table.f107_mean81_sfu[row]
    missing = ~np.isfinite(f107) | ~np.isfinite(mean81) | ~np.all(np.isfinite(history), axis=1)
    if np.any(missing):
        raise _outside(table, int(days[missing][0]))
    predicted = table.predicted[row] | table.predicted[row - 1]
    return AtmosphereIndices(f107, mean81, history, predicted)


def constant_indices(f107_sfu: float, ap: float, count: int) -> AtmosphereIndices:
    """Return the same indices for `count` instants (F10.7 equal to its mean, all seven ap equal)."""
    return AtmosphereIndices(
        np.full(count, f107_sfu),
        np.full(count, f107_sfu),
        np.full((count, 7), ap),
        np.zeros(count, dtype=bool),
    )


def _without_bursts(
    recorded: NDArray[np.float64], observed: NDArray[np.bool_], first: int
) -> tuple[NDArray[np.float64], tuple[ReplacedFlux, ...]]:
    padded = np.pad(np.where(observed, recorded, np.nan), _REACH, constant_values=np.nan)
    shifts = [s for s in range(-_REACH, _REACH + 1) if s]
    around = np.stack([padded[_REACH + s : _REACH + s + recorded.size] for s in shifts])
    known = np.sum(np.isfinite(around), axis=0)
    high = np.sort(np.where(np.isfinite(around), around, -np.inf), axis=0)[-2]
    low = np.sort(np.where(np.isfinite(around), around, np.inf), axis=0)[1]
    judged = observed & np.isfinite(recorded) & (known >= 3)
    burst = judged & (recorded > BURST_RATIO * high)
    dip = judged & (recorded * DIP_RATIO < low)
    wrong = burst | dip
    good = np.flatnonzero(np.isfinite(recorded) & ~wrong)
    cleaned = recorded.copy()
    cleaned[wrong] = np.interp(np.flatnonzero(wrong), good, recorded[good])
    replaced = tuple(
        ReplacedFlux(
            first + int(row),
            float(recorded[row]),
            float(cleaned[row]),
            "radio burst" if burst[row] else "implausible dip",
        )
        for row in np.flatnonzero(wrong)
    )
    return cleaned, replaced


def _centred_mean(
    cleaned: NDArray[np.float64], recorded: NDArray[np.float64], given: NDArray[np.float64]
) -> NDArray[np.float64]:
    padded = np.pad(cleaned, _HALF_WINDOW, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)
    whole = np.all(np.isfinite(windows), axis=1)
    change = np.pad(np.where(np.isfinite(cleaned), cleaned - recorded, 0.0), _HALF_WINDOW)
    corrected = given + np.convolve(change, np.ones(_WINDOW), mode="valid") / _WINDOW
    mean = corrected.copy()
    mean[whole] = np.mean(windows[whole], axis=1)
    return mean


def _outside(table: IndexTable, day: int) -> CoverageError:
    return CoverageError(
        "the space weather record does not cover the day",
        value=str(np.datetime64(day, "D")),
        allowed=f"{table.span}; three days before and, for the 81-day mean, {_HALF_WINDOW} days after",
        where="space weather",
        hint="give a longer record" if table.allow_predicted else "give a longer record, or allow forecasts",
    )
