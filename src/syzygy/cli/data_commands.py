"""``syzygy data``: what is installed, and the only way to the network."""

from __future__ import annotations

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
    columns = list(rows[0]) if rows else []
    show_table("", columns, [[str(row[name]) for name in columns] for row in rows])


@data.command("fetch")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def fetch_command(name: str, as_json: bool) -> None:
    """Fetch the data set NAME into the local store; the only command that uses the network.

    Example: syzygy data fetch space-weather
    """
    from syzygy.data import fetch_data_set

    path = fetch_data_set(name)
    if as_json:
        emit_json({"ok": True, "name": name, "path": str(path)})
    else:
        talk(f"{name}: {path}")
