"""Which compiled functions a force model needs: only those are compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_MOST_FILLS, _MOST_PULLS = 3, 4


@dataclass(frozen=True, eq=False)
class Entries:
    """Compiled functions of the forces.

    Attributes
    ----------
    fills : tuple
        They fill what depends on time only.
    pulls : tuple
        They add up the acceleration, its gradient and the columns.
    """

    fills: tuple[Any, ...]
    pulls: tuple[Any, ...]

    def padded(self) -> tuple[Any, ...]:
        """Return three, four, and how many of them count, as compiled loops take them."""
        fills = self.fills + self.fills[-1:] * (_MOST_FILLS - len(self.fills))
        pulls = self.pulls + self.pulls[-1:] * (_MOST_PULLS - len(self.pulls))
        return *fills, *pulls, (len(self.fills), len(self.pulls))


def list_entries(
    model: tuple[Any, ...], *, gradients: bool = False, columns: bool = False, parameters: bool = False
) -> Entries:
    """Return the functions for the arrays of a model, compiled where nobody did so before.

    Parameters
    ----------
    model : tuple of arrays
        As `syzygy.astro.forces.tables` makes it.
    gradients : bool
        With the derivatives by position of points, fields and light.
    columns, parameters : bool
        With the columns of the transition matrix (and all derivatives), and with those of parameters.
    """
    from syzygy.astro.forces import entry_kernels

    if not (gradients or columns):
        return Entries(entry_kernels.fills_of(model), entry_kernels.pulls_of(model))
    from syzygy.astro.forces import partial_kernels

    fills = entry_kernels.fills_of(model, partial_kernels.fields_entry)
    pulls = partial_kernels.gradient_pulls_of(model, small=columns)
    return Entries(fills, (*pulls, partial_kernels.column_pull(parameters)) if columns else pulls)
