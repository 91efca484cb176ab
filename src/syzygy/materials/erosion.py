"""Depth of erosion by atomic oxygen, from measured yields; a lower bound stays a lower bound."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from syzygy.base.errors import FormatError
from syzygy.base.provenance import InputFile

KINDS = ("value", "lower_bound", "witness")


@dataclass(frozen=True)
class ErosionYield:
    """Volume lost per oxygen atom.

    Attributes
    ----------
    name : str
        Material.
    sample : str
        Sample it was measured on.
    yield_m3 : float
        Per atom.
    kind : str
        ``value``, ``lower_bound`` (the sample was eroded through: censored) or ``witness``.
    """

    name: str
    sample: str
    yield_m3: float
    kind: str


def read_yields(source: InputFile) -> tuple[ErosionYield, ...]:
    """Read erosion yields from CSV: columns abbreviation, yield_cm3_atom, kind, and sample if there is one.

    Raises
    ------
    FormatError
        Columns are missing, a yield is not a positive number below 1e-20 cm3, or a kind is unknown.
    """
    try:
        text = source.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "the file of yields is not text", value=str(error), allowed="UTF-8 CSV", where=source.name
        ) from error
    lines = text.splitlines()
    skipped = sum(1 for line in lines if line.startswith("#"))
    reader = csv.DictReader(io.StringIO("\n".join(line for line in lines if not line.startswith("#"))))
    absent = [n for n in ("abbreviation", "yield_cm3_atom", "kind") if n not in (reader.fieldnames or ())]
    if absent:
        raise FormatError(
            "columns are missing",
            value=", ".join(absent),
            allowed="abbreviation, yield_cm3_atom, kind",
            where=source.name,
        )
    found = []
    for row in reader:
        where = f"{source.name}:{reader.line_num + skipped}"
        if row["kind"] not in KINDS:
            raise FormatError(
                "an unknown kind of yield", value=repr(row["kind"]), allowed=", ".join(KINDS), where=where
            )
        try:
            value_cm3 = float(row["yield_cm3_atom"])
        except (TypeError, ValueError):
            value_cm3 = -1.0
        if not 0.0 < value_cm3 < 1e-20:
            raise FormatError(
                "a yield is not a volume per atom",
                value=repr(row["yield_cm3_atom"]),
                allowed="more than 0, less than 1e-20 cm3",
                where=where,
            )
        found.append(
            ErosionYield(
                (row["abbreviation"] or "").strip(),
                (row.get("sample") or "").strip(),
                value_cm3 * 1e-6,
                row["kind"],
            )
        )
    if not found:
        raise FormatError("the file has no yields", allowed="at least one row", where=source.name)
    return tuple(found)
