"""Two-line and three-line element sets: what is read, what is refused and why, and the way back."""

from __future__ import annotations

import gzip
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.mean_elements import REVOLUTIONS_PER_DAY_RAD_S
from syzygy.astro.time import LeapSeconds, format_utc
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.formats.tle import read_tle, write_tle
from syzygy.formats.tle_writing import encode_alpha5

LEAP_SECONDS = LeapSeconds(np.array([730, 16436, 17167]), np.array([35, 36, 37]), 2**62)

ISS = (
    "1 25544U 98067A   22196.28486465  .00000351  00000-0  43722-3 0  9995",
    "2 25544  51.6400  53.6414 0004725 162.8155 204.4542 15.49977341287662",
)


def checksum(line: str) -> str:
    body = line[:68].ljust(68)
    return body + str(sum(int(c) if c in "0123456789" else c == "-" for c in body) % 10)


def text(*lines: str, end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode()


def pair(**columns: str) -> tuple[str, str]:
    """Return the sample set with columns replaced: ``first_19="57"`` writes from column 19 of line 1."""
    lines = [list(line) for line in ISS]
    for place, value in columns.items():
        which, start = place.split("_")
        line = lines[0 if which == "first" else 1]
        line[int(start) - 1 : int(start) - 1 + len(value)] = value
    return checksum("".join(lines[0])), checksum("".join(lines[1]))


FIRST, SECOND = pair()


def test_the_sample_is_read_in_si():
    elements, rejected = read_tle(text("0 ISS (ZARYA)", FIRST, SECOND), LEAP_SECONDS)
    assert rejected == ()
    assert elements.object_id.tolist() == [25544]
    assert elements.name.tolist() == ["ISS (ZARYA)"]
    assert elements.international_designator.tolist() == ["1998-067A"]
    assert elements.mean_motion_rad_s[0] == 15.49977341 * REVOLUTIONS_PER_DAY_RAD_S
    assert elements.eccentricity[0] == 0.0004725
    assert np.degrees(elements.inclination_rad[0]) == pytest.approx(51.64, abs=1e-13)
    assert np.degrees(elements.raan_rad[0]) == pytest.approx(53.6414, abs=1e-13)
    assert elements.bstar_per_earth_radius[0] == pytest.approx(0.43722e-3, rel=1e-15)
    assert elements.mean_motion_dot_rad_s2[0] == pytest.approx(
        2 * 0.351e-5 * REVOLUTIONS_PER_DAY_RAD_S / 86400, rel=1e-14
    )
    assert elements.source_line.tolist() == [2]
    assert elements.revolution.tolist() == [28766]
    assert format_utc(int(elements.epoch_tai_ns[0]), LEAP_SECONDS, 6) == "2022-07-15T06:50:12.305760Z"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["0 COSMOS 2251"], "COSMOS 2251"),
        (["COSMOS 2251"], "COSMOS 2251"),
        ([], ""),
        (["1998-067PX"], "1998-067PX"),
        (["2 BROTHERS SAT"], "2 BROTHERS SAT"),
        (["1 STAR"], "1 STAR"),
        (["0 0BJECT"], "0BJECT"),
        (["# a comment"], ""),
        (["ÉTOILE"], "ÉTOILE"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_names_come_in_every_habit(lines, name, end):
    elements, rejected = read_tle(b"\xef\xbb\xbf" + text(*lines, FIRST, SECOND, end=end), LEAP_SECONDS)
    assert rejected == ()
    assert elements.name.tolist() == [name]


@pytest.mark.parametrize(
    ("written", "number"),
    [("00005", 5), ("    5", 5), ("99999", 99999), ("A0000", 100000), ("H9999", 179999), ("J0000", 180000),
     ("N9999", 229999), ("P0000", 230000), ("T0001", 270001), ("Z9999", 339999)],
)  # fmt: skip
def test_catalogue_numbers_run_to_the_end_of_alpha5(written, number):
    elements, rejected = read_tle(text(*pair(first_3=written, second_3=written)), LEAP_SECONDS)
    assert rejected == ()
    assert elements.object_id.tolist() == [number]
    if written.strip() == written:
        assert encode_alpha5(number) == written


@given(st.integers(0, 339_999))
def test_alpha5_goes_there_and_back(number):
    written = encode_alpha5(number)
    elements, _ = read_tle(text(*pair(first_3=written, second_3=written)), LEAP_SECONDS)
    assert elements.object_id.tolist() == [number]


@pytest.mark.parametrize("number", [-1, 340_000, 799_500_002])
def test_numbers_beyond_alpha5_cannot_be_written(number):
    with pytest.raises(FormatError, match="does not fit"):
        encode_alpha5(number)


@pytest.mark.parametrize(("year", "full"), [("72", "1972"), ("99", "1999"), ("00", "2000"), ("56", "2056")])
def test_years_of_two_digits_belong_to_1957_to_2056(year, full):
    elements, rejected = read_tle(text(*pair(first_19=year)), LEAP_SECONDS)
    assert rejected == ()
    assert format_utc(int(elements.epoch_tai_ns[0]), LEAP_SECONDS)[:4] == full


def test_an_epoch_before_the_leap_seconds_is_refused_with_its_reason():
    elements, rejected = read_tle(text(*pair(first_19="57")), LEAP_SECONDS)
    assert len(elements) == 0
    assert "before the leap-second table" in rejected[0].reason


def test_an_epoch_after_the_end_of_the_leap_seconds_is_refused_unless_predictions_are_allowed():
    short = LeapSeconds(LEAP_SECONDS.start_utc_day, LEAP_SECONDS.tai_minus_utc_s, 10**18)
    assert "after the end" in read_tle(text(*pair()), short)[1][0].reason
    assert len(read_tle(text(*pair()), short.with_predictions())[0]) == 1


def test_plus_signs_and_leading_zeros_mean_the_same_as_blanks():
    plain, _ = read_tle(text(*pair()), LEAP_SECONDS)
    signed, rejected = read_tle(
        text(*pair(first_34="+.00000351", first_45="+00000+0", first_54="+43722-3", second_9="051.6400",
                   second_18="053.6414")),
        LEAP_SECONDS,
    )  # fmt: skip
    assert rejected == ()
    for name in ("bstar_per_earth_radius", "mean_motion_dot_rad_s2", "inclination_rad", "raan_rad"):
        assert getattr(plain, name)[0] == getattr(signed, name)[0]


@pytest.mark.parametrize(
    ("columns", "line", "column", "words"),
    [
        ({"first_69": "7"}, 1, 69, "checksum"),
        ({"second_69": "X"}, 2, 69, "checksum is not a digit"),
        ({"second_3": "25545"}, 2, 3, "different catalogue numbers"),
        ({"first_3": "I0001", "second_3": "I0001"}, 1, 3, "I and O"),
        ({"first_3": "O0001", "second_3": "O0001"}, 1, 3, "I and O"),
        ({"first_3": "A00X1", "second_3": "A00X1"}, 1, 4, "four digits"),
        ({"first_3": "     ", "second_3": "     "}, 1, 3, "catalogue number is empty"),
        ({"first_2": "X"}, 0, 0, "without"),
        ({"first_18": "2"}, 1, 18, "blank is due"),
        ({"first_21": "000"}, 1, 21, "1 to 366"),
        ({"first_21": "367"}, 1, 21, "1 to 366"),
        ({"first_24": ","}, 1, 24, "decimal point"),
        ({"first_25": "1_0"}, 1, 26, "no digit"),
        ({"first_34": "*"}, 1, 34, "sign"),
        ({"first_54": " 4x722-3"}, 1, 56, "drag term"),
        ({"first_54": " nan    "}, 1, 55, "drag term"),
        ({"first_63": "4"}, 1, 63, "ephemeris type"),
        ({"second_9": " 51.64e0"}, 2, 15, "inclination"),
        ({"second_9": "  1e.640"}, 2, 12, "decimal point"),
        ({"second_27": "00 4725"}, 2, 29, "eccentricity"),
        ({"second_27": "       "}, 2, 27, "eccentricity is empty"),
        ({"second_53": " 0.00000000"}, 1, 0, "mean motion is not positive"),
        ({"second_53": "55.49977341"}, 1, 0, "faster than any orbit"),
        ({"second_9": "251.6400"}, 1, 0, "inclination is out of range"),
        ({"second_18": "453.6414"}, 1, 0, "beyond one turn"),
    ],
)
def test_a_wrong_record_is_listed_with_line_column_and_reason(columns, line, column, words):
    first, second = pair(**{k: v for k, v in columns.items() if not k.endswith("_69")})
    for place, value in columns.items():
        if place == "first_69":
            first = first[:68] + value
        elif place == "second_69":
            second = second[:68] + value
    other = pair(first_3="00005", second_3="00005")
    elements, rejected = read_tle(text("A", first, second, "B", *other), LEAP_SECONDS)
    assert elements.object_id.tolist() == [5]
    assert words in " ".join(record.reason for record in rejected)
    if line:
        assert [(r.line, r.column) for r in rejected] == [(line + 1, column)]
        assert rejected[0].text == (first, second)[line - 1]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([FIRST[:60], SECOND], "line 1 has 60 columns"),
        ([FIRST, SECOND[:68]], "line 2 has 68 columns"),
        ([FIRST, SECOND + "0"], "line 2 has 70 columns"),
        ([FIRST], "line 1 without its line 2"),
        ([SECOND], "line 2 without its line 1"),
        ([SECOND, FIRST], "without"),
        (["A NAME ALONE"], "a name or text without element lines"),
        (["ONE", "TWO", FIRST, SECOND], "a name or text without element lines"),
        ([FIRST.replace("5", "\u0665"), SECOND], "columns"),
    ],
)
def test_lines_that_make_no_record_are_listed(lines, words):
    elements, rejected = read_tle(text(*lines), LEAP_SECONDS)
    assert words in " ".join(record.reason for record in rejected)
    assert len(elements) == (1 if "ONE" in lines else 0)


def test_what_was_written_is_read_to_the_last_bit(test_data):
    lines = [
        line[:69]
        for line in (test_data / "debris" / "sgp4" / "SGP4-VER.TLE").read_text().splitlines()
        if line[0] in "12"
    ]
    elements, _ = read_tle(text(*lines), LEAP_SECONDS)
    again, rejected = read_tle(write_tle(elements), LEAP_SECONDS)
    assert rejected == ()
    for item in fields(elements):
        if item.name != "source_line":
            assert getattr(again, item.name).tolist() == getattr(elements, item.name).tolist()


@pytest.mark.slow
def test_the_whole_catalogue_is_written_to_the_character(shared_data):
    """Habits with one canonical form: blanks before a number, zeros before an angle, written plus signs,
    +0 as exponent of zero."""
    packed = (shared_data / "debris" / "catalogue" / "jul2022_3le.txt.gz").read_bytes()
    content = gzip.decompress(packed).replace(b"\r\n", b"\n")
    lines = [canonical(line) for line in content.decode().split("\n")]
    elements, _ = read_tle(content, LEAP_SECONDS)
    written = write_tle(elements).decode().split("\n")
    assert [(a, b) for a, b in zip(lines, written, strict=True) if a != b] == []


def canonical(line: str) -> str:
    if line[:2] not in ("1 ", "2 "):
        return line
    line = line[:2] + line[2:7].replace(" ", "0") + line[7:]
    if line[0] == "1":
        signs = "".join(" " if at in (33, 44, 53) and c == "+" else c for at, c in enumerate(line))
        return checksum(signs.replace(" 00000+0", " 00000-0"))
    angles = [f"{float(line[at : at + 8]):8.4f}" for at in (8, 17, 34, 43)]
    line = f"{line[:8]}{angles[0]} {angles[1]}{line[25:34]}{angles[2]} {angles[3]}{line[51:]}"
    return checksum(f"{line[:52]}{float(line[52:63]):11.8f}{int(line[63:68]):5d}")


@given(
    object_id=st.integers(1, 339_999),
    inclination=st.integers(0, 1_800_000),
    angles=st.tuples(*[st.integers(0, 3_599_999)] * 3),
    eccentricity=st.integers(0, 9_999_999),
    motion=st.integers(1, 1_700_000_000),
    bstar=st.tuples(st.sampled_from(" -"), st.integers(10000, 99999), st.integers(0, 9)),
    dot=st.tuples(st.sampled_from(" -"), st.integers(1, 99_999_999)),
    day=st.integers(1, 365),
    fraction=st.integers(0, 99_999_999),
)
def test_canonical_records_come_back_to_the_character(
    object_id, inclination, angles, eccentricity, motion, bstar, dot, day, fraction
):
    number = encode_alpha5(object_id)
    node, perigee, anomaly = (f"{a / 1e4:8.4f}" for a in angles)
    first = (
        f"1 {number}U 98067AB  24{day:03d}.{fraction:08d} {dot[0]}.{dot[1]:08d}  00000-0 "
        f"{bstar[0]}{bstar[1]}{'-' if bstar[2] else '+'}{bstar[2]} 0  999"
    )
    second = (
        f"2 {number} {inclination / 1e4:8.4f} {node} {eccentricity:07d} {perigee} {anomaly} "
        f"{motion / 1e8:11.8f}12345"
    )
    content = text("0 SOME NAME", checksum(first), checksum(second))
    elements, rejected = read_tle(content, LEAP_SECONDS)
    assert rejected == ()
    assert write_tle(elements) == content


def test_what_the_columns_cannot_hold_is_refused_by_the_writer():
    from dataclasses import replace

    elements, _ = read_tle(text("0 X", *pair()), LEAP_SECONDS)
    wrong = [
        {"object_id": np.array([340_000])},
        {"name": np.array(["Ä"], dtype=object)},
        {"international_designator": np.array(["TOO LONG A NAME"], dtype=object)},
        {"bstar_per_earth_radius": np.array([1e11])},
        {"mean_motion_dot_rad_s2": np.array([1.0])},
        {"epoch_jd": elements.epoch_jd + 40_000},
    ]
    for change in wrong:
        with pytest.raises(FormatError):
            write_tle(replace(elements, **change))


@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=6
    )
)
def test_mutated_bytes_never_fail_otherwise_than_by_our_errors(cuts):
    content = text("0 ISS", *pair(), "0 OTHER", *pair(first_3="T0001", second_3="T0001"), "LAST", *pair())
    for at, length, new in cuts:
        content = content[:at] + new + content[at + length :]
    try:
        elements, rejected = read_tle(content, LEAP_SECONDS)
    except SyzygyError:
        return
    for name in ("mean_motion_rad_s", "eccentricity", "bstar_per_earth_radius", "inclination_rad"):
        assert np.isfinite(getattr(elements, name)).all()
    assert all(record.reason and record.text.isprintable() for record in rejected)
