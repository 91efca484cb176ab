"""Which launch vehicles a study looks at: options that studies of departures from the Earth share."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.errors import InputError, SyzygyError
from syzygy.base.provenance import InputFile
from syzygy.base.requests import option


@dataclass(frozen=True, kw_only=True)
class LauncherChoice:
    """Launch-vehicle files, which of their vehicles count, and what is deducted."""

    launchers: tuple[InputFile, ...] = option(
        "Launch-vehicle files (CSV): curves, points, statements, vehicles and their sites.", default=()
    )
    vehicles: tuple[str, ...] = option(
        "Only these vehicles of the files; without it all. A name takes its variants too: CZ-5 also CZ-5 Y4.",
        default=(),
    )
    adapter_mass_kg: float = option(
        "Adapter to deduct from the payload where the files do not know that of the vehicle.",
        unit="kg", minimum=0, maximum=20_000, default=0.0,
    )  # fmt: skip
    include_unverified: bool = option("Show figures without a second source, labelled.", default=False)

    def launcher_problems(self) -> list[SyzygyError]:
        """Return what is wrong with these fields."""
        if not self.vehicles or self.launchers:
            return []
        return [
            InputError(
                "vehicles are chosen, but no file holds their figures",
                value=", ".join(self.vehicles),
                allowed="names out of the launch-vehicle files of the same request",
                where="vehicles",
                hint="add launchers, or leave vehicles out",
            )
        ]


def is_chosen(vehicle: str, chosen: tuple[str, ...]) -> bool:
    """Return whether a vehicle is one of the chosen ones or a variant of one; all are where none is chosen.

    Examples
    --------
    >>> is_chosen("CZ-5 Y4", ("cz-5",)), is_chosen("CZ-5B", ("cz-5",))
    (True, False)
    """
    name = vehicle.casefold()
    words = [one.strip().casefold() for one in chosen]
    return not words or any(name == word or name.startswith((f"{word} ", f"{word}/")) for word in words)
