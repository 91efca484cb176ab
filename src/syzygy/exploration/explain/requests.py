"""What one asks of an explanation."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.provenance import InputFile
from syzygy.base.requests import option
from syzygy.exploration.replay.requests import ForceChoice


@dataclass(frozen=True, kw_only=True)
class ExplainRequest(ForceChoice):
    """Two ephemerides of one flight."""

    first: InputFile = option("One ephemeris (OEM).", positional=True)
    second: InputFile = option("Another ephemeris of the same flight (OEM).", positional=True)
    detection_sigma: float = option(
        "A step from row to row this many times the scatter is a manoeuvre or a jump.",
        minimum=3.0,
        maximum=1000.0,
        default=8.0,
    )
    most_causes: int = option("Causes that may act together.", minimum=1, maximum=5, default=4)
