"""What one asks of a screening."""

from __future__ import annotations

import math
from dataclasses import dataclass

from syzygy.base.errors import InputError
from syzygy.base.provenance import InputFile
from syzygy.base.requests import option

MOST_THRESHOLD_M = 200e3
USUAL_THRESHOLD_M = 5000.0


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
        Approaches below this distance are reported, m (km at the border). With a box: the radius of the
        sphere around it.
    box_m : tuple of float
        Half-widths of a box, radial, in-track and cross-track, m; empty for a sphere.
    primaries : tuple of str
        Catalogue numbers, designators or OBJECT_IDs; empty means all against all.
    exclusions, radii : InputFile or None
        Pairs or objects not to report; radius of each object.
    warn_above : float or None
        Probability above which an event gets a message.
    default_radius_m : float
        Sum of both radii where none is given.
    model_sigma_m, model_growth_m : tuple of float
        Stated error of element sets, which have no covariance: at epoch, and per day of age.
    originator : str
        ORIGINATOR of the messages.
    slow_speed_m_s : float
        Episodes slower than this at their minimum are reported as intervals, m/s.
    max_age_s : float
        Element sets whose epoch is further than this from the window are listed as stale (and still
        screened), s (d at the border).
    chunk_s : float
        Length of one independent chunk of work, s (h at the border). Does not change the answer.
    audit : int
        Pairs and stretches of 240 s that are screened once more by brute force.
    """

    catalogues: tuple[InputFile, ...] = option(
        "element sets (TLE, 3LE, OMM) and ephemerides (OEM) in any mix, gzip allowed", positional=True
    )
    start_tai_ns: int = option("begin of the window", kind="epoch", flags=("start",))
    duration_s: float = option(
        "length of the window", unit="h", minimum=1 / 60, maximum=24 * 31, flags=("hours",), default=86400.0
    )
    threshold_m: float = option(
        "distance below which an approach is reported; 5 km where neither this nor a box is given",
        unit="km",
        minimum=0.001,
        maximum=MOST_THRESHOLD_M / 1000.0,
        default=None,
    )
    box_m: tuple[float, ...] = option(
        "half-widths of a box around the primary instead of a sphere: radial, in-track, cross-track",
        unit="km",
        minimum=0.001,
        maximum=MOST_THRESHOLD_M / 1000.0,
        default=(),
    )
    primaries: tuple[str, ...] = option(
        "objects to screen against all others (numbers, designators, a file of them); none: all against all",
        kind="list",
        flags=("primary",),
        default=(),
    )
    exclusions: InputFile | None = option(
        "pairs or objects not to report: CSV with object_a, object_b, reason; what they hide is listed",
        name="exclude",
        default=None,
    )
    radii: InputFile | None = option(
        "radius of each object: CSV with object, radius_m", name="radius", default=None
    )
    warn_above: float | None = option(
        "probability from which an event gets a message (CDM); without it no probability is computed",
        minimum=0.0,
        maximum=1.0,
        default=None,
    )
    default_radius_m: float = option(
        "sum of both radii where none is given", unit="m", minimum=0.01, maximum=1000.0, default=20.0
    )
    model_sigma_m: tuple[float, ...] = option(
        "INVENTED sigmas of an element set at its epoch: radial, in-track, cross-track",
        unit="km",
        minimum=0.001,
        maximum=1000.0,
        default=(200.0, 1000.0, 300.0),
    )
    model_growth_m: tuple[float, ...] = option(
        "growth of these sigmas per day of age",
        unit="km",
        minimum=0.0,
        maximum=1000.0,
        default=(100.0, 2000.0, 100.0),
    )
    originator: str = option("who signs the messages", default="SYZYGY")
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
    audit: int = option(
        "pairs and stretches of time to screen once more by brute force, drawn at random",
        minimum=0,
        maximum=1_000_000,
        default=0,
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
        for name, values in (
            ("model_sigma_km", self.model_sigma_m),
            ("model_growth_km", self.model_growth_m),
        ):
            if len(values) != 3:
                raise InputError(
                    "an error model has three axes",
                    value=f"{len(values)} numbers",
                    allowed="radial, in-track, cross-track",
                    where=name,
                )
        object.__setattr__(self, "primaries", tuple(str(item) for item in self.primaries))
        object.__setattr__(self, "threshold_m", self._search_radius_m())

    def further_needs(self) -> tuple[str, ...]:
        """Return what of the Almanac only some inputs need: Earth-fixed ephemerides the Earth orientation."""
        from syzygy.debris.ephemeris_paths import names_earth_fixed_states

        return ("earth_orientation",) if any(map(names_earth_fixed_states, self.catalogues)) else ()

    def _search_radius_m(self) -> float:
        """Return the radius of the sphere that holds everything asked for."""
        given: float | None = self.threshold_m
        if not self.box_m:
            if given is not None and not given > 0.0:
                raise _bad_threshold("the threshold is not positive", given)
            return USUAL_THRESHOLD_M if given is None else given
        if len(self.box_m) != 3 or min(self.box_m) <= 0.0:
            raise InputError(
                "a box has three half-widths",
                value=", ".join(f"{side / 1000.0:g} km" for side in self.box_m),
                allowed="radial, in-track and cross-track, each more than 0 km",
                where="box_km",
                hint="e.g. 2,25,25",
            )
        around = math.sqrt(sum(side * side for side in self.box_m))
        if around > MOST_THRESHOLD_M:
            raise _bad_threshold("the sphere around the box is too large", around)
        if given is not None and abs(given - around) > 1e-9 * around:
            raise InputError(
                "both a sphere and a box are given",
                value=f"{given / 1000.0:g} km and a box",
                allowed="one of the two",
                where="threshold_km",
                hint="leave the threshold out: the box says what is reported",
            )
        return around


def _bad_threshold(what: str, value_m: float) -> InputError:
    return InputError(what, value=f"{value_m / 1000.0:g} km", allowed="0.001 to 200 km", where="threshold_km")
