"""Space debris and traffic safety: who comes close to whom, when, how fast, and what was not looked at."""

from syzygy.base.study import StudyKind

STUDIES: tuple[StudyKind, ...] = (
    StudyKind(
        name="debris.screening",
        command=("debris", "screen"),
        summary="Find every approach below a distance between the objects of one or more catalogues.",
        request="syzygy.debris.requests:ScreeningRequest",
        compute="syzygy.debris.screening:screen_catalogue",
        draw="syzygy.debris.picture:draw_screening",
        needs=("leap_seconds",),
        tables=("intervals", "unscreened", "left_out", "suppressed"),
    ),
    StudyKind(
        name="debris.probability",
        command=("debris", "pc"),
        summary="Probability of collision of events: which method holds, with its interval, and what to do.",
        request="syzygy.debris.probability.requests:ProbabilityRequest",
        compute="syzygy.debris.probability.study:find_collision_probability",
        draw="syzygy.debris.probability.picture:draw_probability",
        needs=("leap_seconds", "earth_orientation"),
        tables=("dilution", "covariances", "methods", "scaling", "rejected", "diagnostics"),
    ),
)
