"""Tracking observations: ranges, range rates, angles, frequencies, clocks and the air, as measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import InputError, UnknownNameError

TIMETAGS = ("", "TRANSMIT", "RECEIVE")
INTEGRATION = ("", "START", "MIDDLE", "END")


@dataclass(frozen=True, eq=False)
class Observations:
    """k observations of one kind.

    Attributes
    ----------
    kind : str
        ``RANGE``, ``DOPPLER_INTEGRATED``, ``ANGLE_1``, ``RECEIVE_FREQ_2`` ...
    tai_ns : int64 (k,)
    value : float64 (k,)
        In `unit`.
    unit : str
        SI; empty for pure numbers and for range units of the station (``RU``).
    """

    kind: str
    tai_ns: NDArray[np.int64]
    value: NDArray[np.float64]
    unit: str

    def __len__(self) -> int:
        """Return k."""
        return int(self.tai_ns.size)


@dataclass(frozen=True, eq=False)
class TrackingPass:
    """n observations that share participants, path and settings.

    Attributes
    ----------
    tai_ns : int64 (n,)
        Time tags, as `timetag` and `integration_reference` say.
    kind : object (n,) of str
        Kind of each, as CCSDS 503.0-B-2 table 3-5 names it.
    value : float64 (n,)
        In the SI unit of its kind. Phase counts are doubles too: digits beyond the sixteenth stay in the
        message only.
    units : mapping of str to str
        SI unit of every kind that occurs.
    participants : mapping of int to str
        Stations and spacecraft by number.
    path, path_1, path_2 : tuple of int
        Participants in the order of the signal; the two branches of a differenced observation.
    mode : str
        ``SEQUENTIAL``, ``SINGLE_DIFF`` or empty.
    timetag : str
        ``TRANSMIT``, ``RECEIVE`` or empty where the message does not say.
    integration_interval_s : float or None
        Count time of integrated Doppler.
    integration_reference : str
        Which part of the interval the tag marks: ``START``, ``MIDDLE``, ``END`` or empty.
    frequency_offset_hz : float
        To be added to every received frequency (0 where the message does not say).
    angle_type, reference_frame : str
        ``AZEL``, ``RADEC``, ``XEYN``, ``XSYE``; axes of RADEC.
    range_mode : str
        ``COHERENT``, ``CONSTANT``, ``ONE_WAY`` or empty.
    range_modulus : float or None
        Ambiguity of ranges in the unit of RANGE.
    transmit_delay_s, receive_delay_s : mapping of int to float
        Delays of the equipment by participant.
    corrections : mapping of str to float
        To be added to the observations of a kind (``RANGE`` ...), in their SI unit.
    corrections_applied : bool or None
        Whether the values contain them already; None where the message does not say.

    Raises
    ------
    InputError
        Shapes that do not fit, or a path through a participant that is not there.
    """

    tai_ns: NDArray[np.int64]
    kind: NDArray[np.object_]
    value: NDArray[np.float64]
    units: Mapping[str, str]
    participants: Mapping[int, str]
    path: tuple[int, ...] = ()
    path_1: tuple[int, ...] = ()
    path_2: tuple[int, ...] = ()
    mode: str = ""
    timetag: str = ""
    integration_interval_s: float | None = None
    integration_reference: str = ""
    frequency_offset_hz: float | None = None
    angle_type: str = ""
    reference_frame: str = ""
    range_mode: str = ""
    range_modulus: float | None = None
    transmit_delay_s: Mapping[int, float] = field(default_factory=dict)
    receive_delay_s: Mapping[int, float] = field(default_factory=dict)
    corrections: Mapping[str, float] = field(default_factory=dict)
    corrections_applied: bool | None = None

    def __post_init__(self) -> None:
        shapes = {self.tai_ns.shape, self.kind.shape, self.value.shape}
        if len(shapes) > 1 or self.tai_ns.ndim != 1:
            raise InputError(
                "the columns of a tracking pass differ in length", value=sorted(map(str, shapes)),
                allowed="(n,) each", where="TrackingPass",
            )  # fmt: skip
        missing = sorted({*self.path, *self.path_1, *self.path_2} - set(self.participants))
        if missing:
            raise InputError(
                "a path goes through a participant that is not there", value=missing,
                allowed=sorted(self.participants).__str__(), where="TrackingPass.path",
            )  # fmt: skip
        unknown = sorted(set(self.kind.tolist()) - set(self.units))
        if unknown:
            raise InputError(
                "a kind of observation has no unit", value=unknown, allowed="a unit in TrackingPass.units"
            )

    def __len__(self) -> int:
        """Return n."""
        return int(self.tai_ns.size)

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds that occur, in the order of their first observation."""
        return tuple(dict.fromkeys(self.kind.tolist()))

    def of(self, kind: str) -> Observations:
        """Return the observations of one kind as they were measured.

        Raises
        ------
        UnknownNameError
            No observation of that kind in this pass.
        """
        mine = self.kind == kind
        if not bool(mine.any()):
            raise UnknownNameError(
                "no such observations in this pass", value=kind, allowed=", ".join(self.kinds())
            )
        return Observations(kind, self.tai_ns[mine], self.value[mine], self.units[kind])

    def corrected(self, kind: str) -> Observations:
        """Return the observations of one kind, the correction of the pass added if it is not yet in them.

        Raises
        ------
        InputError
            The pass names a correction, but not whether it has been applied.
        """
        found = self.of(kind)
        correction = self.corrections.get(_family(kind))
        if correction is None or self.corrections_applied:
            return found
        if self.corrections_applied is None:
            raise InputError(
                "nobody says whether the correction has been applied", value=f"{correction} {found.unit}",
                allowed="CORRECTIONS_APPLIED = YES or NO", where=kind, hint="take `of` for the plain values",
            )  # fmt: skip
        return Observations(kind, found.tai_ns, found.value + correction, found.unit)

    def received_frequencies(self, kind: str = "RECEIVE_FREQ") -> Observations:
        """Return whole received frequencies: the values plus the offset of the pass."""
        found = self.of(kind)
        offset = self.frequency_offset_hz or 0.0
        return Observations(kind, found.tai_ns, found.value + offset, found.unit)


def _family(kind: str) -> str:
    """Return the name under which a correction of a kind stands."""
    if kind.startswith("DOPPLER_"):
        return "DOPPLER"
    if kind.startswith(("RECEIVE_FREQ", "RECEIVE_PHASE")):
        return "RECEIVE"
    return "TRANSMIT" if kind.startswith(("TRANSMIT_FREQ", "TRANSMIT_PHASE")) else kind
