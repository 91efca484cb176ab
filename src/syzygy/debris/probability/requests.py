"""What one asks of a probability, and of the trend of an event."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.errors import InputError
from syzygy.base.provenance import InputFile
from syzygy.base.requests import option

MONTE_CARLO = ("needed", "always", "never")
RADIUS_FIRST = ("message", "sizes")
MOTIONS = ("two-body", "zonal")


@dataclass(frozen=True)
class ProbabilityRequest:
    """Assess the probability of collision of every event of the given messages or event tables.

    Attributes
    ----------
    events : tuple of InputFile
        Conjunction data messages (KVN, XML or JSON; alone or combined) and event tables of the screening.
    catalogues, ephemerides : tuple of InputFile
        Element sets and OEM of the objects of the event tables.
    history : tuple of InputFile
        Earlier element sets, from which covariances of the same objects are estimated.
    hard_body_radius_m : float or None
        Sum of both radii; overrides all other sources.
    sizes : InputFile or None
        Radii by catalogue number.
    radius_first : str
        Whether the comment of the message or the sizes count first.
    default_radius_m : float
        Where no source knows.
    act_above, watch_above : float
        Thresholds of the probability.
    monte_carlo : str
        When it is run.
    motion : str
        Of the samples.
    samples, seed : int
        Of the Monte Carlo.
    window_s : float or None
        Half the span of time in which a collision counts; by default half the shorter period.
    scale_primary, scale_secondary : float
        Factors on all sigmas.
    sweep_low, sweep_high : float
        Range of the factors of the sweep.
    model_sigma_m, model_growth_m : tuple of float
        Error of element sets without a covariance: at epoch, and per day of age.
    cross_correlation : bool
        Take out the error of the air density that both objects share, where the messages give it.
    max_sigma_m : float
        A position sigma above this is reported as unrealistic.
    """

    events: tuple[InputFile, ...] = option(
        "conjunction data messages (KVN, XML or JSON), directories of them, or event tables of a screening",
        positional=True,
        folders=True,
    )
    catalogues: tuple[InputFile, ...] = option(
        "element sets of the objects of an event table", flags=("catalogue",), default=()
    )
    ephemerides: tuple[InputFile, ...] = option(
        "OEM with covariances for objects of an event table", flags=("ephemeris",), default=()
    )
    history: tuple[InputFile, ...] = option(
        "earlier element sets, to estimate covariances from their scatter", default=()
    )
    hard_body_radius_m: float | None = option(
        "sum of both radii, for all events", unit="m", minimum=0.01, maximum=1000.0, default=None
    )
    sizes: InputFile | None = option("table of radii: columns ObjectID, HBR, HBRSigma", default=None)
    radius_first: str = option(
        "which counts first, the radius of the message or the sizes",
        choices=RADIUS_FIRST,
        default="message",
    )
    default_radius_m: float = option(
        "sum of both radii where nothing else is known", unit="m", minimum=0.01, maximum=1000.0, default=20.0
    )
    act_above: float = option(
        "probability above which one acts", minimum=0.0, maximum=1.0, flags=("threshold",), default=1e-4
    )
    watch_above: float = option("probability above which one watches", minimum=0.0, maximum=1.0, default=1e-7)
    monte_carlo: str = option(
        "run Monte Carlo where no analytic step holds, always, or never",
        choices=MONTE_CARLO,
        default="needed",
    )
    motion: str = option(
        "motion of the samples: two-body, or with the zonal harmonics J2 to J4",
        choices=MOTIONS,
        default="two-body",
    )
    samples: int = option("samples of the Monte Carlo", minimum=1000, maximum=10_000_000, default=200_000)
    seed: int = option("seed of the Monte Carlo", minimum=0, default=20220715)
    window_s: float | None = option(
        "half the span about closest approach in which a collision counts; half a period by default",
        unit="s",
        minimum=1.0,
        maximum=604_800.0,
        default=None,
    )
    scale_primary: float = option(
        "factor on the sigmas of the primary", minimum=0.01, maximum=100.0, default=1.0
    )
    scale_secondary: float = option(
        "factor on the sigmas of the secondary", minimum=0.01, maximum=100.0, default=1.0
    )
    sweep_low: float = option(
        "smallest factor of the covariance sweep", minimum=0.01, maximum=1.0, default=0.25
    )
    sweep_high: float = option(
        "largest factor of the covariance sweep", minimum=1.0, maximum=100.0, default=4.0
    )
    cross_correlation: bool = option(
        "take out the error of the air density that both objects share (DCP comments)", default=False
    )
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
    max_sigma_m: float = option(
        "a position sigma above this is called unrealistic", unit="km", minimum=0.001, default=50_000.0
    )

    def __post_init__(self) -> None:
        _require_files(self.events)
        _require_thresholds(self.act_above, self.watch_above)
        for name, values in (("model_sigma", self.model_sigma_m), ("model_growth", self.model_growth_m)):
            if len(values) != 3:
                raise InputError(
                    "an error model has three axes",
                    value=f"{len(values)} numbers",
                    allowed="radial, in-track, cross-track",
                    where=f"{name}_km",
                )


@dataclass(frozen=True)
class TrendRequest:
    """Follow the messages of one or more events through time and say when to decide.

    Attributes
    ----------
    events : tuple of InputFile
        Conjunction data messages.
    hard_body_radius_m, sizes, radius_first, default_radius_m
        As in `ProbabilityRequest`.
    act_above, watch_above : float
        Thresholds of the probability.
    lead_s : float
        Time that a manoeuvre needs from the decision to the closest approach.
    same_event_s : float
        Messages of one pair whose closest approaches differ by less are of one event.
    flip_below : float
        A decision is ripe when the probability that later messages reverse it is below this.
    draws, seed : int
        Of the expected development.
    """

    events: tuple[InputFile, ...] = option(
        "conjunction data messages (KVN, XML or JSON), or directories of them", positional=True, folders=True
    )
    hard_body_radius_m: float | None = option(
        "sum of both radii, for all events", unit="m", minimum=0.01, maximum=1000.0, default=None
    )
    sizes: InputFile | None = option("table of radii: columns ObjectID, HBR, HBRSigma", default=None)
    radius_first: str = option(
        "which counts first, the radius of the message or the sizes",
        choices=RADIUS_FIRST,
        default="message",
    )
    default_radius_m: float = option(
        "sum of both radii where nothing else is known", unit="m", minimum=0.01, maximum=1000.0, default=20.0
    )
    act_above: float = option(
        "probability above which one acts", minimum=0.0, maximum=1.0, flags=("threshold",), default=1e-4
    )
    watch_above: float = option("probability above which one watches", minimum=0.0, maximum=1.0, default=1e-7)
    lead_s: float = option(
        "time from the decision to the closest approach that a manoeuvre needs",
        unit="h",
        minimum=0.0,
        maximum=240.0,
        default=12 * 3600.0,
    )
    same_event_s: float = option(
        "messages of one pair with closest approaches nearer than this are one event",
        unit="s",
        minimum=1.0,
        maximum=86_400.0,
        default=600.0,
    )
    flip_below: float = option(
        "a decision is ripe when later messages reverse it with less than this probability",
        minimum=0.0,
        maximum=0.5,
        default=0.05,
    )
    draws: int = option("draws of the expected development", minimum=100, maximum=1_000_000, default=20_000)
    seed: int = option("seed of the draws", minimum=0, default=20220715)

    def __post_init__(self) -> None:
        _require_files(self.events)
        _require_thresholds(self.act_above, self.watch_above)


def _require_files(events: tuple[InputFile, ...]) -> None:
    if not events:
        raise InputError(
            "no message is given",
            value="0 files",
            allowed="one file or more",
            where="events",
            hint="name conjunction data messages, a directory of them, or an event table",
        )


def _require_thresholds(act: float, watch: float) -> None:
    if not 0.0 < watch <= act:
        raise InputError(
            "the thresholds are not in order",
            value=f"act above {act:g}, watch above {watch:g}",
            allowed="0 < watch_above <= act_above",
            where="act_above, watch_above",
        )
