"""One command per study kind, generated from its request record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syzygy.base.errors import InputError, ProblemList, StorageError, SyzygyError, UnknownNameError
from syzygy.base.requests import Border, Option, options_of, read_request, show_default
from syzygy.base.study import StudyKind
from syzygy.cli.console import emit_json, show_table, talk
from syzygy.cli.executing import execution_options
from syzygy.cli.progress import StudyProgress
from syzygy.studies.almanacs import AlmanacShelf, make_border
from syzygy.studies.kinds import study_kinds

if TYPE_CHECKING:
    from syzygy.base.results import StudyResult
    from syzygy.base.tables import Table

_FIELD_HELP = {
    "exploration": "Moon and deep space: transfers, launch windows, launchers.",
    "materials": "Special materials in the space environment, experiments aboard stations.",
    "satellites": "Navigation systems, constellations, ground stations, links.",
    "sensing": "Earth remote sensing by the fleets of the partners.",
    "debris": "Space-debris research and collision safety.",
}
_SHOWN_ROWS = 12
_SHOWN_COLUMNS = 10


class LazyCommand(click.Command):
    """A command whose options are read from the request record only when it is used."""

    def __init__(self, kind: StudyKind) -> None:
        super().__init__(kind.command[1], help=kind.summary, short_help=kind.summary)
        self._kind = kind
        self._ready = False

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Build the options on first use."""
        if not self._ready:
            built = _build(self._kind)
            self.params, self.callback = built.params, built.callback
            self._ready = True
        return super().get_params(ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        self.get_params(ctx)
        return super().invoke(ctx)


def study_groups() -> tuple[click.Group, ...]:
    """Return one group per field with one command per study kind."""
    groups = {name: click.Group(name, help=text) for name, text in _FIELD_HELP.items()}
    for kind in study_kinds().values():
        groups[kind.command[0]].add_command(LazyCommand(kind))
    return tuple(groups.values())


def _build(kind: StudyKind) -> click.Command:
    options = options_of(kind.request_class())
    border = make_border(AlmanacShelf(), Path())

    def callback(
        out: Path | None,
        table: tuple[str, ...],
        picture: Path | None,
        as_json: bool,
        workers: int,
        cluster: str,
        predictions: bool,
        pictures: Path | None = None,
        messages: Path | None = None,
        **values: object,
    ) -> None:
        own = {name: place for name in kind.tables if (place := values.pop(f"table_{name}")) is not None}
        named = _check_outputs(out, table, own, picture)
        weather = values.pop("space_weather_file", None)
        shelf = AlmanacShelf(Path(str(weather)) if weather else None, predictions)
        with StudyProgress() as progress:
            result = _compute(kind, options, values, shelf, (workers, cluster), progress)
        _write(kind, result, out, named, picture)
        _write_folders(kind, result, pictures, messages)
        if as_json:
            _emit(result)
        else:
            _show(result)

    command: Callable[..., Any] = callback
    for decorate in reversed(
        [*_output_options(kind, options), execution_options, *(_decorator(o, border) for o in options)]
    ):
        command = decorate(command)
    return click.command(kind.command[1])(command)


def _output_options(kind: StudyKind, options: tuple[Option, ...]) -> list[Callable[[Any], Any]]:
    path = click.Path(path_type=Path)
    taken = {name for opt in options for name in (opt.name, *opt.flags)}
    decorators = [
        click.option("--out", type=path, help="Write the main table: FILE.parquet, .csv or .json."),
        click.option(
            "--table", multiple=True, metavar="NAME=FILE", help="Write another table of the result."
        ),
        click.option("--picture", type=path, help="Draw the picture: FILE.svg."),
        click.option("--json", "as_json", is_flag=True, help="Print key figures and the main table as JSON."),
        click.option(
            "--predictions", is_flag=True, help="Admit predicted Earth orientation and space weather."
        ),
    ]
    for name in kind.tables:
        text = f"Write the table {name}: FILE.parquet, .csv or .json."
        flag = f"--{name.replace('_', '-')}" + ("-table" if name in taken else "")
        decorators.append(click.option(flag, f"table_{name}", type=path, metavar="FILE", help=text))
    if kind.further_pictures:
        text = "Draw the further pictures into this directory."
        decorators.append(click.option("--pictures", type=path, metavar="DIRECTORY", help=text))
    if kind.messages:
        text = "Write the messages of the result into this directory."
        decorators.append(click.option("--messages", type=path, metavar="DIRECTORY", help=text))
    if "space_weather" in kind.needs:
        text = "Space-weather file (CelesTrak text, gz or not)."
        decorators.append(click.option("--space-weather", "space_weather_file", type=path, help=text))
    return decorators


def _decorator(opt: Option, border: Border) -> Callable[[Any], Any]:
    kinds: dict[str, click.ParamType[Any]] = {"float": click.FLOAT, "int": click.INT, "bool": click.BOOL}
    kind: click.ParamType[Any] = (
        click.Choice(opt.choices) if opt.choices else kinds.get(opt.kind, click.STRING)
    )
    if opt.positional:
        return click.argument(opt.name, nargs=-1 if opt.many else 1, required=opt.required)
    if opt.many and opt.kind in ("float", "int"):
        kind = _Numbers(kinds[opt.kind])
    flag = f"--{opt.name.replace('_', '-')}"
    flags = [*(f"--{name.replace('_', '-')}" for name in opt.flags), flag]
    default = show_default(opt, border)
    text = opt.help + (f" [default: {default}]" if default else "") + (" [required]" if opt.required else "")
    if opt.kind == "bool":
        return click.option(f"{flag}/--no-{flag[2:]}", opt.name, default=None, help=text)
    return click.option(*flags, opt.name, type=kind, multiple=opt.many, default=None, help=text)


class _Numbers(click.ParamType[Any]):
    """Numbers with commas between them; the option may also be repeated."""

    def __init__(self, single: click.ParamType[Any]) -> None:
        self.name = f"{single.name}[,...]"
        self._single = single

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert each part."""
        return [self._single.convert(part.strip(), param, ctx) for part in str(value).split(",")]


def _compute(
    kind: StudyKind,
    options: tuple[Option, ...],
    values: dict[str, object],
    shelf: AlmanacShelf,
    execution: tuple[int, str],
    progress: StudyProgress,
) -> StudyResult:
    from syzygy.base.execution import choose_executor

    given = {name: _flat(value) for name, value in values.items() if value is not None and value != ()}
    try:
        request: object = read_request(kind.request_class(), given, make_border(shelf, Path()))
    except ProblemList as several:
        raise ProblemList([_as_flag(problem, options) for problem in several.problems]) from several
    result: StudyResult = kind.compute_function()(
        request,
        shelf.almanac(kind.for_request(request).needs),
        executor=choose_executor(*execution),
        progress=progress.follow(" ".join(kind.command)),
    )
    return result


def _flat(value: object) -> object:
    """Join the numbers of a repeated option."""
    if isinstance(value, tuple) and value and all(isinstance(part, list) for part in value):
        return tuple(number for part in value for number in part)
    return value


def _as_flag(problem: SyzygyError, options: tuple[Option, ...]) -> SyzygyError:
    """Name the option as it is typed."""
    name, colon, rest = problem.where.partition(":")
    opt = next((o for o in options if o.name == name), None)
    if opt:
        typed = opt.name.upper() if opt.positional else opt.flag
        problem.where = f"{typed}{colon}{rest}"
    return problem


def _check_outputs(
    out: Path | None, named: tuple[str, ...], own: dict[str, object], picture: Path | None
) -> dict[str, Path]:
    """Refuse outputs that could not be written in the end, before anything is computed."""
    from syzygy.formats.tabular import table_format

    wanted = {name: Path(str(place)) for name, place in own.items()}
    for text in named:
        name, equals, file = text.partition("=")
        if not equals or not file:
            raise InputError("not NAME=FILE", value=text, allowed="e.g. NAME=table.csv", where="--table")
        wanted[name] = Path(file)
    tables = [*wanted.values(), *([out] if out else [])]
    for path in tables:
        table_format(path)
    if picture and picture.suffix.lower() != ".svg":
        raise InputError(
            "the picture is drawn as SVG",
            value=picture.name,
            allowed="a name that ends in .svg",
            where="--picture",
        )
    for path in (*tables, *([picture] if picture else [])):
        if path.is_dir():
            raise StorageError("a directory stands where a file is due", value=path, allowed="a file path")
    return wanted


def _write(
    kind: StudyKind, result: StudyResult, out: Path | None, named: dict[str, Path], picture: Path | None
) -> None:
    from syzygy.base.storage import write_bytes
    from syzygy.formats.tabular import write_table

    tables = {table.name: table for table in result.tables()}
    unknown = [name for name in named if name not in tables]
    if out:
        _report(write_table, result.tables()[0], out)
    for name in named:
        if name not in unknown:
            _report(write_table, tables[name], named[name])
    if picture:
        write_bytes(picture, kind.draw_function()(result, "light"))
        talk(f"picture: {picture}")
    if unknown:
        raise UnknownNameError("no such table", value=unknown[0], allowed=", ".join(tables), where="--table")


def _write_folders(
    kind: StudyKind, result: StudyResult, pictures: Path | None, messages: Path | None
) -> None:
    from syzygy.base.storage import write_bytes

    if pictures:
        drawn = kind.draw_further(result, "light")
        for name, content in drawn.items():
            write_bytes(pictures / f"{name}.svg", content)
        talk(f"pictures: {len(drawn)} to {pictures}")
    if messages:
        made = kind.make_messages(result)
        for name, content in sorted(made.items()):
            write_bytes(messages / name, content)
        talk(f"messages: {len(made)} to {messages}")


def _report(write: Callable[[Table, Path], None], table: Table, path: Path) -> None:
    write(table, path)
    talk(f"{table.name}: {len(table)} rows to {path}")


def _emit(result: StudyResult) -> None:
    main = result.tables()[0]
    emit_json(
        {
            "ok": True,
            "key_figures": [
                {"label": f.label, "value": f.value, "unit": f.unit} for f in result.key_figures()
            ],
            "provenance": result.provenance.as_mapping(),
            "table": {"name": main.name, "rows": main.rows()},
        }
    )


def _show(result: StudyResult) -> None:
    rows = [[f.label, f.value, f.unit] for f in result.key_figures()]
    show_table("", ["figure", "value", "unit"], rows)
    main = result.tables()[0]
    names = [name for name in main.names if not name.endswith("tai_ns")]
    shown = names[:_SHOWN_COLUMNS]
    headings = [name.replace("_", " ") for name in shown]
    title = f"{main.name}: first {min(len(main), _SHOWN_ROWS)} of {len(main)} rows"
    if len(shown) < len(names):
        title += f", {len(shown)} of {len(names)} columns (--out FILE writes all)"
    show_table(title, headings, _first_rows(main, shown))


def _first_rows(table: Table, names: list[str]) -> list[list[str]]:
    rows = table.rows(_SHOWN_ROWS)
    return [[_cell(row[name]) for name in names] for row in rows]


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
