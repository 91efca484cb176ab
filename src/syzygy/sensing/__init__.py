"""Earth remote sensing: when which satellite can image an area, how much of it, and who would do it twice."""

from syzygy.base.study import StudyKind

STUDIES: tuple[StudyKind, ...] = (
    StudyKind(
        name="sensing.opportunities",
        command=("sensing", "opportunities"),
        summary="Find when the satellites of two fleets can image an area, and mark double work.",
        request="syzygy.sensing.requests:OpportunitiesRequest",
        compute="syzygy.sensing.opportunities:find_opportunities",
        draw="syzygy.sensing.picture:draw_opportunities",
        needs=("leap_seconds", "earth_orientation", "ephemeris"),
    ),
)
"""The studies of this room."""
