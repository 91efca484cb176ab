"""What one asks of a screening."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.errors import InputError
from syzygy.base.provenance import InputFile
from syzygy.base.requests import option


@dataclass(frozen=True)
class ScreeningRequest:
    """Screen all objects of the catalogues against each other, or a few primaries against all.

    Attributes
    ----------
    catalogues : tuple of InputFile
        Element sets as TLE, 3LE or OMM (XML, JSON, CSV, KVN), gzip allowed.
    start_tai_ns : int
        Begin of the window, TAI nanoseconds (UTC text at the border).
    duration_s : float
        Length of the window, s (h at the border).
    threshold_m : float
        Approaches below this distance are reported, m (km at the border).
    primaries : tuple of int
        Catalogue numbers; empty means all against all.
    slow_speed_m_s : float
        Episodes slower than this at their minimum are reported as intervals, m/s.
    max_age_s : float
        Element sets whose epoch is further than this from the window are listed as stale (and still
        screened), s (d at the border).
    chunk_s : float
        Length of one independent chunk of work, s (h at the border). Does not change the answer.
    """

    catalogues: tuple[InputFile, ...] = option(
        "element sets: TLE, 3LE or OMM (XML, JSON, CSV, KVN), gzip allowed", positional=True
    )
    start_tai_ns: int = option("begin of the window", kind="epoch")
    duration_s: float = option(
        "length of the window", unit="h", minimum=1 / 60, maximum=24 * 31, default=86400.0
    )
    threshold_m: float = option(
        "distance below which an approach is reported",
        unit="km",
        minimum=0.001,
        maximum=200.0,
        default=5000.0,
    )
    primaries: tuple[int, ...] = option(
        "catalogue numbers to screen against all others; none means all against all", minimum=0, default=()
    )
    slow_speed_m_s: float = option(
        "an episode slower than this at its minimum is an interval, not an event",
        unit="m/s",
        minimum=0.0,
        maximum=100.0,
        default=10.0,
    )
    max_age_s: float = option(
        "element sets further than this from the window are listed as stale",
        unit="d",
        minimum=0.0,
        default=30 * 86400.0,
    )
    chunk_s: float = option(
        "length of one independent chunk of work", unit="h", minimum=0.25, maximum=24.0, default=10800.0
    )

    def __post_init__(self) -> None:
        if not self.catalogues:
            raise InputError(
                "no catalogue is given",
                value="0 files",
                allowed="one file or more",
                where="catalogues",
                hint="name at least one file with element sets",
            )
        if not self.duration_s > 0.0:
            raise InputError(
                "the window is empty",
                value=f"{self.duration_s / 3600.0:g} h",
                allowed="longer than 0 h",
                where="duration_h",
                hint="give the length of the window in hours",
            )
        if not self.threshold_m > 0.0:
            raise InputError(
                "the threshold is not positive",
                value=f"{self.threshold_m / 1000.0:g} km",
                allowed="0.001 to 200 km",
                where="threshold_km",
            )
