"""Hostile messages: the slowest inputs that a search of the readers has found, in MB per second of CPU.

Each construction repeats what costs a reader most for its bytes: the smallest blocks, the shortest lines, the
most findings, comments between lines, empty objects. `MESSAGES` go to `read_message`, `CATALOGUES` to
`read_omm`; `python -m benchmarks hostile` prints the slowest ten.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import numpy as np

from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import SyzygyError
from syzygy.formats.ccsds import read_message
from syzygy.formats.omm import read_omm

SIZE = 300_000
_ASKED_MB_S = 1.0
_SHOWN = 10
_LEAP_SECONDS = LeapSeconds(np.array([730]), np.array([37]), 2**62)
_HEAD = "CCSDS_{} = {}\nCREATION_DATE = 2026-01-01T00:00:00\nORIGINATOR = T\n"
_META = (
    "META_START\nOBJECT_NAME = A\nOBJECT_ID = 2026-001A\nCENTER_NAME = EARTH\nREF_FRAME = EME2000\n"
    "TIME_SYSTEM = UTC\nSTART_TIME = 2026-01-01T00:00:00\nSTOP_TIME = 2027-01-01T00:00:00\nMETA_STOP\n"
)
_LINE = "2026-01-01T00:00:00 1.0 2.0 3.0 4.0 5.0 6.0\n"
_ROWS = "1\n1 1\n1 1 1\n1 1 1 1\n1 1 1 1 1\n1 1 1 1 1 1\n"
_TRACKING = (
    "META_START\nTIME_SYSTEM = UTC\nPARTICIPANT_1 = A\nPARTICIPANT_2 = B\nMODE = SEQUENTIAL\nPATH = 1,2,1\n"
    "META_STOP\n"
)
_RELATIVE = "META_START\nTIME_SYSTEM = UTC\nEPOCH_TZERO = 2026-01-01T00:00:00\nMETA_STOP\n"
_OEM, _TDM = _HEAD.format("OEM_VERS", "3.0"), _HEAD.format("TDM_VERS", "2.0")
_OCM = _HEAD.format("OCM_VERS", "3.0") + _RELATIVE
_ACM = _HEAD.format("ACM_VERS", "2.0") + _RELATIVE.replace("TIME_S", "OBJECT_NAME = A\nTIME_S")
_TRAJECTORY = "TRAJ_START\nCENTER_NAME = EARTH\nTRAJ_REF_FRAME = GCRF\nTRAJ_TYPE = CARTP\n"
_MANEUVER = "MAN_START\nMAN_ID = A\nMAN_DEVICE_ID = A\nMAN_COMPOSITION = "
_COVARIANCE = "COV_START\nCOV_REF_FRAME = RTN\nCOV_TYPE = CARTP\n"
_ATTITUDE = (
    "ATT_START\nREF_FRAME_A = EME2000\nREF_FRAME_B = SC_BODY_1\nNUMBER_STATES = 4\nATT_TYPE = QUATERNION\n"
)
_CSV = (
    "OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,"
    "MEAN_ANOMALY,EPHEMERIS_TYPE,CLASSIFICATION_TYPE,NORAD_CAT_ID,ELEMENT_SET_NO,REV_AT_EPOCH,BSTAR,"
    "MEAN_MOTION_DOT,MEAN_MOTION_DDOT\n"
)
_CSV_LINE = "A,A,2026-001T00:00:00,1,0,1,1,1,1,0,U,1,1,1,0,0,0\n"
_JSON = '{"oem":{"@version":"3.0",'


def _filled(head: str, part: str, tail: str = "") -> Callable[[int], bytes]:
    return lambda size: (head + part * (size // len(part) + 1) + tail).encode()


def _listed(head: str, item: str, tail: str) -> Callable[[int], bytes]:
    return lambda size: (head + ",".join([item] * (size // (len(item) + 1))) + tail).encode()


def _counted(head: str, part: str, tail: str = "") -> Callable[[int], bytes]:
    """Every part with a number of its own, so that nothing is met twice."""

    def build(size: int) -> bytes:
        return (head + "".join(part.format(i) for i in range(size // (len(part) + 4))) + tail).encode()

    return build


_OBSERVED = "DATA_START\nRANGE = 2026-01-01T00:00:00 1.0\nDATA_STOP\n"
_OBSERVATIONS = _TDM + _TRACKING + "DATA_START\n"
_COVARIANCES = _OEM + _META + _LINE + "COVARIANCE_START\n"
_BARE_ROWS = _ROWS.replace("1", "1.")
MESSAGES: dict[str, Callable[[int], bytes]] = {
    "OEM, a segment per state": _filled(_OEM, _META + _LINE),
    "OEM, segments with a covariance": _filled(
        _OEM, f"{_META}{_LINE}COVARIANCE_START\nEPOCH = 2026-01-01T00:00:00\n{_ROWS}COVARIANCE_STOP\n"
    ),
    "OEM, segments all different": _counted(_OEM, (_META + _LINE).replace("= A\n", "= A{}\n")),
    "OEM, segments with CR LF": _filled(_OEM, (_META + _LINE).replace("\n", "\r\n")),
    "OEM, segments in small letters": _filled(_OEM, (_META + _LINE).lower().replace("t00:", "T00:")),
    "OEM, segments indented": _filled(_OEM, (" " + _META + _LINE).replace("\n", "\n ")[:-1]),
    "OEM, small letters in keywords": _filled(_OEM, (_META + _LINE).replace("OBJECT_NAME", "object_name")),
    "OEM, markers only": _filled(_OEM, "META_START\nMETA_STOP\n"),
    "OEM, keywords without values": _filled(_OEM, "META_START\nOBJECT_NAME =\nREF_FRAME =\nMETA_STOP\n"),
    "OEM, control characters": _filled(_OEM, "COMMENT \x01\n"),
    "OEM, covariances": _filled(_COVARIANCES, "EPOCH = 2026-01-01T00:00:00\n" + _ROWS, "COVARIANCE_STOP\n"),
    "OEM, covariances of bare points": _filled(
        _COVARIANCES, "EPOCH = 2026-01-01T00:00:00\n" + _BARE_ROWS, "COVARIANCE_STOP\n"
    ),
    "OEM, covariances of one row": _filled(_COVARIANCES, "EPOCH=1\n1\n", "COVARIANCE_STOP\n"),
    "OEM, comments between states": _filled(_OEM + _META, "2026-001T00:00:00 1 2 3 4 5 6\nCOMMENT\n"),
    "OEM, bare points": _filled(_OEM + _META, "2026-001T00:00:00 1. 2. 3. .4 .5 .6\n"),
    "TDM, a segment per observation": _filled(_TDM, _TRACKING + _OBSERVED),
    "TDM, segments all different": _counted(_TDM, (_TRACKING + _OBSERVED).replace("= A\n", "= A{}\n")),
    "TDM, bare points": _filled(_OBSERVATIONS, "RANGE=2026-001T00:00:00 .1\n", "DATA_STOP\n"),
    "TDM, comments between": _filled(
        _OBSERVATIONS, "RANGE = 2026-01-01T00:00:00 1.0\nCOMMENT\n", "DATA_STOP\n"
    ),
    "OCM, a trajectory per line": _filled(_OCM, _TRAJECTORY + "0 1 1 1\nTRAJ_STOP\n"),
    "OCM, trajectory lines": _filled(_OCM + _TRAJECTORY, "0 1 1 1\n", "TRAJ_STOP\n"),
    "OCM, trajectory lines, comments": _filled(_OCM + _TRAJECTORY, "0 1 1 1\nCOMMENT\n", "TRAJ_STOP\n"),
    "OCM, manoeuvres": _filled(_OCM, _MANEUVER + "TIME_ABSOLUTE,MAN_DURA\n2026-01-01T00:00:00 1\nMAN_STOP\n"),
    "OCM, manoeuvre lines": _filled(_OCM + _MANEUVER + "TIME_RELATIVE,MAN_DURA\n", "0 1\n", "MAN_STOP\n"),
    "OCM, manoeuvre lines, bare": _filled(
        _OCM + _MANEUVER + "TIME_RELATIVE,MAN_DURA\n", ".1 .1\n", "MAN_STOP\n"
    ),
    "OCM, a covariance per line": _filled(_OCM, _COVARIANCE + "0 1 1 1 1 1 1\nCOV_STOP\n"),
    "OCM, covariance lines, comments": _filled(_OCM + _COVARIANCE, "0 1 1 1 1 1 1\nCOMMENT\n", "COV_STOP\n"),
    "ACM, attitude lines": _filled(_ACM + _ATTITUDE, "0 0 0 0 1\n", "ATT_STOP\n"),
    "ACM, attitude lines, comments": _filled(_ACM + _ATTITUDE, "0 0. 0. 0. 1.\nCOMMENT\n", "ATT_STOP\n"),
    "JSON, comments": _listed(_JSON + '"header":{"COMMENT":[', '""', "]}}}"),
    "JSON, empty segments": _listed(_JSON + '"body":{"segment":[', "{}", "]}}}"),
    "JSON, empty states": _listed(_JSON + '"body":{"segment":{"data":{"stateVector":[', "{}", "]}}}}}"),
    "JSON, empty covariances": _listed(
        _JSON + '"body":{"segment":{"data":{"covarianceMatrix":[', "{}", "]}}}}}"
    ),
    "XML, unknown elements": _filled("<oem version='3.0'><body>", "<a/>", "</body></oem>"),
    "catalogue in CSV as messages": _filled(_CSV, _CSV_LINE),
}
CATALOGUES: dict[str, Callable[[int], bytes]] = {
    "catalogue in JSON, empty objects": _listed("[", "{}", "]"),
    "catalogue in CSV": _filled(_CSV, _CSV_LINE),
    "catalogue in KVN": _filled("", "CCSDS_OMM_VERS=3\nA=1\n"),
    "catalogue in XML": _filled("<ndm>", "<omm/>", "</ndm>"),
}


def read_construction(name: str, content: bytes, *, strict: bool = False) -> None:
    """Read a construction with its reader; a refusal is an answer."""
    with contextlib.suppress(SyzygyError):
        if name in CATALOGUES:
            read_omm(content, _LEAP_SECONDS)
        else:
            read_message(content, strict=strict)


def _speeds(size: int) -> Iterator[tuple[float, str]]:
    for name, build in (MESSAGES | CATALOGUES).items():
        content = build(size)
        times = []
        for strict in (False, True):
            best = float("inf")
            for _ in range(3):
                start = time.process_time()
                read_construction(name, content, strict=strict)
                best = min(best, time.process_time() - start)
            times.append(best)
        yield len(content) / 1e6 / max(times), name


def run() -> list[dict[str, object]]:
    """Return a row for each of the slowest constructions, the slowest first."""
    found = sorted(_speeds(SIZE))
    count = len(MESSAGES | CATALOGUES)
    return [
        {
            "task": f"{name} (of {count} constructions of {SIZE // 1000} kB; asked {_ASKED_MB_S:g} MB/s)",
            "ours": speed, "peer": None, "peer_name": "", "ratio": None, "unit": "MB/s", "accuracy": "-",
        }
        for name, speed in [(name, speed) for speed, name in found[:_SHOWN]]
    ]  # fmt: skip


if __name__ == "__main__":
    for line in run():
        print(line)
