"""Messages converted for the command: read back and compared before they are put in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from syzygy.base.errors import DefectError, FormatError, InputError, StorageError, SyzygyError

if TYPE_CHECKING:
    from syzygy.formats.ccsds import Message

_ENDINGS = {"kvn": ".kvn", "xml": ".xml", "json": ".json"}


@dataclass(frozen=True)
class Conversion:
    """One message that was written."""

    source: Path
    target: Path
    kind: str
    size: int
    losses: tuple[str, ...]

    def as_mapping(self) -> dict[str, object]:
        """Return the fields for ``--json``."""
        return {
            "source": str(self.source), "file": str(self.target), "type": self.kind, "bytes": self.size,
            "not_carried_over": list(self.losses),
        }  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """One message that was not converted, and why."""

    source: Path
    error: SyzygyError


def convert_files(
    files: Sequence[Path], form: str, out: Path, *, numbers: bool, allow_loss: bool, overwrite: bool,
    strict: bool, folder: bool,
) -> tuple[list[Conversion], list[Refusal]]:  # fmt: skip
    """Convert each file and write it where it came through unchanged; a refused one does not stop the others.

    Raises
    ------
    InputError
        Two messages would get the same name; nothing has been written.
    """
    folder = folder or out.is_dir()
    targets: dict[Path, Path] = {}
    for path in files:
        target = out / (path.stem + _ENDINGS[form]) if folder else out
        if target in targets:
            raise InputError(
                "two messages would get the same name", value=f"{targets[target]} and {path}",
                allowed="names that differ before the ending", where=str(target),
                hint="convert them into folders of their own",
            )  # fmt: skip
        targets[target] = path
    done: list[Conversion] = []
    refused: list[Refusal] = []
    for target, path in targets.items():
        try:
            done.append(_convert(path, target, form, numbers, allow_loss, overwrite, strict))
        except DefectError:
            raise
        except SyzygyError as error:
            refused.append(Refusal(path, error))
    return done, refused


def _convert(
    path: Path, target: Path, form: str, numbers: bool, allow_loss: bool, overwrite: bool, strict: bool
) -> Conversion:
    from syzygy.base.storage import read_bytes, write_bytes
    from syzygy.formats.ccsds import read_message

    source = read_message(read_bytes(path), name=str(path), strict=strict)
    content = _converted(source, form, numbers)
    losses = _losses(source, form)
    if losses and not allow_loss:
        raise FormatError(
            "the other form cannot carry everything in this message", value="; ".join(losses),
            where=str(path), allowed=f"what {form} can carry",
            hint="--allow-loss writes it without",
        )  # fmt: skip
    _refuse_to_overwrite(target, path, content, overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, content)
    return Conversion(path, target, f"{source.kind} {source.version}".strip(), len(content), losses)


def _converted(source: Message, form: str, numbers: bool) -> bytes:
    """Write the message, read it back, and demand that both say the same in the same digits."""
    from syzygy.formats.ccsds import compare_messages, read_message, write_message

    content = write_message(source, form, numbers=numbers)
    if content == source.content:
        return content
    again = read_message(content, name=source.name)
    changed = next((item for item in compare_messages(source, again) if item.kind != "form"), None)
    if changed is not None:
        raise FormatError(
            "the message would not come through unchanged", value=f"{changed.first} -> {changed.second}",
            where=f"{source.name} {changed.place}", allowed="the same values, digits and comments",
        )  # fmt: skip
    return content


def _losses(source: Message, form: str) -> tuple[str, ...]:
    """Name what the other form has no place for."""
    if source.form != "xml" or form == "xml":
        return ()
    losses = []
    comments = source.content.count(b"<!--")
    if comments:
        losses.append(f"{comments} comment{'s' if comments != 1 else ''} of the XML file (<!-- -->)")
    instructions = source.content.count(b"<?") - source.content.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml")
    if instructions:
        losses.append(f"{instructions} processing instructions")
    return tuple(losses)


def _refuse_to_overwrite(target: Path, source: Path, content: bytes, overwrite: bool) -> None:
    if not target.is_file() or overwrite:
        return
    try:
        same = target.read_bytes() == content
    except OSError:
        return  # writing will say why not
    if not same:
        raise StorageError(
            "the file is there already and holds something else", value=target, allowed="a new name",
            where=str(source), hint="--overwrite replaces it",
        )  # fmt: skip
