"""Navigation systems: orbits of several constellations, what they give together, and at which places."""

from syzygy.base.study import StudyKind

STUDIES: tuple[StudyKind, ...] = (
    StudyKind(
        name="satellites.availability",
        command=("satellites", "availability"),
        summary="Share of time with a good fix from each navigation system alone and from all together.",
        request="syzygy.satellites.requests:AvailabilityRequest",
        compute="syzygy.satellites.availability:assess_availability",
        draw="syzygy.satellites.picture:draw_availability",
        needs=("leap_seconds",),
    ),
)
