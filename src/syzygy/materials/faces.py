"""Faces of a body: names, outward normals, attitude."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError, InputError
from syzygy.base.provenance import InputFile
from syzygy.materials.requests import ExposureRequest

_NORMALS = {
    "ram": (1.0, 0.0, 0.0),
    "wake": (-1.0, 0.0, 0.0),
    "starboard": (0.0, 1.0, 0.0),
    "port": (0.0, -1.0, 0.0),
    "nadir": (0.0, 0.0, 1.0),
    "zenith": (0.0, 0.0, -1.0),
}
_MAX_FACES = 500
_UNIT_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces with their normals in LVLH axes.

    Attributes
    ----------
    names : tuple of str
        In the order of the request.
    normals : numpy array (n, 3)
        Unit vectors, LVLH: x along the motion, y against the orbit normal, z down. Zero for a face that
        follows the Sun.
    follows_sun : numpy array (n,) bool
        The normal points to the Sun at all times.
    """

    names: tuple[str, ...]
    normals: NDArray[np.float64]
    follows_sun: NDArray[np.bool_]


def choose_faces(request: ExposureRequest) -> Faces:
    """Return the faces of a request, turned by its attitude.

    Raises
    ------
    FormatError, InputError
        The CSV of normals cannot be read, a normal is not a unit vector, or a name occurs twice.
    """
    names = list(request.faces)
    body = [_NORMALS.get(name, (0.0, 0.0, 0.0)) for name in names]
    if request.normals is not None:
        extra_names, extra_normals = read_normals(request.normals)
        twice = sorted(set(names) & set(extra_names))
        if twice:
            raise InputError(
                "a face is named twice",
                value=", ".join(twice),
                allowed="names not used by the option faces",
                where=request.normals.name,
            )
        names += extra_names
        body += extra_normals
    turn = lvlh_from_body(request.yaw_rad, request.pitch_rad, request.roll_rad)
    normals = np.array(body, dtype=np.float64) @ turn.T
    return Faces(tuple(names), normals, np.array([name == "sun" for name in names]))


def lvlh_from_body(yaw_rad: float, pitch_rad: float, roll_rad: float) -> NDArray[np.float64]:
    """Return the rotation from body to LVLH axes: yaw about z, then pitch about y, then roll about x."""
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (yaw_rad, pitch_rad, roll_rad))
    yaw = np.array([[cy, -sy, 0.0], [sy, cy, 0.0], [0.0, 0.0, 1.0]])
    pitch = np.array([[cp, 0.0, sp], [0.0, 1.0, 0.0], [-sp, 0.0, cp]])
    roll = np.array([[1.0, 0.0, 0.0], [0.0, cr, -sr], [0.0, sr, cr]])
    return np.asarray(yaw @ pitch @ roll)


def read_normals(source: InputFile) -> tuple[list[str], list[tuple[float, float, float]]]:
    """Read ``face,x,y,z`` rows.

    Raises
    ------
    FormatError
        Columns are missing, a number cannot be read, a vector is not of length 1, a name is empty or double.
    """
    try:
        text = source.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "the file of normals is not text", value=str(error), allowed="UTF-8 CSV", where=source.name
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    absent = [name for name in ("face", "x", "y", "z") if name not in (reader.fieldnames or ())]
    if absent:
        raise FormatError(
            "columns are missing", value=", ".join(absent), allowed="face,x,y,z", where=f"{source.name}:1"
        )
    names: list[str] = []
    normals: list[tuple[float, float, float]] = []
    for row in reader:
        where = f"{source.name}:{reader.line_num}"
        name = (row["face"] or "").strip()
        if not name or name in names or name == "sun":
            raise FormatError(
                "a face has no name of its own", value=repr(name), allowed="each name once", where=where
            )
        names.append(name)
        normals.append(_unit_vector(row, where))
    if not 1 <= len(names) <= _MAX_FACES:
        raise FormatError(
            "the number of faces is out of range",
            value=len(names),
            allowed=f"1 to {_MAX_FACES}",
            where=source.name,
        )
    return names, normals


def _unit_vector(row: dict[str, str], where: str) -> tuple[float, float, float]:
    try:
        x, y, z = (float(row[axis]) for axis in ("x", "y", "z"))
    except (TypeError, ValueError) as error:
        raise FormatError(
            "a component is not a number", value=str(error), allowed="a number", where=where
        ) from error
    length = float(np.sqrt(x * x + y * y + z * z))
    if not abs(length - 1.0) <= _UNIT_TOLERANCE:
        raise FormatError(
            "a normal is not a unit vector",
            value=f"length {length:g}",
            allowed=f"1 within {_UNIT_TOLERANCE:g}",
            where=where,
            hint="divide the components by the length",
        )
    return x / length, y / length, z / length
