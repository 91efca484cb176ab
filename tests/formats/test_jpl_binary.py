"""JPL binary files: a small one made here, the real DE440 where it is installed, damage refused."""

from __future__ import annotations

import csv
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syzygy.astro.bodies import EARTH, MOON, SUN, VENUS, VENUS_BARYCENTER
from syzygy.base.errors import FormatError, MissingDataError, StorageError, SyzygyError
from syzygy.data import find_data_set, locate_data_set
from syzygy.formats.jpl_binary import open_jpl_binary
from syzygy.formats.spk import open_spk

TERMS = 12
WORDS_WITHOUT_LIBRATIONS = 2 + 11 * 3 * TERMS
WORDS = WORDS_WITHOUT_LIBRATIONS + 4 * 3 * TERMS
MASS_RATIO = 81.3
START_JD = 2451536.5
RECORDS = 3


def small_file(order="<", librations=True):
    """Header, constants and three records of 32 days with random coefficients."""
    random = np.random.default_rng(440)
    words = WORDS if librations else WORDS_WITHOUT_LIBRATIONS
    pointers, first = [], 3
    for _ in range(11):
        pointers.append((first, TERMS, 1))
        first += 3 * TERMS
    pointers.append((first, 0, 0))
    head = bytearray(words * 8)
    head[252 : 252 + 12] = b"AU    EMRAT "
    struct.pack_into(order + "3d", head, 2652, START_JD, START_JD + 32.0 * RECORDS, 32.0)
    struct.pack_into(order + "i2d", head, 2676, 2, 149597870.7, MASS_RATIO)
    struct.pack_into(order + "36i", head, 2696, *np.ravel(pointers))
    struct.pack_into(order + "4i", head, 2840, 440, *((first, TERMS, 4) if librations else (0, 0, 0)))
    constants = np.zeros(words)
    constants[:2] = (149597870.7, MASS_RATIO)
    data = random.normal(size=(RECORDS, words))
    data[:, 0] = START_JD + 32.0 * np.arange(RECORDS)
    data[:, 1] = data[:, 0] + 32.0
    return bytes(head) + constants.astype(order + "f8").tobytes() + data.astype(order + "f8").tobytes()


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.440"
    path.write_bytes(small_file())
    return path


def test_the_header_is_read(small):
    binary = open_jpl_binary(small)
    assert binary.number == 440
    assert dict(binary.constants) == {"AU": 149597870.7, "EMRAT": MASS_RATIO}
    assert binary.ephemeris.span_tdb_s == (-8.5 * 86400.0, (96.0 - 8.5) * 86400.0)


def test_venus_is_its_own_barycentre(small):
    assert not np.any(open_jpl_binary(small).ephemeris.position_at_tdb(VENUS, VENUS_BARYCENTER, 0.0))


def test_both_byte_orders_give_the_same_bits(small, tmp_path):
    (tmp_path / "big.440").write_bytes(small_file(">"))
    ours, big = open_jpl_binary(small), open_jpl_binary(tmp_path / "big.440")
    assert np.array_equal(
        ours.ephemeris.position_at_tdb(SUN, EARTH, 1e6), big.ephemeris.position_at_tdb(SUN, EARTH, 1e6)
    )


def test_a_file_without_librations_says_so(tmp_path):
    (tmp_path / "none.440").write_bytes(small_file(librations=False))
    with pytest.raises(MissingDataError, match="no librations"):
        open_jpl_binary(tmp_path / "none.440").require_orientation()


@pytest.mark.parametrize("length", [0, 100, 2855, WORDS * 8 * 2, WORDS * 8 * 5 - 1])
def test_a_file_that_is_cut_short_is_refused(tmp_path, length):
    path = tmp_path / "cut.440"
    path.write_bytes(small_file()[:length])
    with pytest.raises(FormatError, match="cut short"):
        open_jpl_binary(path)


def test_another_file_is_refused(tmp_path, make_spk):
    with pytest.raises(FormatError, match="not a JPL binary ephemeris"):
        open_jpl_binary(make_spk(tmp_path / "ephemeris.bsp"))


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(StorageError):
        open_jpl_binary(tmp_path)


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([(2675, 0)])
@given(st.lists(st.tuples(st.integers(2640, 2856), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_mutated_header_never_crashes(tmp_path_factory, changes):
    path = tmp_path_factory.getbasetemp() / "mutated.440"
    content = bytearray(small_file())
    for place, value in changes:
        content[place] = value
    path.write_bytes(bytes(content))
    try:
        ephemeris = open_jpl_binary(path).ephemeris
        position = ephemeris.position_at_tdb(MOON, SUN, np.array(ephemeris.span_tdb_s))
    except SyzygyError:
        return
    assert np.all(np.isfinite(position))


@pytest.fixture(scope="module")
def real():
    found = locate_data_set(find_data_set("de440-librations"))
    if found.path is None:
        pytest.skip("needs the extra `librations` (or the file in the local store)")
    return open_jpl_binary(found.path, sha256=found.sha256)


def oracle(name):
    path = Path(__file__).parent.parent / "data" / "ephemerides" / name
    return list(csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#")))


def test_the_constants_of_de440_are_the_oracle_s(real):
    for row in oracle("de440_header.csv"):
        if row["stored"]:
            assert real.constants[row["name"]] == float(row["stored"]), row["name"]


def test_librations_agree_with_the_oracle(real, record_accuracy):
    rows = [row for row in oracle("de440_states.csv") if row["quantity"] == "libration_phi_theta_psi"]
    assert len(rows) == 6
    worst_tilt, worst_turn = 0.0, 0.0
    for row in rows:
        tdb_s = float(row["tdb_s"])
        angles, rates = real.orientation.angles_at_tdb(np.floor(tdb_s), tdb_s - np.floor(tdb_s))
        expected = np.array([float(row[key]) for key in ("a", "b", "c")])
        expected_rates = np.array([float(row[key]) for key in ("va", "vb", "vc")])
        difference = np.abs(angles - expected)
        worst_tilt = max(worst_tilt, difference[:2].max())
        worst_turn = max(worst_turn, difference[2])
        assert np.all(np.abs(rates - expected_rates) <= 1e-18)
    source = "DE440 read by an independent reader of the JPL binary file"
    record_accuracy("ephemerides", "lunar libration phi, theta", worst_tilt, 1e-12, "rad", source, 6)
    # Psi reaches 6000 rad: four units in its last place.
    record_accuracy(
        "ephemerides", "lunar libration psi", worst_turn, 4 * np.spacing(6024.0), "rad", source, 6
    )


@pytest.mark.slow
def test_both_files_of_de440_give_the_same_positions(real, record_accuracy):
    worst, count = 0.0, 0
    found = locate_data_set(find_data_set("de440"))
    kernel = open_spk(found.path, sha256=found.sha256)
    seconds = np.floor(np.random.default_rng(7).uniform(-1.4e10, 2.05e10, 5000))
    for target in real.ephemeris.bodies:
        for centre in (EARTH, SUN):
            ours = real.ephemeris.position_at_tdb(target, centre, seconds)
            theirs = kernel.position_at_tdb(target, centre, seconds)
            allowed = np.maximum(1e-3, 4 * np.spacing(np.abs(theirs).max()))
            assert np.abs(ours - theirs).max() <= allowed, f"{target} from {centre}"
            worst = max(worst, float((np.abs(ours - theirs) / allowed).max()) * 1e-3)
            count += len(ours)
    source = "the JPL binary file of DE440 (1 mm, or four units in the last place where that is more)"
    record_accuracy("ephemerides", "SPK beside JPL binary file", worst, 1e-3, "m", source, count)
