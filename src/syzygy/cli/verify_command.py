"""``syzygy verify``: compute everything again and compare."""

from __future__ import annotations

from pathlib import Path

import click

from syzygy.cli import exit_codes
from syzygy.cli.console import emit_json, show_table, talk
from syzygy.cli.executing import execution_options


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--trust",
    type=click.Path(path_type=Path),
    help="Directory of public keys [default: the keys of this node].",
)
@click.option(
    "--inputs",
    type=click.Path(path_type=Path),
    help="A run's `inputs` directory [default: that of DIRECTORY].",
)
@execution_options
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def verify(
    directory: Path, trust: Path | None, inputs: Path | None, workers: int, cluster: str, as_json: bool
) -> int:
    """Verify a run, a partner's folder or one product: signatures, hashes, and every number again.

    Each product is identical, within its stated tolerance, different (where and by how much), or not
    verifiable (why). Exit code 0 when every product stands, 1 otherwise.

    Example: syzygy verify out/joint-programme
    """
    from syzygy.base.execution import choose_executor
    from syzygy.exchange.keys import default_key_directory, load_trusted_keys
    from syzygy.studies.verification import open_verifier

    trusted = load_trusted_keys(trust or default_key_directory())
    verifier = open_verifier(directory, trusted, inputs=inputs, executor=choose_executor(workers, cluster))
    verdicts = []
    for verdict in verifier.verify(directory):
        verdicts.append(verdict)
        talk(f"{verdict.product}: {verdict.verdict}")
    good = all(verdict.good for verdict in verdicts)
    if as_json:
        emit_json(
            {
                "ok": good,
                "products": [
                    {
                        "product": v.product,
                        "verdict": v.verdict,
                        "signer": v.signer,
                        "recipient": v.recipient,
                        "details": list(v.details),
                    }
                    for v in verdicts
                ],
            }
        )
    else:
        rows = [
            [v.product, v.verdict, v.signer or "unknown", v.recipient or "-", "\n".join(v.details)]
            for v in verdicts
        ]
        show_table("", ["product", "verdict", "signed by", "made for", "details"], rows)
    return exit_codes.DONE if good else exit_codes.ANSWER_NO
