"""Where in a TOML text each key stands, so that a problem can name file, line and field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Positions:
    """Line of every table header and key of one file."""

    file: str
    lines: dict[Path, int]

    def where(self, path: Path) -> str:
        """Return ``file:line field``; the nearest known ancestor gives the line."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known, 1)
        return f"{self.file}:{line} {field_text(path)}".rstrip()


def field_text(path: Path) -> str:
    """Write a path as people do.

    Examples
    --------
    >>> field_text(("project", 2, "start"))
    'project[3].start'
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def locate_keys(text: str, file: str) -> Positions:
    """Find the line of every header and key of a valid TOML text."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    prefix: Path = ()
    for line, statement in _statements(text):
        if statement.startswith("[["):
            parent = _resolve(_split_key(statement[2 : statement.index("]]")]), counts)
            index = counts.get(parent, 0)
            counts[parent] = index + 1
            prefix = (*parent, index)
            lines.setdefault(parent, line)
            lines[prefix] = line
        elif statement.startswith("["):
            prefix = _resolve(_split_key(statement[1 : statement.index("]")]), counts)
            lines[prefix] = line
        elif "=" in statement:
            lines[(*prefix, *_split_key(statement.split("=", 1)[0]))] = line
    return Positions(file, lines)


def _resolve(parts: tuple[str, ...], counts: dict[Path, int]) -> Path:
    path: Path = ()
    for depth, part in enumerate(parts):
        path = (*path, part)
        if depth < len(parts) - 1 and path in counts:
            path = (*path, counts[path] - 1)
    return path


def _split_key(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.strip().split("."))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each statement; values over several lines count as one."""
    depth = 0
    quote = ""
    start, collected = 1, ""
    for number, row in enumerate(text.split("\n"), 1):
        if depth == 0 and not quote:
            start, collected = number, row.strip()
        depth, quote = _scan(row, depth, quote)
        if depth == 0 and not quote and collected and not collected.startswith("#"):
            yield start, collected


def _scan(row: str, depth: int, quote: str) -> tuple[int, str]:
    """Follow brackets and strings through one row; headers balance by themselves."""
    at = 0
    while at < len(row):
        if quote:
            if quote in ('"', '"""') and row[at] == "\\":
                at += 2
                continue
            if row.startswith(quote, at):
                at += len(quote)
                quote = ""
                continue
        elif row[at] == "#":
            break
        elif row[at] in "\"'":
            quote = row[at] * 3 if row.startswith(row[at] * 3, at) else row[at]
            at += len(quote)
            continue
        elif row[at] in "[{":
            depth += 1
        elif row[at] in "]}":
            depth -= 1
        at += 1
    return depth, quote if len(quote) == 3 else ""
