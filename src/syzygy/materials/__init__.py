"""Materials in the space environment: what a surface on an orbit is exposed to, and how sure that is."""

from syzygy.base.study import StudyKind

STUDIES: tuple[StudyKind, ...] = (
    StudyKind(
        name="materials.exposure",
        command=("materials", "exposure"),
        summary="Atomic oxygen, sunlight, eclipses and thermal cycles on the faces of a spacecraft.",
        request="syzygy.materials.requests:ExposureRequest",
        compute="syzygy.materials.exposure:compute_exposure",
        draw="syzygy.materials.picture:draw_exposure",
        needs=("leap_seconds", "earth_orientation", "ephemeris", "space_weather"),
    ),
)
