"""Broken messages: mutants of good ones are read or refused, and nothing else ever happens.

``python tests/formats/test_ccsds_fuzz.py COUNT SEED`` runs more of them than the suite does.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

from syzygy.base.errors import SyzygyError
from syzygy.formats.ccsds import compare_messages, read_lines, read_message, write_message

FOLDER = Path(__file__).resolve().parents[1] / "data" / "ccsds"
_SPICE = (
    b"META_START\n",
    b"META_STOP\n",
    b"DATA_START\n",
    b"DATA_STOP\n",
    b"COMMENT\n",
    b"COMMENT=",
    b"=",
    b" = ",
    b"\r",
    b"\n",
    b"\t",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"nan",
    b"1e999",
    b"1D5",
    b"-",
    b".",
    b"[",
    b"]",
    b"[km]",
    b"<",
    b">",
    b"&",
    b"&lt;",
    b"&#0;",
    b"<!DOCTYPE a>",
    b"<!-- -->",
    b"<![CDATA[x]]>",
    b"<?x?>",
    b"</segment>",
    b"<segment>",
    b"<COMMENT/>",
    b"60",
    b"T23:59:60",
    b"-366T",
    b"0000-",
    b"9999-",
    b"COVARIANCE_START\n",
    b"COVARIANCE_STOP\n",
    b"TRAJ_START\n",
    b"USER_DEFINED_\n",
    b"USER_DEFINED_X = 1\n",
    b'"',
    b"{",
    b"}",
    b"\\",
    b"\\ud800",
    b"null",
    "\u2212".encode(),
    b"  ",
    b"1 2 3 4 5 6 7 8 9 10 11",
    b"EPOCH = 2000-001T00:00:00\n",
)


def seeds() -> list[bytes]:
    """Return the carried messages, and each that is read also as XML and JSON."""
    found = []
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in (".csv", ".md"):
            continue
        content = path.read_bytes()
        found.append(content)
        try:
            message = read_message(content)
        except SyzygyError:
            continue
        found += [write_message(message, form) for form in ("xml", "json", "kvn")]
    return found


def mutate(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Return the content with one to six random changes."""
    text = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        size = len(text)
        at = chance.randrange(size + 1)
        kind = chance.randrange(8)
        if kind == 0 and size:
            text[at % size] = chance.randrange(256)
        elif kind == 1:
            del text[at : at + chance.randint(1, 40)]
        elif kind == 2:
            text[at:at] = chance.choice(_SPICE)
        elif kind == 3:
            text[at:at] = text[at : at + chance.randint(1, 200)] * chance.randint(1, 3)
        elif kind == 4:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            text[at:at] = other[start : start + chance.randint(1, 300)]
        else:
            lines = bytes(text).split(b"\n")
            one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
            if kind == 5:
                lines[one], lines[two] = lines[two], lines[one]
            elif kind == 6:
                lines.insert(one, lines[two])
            else:
                del lines[one]
            text = bytearray(b"\n".join(lines))
    return bytes(text)


def examine(content: bytes) -> bool:
    """Read a mutant and use it in every way; return whether it was accepted."""
    try:
        message = read_message(content, name="mutant")
    except SyzygyError:
        return False
    assert message.to_bytes() == content
    for form in ("kvn", "xml", "json"):
        try:
            again = read_message(write_message(message, form, numbers=True))
            list(compare_messages(message, again))
        except SyzygyError:
            continue
    for index in range(len(message.segments)):
        try:
            read_lines(message, index)
        except SyzygyError:
            continue
    return True


@pytest.mark.parametrize("seed", range(4))
def test_mutants_are_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    pool = seeds()
    accepted = sum(examine(mutate(chance.choice(pool), pool, chance)) for _ in range(300))
    assert 10 < accepted < 290


def main(count: int, seed: int) -> None:
    """Examine `count` mutants and print how many were accepted and the slowest."""
    chance = random.Random(seed)
    pool = seeds()
    accepted, slowest, start = 0, (0.0, b""), time.perf_counter()
    for number in range(count):
        content = mutate(chance.choice(pool), pool, chance)
        began = time.process_time()
        try:
            accepted += examine(content)
        except Exception:
            Path(f"/tmp/mutant-{seed}-{number}").write_bytes(content)
            raise
        slowest = max(slowest, ((time.process_time() - began) / (len(content) + 1000), content))
    rate = count / (time.perf_counter() - start)
    print(
        f"{count} mutants, {accepted} accepted, {rate:.0f}/s, slowest {slowest[0] * 1e6:.1f} us/byte",
        flush=True,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
