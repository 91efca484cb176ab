"""What one asks of an avoidance manoeuvre."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.errors import InputError
from syzygy.base.provenance import InputFile
from syzygy.base.requests import option

DIRECTIONS = ("tangential", "free")
_AXES = 3
MANOEUVRES = ("single", "two-burn", "stop-drift", "two-burn-return", "return-to-slot")


@dataclass(frozen=True)
class AvoidanceRequest:
    """Design the smallest burn after which every encounter of the changed orbit is below a probability.

    Attributes
    ----------
    event : InputFile or None
        A conjunction data message, or an event table of a screening.
    catalogues : tuple of InputFile
        Element sets of everything the changed orbit may meet, and of the objects of an event table.
    row : int
        Row of the event table, from 1.
    objects : tuple of int
        Instead of a file: the two catalogue numbers, the one that can manoeuvre first.
    tca_tai_ns : int or None
        With `objects`: about when they meet (within 10 min).
    manoeuvrable : int or None
        The object that can move; by default object 1 of the message, a of the table.
    threshold : float
        No encounter of the new orbit may be more probable.
    aim : float or None
        Probability of the event itself after the burn; by default the threshold.
    direction, manoeuvre : str
        Along the velocity only or free; one burn, two of any size and time, one and its opposite after the
        event, two at right angles to the velocity or three along it that lead back to the old slot.
    last_tai_ns : int or None
        Of the second of two free burns; by default a day after the closest approach.
    earliest_tai_ns, latest_tai_ns : int or None
        Of the first burn; by default a day and half a revolution before the closest approach.
    allowed : tuple of str
        Spans of time in which the first burn, and the second of two free ones, may be made (ground contacts).
    horizon_s : float
        How long after the last burn before the event the new orbit must be safe.
    largest_m_s : float
        Largest sum of all burns.
    magnitude_sigma, pointing_sigma_rad : float
        Execution error, one sigma.
    max_axis_change_m, max_in_track_m, max_across_m : float or None
        Station-keeping box, against the unchanged orbit over the horizon.
    hard_body_radius_m : float or None
        Sum of both radii for all encounters; by default that of the message, else 20 m.
    model_sigma_m, model_growth_m : tuple of float
        Error of element sets: at epoch, and per day of age.
    mass_kg : float or None
        For the OPM, which demands one.
    reach_m : float
        Encounters of the new orbit below this distance are looked at.
    plans : int
        Candidates that are screened against the whole catalogue.
    max_age_s : float
        Refuse when the middle of the catalogue is further from the event.
    """

    event: InputFile | None = option(
        "conjunction data message, or event table of a screening", positional=True, default=None
    )
    catalogues: tuple[InputFile, ...] = option(
        "element sets of all that the new orbit may meet: TLE, 3LE or OMM", flags=("catalogue",), default=()
    )
    row: int = option("row of the event table, from 1", minimum=1, default=1)
    objects: tuple[int, ...] = option(
        "instead of a file: the two catalogue numbers, the manoeuvrable one first", minimum=0, default=()
    )
    tca_tai_ns: int | None = option("with --objects: when they meet", kind="epoch", default=None)
    manoeuvrable: int | None = option(
        "catalogue number of the object that can move [default: object 1]", minimum=0, default=None
    )
    threshold: float = option(
        "no encounter of the new orbit may be more probable", minimum=1e-12, maximum=0.5, default=1e-4
    )
    aim: float | None = option(
        "probability of the event itself after the burn [default: the threshold]",
        minimum=1e-15,
        maximum=0.5,
        default=None,
    )
    direction: str = option("along the velocity, or free", choices=DIRECTIONS, default="tangential")
    manoeuvre: str = option(
        "one burn; two of any size and time; one and its opposite after the event; two (across the velocity) "
        "or three (along it) that lead back to the slot",
        choices=MANOEUVRES,
        default="single",
    )
    earliest_tai_ns: int | None = option(
        "first instant for a burn [default: 24 h before the event]", kind="epoch", default=None
    )
    latest_tai_ns: int | None = option(
        "last instant for the first burn [default: half a revolution before the event]",
        kind="epoch",
        default=None,
    )
    last_tai_ns: int | None = option(
        "with two-burn: last instant for the second burn [default: 24 h after the event]",
        kind="epoch",
        default=None,
    )
    allowed: tuple[str, ...] = option(
        "span of time in which a burn may be chosen, START/END in UTC; may be repeated", default=()
    )
    horizon_s: float = option(
        "time for which the new orbit must be safe", unit="d", minimum=0.5, maximum=14.0, default=7 * 86400.0
    )
    largest_m_s: float = option(
        "largest sum of all burns", unit="m/s", minimum=1e-3, maximum=5.0, default=0.25
    )
    magnitude_sigma: float = option(
        "execution error of the size, one sigma", unit="percent", minimum=0.0, maximum=30.0, default=0.01,
        name="magnitude_sigma_percent",
    )  # fmt: skip
    pointing_sigma_rad: float = option(
        "execution error of the direction, one sigma", unit="deg", minimum=0.0, maximum=20.0, default=0.0087
    )
    max_axis_change_m: float | None = option(
        "station-keeping box: largest change of the semi-major axis", unit="m", minimum=0.1, default=None
    )
    max_in_track_m: float | None = option(
        "station-keeping box: largest distance along the track", unit="km", minimum=0.01, default=None
    )
    max_across_m: float | None = option(
        "station-keeping box: largest distance radially or across", unit="km", minimum=0.001, default=None
    )
    hard_body_radius_m: float | None = option(
        "sum of both radii [default: of the message, else 20 m]", unit="m", minimum=0.01, maximum=1000.0,
        default=None,
    )  # fmt: skip
    model_sigma_m: tuple[float, ...] = option(
        "stated sigmas of an element set at its epoch: radial, in-track, cross-track",
        unit="km",
        minimum=0.001,
        maximum=1000.0,
        default=(200.0, 1000.0, 300.0),
    )
    model_growth_m: tuple[float, ...] = option(
        "growth of these sigmas per day of age: radial, in-track, cross-track",
        unit="km",
        minimum=0.0,
        maximum=1000.0,
        default=(100.0, 2000.0, 100.0),
    )
    mass_kg: float | None = option(
        "mass of the spacecraft, for the OPM only", unit="kg", minimum=0.1, maximum=1e6, default=None
    )
    reach_m: float = option(
        "distance below which an encounter of the new orbit is looked at",
        unit="km",
        minimum=1.0,
        maximum=50.0,
        default=15000.0,
    )
    plans: int = option(
        "plans that are screened against the whole catalogue", minimum=20, maximum=20_000, default=1000
    )
    max_age_s: float = option(
        "refuse a catalogue whose middle epoch is further from the event", unit="d", minimum=0.1,
        default=30 * 86400.0,
    )  # fmt: skip

    @property
    def design_direction(self) -> str:
        """The direction of the closed form: two burns that return are free, across the velocity."""
        return "free" if self.manoeuvre == "two-burn-return" else self.direction

    def __post_init__(self) -> None:
        _require_event(self)
        if not self.catalogues:
            raise InputError(
                "no catalogue is given",
                value="0 files",
                allowed="one file or more",
                where="catalogues",
                hint="a burn is safe only against everything it may meet: give --catalogue",
            )
        for name, values in (("model_sigma", self.model_sigma_m), ("model_growth", self.model_growth_m)):
            if len(values) != _AXES:
                raise InputError(
                    "an error model has three axes",
                    value=f"{len(values)} numbers",
                    allowed="radial, in-track, cross-track",
                    where=f"{name}_km",
                )
        if self.aim is not None and self.aim > self.threshold:
            raise InputError(
                "the aim is above the threshold",
                value=f"{self.aim:g}",
                allowed=f"up to {self.threshold:g}",
                where="aim",
            )


def _require_event(request: AvoidanceRequest) -> None:
    pair = len(request.objects)
    if request.event is None and (pair != 2 or request.tca_tai_ns is None):
        raise InputError(
            "no event is given",
            value=f"{pair} objects, {'a' if request.tca_tai_ns is not None else 'no'} time",
            allowed="a message or an event table; or two --objects and --tca-utc",
            where="event",
        )
    if request.event is not None and pair:
        raise InputError(
            "the event is given twice",
            value=f"{request.event.name} and --objects",
            allowed="one of both",
            where="event",
        )
    if len(set(request.objects)) < pair:
        raise InputError(
            "an object cannot meet itself", value=request.objects[0], allowed="two numbers", where="objects"
        )
