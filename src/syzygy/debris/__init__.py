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
        tables=("intervals", "unscreened", "left_out", "suppressed", "certificate"),
        further_pictures="syzygy.debris.encounter_pictures:draw_encounters",
        messages="syzygy.debris.event_messages:write_messages",
    ),
    StudyKind(
        name="debris.comparison",
        command=("debris", "compare"),
        summary="Say why two lists of approaches differ: every approach in one class, with the evidence.",
        request="syzygy.debris.comparison.requests:ComparisonRequest",
        compute="syzygy.debris.comparison.comparing:compare_lists",
        draw="syzygy.debris.comparison.picture:draw_comparison",
        needs=("leap_seconds",),
        tables=("budget",),
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
    StudyKind(
        name="debris.trend",
        command=("debris", "trend"),
        summary="Follow the messages of an event through time: what may come, and when to decide.",
        request="syzygy.debris.probability.requests:TrendRequest",
        compute="syzygy.debris.probability.trend:find_trend",
        draw="syzygy.debris.probability.trend_picture:draw_trend",
        needs=("leap_seconds", "earth_orientation"),
        tables=("decisions", "outlook", "rejected", "diagnostics"),
    ),
    StudyKind(
        name="debris.avoidance",
        command=("debris", "avoid"),
        summary="Design the smallest burn after which every encounter of the new orbit is improbable enough.",
        request="syzygy.debris.avoidance.requests:AvoidanceRequest",
        compute="syzygy.debris.avoidance.design:design_avoidance",
        draw="syzygy.debris.avoidance.picture:draw_avoidance",
        needs=("leap_seconds", "earth_orientation"),
        tables=("encounters", "frontier", "candidates", "unchanged", "company"),
        messages="syzygy.debris.avoidance.messages:write_messages",
    ),
)
