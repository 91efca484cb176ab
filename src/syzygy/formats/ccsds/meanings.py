"""What each keyword means, in a few words of this project; the standards have the full definitions."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

_VERSION = re.compile(r"CCSDS_([A-Z]{3})_VERS")
_MARKER = re.compile(r"([A-Z]+)_(START|STOP)")
_INTERVAL = re.compile(r"IMPACT_([123])_([A-Z_]+)")
_COVARIANCE = re.compile(r"C([XYZRTN](?:_?DOT)?|DRG|SRP|THR)_([XYZRTN](?:_?DOT)?|DRG|SRP|THR)")
_BLOCKS = {
    "META": "metadata", "COVARIANCE": "covariance lines", "TRAJ": "trajectory", "PHYS": "physical properties",
    "COV": "covariance history", "MAN": "manoeuvre", "PERT": "perturbations", "OD": "orbit determination",
    "USER": "user-defined parameters", "DATA": "data lines", "ATT": "attitude history",
    "AD": "attitude determination", "SENSOR": "sensor", "QUAT": "quaternion", "EULER": "Euler angles",
    "ANGVEL": "angular velocity", "SPIN": "spin", "INERTIA": "inertia",
}  # fmt: skip
_AXES = {
    "X": "X", "Y": "Y", "Z": "Z", "R": "radial position", "T": "transverse position", "N": "normal position",
    "DRG": "drag", "SRP": "solar radiation pressure", "THR": "thrust",
}  # fmt: skip
_PARTS = {
    "CONFIDENCE": "confidence", "START_LON": "longitude at the start", "START_LAT": "latitude at the start",
    "STOP_LON": "longitude at the end", "STOP_LAT": "latitude at the end",
    "CROSS_TRACK": "width across the track",
}  # fmt: skip


@cache
def _texts() -> dict[tuple[str, str], str]:
    text = (files("syzygy.formats.ccsds") / "resources" / "meanings.csv").read_text(encoding="utf-8")
    return {(row["message"], row["keyword"]): row["meaning"] for row in csv.DictReader(text.splitlines())}


def keyword_meaning(kind: str, keyword: str) -> str:
    """Return the meaning of a keyword of a message type, empty where there is none.

    Examples
    --------
    >>> keyword_meaning("OPM", "CX_DOT_Y"), keyword_meaning("RDM", "IMPACT_1_STOP_LAT")
    ('covariance of X rate and Y', 'interval 1: latitude at the end')
    """
    texts = _texts()
    found = texts.get((kind, keyword)) or texts.get(("", keyword))
    if found:
        return found
    if match := _VERSION.fullmatch(keyword):
        return f"version of the {match.group(1)}"
    if (match := _MARKER.fullmatch(keyword)) and match.group(1) in _BLOCKS:
        return f"{'begins' if match.group(2) == 'START' else 'ends'} a block: {_BLOCKS[match.group(1)]}"
    if match := _INTERVAL.fullmatch(keyword):
        return f"interval {match.group(1)}: {_PARTS[match.group(2)]}"
    if match := _COVARIANCE.fullmatch(keyword):
        first, second = (_axis(text) for text in match.groups())
        return f"variance of {first}" if first == second else f"covariance of {first} and {second}"
    return ""


def _axis(text: str) -> str:
    if text.endswith("DOT"):
        letter = text[0]
        return f"{_AXES[letter].removesuffix(' position')} {'rate' if letter in 'XYZ' else 'velocity'}"
    return _AXES[text]
