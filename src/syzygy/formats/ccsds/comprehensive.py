"""OCM and RDM: trajectories, covariances, manoeuvres and re-entry predictions of the core.

The whole message goes to values and back by `typed_tree`; this module draws from those what the core computes
with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.conics import state_from_elements
from syzygy.astro.propagation.tabulated import CovarianceHistory, TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.base.errors import FormatError, InputError
from syzygy.formats.ccsds.core_frames import core_centre, core_frame
from syzygy.formats.ccsds.covariances import CARTESIAN, CARTESIAN_NAMES, symmetric
from syzygy.formats.ccsds.typed import Section
from syzygy.formats.ccsds.typed_tree import DataLines, TypedBlock, TypedMessage

_STATES = ("CARTPV", "CARTPVA", "KEPLERIAN", "KEPLERIANMEAN")
_DEFAULT_DEGREE = 3


@dataclass(frozen=True, eq=False)
class ManeuverLines:
    """The lines of one manoeuvre block of an OCM.

    Attributes
    ----------
    identifier, device, purpose, frame : str
        MAN_ID, MAN_DEVICE_ID, MAN_PURPOSE, MAN_REF_FRAME.
    columns : tuple of str
        Names behind the time, as MAN_COMPOSITION lists them: ``MAN_DURA``, ``DV_X`` ...
    lines : DataLines
        Values in SI.
    """

    identifier: str
    device: str
    purpose: str
    frame: str
    columns: tuple[str, ...]
    lines: DataLines

    def column(self, name: str) -> NDArray[np.float64] | None:
        """Return a column in SI, None where the block does not have it."""
        return self.lines.values[:, self.columns.index(name)] if name in self.columns else None

    def vectors(self, prefix: str) -> NDArray[np.float64] | None:
        """Return (n, 3) of ``DV``, ``ACC``, ``THR`` or ``DEPLOY_DV``, None where the block has no such."""
        parts = [self.column(f"{prefix}_{axis}") for axis in "XYZ"]
        known = [part for part in parts if part is not None]
        return np.stack(known, axis=1) if len(known) == 3 else None

    def intervals_tai_ns(self) -> NDArray[np.int64]:
        """Return begin and end (n, 2) of each line; both alike where there is no MAN_DURA."""
        begin = self.lines.tai_ns
        duration = self.column("MAN_DURA")
        length = np.zeros(begin.size) if duration is None else duration
        return np.stack([begin, begin + np.rint(length * 1e9).astype(np.int64)], axis=1)


def maneuver_lines(message: TypedMessage) -> tuple[ManeuverLines, ...]:
    """Return the manoeuvre blocks of an OCM."""
    _require(message, "OCM")
    found = []
    for block in message.root.all("man"):
        if block.lines is not None:
            section = block.section
            names = [name.strip() for name in section.text("MAN_COMPOSITION").upper().split(",")]
            found.append(
                ManeuverLines(
                    section.text("MAN_ID"), section.text("MAN_DEVICE_ID"), section.text("MAN_PURPOSE"),
                    section.text("MAN_REF_FRAME"), tuple(names[1:]), block.lines,
                )
            )  # fmt: skip
    return tuple(found)


def trajectories(message: TypedMessage) -> tuple[TabulatedTrajectory, ...]:
    """Return the trajectory blocks of an OCM as tables of states; manoeuvres of the message are borders.

    What the book lets a message leave out is taken as it says (6.2.1.3): centre Earth, axes ICRF3, elements
    CARTPV, degree 3 where an interpolation is named. Keplerian elements become states with the GM of the
    block of perturbations, else with that of the centre.

    Raises
    ------
    FormatError
        No OCM, or two states at one instant.
    FrameError
        Axes or a centre that the core does not have.
    InputError
        Elements that the core cannot turn into states (CARTP has no velocities, EQUIN ...).

    **Accuracy**: as `read_typed` and `state_from_elements`.
    """
    _require(message, "OCM")
    borders, jumps = _borders(message)
    found = []
    for block in message.root.all("traj"):
        if block.lines is None:
            continue
        states, acceleration = _states(block, block.lines, message.section("pert"))
        nodes = states.tai_ns
        if bool((np.diff(nodes) <= 0).any()):
            at = int(np.argmax(np.diff(nodes) <= 0)) + 2
            raise FormatError(
                "the states of a block do not ascend in time", value=f"state {at}",
                allowed="each later than the one before", where=block.section.text("TRAJ_ID") or "traj",
            )  # fmt: skip
        section = block.section
        span = [section.values.get(f"USEABLE_{end}_TIME") for end in ("START", "STOP")]
        first = max(span[0], int(nodes[0])) if isinstance(span[0], int) else int(nodes[0])
        last = min(span[1], int(nodes[-1])) if isinstance(span[1], int) else int(nodes[-1])
        kind = section.text("INTERPOLATION").upper()
        degree = section.values.get("INTERPOLATION_DEGREE", _DEFAULT_DEGREE if kind else 0)
        inside = (borders > nodes[0]) & (borders < nodes[-1])
        found.append(
            TabulatedTrajectory(
                states, (first, last), kind, degree if isinstance(degree, int) else 0, acceleration,
                border_tai_ns=borders[inside], border_jumps=jumps[inside],
            )
        )  # fmt: skip
    return tuple(found)


def _states(
    block: TypedBlock, lines: DataLines, perturbations: Section
) -> tuple[States, NDArray[np.float64] | None]:
    section = block.section
    kind = section.text("TRAJ_TYPE").upper() or "CARTPV"
    where = section.text("TRAJ_ID") or "traj"
    if kind not in _STATES:
        raise InputError(
            "the elements of this trajectory cannot become states of the core", value=kind,
            allowed=", ".join(_STATES), where=where, hint="the values stand in the typed block",
        )  # fmt: skip
    frame = core_frame(section.text("TRAJ_REF_FRAME") or "ICRF3", where, keyword="TRAJ_REF_FRAME")
    centre = core_centre(section.text("CENTER_NAME") or "EARTH", where)
    values = lines.values
    if kind.startswith("CART"):
        states = States(values[:, :3], values[:, 3:6], lines.tai_ns, frame, centre)
        return states, values[:, 6:9] if kind == "CARTPVA" else None
    gm = perturbations.values.get("GM", centre.gm_m3_s2)
    position, velocity = state_from_elements(
        *values.T, gm_m3_s2=float(gm) if isinstance(gm, float) else centre.gm_m3_s2,
        mean=kind == "KEPLERIANMEAN",
    )  # fmt: skip
    return States(position, velocity, lines.tai_ns, frame, centre), None


def _borders(message: TypedMessage) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return begin and end of every manoeuvre, ascending, and whether the velocity jumps there."""
    marks: dict[int, bool] = {}
    for block in maneuver_lines(message):
        for begin, end in block.intervals_tai_ns().tolist():
            impulse = begin == end
            marks[begin] = marks.get(begin, False) or impulse
            marks[end] = marks.get(end, False) or impulse
    instants = np.array(sorted(marks), dtype=np.int64)
    return instants, np.array([marks[instant] for instant in sorted(marks)], dtype=np.bool_)


def covariances(message: TypedMessage) -> tuple[CovarianceHistory, ...]:
    """Return the covariance blocks of an OCM that are of position and velocity (CARTPV).

    Raises
    ------
    FormatError
        No OCM.
    InputError
        Other elements: their values stand in the typed block.
    """
    _require(message, "OCM")
    found = []
    for block in message.root.all("cov"):
        if block.lines is None:
            continue
        kind = block.section.text("COV_TYPE").upper() or "CARTPV"
        if kind != "CARTPV":
            raise InputError(
                "a covariance is not of position and velocity", value=kind, allowed="CARTPV",
                where=block.section.text("COV_ID") or "cov", hint="the values stand in the typed block",
            )  # fmt: skip
        matrices = _matrices(block.lines.values, block.section.text("COV_ORDERING").upper() or "LTM")
        frame = block.section.text("COV_REF_FRAME") or "TNW_INERTIAL"
        found.append(CovarianceHistory(block.lines.tai_ns, matrices, (frame,) * len(block.lines)))
    return tuple(found)


def _matrices(values: NDArray[np.float64], order: str) -> NDArray[np.float64]:
    size = 6
    if order == "LTM":
        return symmetric(values)
    if order == "UTM":
        rows, columns = np.triu_indices(size)
        matrix = np.zeros((values.shape[0], size, size))
        matrix[:, rows, columns] = values
        matrix[:, columns, rows] = values
        return matrix
    square = values.reshape(-1, size, size)
    rows, columns = np.tril_indices(size) if order != "UTMWCC" else np.triu_indices(size)
    return square.copy() if order == "FULL" else _mirrored(square, rows, columns)


def _mirrored(
    square: NDArray[np.float64], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.float64]:
    matrix = np.zeros_like(square)
    matrix[:, rows, columns] = square[:, rows, columns]
    matrix[:, columns, rows] = square[:, rows, columns]
    return matrix


@dataclass(frozen=True, eq=False)
class Reentry:
    """A re-entry prediction (RDM).

    Attributes
    ----------
    object_name, international_designator : str
    reference_tai_ns : int
        EPOCH_TZERO.
    orbit_lifetime_s : float
        From then on.
    reentry_altitude_m : float
    nominal_reentry_tai_ns : int or None
    reentry_window_tai_ns : tuple of int or None
    states : States or None
    covariance : float64 (6, 6) or None
    covariance_frame : str
    atmosphere, impact, spacecraft, determination : Section
        All keywords of these blocks in SI (angles in rad, confidence as a share).
    """

    object_name: str
    international_designator: str
    reference_tai_ns: int
    orbit_lifetime_s: float
    reentry_altitude_m: float
    nominal_reentry_tai_ns: int | None
    reentry_window_tai_ns: tuple[int, int] | None
    states: States | None
    covariance: NDArray[np.float64] | None
    covariance_frame: str
    atmosphere: Section
    impact: Section
    spacecraft: Section
    determination: Section


def reentry_of(message: TypedMessage) -> Reentry:
    """Return the re-entry prediction of an RDM; `write_typed` takes the message itself back.

    Raises
    ------
    FormatError
        No RDM.
    FrameError
        A state in axes that the core does not have.
    """
    _require(message, "RDM")
    metadata = message.section("metadata")
    atmosphere = message.section("atmosphericReentryParameters")
    window = [atmosphere.values.get(f"REENTRY_WINDOW_{end}") for end in ("START", "END")]
    begin, end = (bound if isinstance(bound, int) else None for bound in window)
    nominal = atmosphere.values.get("NOMINAL_REENTRY_EPOCH")
    vector, matrix = message.section("stateVector"), message.section("covarianceMatrix")
    states, covariance = None, None
    if vector.values:
        state = np.array([vector.number(key) for key in CARTESIAN])
        frame = core_frame(metadata.text("REF_FRAME"), "RDM")
        centre = core_centre(metadata.text("CENTER_NAME"), "RDM")
        epoch = np.asarray(vector.values["EPOCH"], dtype=np.int64)
        states = States(state[:3], state[3:], epoch, frame, centre)
    if matrix.values:
        covariance = symmetric([matrix.number(key) for key in CARTESIAN_NAMES])
    return Reentry(
        metadata.text("OBJECT_NAME"), metadata.text("INTERNATIONAL_DESIGNATOR"), message.zero_tai_ns or 0,
        atmosphere.number("ORBIT_LIFETIME"), atmosphere.number("REENTRY_ALTITUDE"),
        nominal if isinstance(nominal, int) else None,
        (begin, end) if begin is not None and end is not None else None, states, covariance,
        (matrix.text("COV_REF_FRAME") or metadata.text("REF_FRAME")) if matrix.values else "", atmosphere,
        message.section("groundImpactParameters"), message.section("spacecraftParameters"),
        message.section("odParameters"),
    )  # fmt: skip


def _require(message: TypedMessage, kind: str) -> None:
    if message.kind != kind:
        raise FormatError(f"an {kind} is due", value=message.kind, allowed=kind, where="TypedMessage")
