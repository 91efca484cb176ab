"""Verification against an adversary: forged, swapped, replayed, missing, re-signed by an owner who cheats."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syzygy.base.hashing import sha256_record
from syzygy.exchange.keys import create_key, load_signing_key, load_trusted_keys
from syzygy.exchange.manifest import MANIFEST_NAME, open_manifest, seal_manifest
from syzygy.formats.tabular import decode_table, encode_table
from syzygy.studies.planning import plan_programme
from syzygy.studies.runner import run_programme
from syzygy.studies.verification import Verdict, open_verifier

WriteProgramme = Callable[..., Path]
pytestmark = pytest.mark.slow
STUDIES = [("near", "alpha", "beta", 5.0), ("wide", "alpha", "", 50.0), ("theirs", "beta", "alpha", 20.0)]
RECIPE = ("study", "request", "inputs", "almanac", "code")


class Forger:
    """A run that can be altered and signed again by anyone who has a key."""

    def __init__(self, root: Path, keys: Path) -> None:
        self.root, self.keys = root, keys

    def sign(self, place: Path, signer: str = "alpha", **about: object) -> None:
        """Seal a folder as it lies, with changes to the statement."""
        path = place / MANIFEST_NAME
        statement = {**open_manifest(path.read_bytes(), [], where="test").about, **about}
        statement = {name: value for name, value in statement.items() if value is not None}
        path.unlink()
        files = {p.relative_to(place).as_posix(): p.read_bytes() for p in place.rglob("*") if p.is_file()}
        path.write_bytes(seal_manifest(files, statement, load_signing_key(self.keys, signer)))

    def edit_json(self, path: Path, change: Callable[[dict[str, Any]], None], recipe: bool = False) -> str:
        """Change a JSON file; for a provenance also make its recipe hash fit again."""
        content = json.loads(path.read_text())
        change(content)
        if recipe:
            content["recipe_sha256"] = sha256_record({key: content[key] for key in RECIPE})
        path.write_text(json.dumps(content))
        return str(content.get("recipe_sha256", ""))

    def verify(self, place: Path | None = None, inputs: Path | None = None) -> dict[str, Verdict]:
        """Return the verdicts by product."""
        place = place or self.root
        verifier = open_verifier(place, load_trusted_keys(self.keys), inputs=inputs)
        return {verdict.product: verdict for verdict in verifier.verify(place)}

    def said(self, product: str) -> str:
        """Return what is said of a product that must not be good."""
        place = self.root / product
        verdict = (
            self.verify(place)[place.name] if (place / MANIFEST_NAME).exists() else self.verify()[product]
        )
        assert not verdict.good
        return " ".join(verdict.details)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three studies with its keys, made once; tests work on copies."""
    place = tmp_path_factory.mktemp("whole")
    from_here = Path(__file__).parent
    import importlib.util

    spec = importlib.util.spec_from_file_location("small_programme", from_here / "conftest.py")
    assert spec
    assert spec.loader
    small = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(small)
    text = small._HEAD + "".join(
        small._STUDY.format(id=i, owner=o, release=f'"{r}"' if r else "", threshold=t)
        for i, o, r, t in STUDIES
    )
    (place / "elements.3le").write_bytes(small.ELEMENTS.read_bytes())
    (place / "programme.toml").write_text(text)
    keys = {}
    for partner in ("alpha", "beta"):
        create_key(place / "keys", partner)
        keys[partner] = load_signing_key(place / "keys", partner)
    run_programme(plan_programme(place / "programme.toml"), place / "out", keys)
    return place


@pytest.fixture
def forger(whole: Path, tmp_path: Path) -> Forger:
    shutil.copytree(whole, tmp_path / "run")
    return Forger(tmp_path / "run" / "out", tmp_path / "run" / "keys")


def test_the_untouched_run_is_good(forger: Forger) -> None:
    verdicts = forger.verify()
    assert all(verdict.good and not verdict.details for verdict in verdicts.values()), verdicts
    assert len(verdicts) == 3 + 3 + 2
    assert {v.recipient for n, v in verdicts.items() if n.startswith("partners/beta")} == {"beta"}


def test_two_products_that_changed_places_are_named(forger: Forger) -> None:
    products = forger.root / "products"
    (products / "near").rename(products / "x")
    (products / "wide").rename(products / "near")
    (products / "x").rename(products / "wide")
    assert "lies as study near, signed as wide" in forger.said("products/near")
    assert "lies as study wide, signed as near" in forger.said("products/wide")


def test_a_trusted_partner_cannot_sign_for_another_owner(forger: Forger) -> None:
    forger.sign(forger.root / "products" / "near", "beta")
    assert "signed by beta, but says it belongs to alpha" in forger.said("products/near")


def test_a_partner_cannot_claim_what_is_anothers(forger: Forger) -> None:
    forger.sign(forger.root / "products" / "near", "beta", owner="beta")
    assert "near belongs to alpha in this run" in forger.said("products/near")


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"recipient": "alpha"}, "lies as recipient beta, signed as alpha"),
        ({"programme": "old"}, "lies as programme small, signed as old"),
        ({"programme_sha256": "0" * 64}, "another version of the programme file"),
        ({"studies": []}, "does not say to which study each file belongs"),
        ({"studies": ["../../alpha/from-alpha/near"]}, "does not say to which study"),
        ({"studies": ["near", "near"]}, "does not say to which study"),
        ({"studies": None}, "does not say to which study"),
        ({"recipes": {"near": "0" * 64}}, "near has another recipe in this run"),
    ],
)
def test_a_folder_with_a_false_statement_is_named(
    forger: Forger, about: dict[str, object], says: str
) -> None:
    place = forger.root / "partners" / "beta" / "from-alpha"
    forger.sign(place, **about)
    verdicts = forger.verify(place)
    assert verdicts
    assert not any(verdict.good for verdict in verdicts.values())
    assert says in " ".join(d for verdict in verdicts.values() for d in verdict.details)


def test_an_empty_list_of_studies_signed_by_a_stranger_is_no_success(forger: Forger, tmp_path: Path) -> None:
    create_key(tmp_path / "mallory", "mallory")
    place = forger.root / "partners" / "beta" / "from-alpha"
    (tmp_path / "mallory" / "alpha.pub").write_bytes((forger.keys / "alpha.pub").read_bytes())
    Forger(forger.root, tmp_path / "mallory").sign(place, "mallory", studies=[])
    verdicts = forger.verify(place)
    assert verdicts
    assert not any(verdict.good for verdict in verdicts.values())


def test_a_folder_of_another_partner_is_named(forger: Forger) -> None:
    partners = forger.root / "partners"
    shutil.rmtree(partners / "beta" / "from-beta")
    shutil.copytree(partners / "beta" / "from-alpha", partners / "beta" / "from-beta")
    (verdict,) = forger.verify(partners / "beta" / "from-beta").values()
    assert "lies as owner beta, signed as alpha" in " ".join(verdict.details)
    assert not verdict.good


def test_a_deleted_product_and_a_deleted_folder_are_missed(forger: Forger) -> None:
    shutil.rmtree(forger.root / "products" / "wide")
    shutil.rmtree(forger.root / "partners" / "beta" / "from-alpha")
    verdicts = forger.verify()
    for product in ("products/wide", "partners/beta/from-alpha"):
        assert not verdicts[product].good
        assert "is missing" in " ".join(verdicts[product].details)


def test_a_replayed_product_of_an_earlier_recipe_is_named(
    forger: Forger, whole: Path, tmp_path: Path
) -> None:
    programme = tmp_path / "run" / "programme.toml"
    programme.write_text(programme.read_text().replace("threshold_km = 50.0", "threshold_km = 60.0"))
    keys = {name: load_signing_key(forger.keys, name) for name in ("alpha", "beta")}
    run_programme(plan_programme(programme), forger.root, keys)
    assert all(verdict.good for verdict in forger.verify().values())
    shutil.rmtree(forger.root / "products" / "wide")
    shutil.copytree(whole / "out" / "products" / "wide", forger.root / "products" / "wide")
    assert "wide has another recipe in this run" in forger.said("products/wide")


def test_a_stranger_product_is_named(forger: Forger) -> None:
    products = forger.root / "products"
    shutil.copytree(products / "wide", products / "old")
    forger.sign(products / "old", study="old")
    assert "old is no study of this run" in forger.said("products/old")


def test_an_edited_narrative_is_found_though_signed_again(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    forger.edit_json(place / "result.json", lambda r: r["narrative"].update(limits="None."))
    forger.sign(place)
    assert 'result.json: narrative.limits differs: recorded "None."' in forger.said("products/near")


def test_a_narrative_does_not_slip_through_behind_a_difference_within_tolerance(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    path = next(
        p
        for p in sorted(place.glob("*.parquet"))
        if "miss_distance_m" in decode_table(p.read_bytes(), "parquet").names
    )
    table = decode_table(path.read_bytes(), "parquet")
    columns = [
        replace(c, values=c.values + c.tolerance / 2) if c.name == "miss_distance_m" else c  # type: ignore[operator]
        for c in table.columns
    ]
    path.write_bytes(encode_table(replace(table, columns=tuple(columns)), "parquet"))
    forger.sign(place)
    assert forger.verify(forger.root / "products" / "near")["near"].verdict == "within tolerance"
    forger.edit_json(place / "result.json", lambda r: r["key_figures"][0].update(value="99"))
    forger.sign(place)
    assert "key_figures[1].value differs" in forger.said("products/near")


def test_an_altered_picture_is_found_though_signed_again(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    picture = place / "picture-light.svg"
    picture.write_bytes(picture.read_bytes().replace(b"</svg>", b"<!-- --></svg>"))
    forger.sign(place)
    assert "picture-light.svg is not the picture of these numbers" in forger.said("products/near")


def test_a_picture_of_another_drawing_library_is_told_as_not_compared(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    picture = place / "picture-light.svg"
    picture.write_bytes(picture.read_bytes().replace(b"</svg>", b"<!-- --></svg>"))
    forger.edit_json(place / "provenance.json", lambda p: p.update(drawn_with="matplotlib 1.0"))
    forger.sign(place)
    verdict = forger.verify(forger.root / "products" / "near")["near"]
    assert "pictures not compared: drawn with matplotlib 1.0" in " ".join(verdict.details)


def test_a_missing_and_an_added_table_are_found_though_signed_again(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    gone = sorted(place.glob("*.parquet"))[0]
    gone.rename(place / "more.parquet")
    forger.sign(place)
    said = forger.said("products/near")
    assert f"{gone.name} is missing" in said
    assert "more.parquet is no part of this kind of product" in said


def test_a_unit_in_a_table_cannot_be_exchanged(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    for path in place.glob("*.parquet"):
        table = decode_table(path.read_bytes(), "parquet")
        columns = tuple(replace(c, unit="km") if c.unit == "m" else c for c in table.columns)
        path.write_bytes(encode_table(replace(table, columns=columns), "parquet"))
    forger.sign(place)
    assert "the unit differs: recorded 'km', computed 'm'" in forger.said("products/near")


def test_a_new_request_with_a_new_recipe_signed_again_does_not_fit_run_or_numbers(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    recipe = forger.edit_json(
        place / "provenance.json", lambda p: p["request"].update(threshold_m=100.0), recipe=True
    )
    forger.sign(place, recipe_sha256=recipe)
    said = forger.said("products/near")
    assert "near has another recipe in this run" in said
    assert any(words in said for words in ("rows recorded", "differs", "no part of this kind of product"))


def test_a_recipe_hash_in_the_statement_must_be_that_of_the_record(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    forger.edit_json(place / "provenance.json", lambda p: p["code"].update(version="9"), recipe=True)
    forger.sign(place)
    assert "provenance.json is not of the signed recipe" in forger.said("products/near")


def test_other_code_is_named(forger: Forger) -> None:
    place = forger.root / "products" / "near"
    recipe = forger.edit_json(
        place / "provenance.json", lambda p: p["code"].update(sha256="0" * 64), recipe=True
    )
    forger.sign(place, recipe_sha256=recipe)
    verdict = forger.verify(place)
    assert "computed with other code: 000000000000 then" in " ".join(next(iter(verdict.values())).details)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda p: p.update(study="debris.unknown"), "unknown study kind"),
        (lambda p: p.update(study=["x"]), "unknown study kind"),
        (lambda p: p["request"].update(threshold_m="5000"), "does not take"),
        (lambda p: p["request"].update(threshold_m=None), "does not take"),
        (lambda p: p["request"].update(threshold_m=1e30), "does not take"),
        (lambda p: p["request"].update(duration_s=True), "does not take"),
        (lambda p: p["request"].update(catalogues={"a": 1}), "does not take"),
        (lambda p: p["request"].update(catalogues=["a"]), "does not take"),
        (lambda p: p["request"].update(start_tai_ns=10**40), "does not take"),
        (lambda p: p["request"]["catalogues"][0].update(sha256="/etc", name="passwd"), "is not here"),
        (lambda p: p.update(request=[]), "does not fit this study"),
        (lambda p: p.update(almanac=[]), "the Almanac here is another one"),
        (lambda p: p.update(inputs=[]), "inputs differs"),
        (lambda p: p.update(models={"gravity": "none"}), "models"),
        (lambda p: p.update(note="believe me"), "note differs"),
    ],
)
def test_hostile_records_are_explained_and_never_crash(
    forger: Forger, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    place = forger.root / "products" / "near"
    recipe = forger.edit_json(place / "provenance.json", change, recipe=True)
    forger.sign(place, recipe_sha256=recipe)
    verdict = forger.verify(forger.root / "products" / "near")["near"]
    assert not verdict.good
    assert says in f"{verdict.verdict} {' '.join(verdict.details)}"


def test_links_pipes_and_deep_folders_are_named_and_not_followed(forger: Forger, tmp_path: Path) -> None:
    near, wide = (forger.root / "products" / name for name in ("near", "wide"))
    picture = wide / "picture-dark.svg"
    picture.rename(tmp_path / "away.svg")
    picture.symlink_to(tmp_path / "away.svg")
    (near / "loop").symlink_to(near)
    os.mkfifo(near / "pipe")
    (near / "/".join(["d"] * 40)).mkdir(parents=True)
    said = forger.said("products/near")
    assert "loop is not named by the manifest" in said
    assert "pipe is not named by the manifest" in said
    assert "is nested too deeply" in said
    assert "picture-dark.svg is a link" in forger.said("products/wide")


def test_a_file_that_grew_is_refused_before_it_is_read(forger: Forger) -> None:
    path = forger.root / "products" / "near" / "result.json"
    with path.open("ab") as stream:
        stream.truncate(1 << 40)
    assert f"result.json was altered: {1 << 40} bytes" in forger.said("products/near")


def test_a_hard_link_is_a_file_like_any_other(forger: Forger, tmp_path: Path) -> None:
    path = forger.root / "products" / "near" / "result.json"
    os.link(path, tmp_path / "second-name")
    assert forger.verify(forger.root / "products" / "near")["near"].good


@pytest.mark.parametrize("content", [b"{}", b"[]", b"{", b'{"format":"syzygy-run/1","programme":{}}'])
def test_a_broken_run_record_is_an_error(forger: Forger, content: bytes) -> None:
    from syzygy.base.errors import FormatError

    (forger.root / "run.json").write_bytes(content)
    with pytest.raises(FormatError, match=r"run\.json"):
        forger.verify()


def test_inputs_may_lie_in_a_directory_of_any_name(forger: Forger, tmp_path: Path) -> None:
    shutil.move(forger.root / "partners" / "beta", tmp_path / "mail")
    shutil.move(forger.root / "inputs", tmp_path / "from the archive")
    verdicts = forger.verify(tmp_path / "mail", inputs=tmp_path / "from the archive")
    assert [verdict.good for verdict in verdicts.values()] == [True, True]


def test_a_stray_run_record_above_a_folder_is_not_believed(forger: Forger, tmp_path: Path) -> None:
    shutil.move(forger.root / "partners" / "beta" / "from-alpha", tmp_path / "mail")
    (tmp_path / "run.json").write_text("{}")
    verdicts = forger.verify(tmp_path / "mail", inputs=forger.root / "inputs")
    assert [verdict.good for verdict in verdicts.values()] == [True]
