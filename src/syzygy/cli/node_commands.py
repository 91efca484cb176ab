"""``syzygy node``: the keys of this node."""

from __future__ import annotations

from pathlib import Path

import click

from syzygy.base.errors import InputError
from syzygy.cli.console import emit_json, show_table, talk


@click.group()
def node() -> None:
    """Make and list the keys that sign products.

    A key pair belongs to one partner: `<partner>.key` never leaves this machine, `<partner>.pub` is given
    to the other partners, who put it into their own key directory to trust it.
    """


@node.command("init")
@click.argument("partner")
@click.option(
    "--keys", type=click.Path(path_type=Path), help="Directory of the keys [default: $SYZYGY_KEYS]."
)
@click.option("--json", "as_json", is_flag=True, help="Print the key as JSON.")
def init(partner: str, keys: Path | None, as_json: bool) -> None:
    """Make the Ed25519 key pair of PARTNER; an existing key is never overwritten.

    Example: syzygy node init cnsa --keys out/docs/keys
    """
    import re

    from syzygy.exchange.keys import create_key, default_key_directory

    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", partner):
        raise InputError(
            "not a partner id",
            value=partner,
            allowed="lower-case letters, digits, '-' and '.'",
            where="PARTNER",
            hint="use the id from the programme file",
        )
    directory = keys or default_key_directory()
    key = create_key(directory, partner)
    if as_json:
        emit_json(
            {
                "partner": partner,
                "key_id": key.key_id,
                "public_key": key.raw.hex(),
                "directory": str(directory),
            }
        )
        return
    talk(f"made {directory / partner}.key (keep it) and {directory / partner}.pub (give it to the partners)")
    show_table("", ["partner", "key id"], [[partner, key.key_id]])


@node.command("list")
@click.option(
    "--keys", type=click.Path(path_type=Path), help="Directory of the keys [default: $SYZYGY_KEYS]."
)
@click.option("--json", "as_json", is_flag=True, help="Print the keys as JSON.")
def list_keys(keys: Path | None, as_json: bool) -> None:
    """List the public keys that are trusted here, and which of them can sign.

    Example: syzygy node list
    """
    from syzygy.exchange.keys import default_key_directory, load_trusted_keys

    directory = keys or default_key_directory()
    found = load_trusted_keys(directory)
    rows = [
        {
            "partner": key.partner,
            "key_id": key.key_id,
            "can_sign": (directory / f"{key.partner}.key").exists(),
        }
        for key in found
    ]
    if as_json:
        emit_json({"directory": str(directory), "keys": rows})
        return
    talk(f"keys in {directory}")
    show_table("", ["partner", "key id", "can sign"], [[str(v) for v in row.values()] for row in rows])
