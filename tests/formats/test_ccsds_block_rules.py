"""Rules between the lines and blocks of a message: time tags, spans, counts, covariances, leap seconds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syzygy.astro.time import LeapSeconds
from syzygy.formats.ccsds import MessageError, read_message
from syzygy.formats.ccsds.model import Message

_OCM = """CCSDS_OCM_VERS = 3.0
CREATION_DATE = 2023-01-01T00:00:00
ORIGINATOR = X
META_START
TIME_SYSTEM = {system}
EPOCH_TZERO = 2023-01-01T00:00:00
OCM_DATA_ELEMENTS = ORB, COV, MAN
START_TIME = 0.0
STOP_TIME = 60.0
META_STOP
TRAJ_START
CENTER_NAME = EARTH
TRAJ_REF_FRAME = EME2000
TRAJ_TYPE = CARTP
TRAJ_UNITS = [km,km,km]
0.0 7000.0 0.0 0.0
30.0 7000.0 10.0 0.0
60.0 7000.0 20.0 0.0
TRAJ_STOP
COV_START
COV_REF_FRAME = EME2000
COV_TYPE = CARTP
COV_ORDERING = LTM
0.0 1.0 0.5 1.0 0.0 0.0 1.0
60.0 1.0 0.5 1.0 0.0 0.0 1.0
COV_STOP
MAN_START
MAN_ID = A
MAN_DEVICE_ID = T1
MAN_REF_FRAME = TNW_INERTIAL
MAN_COMPOSITION = TIME_RELATIVE, MAN_DURA, DV_X, DV_Y, DV_Z
10.0 1.0 0.0 0.0 0.1
MAN_STOP
"""
_ACM = """CCSDS_ACM_VERS = 2.0
CREATION_DATE = 2023-01-01T00:00:00
ORIGINATOR = X
META_START
OBJECT_NAME = A
TIME_SYSTEM = UTC
EPOCH_TZERO = 2023-01-01T00:00:00
META_STOP
ATT_START
REF_FRAME_A = J2000
REF_FRAME_B = SC_BODY_1
NUMBER_STATES = 7
ATT_TYPE = QUATERNION
RATE_TYPE = ANGVEL
0.0 0.0 0.0 0.0 1.0 0.1 0.2 0.3
1.0 0.0 0.0 0.0 1.0 0.1 0.2 0.3
ATT_STOP
COV_START
COV_TYPE = ANGLE
0.0 1.0 1.0 1.0
1.0 1.0 1.0 1.0
COV_STOP
AD_START
ATTITUDE_STATES = QUATERNION
REF_FRAME_A = J2000
REF_FRAME_B = SC_BODY_1
SENSOR_START
SENSOR_NUMBER = 1
SENSOR_STOP
SENSOR_START
SENSOR_NUMBER = 2
SENSOR_STOP
AD_STOP
"""
_ORBIT = {
    "relative and absolute tags": ("30.0 7000.0", "2023-01-01T00:00:30 7000.0", "mixed_time_tags"),
    "a time tag twice": ("30.0 7000.0", "0.0 7000.0", "repeated_epoch"),
    "time runs back": ("30.0 7000.0", "-1.0 7000.0", "data_order"),
    "covariances run back": ("60.0 1.0 0.5", "-0.5 1.0 0.5", "data_order"),
    "before the span": ("START_TIME = 0.0", "START_TIME = 5.0", "data_outside_span"),
    "after the span": ("STOP_TIME = 60.0", "STOP_TIME = 59.5", "data_outside_span"),
    "blocks in another order than announced": ("ORB, COV, MAN", "ORB, MAN, COV", "data_elements"),
    "a block not announced": ("ORB, COV, MAN", "ORB, COV", "data_elements"),
    "too few units": ("[km,km,km]", "[km,km]", "unit_count"),
    "two time tags": ("TIME_RELATIVE, MAN_DURA", "TIME_RELATIVE, TIME_ABSOLUTE", "man_composition"),
    "columns of both tables": ("MAN_DURA, DV_X", "DEPLOY_MASS, DV_X", "man_composition"),
    "columns in another order": ("DV_X, DV_Y", "DV_Y, DV_X", "man_composition"),
}
_ATTITUDE = {
    "another number of states": ("NUMBER_STATES = 7", "NUMBER_STATES = 6", "state_count"),
    "a sensor number twice": ("SENSOR_NUMBER = 2", "SENSOR_NUMBER = 1", "sensor_number"),
    "sensor numbers descend": ("SENSOR_NUMBER = 1", "SENSOR_NUMBER = 3", "sensor_number"),
    "a time tag twice": ("\n1.0 0.0 0.0 0.0 1.0", "\n0.0 0.0 0.0 0.0 1.0", "repeated_epoch"),
    "covariances run back": ("\n1.0 1.0 1.0 1.0", "\n-1.0 1.0 1.0 1.0", "data_order"),
    "an absolute tag": ("\n1.0 0.0", "\n2023-01-01T00:00:01 0.0", "mixed_time_tags"),
}


def _orbit(system: str = "UTC") -> str:
    return _OCM.format(system=system)


def _codes(message: Message) -> set[str]:
    return {item.code for item in message.diagnostics}


def test_the_good_messages_have_no_finding() -> None:
    for text in (_orbit(), _ACM):
        assert read_message(text.encode(), strict=True).diagnostics == ()


@pytest.mark.parametrize("name", [*(f"orbit: {n}" for n in _ORBIT), *(f"attitude: {n}" for n in _ATTITUDE)])
def test_a_broken_rule_between_lines_is_listed_or_refused(name: str) -> None:
    which, _, fault = name.partition(": ")
    text = _orbit() if which == "orbit" else _ACM
    old, new, code = (_ORBIT if which == "orbit" else _ATTITUDE)[fault]
    assert old in text
    content = text.replace(old, new, 1).encode()
    if code == "man_composition" and "TIME_ABSOLUTE" in new:
        content = content.replace(b"10.0 1.0 0.0", b"10.0 2023-01-01T00:00:10 0.0")
        with pytest.raises(MessageError):
            read_message(content, strict=True)
        return
    message = read_message(content)
    noted = [item for item in message.diagnostics if item.code == code]
    assert noted
    assert all(item.line and item.clause and item.severity == "deviation" for item in noted)
    with pytest.raises(MessageError):
        read_message(content, strict=True)


@pytest.mark.parametrize(
    ("kind", "ordering", "numbers", "indefinite"),
    [
        ("CARTP", "LTM", "1.0 0.5 1.0 0.0 0.0 1.0", False),
        ("CARTP", "LTM", "1.0 2.0 1.0 0.0 0.0 1.0", True),
        ("CARTP", "UTM", "1.0 0.5 0.0 1.0 0.0 1.0", False),
        ("CARTP", "UTM", "1.0 2.0 0.0 1.0 0.0 1.0", True),
        ("CARTP", "FULL", "1.0 0.5 0.0 0.5 1.0 0.0 0.0 0.0 1.0", False),
        ("CARTP", "FULL", "1.0 0.5 0.0 0.5 -1.0 0.0 0.0 0.0 1.0", True),
        ("CARTP", "LTMWCC", "4.0 0.9 0.0 1.0 4.0 0.0 0.0 0.0 1.0", False),
        ("CARTP", "UTMWCC", "4.0 1.0 0.0 0.9 4.0 0.0 0.0 0.0 1.0", False),
        ("CARTP", "UTMWCC", "4.0 5.0 0.0 0.9 4.0 0.0 0.0 0.0 1.0", True),
        ("CARTP", "LTM", "1.0 1.0 1.0 0.0 0.0 1.0", False),  # semi-definite
        ("CARTP", "LTM", "1.00 1.01 1.01 0.0 0.0 1.0", False),  # the lost digits may make it one
    ],
)
def test_a_matrix_that_is_no_covariance_is_a_warning_in_both_modes(
    kind: str, ordering: str, numbers: str, indefinite: bool
) -> None:
    text = _orbit().replace("COV_ORDERING = LTM", f"COV_ORDERING = {ordering}")
    text = text.replace("1.0 0.5 1.0 0.0 0.0 1.0", numbers)
    message = read_message(text.encode(), strict=True)
    assert {item.severity for item in message.diagnostics} <= {"warning"}
    assert ("covariance_indefinite" in _codes(message)) == indefinite


def test_a_covariance_of_the_wrong_dimension_is_refused() -> None:
    for ordering, numbers in (("LTM", "1.0 0.5 1.0 0.0 0.0"), ("FULL", "1.0 0.5 1.0 0.0 0.0 1.0")):
        text = _orbit().replace("COV_ORDERING = LTM", f"COV_ORDERING = {ordering}")
        with pytest.raises(MessageError, match="values are due"):
            read_message(text.replace("1.0 0.5 1.0 0.0 0.0 1.0", numbers).encode())


def _leap_seconds() -> LeapSeconds:
    """The last three steps of IERS Bulletin C 49 to 52."""
    import numpy as np

    days = [np.datetime64(day).astype(int) for day in ("2012-07-01", "2015-07-01", "2017-01-01")]
    return LeapSeconds(np.array(days), np.array([35, 36, 37]), 2**62)


@pytest.mark.parametrize(
    ("day", "system", "listed", "accepted"),
    [
        ("2016-12-31", "UTC", True, True),
        ("2016-366", "UTC", True, True),
        ("2016-12-30", "UTC", True, False),
        ("2016-12-30", "UTC", False, True),
        ("2016-12-31", "TAI", False, False),
        ("2016-12-31", "TDB", True, False),
    ],
)
def test_second_60_is_held_against_the_list(day: str, system: str, listed: bool, accepted: bool) -> None:
    text = _orbit(system).replace("EPOCH_TZERO = 2023-01-01T00:00:00", f"EPOCH_TZERO = {day}T23:59:60.5")
    leap_seconds = _leap_seconds() if listed else None
    if accepted:
        assert read_message(text.encode(), leap_seconds=leap_seconds).kind == "OCM"
    else:
        with pytest.raises(MessageError) as caught:
            read_message(text.encode(), leap_seconds=leap_seconds)
        assert "no_leap_second" in {item.code for item in caught.value.diagnostics}


def test_tracking_ranges_of_the_book_are_held(test_data: Path) -> None:
    content = (test_data / "ccsds" / "TDMExample15.txt").read_bytes()
    assert b"CLOCK_BIAS" in content
    text = b"""CCSDS_TDM_VERS = 2.0
CREATION_DATE = 2020-01-01T00:00:00
ORIGINATOR = X
META_START
TIME_SYSTEM = UTC
PARTICIPANT_1 = A
TRANSMIT_DELAY_1 = -0.1
META_STOP
DATA_START
ANGLE_1 = 2020-01-01T00:00:00 360.0
ANGLE_2 = 2020-01-01T00:00:00 -180.0
RHUMIDITY = 2020-01-01T00:00:00 101.0
TEMPERATURE = 2020-01-01T00:00:00 0.0
TEMPERATURE = 2020-01-01T00:00:00 1.0
DATA_STOP
"""
    message = read_message(text)
    found = [(item.keyword, item.code) for item in message.diagnostics]
    assert found == [
        ("TRANSMIT_DELAY_1", "out_of_range"),
        ("ANGLE_1", "out_of_range"),
        ("RHUMIDITY", "out_of_range"),
        ("TEMPERATURE", "out_of_range"),
        ("TEMPERATURE", "repeated_epoch"),
    ]
    assert "3.5.4.2" in message.diagnostics[1].clause


_IMPACT = "".join(
    f"IMPACT_{n}_CONFIDENCE = {level}\nIMPACT_{n}_START_LON = 10.0 [deg]\nIMPACT_{n}_START_LAT = 20.0 [deg]\n"
    f"IMPACT_{n}_STOP_LON = 11.0 [deg]\nIMPACT_{n}_STOP_LAT = 21.0 [deg]\nIMPACT_{n}_CROSS_TRACK = 5.0 [km]\n"
    for n, level in ((1, "50.0 [%]"), (2, "90.0 [%]"))
)
_RDM = f"""CCSDS_RDM_VERS = 1.0
CREATION_DATE = 2023-01-01T00:00:00
ORIGINATOR = X
MESSAGE_ID = A
OBJECT_NAME = B
INTERNATIONAL_DESIGNATOR = 2020-001A
CONTROLLED_REENTRY = NO
CENTER_NAME = EARTH
TIME_SYSTEM = UTC
EPOCH_TZERO = 2023-01-01T00:00:00
ORBIT_LIFETIME = 3.0 [d]
REENTRY_ALTITUDE = 80.0 [km]
IMPACT_REF_FRAME = EFG
NOMINAL_IMPACT_LON = 10.5 [deg]
NOMINAL_IMPACT_LAT = 20.5 [deg]
{_IMPACT}"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("IMPACT_2_CROSS_TRACK = 5.0 [km]\n", "", "interval_not_whole"),
        ("IMPACT_2_CONFIDENCE = 90.0", "IMPACT_2_CONFIDENCE = 50.0", "interval_order"),
        ("IMPACT_2", "IMPACT_3", "interval_order"),
        ("NOMINAL_IMPACT_LAT = 20.5", "NOMINAL_IMPACT_LAT = 90.5", "out_of_range"),
        ("NOMINAL_IMPACT_LON = 10.5", "NOMINAL_IMPACT_LON = -181.0", "out_of_range"),
        ("NOMINAL_IMPACT_LAT = 20.5 [deg]\n", "", "missing_mandatory"),
        ("IMPACT_REF_FRAME = EFG\n", "", "missing_mandatory"),
    ],
)
def test_impact_places_are_whole_in_range_and_in_order(old: str, new: str, code: str) -> None:
    assert not read_message(_RDM.encode(), strict=True).diagnostics
    with pytest.raises(MessageError) as caught:
        read_message(_RDM.replace(old, new).encode(), strict=True)
    assert code in {item.code for item in caught.value.diagnostics}


_SPECIAL = "debris/cdm/special"


def test_conjunctions_with_a_wrong_unit_or_half_a_bracket_lose_that_value_only(shared_data: Path) -> None:
    files = sorted((shared_data / _SPECIAL).glob("*.cdm"))
    assert len(files) == 13
    refused = 0
    for path in files:
        content = path.read_bytes()
        message = read_message(content, name=path.name)
        assert message.to_bytes() == content
        aside = {e.keyword for block in message.root.walk() for e in block.entries() if e.unusable}
        assert aside <= {
            "RELATIVE_VELOCITY_R", "RELATIVE_VELOCITY_T", "RELATIVE_VELOCITY_N", "RESIDUALS_ACCEPTED",
            "RECOMMENDED_OD_SPAN", "ACTUAL_OD_SPAN", "OBS_AVAILABLE", "OBS_USED", "TRACKS_AVAILABLE",
            "TRACKS_USED", "WEIGHTED_RMS", "AREA_PC", "CD_AREA_OVER_MASS", "CR_AREA_OVER_MASS", "SEDR",
        }  # fmt: skip
        for keyword in aside:
            with pytest.raises(Exception, match=r"unit|NaN"):
                next(e for e in message.find(keyword) if e.unusable).number()
        assert [e.number() for e in message.find("X")]
        if not aside:
            continue
        refused += 1
        with pytest.raises(MessageError) as caught:
            read_message(content, strict=True)
        found = {item.code for item in caught.value.diagnostics if item.severity == "deviation"}
        assert found == {"value_set_aside"}
    assert refused == 11
    bad = (shared_data / _SPECIAL / "OmitronTestCase_Test07_NonPDCovariance.cdm").read_bytes()
    assert "covariance_indefinite" in _codes(read_message(bad, strict=True))


def test_a_wrong_unit_of_a_mandatory_value_is_still_refused(shared_data: Path) -> None:
    content = (shared_data / _SPECIAL / "OmitronTestCase_Test08_3DNc.cdm").read_bytes()
    broken = content.replace(b"[km/s]", b"[m/s]", 1)
    assert broken != content
    with pytest.raises(MessageError, match="the unit is m/s, not km/s"):
        read_message(broken)


_OEM = """CCSDS_OEM_VERS = 3.0
CREATION_DATE = 2023-001T00:00:00Z
ORIGINATOR = X
META_START
OBJECT_NAME = A
OBJECT_ID = 2020-001A
CENTER_NAME = EARTH
REF_FRAME = EME2000
TIME_SYSTEM = UTC
START_TIME = 2023-001T00:00:00
STOP_TIME = 2023-01-01T00:02:00
INTERPOLATION = LAGRANGE
INTERPOLATION_DEGREE = 2
META_STOP
2023-01-01T00:00:00 7000.0 0.0 0.0 0.0 7.5 0.0
2023-001T00:01:00.000 7000.0 450.0 0.0 0.0 7.5 0.0
2023-01-01T00:02:00 7000.0 900.0 0.0 0.0 7.5 0.0
COVARIANCE_START
EPOCH = 2023-01-01T00:00:00
1.0
0.0 1.0
0.0 0.0 1.0
0.0 0.0 0.0 1.0
0.0 0.0 0.0 0.0 1.0
0.0 0.0 0.0 0.0 0.0 1.0
EPOCH = 2023-01-01T00:01:00
1.0
0.0 1.0
0.0 0.0 1.0
0.0 0.0 0.0 1.0
0.0 0.0 0.0 0.0 1.0
0.0 0.0 0.0 0.0 0.0 1.0
COVARIANCE_STOP
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\r", "\r"])
def test_both_forms_of_dates_and_all_line_ends_are_the_standard(end: str) -> None:
    assert read_message(_OEM.replace("\n", end).encode(), strict=True).diagnostics == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n0.0 0.0 0.0 0.0 0.0 1.0\nCOV", "\nCOV"),  # five rows
        ("1.0\nCOVARIANCE_STOP", "1.0\n0.0 0.0 0.0 0.0 0.0 0.0 1.0\nCOVARIANCE_STOP"),  # seven rows
        ("\n0.0 0.0 1.0\n", "\n0.0 1.0\n"),
        ("\n0.0 0.0 1.0\n", "\n0.0 0.0 0.0 1.0\n"),
        ("\n0.0 0.0 1.0\n", "\n0.0 0.0 x\n"),
    ],
)
def test_an_ephemeris_covariance_has_six_rows_of_one_to_six_numbers(old: str, new: str) -> None:
    assert old in _OEM
    with pytest.raises(MessageError) as caught:
        read_message(_OEM.replace(old, new, 1).encode())
    assert "bad_data_line" in {item.code for item in caught.value.diagnostics}


@pytest.mark.parametrize(
    ("old", "new", "code", "severity"),
    [
        ("EPOCH = 2023-01-01T00:01:00", "EPOCH = 2022-12-31T00:01:00", "data_order", "deviation"),
        ("EPOCH = 2023-01-01T00:01:00", "EPOCH = 2023-01-01T00:00:00", "data_order", "deviation"),
        (
            "STOP_TIME = 2023-01-01T00:02:00",
            "STOP_TIME = 2023-01-01T00:01:59",
            "data_outside_span",
            "deviation",
        ),
        ("START_TIME = 2023-001", "START_TIME = 2023-002", "span_order", "deviation"),
        ("\n2023-001T00:01:00.000", "\n2023-001T00:00:00.000", "repeated_epoch", "warning"),
        ("\n2023-001T00:01:00.000", "\n2022-001T00:01:00.000", "data_order", "deviation"),
        ("DEGREE = 2", "DEGREE = 3", "too_few_records", "warning"),
        ("\n0.0 0.0 1.0\n", "\n0.0 0.0 -1.0\n", "covariance_indefinite", "warning"),
        ("\n0.0 0.0 1.0\n", "\n9.9E+300 0.0 1.0\n", "covariance_indefinite", "warning"),
    ],
)
def test_rules_of_an_ephemeris(old: str, new: str, code: str, severity: str) -> None:
    assert old in _OEM
    message = read_message(_OEM.replace(old, new, 1).encode())
    assert (code, severity) in {(item.code, item.severity) for item in message.diagnostics}


def test_an_attitude_or_tracking_epoch_twice_is_a_deviation(test_data: Path) -> None:
    content = (test_data / "ccsds" / "AEMExample07.txt").read_bytes()
    lines = [line for line in content.split(b"\n") if line.startswith(b"2002-12-18T12:0")]
    broken = content.replace(lines[1][:23], lines[0][:23], 1)
    assert broken != content
    assert "repeated_epoch" in {
        item.code for item in read_message(broken).diagnostics if item.severity == "deviation"
    }


@pytest.mark.slow
def test_bulk_and_slow_reading_find_the_same(shared_data: Path) -> None:
    """A block long enough for the sweep keeps the rules that a short one is held to line by line."""
    lines = [f"2023-01-01T00:{k // 60:02d}:{k % 60:02d} 7000.0 {k}.0 0.0 0.0 7.5 0.0" for k in range(1200)]
    head, _, rest = _OEM.partition("2023-01-01T00:00:00 7000.0")
    tail = "COVARIANCE" + rest.partition("COVARIANCE")[2]
    head = head.replace("STOP_TIME = 2023-01-01T00:02:00", "STOP_TIME = 2023-01-01T01:00:00")

    def found(text: list[str]) -> list[tuple[str, int]]:
        message = read_message((head + "\n".join(text) + "\n" + tail).encode())
        return [(item.code, item.line) for item in message.diagnostics]

    assert found(lines) == []
    swapped = [*lines[:500], lines[501], lines[500], *lines[502:]]
    assert found(swapped) == [("data_order", 516)]
    twice = [*lines[:500], lines[499], *lines[501:]]
    assert found(twice) == [("repeated_epoch", 515)]
    late = [*lines[:-1], lines[-1].replace("T00:19:59", "T02:00:00")]
    assert found(late) == [("data_outside_span", 1214)]


def test_a_combined_message_is_checked_part_by_part(test_data: Path) -> None:
    part = (test_data / "ccsds" / "OPMExample3.xml").read_bytes()
    body = part[part.index(b"<opm") :]
    ndm = b"<ndm>\n<COMMENT>both</COMMENT>\n<MESSAGE_ID>7</MESSAGE_ID>\n" + body + body + b"</ndm>\n"
    message = read_message(ndm)
    assert [entry.text for entry in message.root.entries()] == ["7"]
    assert message.root.comments() == ["both"]
    assert len(message.parts) == len(message.find("X")) == 2
    first, _, last = ndm.rpartition(b"</X>")
    broken = first + b"x</X>" + last
    with pytest.raises(MessageError) as caught:
        read_message(broken)
    bad = [item for item in caught.value.diagnostics if item.severity == "error"]
    assert [item.keyword for item in bad] == ["X"]
    assert bad[0].line > ndm[: ndm.rindex(b"<opm")].count(b"\n")
    with pytest.raises(MessageError, match="holds no message"):
        read_message(b"<ndm><COMMENT>a</COMMENT></ndm>")


def test_a_wrong_order_of_spans_in_a_conjunction_is_listed(test_data: Path) -> None:
    content = (test_data / "ccsds" / "CDMExample_issue942.xml").read_bytes()
    assert b"STOP_SCREEN_PERIOD" in content
    broken = re.sub(rb"(<STOP_SCREEN_PERIOD>)20[0-9]{2}", rb"\g<1>2001", content)
    assert broken != content
    assert "span_order" in _codes(read_message(broken))


@pytest.mark.parametrize("digit", ["\u00b2", "\u0662", "\u2488"])
def test_digits_of_other_scripts_are_none(digit: str) -> None:
    """Found by mutation: such a digit passed for one until it was to be a number."""
    for text, keyword in ((_OEM, "INTERPOLATION_DEGREE = 2"), (_ACM, "NUMBER_STATES = 7")):
        broken = text.replace(keyword, keyword[:-1] + digit)
        assert broken != text
        with pytest.raises(MessageError) as caught:
            read_message(broken.encode())
        assert "bad_value" in {item.code for item in caught.value.diagnostics}


_TDM = """CCSDS_TDM_VERS = 2.0
CREATION_DATE = 2020-01-01T00:00:00
ORIGINATOR = X
META_START
DATA_TYPES = RANGE, TRANSMIT_FREQ_n
TIME_SYSTEM = UTC
PARTICIPANT_1 = A
PARTICIPANT_2 = B
MODE = SEQUENTIAL
PATH = 1,2,1
CORRECTION_RANGE = 1.0
CORRECTIONS_APPLIED = YES
META_STOP
DATA_START
RANGE = 2020-01-01T00:00:00 1.0
TRANSMIT_FREQ_1 = 2020-01-01T00:00:00 1.0
DATA_STOP
"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("RANGE, TRANSMIT_FREQ_n", "RANGE, TRANSMIT_FREQ_1", ""),
        ("RANGE, TRANSMIT_FREQ_n", "RANGE", "data_types"),
        ("RANGE, TRANSMIT_FREQ_n", "RANGE, TRANSMIT_FREQ_n, MAG", "data_types"),
        ("CORRECTIONS_APPLIED = YES\n", "", "missing_conditional"),
        ("PARTICIPANT_2 = B\n", "PARTICIPANT_2 = B\nPARTICIPANT_6 = C\n", "index_range"),
        ("PATH = 1,2,1", "PATH = 1,3,1", "bad_value"),
        ("PATH = 1,2,1", "PATH = 1-2", "bad_value"),
    ],
)
def test_tracking_metadata_agree_with_each_other_and_the_data(old: str, new: str, code: str) -> None:
    assert read_message(_TDM.encode(), strict=True).diagnostics == ()
    content = _TDM.replace(old, new, 1).encode()
    if not code:
        assert read_message(content, strict=True).diagnostics == ()
        return
    with pytest.raises(MessageError) as caught:
        read_message(content, strict=True)
    assert {item.code for item in caught.value.diagnostics} == {code}
    assert all("503.0-B-2" in item.clause for item in caught.value.diagnostics)


def test_a_covariance_block_without_a_number_is_refused_and_costs_nothing() -> None:
    """Found by mutation: the sweep over the matrices met one of size nothing."""
    kept = _OEM.partition("1.0\n0.0 1.0")[0]
    with pytest.raises(MessageError):
        read_message((kept + "COVARIANCE_STOP\n").encode())
    with pytest.raises(MessageError):
        read_message(_orbit().replace(" 1.0 0.5 1.0 0.0 0.0 1.0", "").encode())
