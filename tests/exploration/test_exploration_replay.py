"""A partner's ephemeris: its arcs, burns, forces and true labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import EME2000, ICRF, ITRF, TEME, eme2000_from_icrf
from syzygy.astro.states import States
from syzygy.base.errors import FormatError, InputError, MissingDataError, UnitError
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.exploration.replay.arcs import cut_block
from syzygy.exploration.replay.burns import BURN, GAP, IMPULSE, JUMP, OUTLIER
from syzygy.exploration.replay.flights import fly_plain, rows_of
from syzygy.exploration.replay.forces import make_forces
from syzygy.exploration.replay.hypotheses import give_verdict, weigh_hypotheses
from syzygy.exploration.replay.picture import draw_replay
from syzygy.exploration.replay.reading import EphemerisBlock, find_anchors, read_blocks
from syzygy.exploration.replay.requests import ReplayRequest
from syzygy.exploration.replay.sanity import make_sane, require_gravity, require_motion
from syzygy.exploration.replay.study import replay_ephemeris

ORION = Path(__file__).resolve().parents[1] / "data" / "propagation" / "artemis2_coast_arc_20260405.oem"
ORION_MAX_M = 0.02
NOISE_M, NOISE_M_S = 1e-3, 1e-6
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def almanac() -> Almanac:
    try:
        return build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))
    except MissingDataError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def request_() -> ReplayRequest:
    return ReplayRequest(ephemeris=bind_input(ORION))


@pytest.fixture(scope="module")
def block(almanac: Almanac, request_: ReplayRequest) -> EphemerisBlock:
    return read_blocks(request_.ephemeris, almanac)[0]


def _planted(block: EphemerisBlock, rows: np.ndarray) -> EphemerisBlock:
    states = States(rows[:, :3], rows[:, 3:], block.states.tai_ns, ICRF, block.centre)
    return replace(block, states=states, labelled=states, frame=ICRF)


def _fly_with(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac, kicks: list[tuple[int, np.ndarray]]
) -> np.ndarray:
    """The first state of the block flown with changes of velocity at instants, and noise."""
    force = make_forces(request_, block.centre)
    instants = block.states.tai_ns
    state = rows_of(block.states, slice(0, 1))[0]
    when, found = int(instants[0]), [state[None, :]]
    for kick, change in [*kicks, (0, np.zeros(3))]:
        inside = instants[(instants > when) & ((instants <= kick) | (kick == 0))]
        stops = np.array([when, *inside, *([kick] if kick and kick not in inside else [])])
        flown = fly_plain(state, stops, force, almanac)
        found.append(flown[1 : 1 + inside.size])
        state, when = flown[-1].copy(), int(stops[-1])
        state[3:] += change
    rows = np.concatenate(found)
    noise = np.random.default_rng(5).normal(size=rows.shape) * np.repeat([NOISE_M, NOISE_M_S], 3)
    return np.asarray(rows + noise)


def test_orion_is_replayed_within_two_centimetres(
    almanac: Almanac, request_: ReplayRequest, record_accuracy
) -> None:
    result = replay_ephemeris(request_, almanac)
    assert len(result.arcs) == 1
    assert result.burns == ()
    fit = result.arcs[0].fit
    record_accuracy(
        "replay", "Orion, 7.3 h of coast", fit.distance_m.max(), ORION_MAX_M, "m",
        "NASA OEM, one SRP number fitted on the first 2.6 h", 111,
    )  # fmt: skip
    assert fit.names == ("sunlight_m_s2",)
    assert 0 < fit.sigmas[0] < 0.01 * fit.values[0]
    assert result.arcs[0].verdict.startswith("ICRF, UTC (labelled EME2000, UTC)")
    assert result.anchors == ((0, 0),)
    sizes = {table.name: len(table) for table in result.tables()}
    assert sizes["arcs"] == sizes["parameters"] == 1
    assert sizes["residuals"] == 111
    assert sizes["events"] == 0
    (events,) = (table for table in result.tables() if table.name == "events")
    assert all(events[name].dtype == object for name in ("kind", "time_utc", "finding"))
    assert sizes["hypotheses"] >= 10
    names = result.tables()[0].names
    assert names[:7] == ("start_utc", "end_utc", "rms_m", "max_m", "final_m", "parameters", "frame_verdict")
    needed = {share.force: share.rms_without_m for share in result.arcs[0].forces}
    assert needed["attraction of Moon"] > 50e3
    assert needed["attraction of Sun"] > 1e3
    assert needed["sunlight"] > 1.0
    assert draw_replay(result, "light") == draw_replay(result, "light")


@pytest.mark.parametrize("axes", [ICRF, EME2000])
@pytest.mark.parametrize("scale", ["UTC", "TAI", "TDB"])
def test_the_true_axes_and_time_are_found_behind_a_wrong_label(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac, axes, scale: str
) -> None:
    rows = _fly_with(block, request_, almanac, [])
    own = rows if axes == ICRF else np.concatenate(
        [eme2000_from_icrf(rows[:, :3]), eme2000_from_icrf(rows[:, 3:])], axis=1
    )  # fmt: skip
    lag_s = {"UTC": 0.0, "TAI": 37.0, "TDB": 37.0 + 32.184}[scale]
    instants = block.states.tai_ns + round(lag_s * 1e9)
    states = States(own[:, :3], own[:, 3:], instants, EME2000, block.centre)
    labelled = replace(block, labelled=states, frame=EME2000, time_system="UTC")
    hypotheses, reading = weigh_hypotheses(
        labelled, slice(0, 111), make_forces(request_, block.centre), almanac, ("sunlight",), 0.35
    )
    plain = next(h for h in hypotheses if not h.gm_set)
    assert plain.axes == str(axes)
    expected = {"UTC": ("UTC",), "TAI": ("TAI",), "TDB": ("TDB", "TT")}[scale]
    assert plain.time_system in expected
    assert reading.axes == axes
    assert give_verdict(hypotheses)


def test_an_impulse_between_two_rows_is_found_with_time_size_and_direction(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac, record_accuracy
) -> None:
    when = int(block.states.tai_ns[50]) + 100_000_000_000
    change = np.array([0.05, -0.02, 0.01])
    planted = _planted(block, _fly_with(block, request_, almanac, [(when, change)]))
    force = make_forces(request_, block.centre)
    cut = cut_block(0, planted, force, almanac, detection_sigma=8, break_factor=3)
    assert [(arc.first, arc.last) for arc in cut.arcs] == [(0, 50), (51, 110)]
    (burn,) = cut.burns
    assert burn.kind == IMPULSE
    assert np.abs(burn.delta_v_m_s - change).max() < 5 * NOISE_M_S
    assert abs(burn.tai_ns - when) < 5e9 * burn.time_sigma_s
    record_accuracy(
        "replay", "planted impulse of 55 mm/s, size", np.linalg.norm(burn.delta_v_m_s - change), 1e-5, "m/s",
        "our flight with noise of 1 mm, 1 um/s",
    )  # fmt: skip


def test_a_burn_over_several_rows_is_one_event(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac
) -> None:
    begin = int(block.states.tai_ns[40]) + 10_000_000_000
    kicks = [(begin + k * 30_000_000_000, np.array([0.0, 0.01, 0.02])) for k in range(25)]
    planted = _planted(block, _fly_with(block, request_, almanac, kicks))
    cut = cut_block(
        0, planted, make_forces(request_, block.centre), almanac, detection_sigma=8, break_factor=3
    )
    (burn,) = cut.burns
    assert burn.kind == BURN
    assert burn.rows == (40, 44)
    np.testing.assert_allclose(burn.delta_v_m_s, [0.0, 0.25, 0.5], atol=2e-5)


def test_a_jump_of_the_solution_is_never_called_a_burn(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac
) -> None:
    rows = _fly_with(block, request_, almanac, [])
    rows[60:, 0] += 30.0
    cut = cut_block(
        0,
        _planted(block, rows),
        make_forces(request_, block.centre),
        almanac,
        detection_sigma=8,
        break_factor=3,
    )
    (burn,) = cut.burns
    assert burn.kind == JUMP
    assert np.linalg.norm(burn.jump_m) > 1.0


def _changed(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac, kicks: list[tuple[int, np.ndarray]]
) -> np.ndarray:
    """The rows of NASA themselves, moved by what the impulses do to our flight: nobody's noise but theirs."""
    force = make_forces(request_, block.centre)
    instants = block.states.tai_ns
    state, when = rows_of(block.states, slice(0, 1))[0], int(instants[0])
    plain = fly_plain(state, instants, force, almanac)
    found = [state[None, :]]
    for kick, change in [*kicks, (int(instants[-1]) + 1, np.zeros(3))]:
        inside = instants[(instants > when) & (instants <= kick)]
        stops = np.unique(np.array([when, *inside, kick]))
        flown = fly_plain(state, stops, force, almanac)
        found.append(flown[np.isin(stops, inside)])
        state, when = flown[-1].copy(), kick
        state[3:] += change
    return np.asarray(rows_of(block.states, slice(None)) + np.concatenate(found) - plain)


@pytest.mark.parametrize("size_m_s", [1e-4, 1e-2, 1.0, 100.0])
def test_an_impulse_in_the_flown_truth_is_found_within_three_sigma(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac, size_m_s: float, record_accuracy
) -> None:
    """Under other sunlight and another GM than NASA's: what the forces miss is no part of the burn."""
    when = int(block.states.tai_ns[50]) + 100_000_000_000
    change = size_m_s * np.array([0.6, -0.8, 0.0])
    planted = _planted(block, _changed(block, request_, almanac, [(when, change)]))
    force = make_forces(request_, block.centre)
    (burn,) = cut_block(0, planted, force, almanac, detection_sigma=8, break_factor=3).burns
    assert burn.kind == IMPULSE
    assert np.abs(burn.delta_v_m_s - change).max() < 3 * burn.delta_v_sigma_m_s
    assert abs(burn.tai_ns - when) < 3e9 * burn.time_sigma_s + 1000
    if size_m_s == 1e-2:
        record_accuracy(
            "replay", "impulse of 1 cm/s put into the Orion ephemeris",
            np.linalg.norm(burn.delta_v_m_s - change), 1e-7, "m/s", "NASA OEM moved by our flight",
        )  # fmt: skip


def test_a_burn_of_an_hour_is_one_event_and_no_level(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac
) -> None:
    begin = int(block.states.tai_ns[40])
    kicks = [(begin + k * 60_000_000_000 + 1, np.array([1e-3, 0.0, 2e-3])) for k in range(60)]
    planted = _planted(block, _changed(block, request_, almanac, kicks))
    force = make_forces(request_, block.centre)
    (burn,) = cut_block(0, planted, force, almanac, detection_sigma=8, break_factor=3).burns
    assert burn.kind == BURN
    assert burn.rows == (40, 55)
    assert np.abs(burn.delta_v_m_s - [0.06, 0.0, 0.12]).max() < 3 * burn.delta_v_sigma_m_s


@pytest.mark.parametrize("off_m", [0.1, 10.0, 1000.0])
def test_an_outlying_row_is_left_out_and_no_burn(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac, off_m: float
) -> None:
    rows = rows_of(block.states, slice(None)).copy()
    rows[55, 1] += off_m
    force = make_forces(request_, block.centre)
    cut = cut_block(0, _planted(block, rows), force, almanac, detection_sigma=8, break_factor=3)
    (event,) = cut.burns
    assert (event.kind, event.tai_ns) == (OUTLIER, int(block.states.tai_ns[55]))
    assert event.jump_m == pytest.approx([0.0, off_m, 0.0], abs=1e-4)
    (arc,) = cut.arcs
    assert (len(arc), arc.left_out) == (110, (55,))


@pytest.mark.parametrize("change", [0.0, 1.0])
def test_a_gap_is_bridged_and_a_burn_in_it_found(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac, change: float
) -> None:
    when = int(block.states.tai_ns[52])
    kick = change * np.array([0.6, -0.8, 0.0])
    rows, keep = _changed(block, request_, almanac, [(when, kick)]), np.r_[0:45, 65:111]
    states = States(rows[keep, :3], rows[keep, 3:], block.states.tai_ns[keep], ICRF, block.centre)
    gapped = replace(block, states=states, labelled=states, frame=ICRF)
    force = make_forces(request_, block.centre)
    (event,) = cut_block(0, gapped, force, almanac, detection_sigma=8, break_factor=3).burns
    assert event.kind == (IMPULSE if change else GAP)
    assert np.abs(event.delta_v_m_s - kick).max() < 3 * event.delta_v_sigma_m_s
    if change:
        assert abs(event.tai_ns - when) < 3e9 * event.time_sigma_s


def test_a_step_twice_as_long_is_no_event(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac
) -> None:
    keep = np.r_[0:40, 41:111]
    rows = rows_of(block.states, slice(None))[keep]
    states = States(rows[:, :3], rows[:, 3:], block.states.tai_ns[keep], ICRF, block.centre)
    thinned = replace(block, states=states, labelled=states, frame=ICRF)
    force = make_forces(request_, block.centre)
    assert cut_block(0, thinned, force, almanac, detection_sigma=8, break_factor=3).burns == ()


def test_a_burn_between_two_segments_is_found(tmp_path: Path, almanac: Almanac, block, request_) -> None:
    when = int(block.states.tai_ns[60])
    kick = np.array([0.03, 0.04, 0.0])
    rows = _changed(block, request_, almanac, [(when + 1, kick)])
    lines = ORION.read_text().splitlines()
    head = lines[: next(k for k, line in enumerate(lines) if line.startswith("2026-"))]
    first, last = (next(k for k, x in enumerate(head) if x == mark) for mark in ("META_START", "META_STOP"))
    data = [line.split()[0] + " " + " ".join(f"{v / 1e3:.15g}" for v in row)
            for line, row in zip((x for x in lines if x.startswith("2026-")), rows, strict=True)]  # fmt: skip
    # The second segment begins at the instant of the last row of the first: same place, other velocity.
    again = (
        data[60].split()[0]
        + " "
        + " ".join(f"{v / 1e3:.15g}" for v in [*rows[60, :3], *(rows[60, 3:] + kick)])
    )
    path = tmp_path / "segments.oem"
    path.write_text("\n".join([*head, *data[:61], *head[first : last + 1], again, *data[61:]]) + "\n")
    result = replay_ephemeris(ReplayRequest(ephemeris=bind_input(path), hypotheses=False), almanac)
    (event,) = result.burns
    assert (event.kind, event.tai_ns) == (IMPULSE, when)
    assert np.linalg.norm(event.delta_v_m_s) == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize("label", [ITRF, TEME])
def test_axes_far_from_the_label_are_found(block: EphemerisBlock, request_, almanac: Almanac, label) -> None:
    labelled = States(
        block.labelled.position_m, block.labelled.velocity_m_s, block.labelled.tai_ns, label, block.centre
    )
    from syzygy.exploration.replay.reading import in_icrf

    wrong = replace(block, labelled=labelled, frame=label, states=in_icrf(labelled, label, almanac))
    settled = make_sane(wrong, 0, request_, "x.oem", almanac)
    assert settled.read_as == ICRF
    hypotheses, reading = weigh_hypotheses(
        settled, slice(0, 111), make_forces(request_, block.centre), almanac, ("sunlight",), 0.35
    )
    assert reading.axes == ICRF
    assert give_verdict(hypotheses).startswith(f"ICRF, UTC (labelled {label}, UTC)")


def test_metres_and_foreign_velocities_are_refused(block: EphemerisBlock, request_, almanac: Almanac) -> None:
    seen = block.states

    def as_states(position, velocity):  # type: ignore[no-untyped-def]
        return States(position, velocity, seen.tai_ns, ICRF, seen.centre)

    far = as_states(seen.position_m * 1e3, seen.velocity_m_s * 1e3)
    with pytest.raises(UnitError, match="metres and m/s"):
        require_gravity(far, request_, almanac, "x")
    foreign = (
        seen.velocity_m_s * 1e3, seen.velocity_m_s * 1.01, -seen.velocity_m_s, seen.velocity_m_s[:, [1, 0, 2]]
    )  # fmt: skip
    for velocity in foreign:
        with pytest.raises(UnitError, match="one motion"):
            require_motion(as_states(seen.position_m, velocity), "x")
    # A circle at the height of a geostationary orbit, but round it twice a day.
    rate = 4.0 * np.pi / 86_164.0
    angle = rate * (seen.tai_ns - seen.tai_ns[0]) / 1e9
    radial = np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=1)
    along = np.stack([-np.sin(angle), np.cos(angle), 0.0 * angle], axis=1)
    hurried = as_states(42_164e3 * radial, 42_164e3 * rate * along)
    require_motion(hurried, "x")
    with pytest.raises(InputError, match="as gravity moves"):
        require_gravity(hurried, request_, almanac, "x")


def test_quiet_noise_is_no_event(block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac) -> None:
    planted = _planted(block, _fly_with(block, request_, almanac, []))
    cut = cut_block(
        0, planted, make_forces(request_, block.centre), almanac, detection_sigma=8, break_factor=3
    )
    assert cut.burns == ()
    assert cut.scatter.position_m == pytest.approx(NOISE_M * np.sqrt(2), rel=0.3)


def test_a_gap_of_the_cadence_begins_a_new_arc(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac
) -> None:
    keep = np.r_[0:30, 45:111]
    states = States(
        block.states.position_m[keep],
        block.states.velocity_m_s[keep],
        block.states.tai_ns[keep],
        ICRF,
        block.centre,
    )
    cut = cut_block(
        0,
        replace(block, states=states),
        make_forces(request_, block.centre),
        almanac,
        detection_sigma=8,
        break_factor=3,
    )
    assert [len(arc) for arc in cut.arcs] == [30, 66]


def test_an_unmodelled_acceleration_is_fitted_with_its_direction(
    block: EphemerisBlock, request_: ReplayRequest, almanac: Almanac
) -> None:
    rows = _fly_with(block, request_, almanac, [])
    seconds = (block.states.tai_ns - block.states.tai_ns[0]) / 1e9
    from syzygy.astro.frames import rtn_axes

    axes = rtn_axes(rows[:, :3], rows[:, 3:])
    rows[:, :3] += 0.5 * 1e-7 * seconds[:, None] ** 2 * axes[:, 1]
    from syzygy.exploration.replay.fitting import fit_arc

    fit = fit_arc(
        rows, block.states.tai_ns, make_forces(request_, block.centre), almanac, ("acceleration",), 1.0
    )
    assert fit.names == ("radial_m_s2", "in_track_m_s2", "cross_track_m_s2")
    assert fit.values[1] == pytest.approx(1e-7, rel=0.05)
    assert np.abs(fit.values[[0, 2]]).max() < 1e-8


def test_rounder_rows_are_anchors(block: EphemerisBlock) -> None:
    assert find_anchors(block.labelled).tolist() == [0]


def _shortened(count: int, last: str, folder: Path) -> Path:
    lines = ORION.read_text().splitlines(keepends=True)
    rows = [line for line in lines if line.startswith("2026-")]
    head = [line for line in lines if not line.startswith("2026-")]
    path = folder / f"{count}.oem"
    path.write_text("".join(head + rows[:count]).replace("22:20:43.855", last))
    return path


def test_too_few_rows_and_too_many_unknowns_are_refused(tmp_path: Path, almanac: Almanac) -> None:
    few = ReplayRequest(ephemeris=bind_input(_shortened(3, "15:08:43.855", tmp_path)))
    with pytest.raises(FormatError, match="too few states"):
        replay_ephemeris(few, almanac)
    greedy = ReplayRequest(
        ephemeris=bind_input(_shortened(8, "15:28:43.855", tmp_path)),
        fit=("state", "sunlight", "acceleration"),
    )
    with pytest.raises(InputError, match="too short for the fit"):
        replay_ephemeris(greedy, almanac)


def test_drag_is_found_in_a_low_ephemeris_of_orekit(record_accuracy) -> None:
    """Three hours at 380 km by Orekit (its own NRLMSISE-00): area to mass from the first third."""
    satkit_data = pytest.importorskip("satkit_data")
    pytest.importorskip("pymsis")
    almanac = build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))
    field = Path(satkit_data.__file__).parent / "data" / "EGM96.gfc"
    request = ReplayRequest(
        ephemeris=bind_input(ORION.parent / "orekit_air_380.oem"), earth_field=bind_input(field),
        field_degree=2, bodies=("Sun", "Moon"), relativity=False, sunlight_m_s2=0.0, fit=("drag",),
        solar_flux_sfu=150.0, geomagnetic_ap=12.0, hypotheses=False,
    )  # fmt: skip
    assert request.further_needs() == ()
    assert replace(request, solar_flux_sfu=0.0).further_needs() == ("space_weather",)
    result = replay_ephemeris(request, almanac)
    assert (len(result.arcs), result.burns) == (1, ())
    fit = result.arcs[0].fit
    assert fit.names == ("drag_m2_kg",)
    record_accuracy(
        "replay", "drag: area to mass, 3 h at 380 km", abs(fit.values[0] / 0.022 - 1.0), 1e-3, "1",
        "Orekit 13.1, NRLMSISE-00", 91,
    )  # fmt: skip
    record_accuracy(
        "replay", "residuals with drag fitted on the first hour", fit.distance_m.max(), 0.05, "m",
        "Orekit 13.1 (in TT: 3 cm)", 91,
    )  # fmt: skip
    shares = {share.force: share.rms_without_m for share in result.arcs[0].forces}
    assert shares["drag"] > 100.0
    assert "NRLMSISE-00" in result.narrative().limits


def test_drag_about_another_body_is_refused(almanac: Almanac, request_: ReplayRequest) -> None:
    from syzygy.astro.bodies import MOON

    with pytest.raises(InputError, match="air of the Earth"):
        make_forces(replace(request_, drag_m2_kg=0.01), MOON)


def test_the_messages_hold_the_flight_and_the_burns(
    almanac: Almanac, request_: ReplayRequest, tmp_path: Path
) -> None:
    """Replayed again, the ephemeris of a replay is its own flight; the burns come back from the OPM."""
    from syzygy.exploration.replay.messages import write_messages
    from syzygy.formats.ccsds.orbits import read_orbit_parameters
    from syzygy.formats.ccsds.reading import read_message

    result = replay_ephemeris(request_, almanac)
    made = write_messages(result)
    assert set(made) == {"replayed.oem", "start.opm", "replayed.czml"}
    (tmp_path / "replayed.oem").write_bytes(made["replayed.oem"])
    again = replace(request_, ephemeris=bind_input(tmp_path / "replayed.oem"))
    second = replay_ephemeris(again, almanac)
    assert second.burns == ()
    assert second.arcs[0].fit.distance_m.max() < 2e-3
    assert second.arcs[0].verdict.startswith("ICRF, UTC as labelled")
    strength = (second.arcs[0].fit.values[0], result.arcs[0].fit.values[0])
    assert strength[0] == pytest.approx(strength[1], rel=1e-3)
    orbit = read_orbit_parameters(read_message(made["start.opm"], name="x"), almanac.leap_seconds)
    assert np.allclose(orbit.states.position_m, result.arcs[0].fit.start[:3], atol=1e-6)
    assert orbit.maneuvers == ()


def test_a_fitted_state_leaves_with_its_covariance_and_the_other_numbers(
    almanac: Almanac, request_: ReplayRequest
) -> None:
    from syzygy.exploration.replay.messages import write_messages
    from syzygy.formats.ccsds.orbits import read_orbit_parameters
    from syzygy.formats.ccsds.reading import read_message

    result = replay_ephemeris(replace(request_, fit=("sunlight", "state"), hypotheses=False), almanac)
    made = write_messages(result)
    orbit = read_orbit_parameters(read_message(made["start.opm"], strict=True), almanac.leap_seconds)
    fit = result.arcs[0].fit
    assert orbit.covariance is not None
    assert np.allclose(np.sqrt(np.diagonal(orbit.covariance)), fit.sigmas[1:], rtol=1e-12)
    assert (np.linalg.eigvalsh(orbit.covariance[:3, :3]) > 0.0).all()
    said = orbit.user.values
    assert float(said["USER_DEFINED_SUNLIGHT_M_S2"]) == pytest.approx(fit.values[0], rel=1e-8)
    packets = json.loads(made["replayed.czml"])
    assert [packet["id"] for packet in packets] == ["document", "arc-1", "moon"]
    seen = np.array(packets[1]["position"]["cartesianVelocity"]).reshape(-1, 7)
    assert np.allclose(seen[:, 1:4], fit.model[:, :3], atol=1e-3)
