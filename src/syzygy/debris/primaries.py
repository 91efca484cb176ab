"""The objects that are screened against all others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import UnknownNameError
from syzygy.debris.element_sets import LeftOut
from syzygy.debris.object_names import NamedObjects


def choose_primaries(
    primaries: Sequence[str], names: NamedObjects, object_id: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], tuple[LeftOut, ...]]:
    """Return which objects are primaries (all when none is named), and the named ones that are not there.

    Raises
    ------
    UnknownNameError
        None of the named primaries is there.
    """
    if not primaries:
        return np.ones(len(object_id), dtype=bool), ()
    found, missing = names.find(primaries)
    if not (found >= 0).any():
        shown = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        raise UnknownNameError(
            "a primary is in no catalogue" if len(missing) == 1 else "no primary is in any catalogue",
            value=shown,
            allowed=f"one of the {len(np.unique(object_id))} objects of the inputs, by number or designator",
            where="primaries",
            hint="add the catalogue that holds it, or correct the number",
        )
    chosen = np.isin(object_id, found[found >= 0])
    why = "a primary that no catalogue holds; the others were screened"
    return chosen, tuple(
        LeftOut("primaries", 0, int(name) if name.isdigit() else 0, "absent", f"{name}: {why}")
        for name in dict.fromkeys(missing)
    )
