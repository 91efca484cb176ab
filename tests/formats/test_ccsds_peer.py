"""Values of messages beside an independent reader (brahe), wherever both accept a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from syzygy.base.errors import SyzygyError
from syzygy.formats.ccsds import Message, read_lines, read_message

pytestmark = pytest.mark.peer
_RELATIVE = 4e-16  # the peer multiplies by 1000 after reading: one rounding


def _accepted(folder: Path, kind: str) -> Iterator[tuple[Message, object]]:
    ccsds = pytest.importorskip("brahe.ccsds")
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        with contextlib.suppress(SyzygyError, ValueError):
            message = read_message(path.read_bytes(), name=path.name)
            if message.kind != kind or message.form == "json":
                continue
            try:
                peer = getattr(ccsds, kind).from_str(path.read_text())
            except BaseException as error:  # its panics are no Exceptions
                if isinstance(error, KeyboardInterrupt | SystemExit):
                    raise
                continue
            yield message, peer


@pytest.mark.slow
def test_states_of_ephemerides_agree(shared_data: Path) -> None:
    files = states = 0
    for message, peer in _accepted(shared_data / "exchange" / "ccsds", "OEM"):
        for index, segment in enumerate(message.segments):
            theirs = peer.segments[index]  # type: ignore[attr-defined]
            assert theirs.object_name == segment.block("metadata").text("OBJECT_NAME")  # type: ignore[union-attr]
            mine = read_lines(message, index).values
            values = np.array([[*state.position, *state.velocity] for state in theirs.states])
            assert values.shape == mine[:, :6].shape
            assert np.allclose(mine[:, :6] * 1000.0, values, rtol=_RELATIVE, atol=0.0), message.name
            states += len(values)
        files += 1
    assert files >= 12
    assert states >= 480


@pytest.mark.slow
def test_states_of_parameter_messages_agree(shared_data: Path) -> None:
    files = 0
    for message, peer in _accepted(shared_data / "exchange" / "ccsds", "OPM"):
        mine = [
            message.find(name)[0].number() * 1000.0 for name in ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
        ]
        values = [*peer.position, *peer.velocity]  # type: ignore[attr-defined]
        assert np.allclose(mine, values, rtol=_RELATIVE, atol=0.0), message.name
        assert len(message.find("MAN_DURATION")) == len(peer.maneuvers)  # type: ignore[attr-defined]
        files += 1
    assert files >= 12


@pytest.mark.slow
def test_conjunctions_agree(shared_data: Path) -> None:
    files = 0
    for message, peer in _accepted(shared_data / "exchange" / "ccsds", "CDM"):
        assert message.find("MISS_DISTANCE")[0].number() == peer.miss_distance  # type: ignore[attr-defined]
        for index, state in enumerate((peer.object1_state, peer.object2_state)):  # type: ignore[attr-defined]
            names = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
            mine = [message.find(name)[index].number() * 1000.0 for name in names]
            assert np.allclose(mine, np.ravel(state), rtol=_RELATIVE, atol=0.0), message.name
        files += 1
    assert files >= 12
