"""A gravity field: fully normalised coefficients with the GM, radius and tide system they belong to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import CoverageError, InputError

TIDE_SYSTEMS = ("tide_free", "zero_tide", "mean_tide", "unknown")


@dataclass(frozen=True, eq=False)
class GravityField:
    """Spherical harmonics of a body.

    Attributes
    ----------
    name : str
        E.g. ``GRGM660PRIM``.
    gm_m3_s2, radius_m : float
        Those of the file: coefficients mean nothing without them.
    cosine, sine : array (n + 1, n + 1)
        Fully normalised coefficients C and S, degree first; entry (0, 0) is 1.
    tide_system : str
        ``tide_free``, ``zero_tide``, ``mean_tide`` or ``unknown``: what of the permanent tide C(2,0) holds.
    sha256 : str
        Hash of the file.
    """

    name: str
    gm_m3_s2: float
    radius_m: float
    cosine: NDArray[np.float64]
    sine: NDArray[np.float64]
    tide_system: str
    sha256: str

    def __post_init__(self) -> None:
        shape = self.cosine.shape
        if len(shape) != 2 or shape[0] != shape[1] or self.sine.shape != shape:
            raise InputError(
                "the coefficients of a gravity field are not two square tables",
                value=f"{shape} and {self.sine.shape}",
                allowed="(n + 1, n + 1), degree first",
                where=self.name,
            )
        numbers = (self.gm_m3_s2, self.radius_m)
        if not all(np.isfinite(number) and number > 0.0 for number in numbers):
            raise InputError(
                "a gravity field needs its own GM and radius",
                value=f"GM {self.gm_m3_s2} m3/s2, radius {self.radius_m} m",
                allowed="positive numbers",
                where=self.name,
            )
        if not (np.isfinite(self.cosine).all() and np.isfinite(self.sine).all()):
            raise InputError("a coefficient of a gravity field is not finite", where=self.name)
        self.cosine.setflags(write=False)
        self.sine.setflags(write=False)

    @property
    def degree(self) -> int:
        """The highest degree."""
        return int(self.cosine.shape[0]) - 1

    def truncate(self, degree: int, order: int | None = None) -> GravityField:
        """Return the field up to a degree and an order.

        Raises
        ------
        CoverageError
            The field does not go that far.
        """
        order = degree if order is None else order
        if not 0 <= order <= degree <= self.degree:
            raise CoverageError(
                "the gravity field does not have this degree and order",
                value=f"{degree} x {order}",
                allowed=f"up to {self.degree} x {self.degree}, order not above degree",
                where=self.name,
            )
        cosine = self.cosine[: degree + 1, : degree + 1].copy()
        sine = self.sine[: degree + 1, : degree + 1].copy()
        cosine[:, order + 1 :] = 0.0
        sine[:, order + 1 :] = 0.0
        return GravityField(
            self.name, self.gm_m3_s2, self.radius_m, cosine, sine, self.tide_system, self.sha256
        )


def harmonic_words(field: GravityField) -> NDArray[np.float64]:
    """Return the rows of the compiled sums: per degree alpha, beta, c, C and S of degree + 3 numbers.

    A[n,m] = alpha u A[n-1,m] - beta A[n-2,m] for the fully normalised Legendre functions without their
    factor cos^m, dA[n,m]/du = c A[n,m+1]; place n of alpha holds A[n,n], a constant.

    **Source**: Holmes and Featherstone, J. Geodesy 76, 279 (2002), eq. 11 to 13; Pines, AIAA J. 11 (1973).
    """
    width = field.degree + 3
    words = np.zeros((field.degree + 1, 5, width))
    words[0, 0, 0] = 1.0
    diagonal = 1.0
    for n in range(1, field.degree + 1):
        m = np.arange(n, dtype=np.float64)
        words[n, 0, :n] = np.sqrt((2 * n + 1.0) * (2 * n - 1.0) / ((n - m) * (n + m)))
        if n > 1:
            upper = (2 * n + 1.0) * (n + m - 1.0) * (n - m - 1.0)
            words[n, 1, :n] = np.sqrt(upper / ((2 * n - 3.0) * (n + m) * (n - m)))
        diagonal *= np.sqrt(3.0) if n == 1 else np.sqrt((2 * n + 1.0) / (2.0 * n))
        words[n, 0, n] = diagonal
        words[n, 2, :n] = np.sqrt(np.where(m == 0, 0.5, 1.0) * (n - m) * (n + m + 1.0))
        words[n, 3, : n + 1] = field.cosine[n, : n + 1]
        words[n, 4, : n + 1] = field.sine[n, : n + 1]
    return words.ravel()
