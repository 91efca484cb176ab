"""All inputs of a study as cases: messages as they are, event tables with states from catalogues."""

from __future__ import annotations

from syzygy.astro.almanac import Almanac
from syzygy.debris.probability.cases import LoadedCases, load_messages
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.sizes import RadiusRules

_TABLES = (".parquet", ".csv", ".json")


def load_events(request: ProbabilityRequest, almanac: Almanac, rules: RadiusRules) -> LoadedCases:
    """Read the messages and the event tables of a request."""
    messages = tuple(file for file in request.events if not file.name.lower().endswith(_TABLES))
    return load_messages(messages, almanac, rules, max_sigma_m=request.max_sigma_m)
