"""Lunar and deep-space missions: when to leave, when to arrive, what it costs, which launcher carries it."""

from syzygy.base.study import StudyKind

STUDIES: tuple[StudyKind, ...] = (
    StudyKind(
        name="exploration.windows",
        command=("exploration", "windows"),
        summary="Find launch windows between two bodies, with C3, arrival speed and payload by launcher.",
        request="syzygy.exploration.requests:WindowsRequest",
        compute="syzygy.exploration.windows:find_windows",
        draw="syzygy.exploration.picture:draw_windows",
        needs=("leap_seconds", "ephemeris"),
    ),
)
