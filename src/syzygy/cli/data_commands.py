"""``syzygy data``: what is installed, and the only way to the network."""

from __future__ import annotations

from collections.abc import Mapping

import click

from syzygy.cli.console import emit_json, show_table, talk


@click.group()
def data() -> None:
    """List and fetch the data sets that answers depend on."""


@data.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def list_command(as_json: bool) -> None:
    """List every data set: where it was found, version, hash, licence, span.

    Example: syzygy data list
    """
    from syzygy.data import list_data_sets

    rows = [data_set.as_mapping() for data_set in list_data_sets()]
    if as_json:
        emit_json({"data_sets": rows})
        return
    show_table(
        "",
        ["name", "found in", "version", "MB", "SHA-256", "coverage", "licence"],
        [_row(row) for row in rows],
    )
    missing = [str(row["name"]) for row in rows if not row["sha256"]]
    if missing:
        talk(f"not here: {', '.join(missing)}; `syzygy data fetch NAME` fetches one (--json shows more)")


def _row(found: Mapping[str, object]) -> list[str]:
    size = found["size_bytes"]
    megabytes = f"{size / 1e6:.1f}" if isinstance(size, int) and size else "-"
    texts = [str(found[key]) for key in ("name", "found_in", "version")]
    return [*texts, megabytes, str(found["sha256"])[:12], str(found["coverage"]), str(found["licence"])]


@data.command("fetch")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def fetch_command(name: str, as_json: bool) -> None:
    """Fetch the data set NAME into the local store; the only command that uses the network.

    Example: syzygy data fetch space-weather
    """
    from syzygy.data import fetch_data_set

    found = fetch_data_set(name)
    if as_json:
        emit_json({"ok": True, "data_set": found.as_mapping()})
    else:
        talk(f"{name}: {found.path}")
