"""Compiled loop: density and inward speed on a sphere, for many instants and many points of it."""

from __future__ import annotations

import math

from syzygy.numerics.inner_kernels import apart


@apart(cache=True, nogil=True, fastmath=False)
def flux_rows(  # type: ignore[no-untyped-def]
    directions, frame, mean, inverse, mixed, remainder, radius, least, quadratic, inward, spread
):
    """Fill squared Mahalanobis distance, mean inward speed (m/s) and its sigma (m/s), each (m, k).

    directions (k, 3) of the sphere in axes frame (m or 1, 3, 3); mean (m, 6) of the relative state; inverse
    (m, 3, 3) of the covariance of position; mixed that of velocity with position; remainder that of velocity
    once the position is known; least: the smallest variance of a speed.
    """
    for i in range(mean.shape[0]):
        f = frame[min(i, frame.shape[0] - 1)]
        p, b, c = inverse[i], mixed[i], remainder[i]
        for k in range(directions.shape[0]):
            d0, d1, d2 = directions[k, 0], directions[k, 1], directions[k, 2]
            x = d0 * f[0, 0] + d1 * f[1, 0] + d2 * f[2, 0]
            y = d0 * f[0, 1] + d1 * f[1, 1] + d2 * f[2, 1]
            z = d0 * f[0, 2] + d1 * f[1, 2] + d2 * f[2, 2]
            ax, ay, az = radius * x - mean[i, 0], radius * y - mean[i, 1], radius * z - mean[i, 2]
            px = p[0, 0] * ax + p[0, 1] * ay + p[0, 2] * az
            py = p[1, 0] * ax + p[1, 1] * ay + p[1, 2] * az
            pz = p[2, 0] * ax + p[2, 1] * ay + p[2, 2] * az
            quadratic[i, k] = ax * px + ay * py + az * pz
            vx = mean[i, 3] + (b[0, 0] * px + b[0, 1] * py + b[0, 2] * pz)
            vy = mean[i, 4] + (b[1, 0] * px + b[1, 1] * py + b[1, 2] * pz)
            vz = mean[i, 5] + (b[2, 0] * px + b[2, 1] * py + b[2, 2] * pz)
            inward[i, k] = -(x * vx + y * vy + z * vz)
            wx = c[0, 0] * x + c[0, 1] * y + c[0, 2] * z
            wy = c[1, 0] * x + c[1, 1] * y + c[1, 2] * z
            wz = c[2, 0] * x + c[2, 1] * y + c[2, 2] * z
            spread[i, k] = math.sqrt(max(x * wx + y * wy + z * wz, least))
