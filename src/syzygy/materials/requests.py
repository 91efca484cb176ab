"""The request for an exposure study."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.errors import InputError, ProblemList, SyzygyError
from syzygy.base.provenance import InputFile
from syzygy.base.requests import option

FACE_NAMES = ("ram", "wake", "zenith", "nadir", "port", "starboard", "sun")
_DAY_S = 86400.0


@dataclass(frozen=True, kw_only=True)
class ExposureRequest:
    """Which spacecraft, when, which faces, and for how long the material is to stay outside."""

    orbit: InputFile = option("element sets (TLE, 3LE or OMM) with the spacecraft in it", positional=True)
    object_id: int = option("catalogue number of the spacecraft", minimum=1, maximum=999_999_999)
    start_tai_ns: int = option("start of the exposure", kind="epoch")
    duration_s: float = option(
        "length of the exposure that is computed step by step",
        unit="d",
        minimum=0.1,
        maximum=60.0,
        default=30.0 * _DAY_S,
    )
    step_s: float = option(
        "step in time; sums take the middle of each step", unit="s", minimum=1.0, maximum=120.0, default=30.0
    )
    faces: tuple[str, ...] = option(
        "faces of the body (attitude LVLH), and sun: a plate that follows the Sun",
        choices=FACE_NAMES,
        default=FACE_NAMES,
    )
    normals: InputFile | None = option(
        "more faces as CSV: face,x,y,z with the outward normal in body axes (x ram, y starboard, z nadir)",
        default=None,
    )
    yaw_rad: float = option(
        "turn of the body about nadir; 180 flies tail first",
        unit="deg",
        minimum=-180.0,
        maximum=180.0,
        default=0.0,
    )
    pitch_rad: float = option(
        "then about starboard, nose up", unit="deg", minimum=-180.0, maximum=180.0, default=0.0
    )
    roll_rad: float = option(
        "then about the nose, starboard down", unit="deg", minimum=-180.0, maximum=180.0, default=0.0
    )
    campaign_s: float = option(
        "length of the whole campaign, to which the result is scaled with its uncertainty",
        unit="d",
        minimum=1.0,
        maximum=40.0 * 365.25,
        default=1826.0 * _DAY_S,
    )
    absorptance: float = option(
        "solar absorptance of the coupons, for their temperature", minimum=0.01, maximum=1.0, default=0.5
    )
    emittance: float = option(
        "infrared emittance of the coupons, for their temperature", minimum=0.01, maximum=1.0, default=0.8
    )
    yields: InputFile | None = option(
        "erosion yields as CSV (abbreviation, yield_cm3_atom, kind), for the depth of erosion", default=None
    )

    def __post_init__(self) -> None:
        problems: list[SyzygyError] = []
        if not self.faces and self.normals is None:
            problems.append(
                InputError(
                    "there is no face to expose",
                    value="no faces and no normals",
                    allowed=", ".join(FACE_NAMES),
                    where="faces",
                )
            )
        if len(set(self.faces)) != len(self.faces):
            problems.append(
                InputError(
                    "a face is named twice",
                    value=", ".join(self.faces),
                    allowed="each face once",
                    where="faces",
                )
            )
        if self.duration_s < self.step_s:
            problems.append(
                InputError(
                    "the step is longer than the exposure",
                    value=f"{self.step_s:g} s",
                    allowed=f"{self.duration_s:g} s or less",
                    where="step_s",
                )
            )
        if self.campaign_s < self.duration_s:
            problems.append(
                InputError(
                    "the campaign is shorter than the exposure computed for it",
                    value=f"{self.campaign_s / _DAY_S:g} d",
                    allowed=f"{self.duration_s / _DAY_S:g} d or more",
                    where="campaign_d",
                    hint="shorten the duration, or lengthen the campaign",
                )
            )
        if problems:
            raise ProblemList(problems)
