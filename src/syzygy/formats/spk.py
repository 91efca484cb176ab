"""SPK, the ephemeris kernels of SPICE: Chebyshev positions (type 2) and positions with velocities (type 3).

**Source**: NAIF, "SPK Required Reading", types 2 and 3.
"""

from __future__ import annotations

from pathlib import Path

from syzygy.astro.ephemerides import Ephemeris, Segment
from syzygy.astro.ephemerides.store import CoefficientStore, open_store
from syzygy.base.errors import FormatError
from syzygy.formats.chebyshev_segments import SegmentPlace, read_layout
from syzygy.formats.daf import DafSummary, read_daf, require_kind

_COMPONENTS = {2: 3, 3: 6}
_ICRF = 1
_M_PER_KM = 1e3


def open_spk(path: Path, *, name: str = "", sha256: str = "") -> Ephemeris:
    """Open an SPK file as an ephemeris; its coefficients are mapped, not read.

    Parameters
    ----------
    path : Path
        The ``.bsp`` file, of either byte order.
    name : str
        What to call the ephemeris; by default the name of the file.
    sha256 : str
        Its hash where it is known already (hashing DE440 takes a quarter of a second).

    Returns
    -------
    Ephemeris
        Segments of other types, or in other axes than ICRF, are listed in its `refused`.

    Raises
    ------
    FormatError
        Not an SPK file, cut short, damaged, or without any segment that can be evaluated.
    """
    contents = read_daf(path)
    require_kind(contents, "SPK", 2, 6)
    if not contents.summaries:
        raise FormatError("the SPK file has no segments", value=path, allowed="at least one segment")
    store = open_store(path, sha256=sha256, big_endian=contents.big_endian)
    segments: list[Segment] = []
    refused: list[str] = []
    for number, summary in enumerate(contents.summaries, start=1):
        reason = _reason_to_refuse(summary)
        if reason:
            refused.append(f"segment {number} ({reason})")
        else:
            segments.append(_segment(store, summary, f"{path}, segment {number}"))
    if not segments:
        raise FormatError(
            "no segment of the SPK file can be evaluated",
            value="; ".join(refused[:5]),
            allowed="type 2 or 3 (Chebyshev series), ICRF axes (frame 1)",
            where=str(path),
        )
    return Ephemeris(name or path.stem, tuple(segments), tuple(refused))


def _reason_to_refuse(summary: DafSummary) -> str:
    target, centre, frame, kind = summary.integers[:4]
    if kind not in _COMPONENTS:
        return f"{target} about {centre} of type {kind}"
    if frame != _ICRF:
        return f"{target} about {centre} in frame {frame}"
    return ""


def _segment(store: CoefficientStore, summary: DafSummary, where: str) -> Segment:
    target, centre, _frame, kind, first, last = summary.integers
    start, end = summary.doubles
    if target == centre:
        raise FormatError(
            "a segment ties a body to itself", value=target, allowed="two different bodies", where=where
        )
    place = SegmentPlace(first, last, start, end, _COMPONENTS[kind], where)
    return Segment(target, centre, start, end, read_layout(store, place), _M_PER_KM, store, summary.name)
