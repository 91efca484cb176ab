"""Names and units of the columns of data lines, from the tables and from what the message itself says."""

from __future__ import annotations

from syzygy.formats.ccsds.model import Block, Message

Column = tuple[str, str]
_CARTESIAN = (
    "X:km Y:km Z:km X_DOT:km/s Y_DOT:km/s Z_DOT:km/s X_DDOT:km/s**2 Y_DDOT:km/s**2 Z_DDOT:km/s**2"
).split()
_CARTESIAN_SETS = {"CARTP": 3, "CARTPV": 6, "CARTPVA": 9}
_OWN_UNITS = {"traj": "TRAJ_UNITS", "cov": "COV_UNITS", "man": "MAN_UNITS"}


def segment_columns(message: Message, metadata: Block) -> tuple[Column, ...]:
    """Return (name, unit) of the data lines of an OEM or AEM segment after the epoch; empty for others."""
    columns = message.table.columns if message.table else {}
    _, texts = columns.get(metadata.text("ATTITUDE_TYPE").upper(), ("", ()))
    return tuple(_split(text) for text in texts)


def block_columns(block: Block) -> list[Column]:
    """Return (name, unit) of the lines of an OCM block as the block itself states them; empty for others."""
    own = _OWN_UNITS.get(block.name)
    return _own_columns(block, block.text(own)) if own else []


def _own_columns(block: Block, units: str) -> list[Column]:
    given = [unit.strip() for unit in units.strip().strip("[]").split(",")] if units else []
    names: list[str] = []
    if block.name == "traj":
        cartesian = _CARTESIAN[: _CARTESIAN_SETS.get(block.text("TRAJ_TYPE").upper(), 0)]
        names = [_split(text)[0] for text in cartesian]
        given = given or [_split(text)[1] for text in cartesian]
    elif block.name == "man":
        names = [name.strip() for name in block.text("MAN_COMPOSITION").split(",")][1:]
        given = given[1:] if len(given) > len(names) else given
    names += [f"value {index + 1}" for index in range(len(names), len(given))]
    return list(zip(names, given, strict=False)) if given else [(name, "") for name in names]


def _split(text: str) -> Column:
    name, _, unit = text.partition(":")
    return name.rpartition("/")[2], unit
