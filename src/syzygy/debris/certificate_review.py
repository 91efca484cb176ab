"""A certificate file against the catalogues it speaks of: the whole question of a partner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.base.errors import InputError
from syzygy.base.provenance import InputFile
from syzygy.base.tables import Table
from syzygy.debris.certificate_check import check_certificate
from syzygy.debris.certificate_statement import Statement, find_contradictions, read_statement
from syzygy.debris.element_sets import hash_sets
from syzygy.debris.ephemeris_paths import names_earth_fixed_states
from syzygy.debris.objects import ScreenedObjects, load_objects
from syzygy.debris.paths import EphemerisPaths
from syzygy.formats.tabular import FORMATS, read_table

_SAME_INSTANT_NS = 1_000_000
_SAME = 1e-9
_DIGITS = 12


@dataclass(frozen=True)
class ReviewedCertificate:
    """What a certificate speaks of, and what of it does not hold.

    Attributes
    ----------
    statement : Statement
    chunks : int
        Rows.
    measured : int
        Objects whose slack is measured and not proven, at most.
    max_slack_m : float
        Largest slack claimed.
    problems : tuple of str
        Empty where all holds.
    """

    statement: Statement
    chunks: int
    measured: int
    max_slack_m: float
    problems: tuple[str, ...]


def review_certificate(
    path: Path,
    catalogues: Sequence[InputFile],
    almanac_with: Callable[[Sequence[str]], Almanac],
    *,
    start_tai_ns: int | None = None,
    window_s: float | None = None,
    threshold_m: float | None = None,
    samples: int = 200,
) -> ReviewedCertificate:
    """Check a certificate file against the catalogues and ephemerides that were screened.

    Parameters
    ----------
    path : Path
        The table ``certificate`` of a screening: .parquet, .csv or .json.
    catalogues : sequence of InputFile
        As given to the screening.
    almanac_with : callable
        Needs -> Almanac; Earth orientation is asked for only where an ephemeris is Earth-fixed.
    start_tai_ns, window_s, threshold_m : optional
        What was asked for, TAI nanoseconds, s and m: compared where given.
    samples : int
        Objects whose motion is held against the bounds.

    Raises
    ------
    FormatError, InputError, StorageError
        The certificate is none; a catalogue cannot be read.
    """
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise InputError(
            "the file name does not say what kind of table the certificate is",
            value=path.name,
            allowed="a name that ends in .parquet, .csv or .json",
            where="CERTIFICATE",
            hint="the certificate comes first, the catalogues after it",
        )
    certificate = read_table(path)
    leap_seconds = almanac_with(("leap_seconds",)).leap_seconds
    said = read_statement(certificate, leap_seconds, name=path.name)
    needs = ["leap_seconds"] + ["earth_orientation"] * any(map(names_earth_fixed_states, catalogues))
    objects = load_objects(catalogues, said.start_tai_ns, said.window_s, almanac_with(needs)).objects
    problems = [
        *_misfits(said, start_tai_ns, window_s, threshold_m),
        *_other_objects(said, objects),
        *find_contradictions(certificate, said, leap_seconds),
        *check_certificate(
            certificate,
            objects.elements,
            start_tai_ns=said.start_tai_ns,
            window_s=said.window_s,
            threshold_m=said.threshold_m,
            ephemerides=EphemerisPaths(tuple(part for item in objects.ephemerides for part in item.tables)),
            samples=samples,
        ),
    ]
    return ReviewedCertificate(
        said,
        len(certificate),
        int(np.max(_numbers(certificate, "measured"))),
        float(np.max(_numbers(certificate, "max_slack_m"))),
        tuple(problems),
    )


def _numbers(certificate: Table, name: str) -> np.ndarray:
    return np.asarray(certificate[name], dtype=np.float64)


def _misfits(
    said: Statement, start_tai_ns: int | None, window_s: float | None, threshold_m: float | None
) -> list[str]:
    """Return where the certificate speaks of something else than what was asked for."""
    problems = []
    if start_tai_ns is not None and abs(said.start_tai_ns - start_tai_ns) > _SAME_INSTANT_NS:
        problems.append(
            f"speaks of a window that begins {(said.start_tai_ns - start_tai_ns) / 1e9:+.3f} s from the one "
            "asked for"
        )
    for what, unit, mine, asked in (
        ("a window of", "s", said.window_s, window_s),
        ("a distance of", "m", said.threshold_m, threshold_m),
    ):
        if asked is not None and abs(mine - asked) > _SAME * asked:
            problems.append(f"speaks of {what} {mine:g} {unit}, asked for were {asked:g} {unit}")
    return problems


def _other_objects(said: Statement, objects: ScreenedObjects) -> list[str]:
    """Return where the objects of the files are others than those of the certificate."""
    problems = []
    sets, stretches = len(objects.elements), len(objects) - len(objects.elements)
    found = hash_sets(objects.elements)
    if (said.element_sets, said.sets_sha256) != (sets, found):
        problems.append(
            f"speaks of other element sets: {said.element_sets} with the hash {said.sets_sha256[:_DIGITS]}, "
            f"the files hold {sets} with {found[:_DIGITS]}"
        )
    if said.ephemerides != stretches:
        problems.append(f"speaks of {said.ephemerides} stretches of ephemerides, the files hold {stretches}")
    if not 0 < said.primaries <= len(objects):
        problems.append(f"speaks of {said.primaries} objects screened against all, of {len(objects)}")
    return problems
