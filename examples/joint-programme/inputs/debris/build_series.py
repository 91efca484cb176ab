"""Make five earlier messages of a real event: wider covariances, misses as far off as those allow.

The last message of the series is the real one. Run it from the root of the project:

    python examples/joint-programme/inputs/debris/build_series.py
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from syzygy.data import build_almanac
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.conjunctions import make_conjunction, read_conjunction, write_conjunction

PLACE = Path(__file__).resolve().parent
HERE = PLACE / "series"
REAL = PLACE / "conjunctions" / "000028485_conj_000044777_20220407_231108_20220406_140506.cdm"
HOURS_BEFORE = (57.0, 81.0, 105.0, 129.0, 153.0)
POWER, SEED = 1.2, 7


def main() -> None:
    """Write the messages, the real one unchanged."""
    leap_seconds = build_almanac(("leap_seconds",)).leap_seconds
    real = read_conjunction(read_message(REAL.read_bytes(), name=REAL.name), leap_seconds)
    (HERE / "6_real.cdm").write_bytes(REAL.read_bytes())
    one, two = real.objects
    along = two.states.velocity_m_s - one.states.velocity_m_s
    axes = np.linalg.svd(along[None, :])[2][1:]
    random = np.random.default_rng(SEED)
    spread = _plane_covariance(real, axes)
    hours_real = (real.tca_tai_ns - real.header.creation_tai_ns) / 3.6e12
    offset, scale = np.zeros(2), 1.0
    for number, hours in zip(range(5, 0, -1), HOURS_BEFORE, strict=True):
        larger = (hours / hours_real) ** POWER
        offset = offset + np.sqrt(larger**2 - scale**2) * np.linalg.cholesky(spread) @ random.standard_normal(
            2
        )
        scale = larger
        moved = replace(two.states, position_m=two.states.position_m + axes.T @ offset)
        objects = (
            replace(one, covariance_rtn=one.covariance_rtn * scale**2),
            replace(two, states=moved, covariance_rtn=two.covariance_rtn * scale**2),
        )
        created = real.tca_tai_ns - round(hours * 3.6e12)
        header = replace(
            real.header, creation_tai_ns=created, message_id=f"SYNTHETIC_{number}", originator="SYZYGY"
        )
        comments = ("HBR = 8.7 [m]", "made from a real message by build_series.py: not an observation")
        made = make_conjunction(*objects, comments=comments, header=header)
        (HERE / f"{number}_synthetic.cdm").write_bytes(write_conjunction(made, leap_seconds))


def _plane_covariance(real, axes):
    from syzygy.astro.frames import rtn_axes

    total = np.zeros((3, 3))
    for item in real.objects:
        turn = rtn_axes(item.states.position_m, item.states.velocity_m_s).T
        total += turn @ item.covariance_rtn[:3, :3] @ turn.T
    return axes @ total @ axes.T


if __name__ == "__main__":
    main()
