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
        messages="syzygy.exploration.window_messages:write_messages",
    ),
    StudyKind(
        name="exploration.replay",
        command=("exploration", "replay"),
        summary="Cut an ephemeris into coasting arcs, find its burns, fit its forces, test its labels.",
        request="syzygy.exploration.replay.requests:ReplayRequest",
        compute="syzygy.exploration.replay.study:replay_ephemeris",
        draw="syzygy.exploration.replay.picture:draw_replay",
        needs=("leap_seconds", "earth_orientation", "ephemeris"),
        tables=("events",),
        messages="syzygy.exploration.replay.messages:write_messages",
    ),
    StudyKind(
        name="exploration.explanation",
        command=("exploration", "explain"),
        summary="Attribute the difference of two ephemerides of one flight to its causes: a closed budget.",
        request="syzygy.exploration.explain.requests:ExplainRequest",
        compute="syzygy.exploration.explain.study:explain_difference",
        draw="syzygy.exploration.explain.picture:draw_explanation",
        needs=("leap_seconds", "earth_orientation", "ephemeris"),
        messages="syzygy.exploration.explain.messages:write_messages",
    ),
    StudyKind(
        name="exploration.lunar_transfer",
        command=("exploration", "moon"),
        summary="Find flights from a launch site to a lunar orbit, targeted in the full ephemeris.",
        request="syzygy.exploration.lunar.requests:LunarTransferRequest",
        compute="syzygy.exploration.lunar.study:find_lunar_transfers",
        draw="syzygy.exploration.lunar.picture:draw_transfers",
        needs=("leap_seconds", "earth_orientation", "ephemeris"),
        further_pictures="syzygy.exploration.lunar.passage_picture:draw_further",
        messages="syzygy.exploration.lunar.messages:write_messages",
    ),
    StudyKind(
        name="exploration.free_return",
        command=("exploration", "free-return"),
        summary="Find free returns round the Moon from a launch site into the entry corridor, by date.",
        request="syzygy.exploration.free_return.requests:FreeReturnRequest",
        compute="syzygy.exploration.free_return.study:find_free_returns",
        draw="syzygy.exploration.free_return.picture:draw_returns",
        needs=("leap_seconds", "earth_orientation", "ephemeris"),
        further_pictures="syzygy.exploration.free_return.picture:draw_further",
        messages="syzygy.exploration.free_return.messages:write_messages",
    ),
)
