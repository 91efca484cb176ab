"""Binary PCK, the orientation kernels of SPICE: Euler angles as Chebyshev series (type 2).

**Source**: NAIF, "PCK Required Reading", binary PCK type 2.
"""

from __future__ import annotations

from pathlib import Path

from syzygy.astro.ephemerides import BodyOrientation, Segment
from syzygy.astro.ephemerides.store import open_store
from syzygy.base.errors import FormatError
from syzygy.formats.chebyshev_segments import SegmentPlace, read_layout
from syzygy.formats.daf import read_daf, require_kind

_ICRF = 1
_TYPE = 2


def open_binary_pck(path: Path, *, name: str = "", sha256: str = "") -> BodyOrientation:
    """Open a binary PCK file that holds the orientation of one frame, e.g. lunar principal axes.

    Parameters
    ----------
    path : Path
        The ``.bpc`` file, of either byte order.
    name : str
        What to call the axes; by default the name of the file.
    sha256 : str
        Its hash where it is known already.

    Raises
    ------
    FormatError
        Not a binary PCK, cut short, damaged, of another type, or with more than one frame.
    """
    contents = read_daf(path)
    require_kind(contents, "PCK", 2, 5)
    frames = {summary.integers[0] for summary in contents.summaries}
    if len(frames) != 1:
        raise FormatError(
            "the PCK file does not hold one frame",
            value=sorted(frames) or "none",
            allowed="one frame",
            where=str(path),
        )
    store = open_store(path, sha256=sha256, big_endian=contents.big_endian)
    segments = []
    for number, summary in enumerate(contents.summaries, start=1):
        frame, base, kind, first, last = summary.integers
        start, end = summary.doubles
        if (kind, base) != (_TYPE, _ICRF):
            raise FormatError(
                "a PCK segment of a kind that cannot be evaluated",
                value=f"type {kind} against frame {base}",
                allowed="type 2 (Chebyshev angles) against frame 1 (ICRF)",
                where=f"{path}, segment {number}",
            )
        place = SegmentPlace(first, last, start, end, 3, f"{path}, segment {number}")
        layout = read_layout(store, place)
        segments.append(Segment(frame, base, start, end, layout, 1.0, store, summary.name))
    return BodyOrientation(name or path.stem, tuple(segments))
