"""The radius of each object, where a file gives it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.base.provenance import InputFile
from syzygy.base.tables import Table, column
from syzygy.debris.element_sets import LeftOut
from syzygy.debris.object_names import NamedObjects
from syzygy.formats.object_lists import read_radii


@dataclass(frozen=True)
class ObjectRadii:
    """Radii of the objects of a screening.

    Attributes
    ----------
    given : bool
        Whether a file was named at all.
    radius_m : float64 (n,)
        0 where it is not known.
    left_out : tuple of LeftOut
        Lines of the file that cannot be used.
    """

    given: bool
    radius_m: NDArray[np.float64]
    left_out: tuple[LeftOut, ...]


def read_object_radii(
    source: InputFile | None, names: NamedObjects, object_id: NDArray[np.int64]
) -> ObjectRadii:
    """Read the radii of a request; of two lines for one object the later one counts.

    Raises
    ------
    FormatError
        No text, or without the columns ``object`` and ``radius_m``.
    """
    radius_m = np.zeros(len(object_id))
    if source is None:
        return ObjectRadii(False, radius_m, ())
    found, bad = read_radii(source.read(), name=source.name)
    numbers, _ = names.find([item.object for item in found])
    known = {n: item.radius_m for n, item in zip(numbers.tolist(), found, strict=True) if n >= 0}
    radius_m[:] = [known.get(number, 0.0) for number in object_id.tolist()]
    left_out = tuple(
        LeftOut(source.name, record.line, 0, "rejected", f"{record.reason}: {record.text}") for record in bad
    )
    return ObjectRadii(True, radius_m, left_out)


def with_radii(events: Table, pairs: NDArray[np.int64], radii: ObjectRadii) -> Table:
    """Return the events with two further columns, when a file of radii was given."""
    if not radii.given:
        return events
    columns = [
        column(f"radius_{side}_m", radii.radius_m[pairs[:, k]], "m", f"radius of {side}, 0 where not known")
        for k, side in enumerate("ab")
    ]
    return replace(events, columns=(*events.columns, *columns))
