"""
What every command shares: where the records are, who works, and how results are shown.

A command is a function below `with_console`, which gives it a `Console` first::

    contact = Noun(help="List and show contacts.")

    @contact.command("show")
    @click.argument("no")
    @with_console
    def show_contact(console: Console, no: str) -> None:
        with console.read() as work:
            console.fields(work.contacts.get(no))
"""

from __future__ import annotations

import functools
import getpass
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, get_args

import attrs
import click
from click.core import ParameterSource
from rich.cells import cell_len
from rich.console import Console as RichConsole
from rich.progress import (
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from interactionlog.adapters.postgresql import store as postgresql
from interactionlog.adapters.postgresql.store import PostgresStore
from interactionlog.adapters.sql.store import SqlStore, SqlUnitOfWork
from interactionlog.adapters.sqlite.store import SqliteStore, has_tables
from interactionlog.cli.main import Opening
from interactionlog.errors import FieldInvalidError, UsageError
from interactionlog.labels import Language, label

T = TypeVar("T")
CONFIGURATION = "interactionlog.toml"
WIDTH = 80
_KEYS = frozenset({"db", "tenant", "user", "language"})
_NAMED = {"FILE", "DIR", "MAP", "NAME", "TEXT"}
"""What an option asks for that must not be blank; a blank value of others empties a field."""
_DSN = re.compile(r"postgres(ql)?://|(host|hostaddr|dbname|service|user|port)\s*=")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Return a text with characters that steer a terminal shown as text, such as ``\\x1b``."""
    return _UNSEEN.sub(lambda found: repr(found[0])[1:-1].replace("\ufeff", "\\ufeff"), text)


@attrs.define(kw_only=True)
class Console:
    """
    What one command works with.

    Where JSON is wanted the first document is printed, and nothing else.

    Attributes:
        db: SQLite file, or where a PostgreSQL database is; empty where none was named.
        tenant: First part of every key.
        user: Who works.
        as_json: Results are one JSON document.
        language: Of labels.
        opening: Opens the store of a host, in place of ``db``.
    """

    db: str
    tenant: str
    user: str
    as_json: bool
    language: Language
    opening: Opening | None
    _is_told: bool = attrs.field(default=False, init=False)

    @contextmanager
    def store(self, *, make: bool = False, trial: bool = False) -> Iterator[SqlStore]:
        """Open the store; tables are made with ``make`` only, for a trial in a file that goes."""
        if self.opening is not None:
            with self.opening(tenant=self.tenant) as host:
                yield host
            return
        if not self.db:
            raise UsageError(f"say where the records are: --db FILE, or db in {CONFIGURATION}")
        with ExitStack() as opened:
            place, found = self.db, finds_tables(self.db, make=make)
            if trial and not found:
                place = str(Path(opened.enter_context(TemporaryDirectory()), "trial.db"))
            kind = PostgresStore if _DSN.match(place) else SqliteStore
            yield opened.enter_context(kind(place, tenant=self.tenant))

    @contextmanager
    def read(self) -> Iterator[SqlUnitOfWork]:
        """Open a unit of work that only reads."""
        with self.store() as store, store.read(user_id=self.user) as work:
            yield work

    def write(
        self, action: Callable[[SqlUnitOfWork], T], *, make: bool = False, trial: bool = False
    ) -> T:
        """Call ``action`` in a unit of work that is committed, and return what it returns."""
        with self.store(make=make, trial=trial) as store:
            return store.run(action, user_id=self.user)  # type: ignore[arg-type]

    def json(self, data: object) -> None:
        """Print one document, if JSON is wanted."""
        if self.as_json and not self._is_told:
            self._is_told = True
            print_json(data)

    def say(self, text: str) -> None:
        """Print one line."""
        if not self.as_json:
            print(visible(text))

    def heading(self, text: str) -> None:
        """Print one line below an empty one."""
        self.say("")
        self.say(text)

    def text(self, value: object) -> str:
        """Return a value as a table shows it; enumerations and codes by their label."""
        if isinstance(value, Enum):
            return label(value, self.language)
        if isinstance(value, Decimal):
            return f"{value:f}"
        if value is True:
            return "yes"
        if isinstance(value, datetime):
            value = value.replace(microsecond=0)
        if isinstance(value, Mapping):
            return ", ".join(f"{self.text(key)} {value[key]}" for key in value)
        if isinstance(value, frozenset | tuple | list):
            return ", ".join(map(self.text, value))
        return "" if value is None or value is False else str(value)

    def tell(self, data: object, *lines: str) -> None:
        """Print lines, or their data as JSON."""
        self.json(data)
        for line in lines:
            self.say(line)

    def rows(self, records: Iterable[object], columns: str) -> None:
        """Print records: these fields of them as a table, or everything as JSON."""
        if self._is_told:
            return
        rows = [values_of(record) for record in records]
        if self.as_json:
            self.json(rows)
        else:
            self.table(columns, [[row[column] for column in columns.split()] for row in rows])
        context = click.get_current_context(silent=True)
        if context and context.get_parameter_source("limit") is ParameterSource.DEFAULT:
            limit = context.params["limit"]
            if len(rows) == limit:
                print(f"the first {limit} rows are shown: --limit N shows more", file=sys.stderr)

    def fields(self, record: object, **further: object) -> None:
        """Print what a record says, and further values, zeros too."""
        values = {**values_of(record), **further}
        filled = [n for n, v in values.items() if not _is_blank(v) and (v != 0 or n in further)]
        self.table("field value", [(_caption(name), values[name]) for name in filled])

    def labels(self, *codes: str) -> str:
        """Return the words for codes of decisions and findings."""
        return ", ".join(label(code, self.language) for code in codes)

    def table(self, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """Print rows under the names of their columns; those without any value are left out."""
        names = columns.split()
        filled = [n for n in range(len(names)) if not all(_is_blank(row[n]) for row in rows)]
        if self.as_json or not filled:
            self.say("nothing to show")
            return
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True)
        least = 2 * len(filled) - 2
        for n in filled:
            texts = [_caption(names[n]), *(self.text(row[n]) for row in rows)]
            kinds = {type(row[n]) for row in rows if not _is_blank(row[n])}
            wraps = any(" " in text for text in texts[1:])  # what is no code, date or amount
            width = max(cell_len(text) for text in texts)
            width = min(12, width) if wraps else width
            least += width
            table.add_column(
                texts[0],
                justify="right" if kinds <= {int, Decimal} else "left",
                no_wrap=not wraps,
                min_width=width,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*(Text(visible(self.text(row[n]))) for n in filled))
        self._print(table, least)

    def _print(self, table: Table, least: int) -> None:
        terminal = sys.stdout.isatty()
        drawn = sys.stdout if terminal else StringIO()
        rich = RichConsole(file=drawn, width=None if terminal else WIDTH)
        rich.width = max(rich.width, least)  # rather too wide than without a column
        with rich.capture() as captured:
            rich.print(table)
        for line in captured.get().splitlines():
            print(line.rstrip())


def finds_tables(db: str, *, make: bool) -> bool:
    """Say whether the database has tables of ours; one without is refused unless it is made."""
    path = Path(db)
    if _DSN.match(db):
        name, found = "the database", postgresql.has_tables(db)
    elif path.is_dir():
        raise UsageError(f"{db} is a folder: name the file of a database")
    elif not (make or path.is_file()):
        raise UsageError(f"{db} does not exist: interactionlog import makes it")
    else:
        name, found = db, path.is_file() and has_tables(path)
    if not (make or found):
        raise UsageError(f"{name} holds no tables of ours: interactionlog import makes them")
    return found


def print_json(data: object) -> None:
    """Print one JSON document, without characters that steer a terminal."""
    text = json.dumps(data, default=_plain, ensure_ascii=False, indent=2)
    for line in text.split("\n"):
        print(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line))


def values_of(record: object) -> dict[str, object]:
    """Return the values of a record by field."""
    if isinstance(record, Mapping):
        return dict(record)
    if isinstance(record, tuple):
        return dict(record._asdict())  # type: ignore[attr-defined]  # a named one
    fields = attrs.fields(type(record))  # type: ignore[arg-type]  # an attrs class
    return {field.name: getattr(record, field.name) for field in fields}


def _plain(value: object) -> object:
    """Turn what JSON does not know: amounts are text, so that they stay exact."""
    if attrs.has(type(value)):
        return values_of(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, frozenset | set):
        return sorted(value, key=str)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


_PLAIN = {"nos": "contact", "contact_no": "contact", "no": "no", "duration_min": "minutes"} | {
    "means": "matches", "post_code": "post code", "no_series": "number series",
    "time_of_interaction": "time", "evaluations": "evaluation", "delivery_statuses": "delivery",
    "types": "type", "unit_duration_min": "unit minutes", "information_flow": "flow",
}  # fmt: skip


def plain_name(field: str) -> str:
    """Return the name of a field as a user reads and types it, such as ``template``."""
    plain = re.sub(r"^(interaction|contact)_", "", field)
    plain = re.sub(r"_(code|codes|no|nos|lcy|min|default|id)$", "", plain)
    return _PLAIN.get(field, plain.replace("_", " ").replace("e mail", "e-mail"))


def _caption(name: str) -> str:
    return "No." if name == "no" else plain_name(name).capitalize()


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``1 line`` or ``2 lines``."""
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else several}"


_PYTHON = re.compile(r"Decimal\('([^']*)'\)|datetime\.date\((\d+), (\d+), (\d+)\)")
_MEMBER = re.compile(r"\b[A-Z]\w+\.([A-Z][A-Z_]+)\b(?:: .+>)?")
_ARGUMENT = re.compile(r"\b(\w+)=True\b")


def _member(found: re.Match[str]) -> str:
    return found[1].lower().replace("_", "-")


def worded(error: Exception) -> str:
    """Return what an error says, in the words of the command line and on one line."""
    if isinstance(error, FieldInvalidError):
        value = _PYTHON.sub(lambda f: f[1] or f"{f[2]}-{f[3]:0>2}-{f[4]:0>2}", error.value)
        reason = _MEMBER.sub(_member, error.reason)
        value = _MEMBER.sub(_member, value[1:]) if value.startswith("<") else value
        return f"{_caption(error.field)} {reason}: {value}"
    if isinstance(error, OSError) and error.strerror:
        return ": ".join(str(part) for part in (error.filename, error.strerror) if part)
    first = next(iter(str(error).splitlines()), "") or type(error).__name__
    if first == "database is locked":
        return "the database is in use by another program: try again when that has ended"
    return _ARGUMENT.sub(lambda found: f"--{found[1]}".replace("_", "-"), first)


def _is_blank(value: object) -> bool:
    return value is None or value is False or value in ("", (), frozenset(), {}, [])


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[str, int], object]]:
    """
    Give a callback that shows how far one is, how fast and how long it will take.

    On a terminal only.

    Args:
        what: What is done.
        total: Rows of all parts; ``None`` where that is not known.
    """
    console, text = RichConsole(stderr=True), TextColumn("{task.description} {task.completed}")
    columns = (SpinnerColumn(), text, _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task, before = shown.add_task(what, total=total), {"": 0}

        def step(part: str, done: int) -> None:
            before[part] = done
            shown.update(task, description=f"{what} {part}:", completed=sum(before.values()))

        yield step


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} a second" if task.speed else "")


class Noun(click.Group):
    """A group of verbs, such as ``segment``, whose help says whole what each of them does."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the first paragraph of every command, wrapped and not cut."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            said = inspect.cleandoc((command and command.help) or "").partition("\n\n")[0]
            rows.append((name, " ".join(said.split())))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def verb(
    group: click.Group, name: str, *options: Callable[..., Any], told: str
) -> Callable[[Callable[..., Any]], click.Command]:
    """
    Make a command of a function that changes something and gets a unit of work first.

    What it returns, or else its arguments, is its JSON; ``told`` is formatted with both.
    """

    def register(act: Callable[..., Any]) -> click.Command:
        def command(console: Console, **given: object) -> None:
            result = console.write(lambda work: act(work, **given))
            shown = {name: console.text(value) for name, value in given.items()}
            console.tell(given if result is None else result, told.format(result, **shown))

        return _registered(group, name, options, command, act.__doc__)

    return register


def _registered(
    group: click.Group,
    name: str,
    options: Sequence[Callable[..., Any]],
    command: Callable[..., Any],
    text: str | None,
) -> click.Command:
    made = with_console(command)
    for option in reversed(options):
        made = option(made)
    return group.command(name, help=text)(made)


def listing(
    group: click.Group, name: str, *options: Callable[..., Any], columns: str
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command of a function that gets a unit of work first and returns records to list."""

    def register(find: Callable[..., Any]) -> click.Command:
        def command(console: Console, **given: object) -> None:
            with console.read() as work:
                found = [*find(work, **given)]
            console.rows(found, columns)

        return _registered(group, name, options, command, find.__doc__)

    return register


limited = click.option(
    "--limit", type=click.IntRange(min=1), default=50, metavar="N", help="Rows to show."
)


def with_console(call: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of every command, and a `Console` as first argument."""

    @click.option("--db", metavar="FILE|DSN", help="SQLite file or PostgreSQL database.")
    @click.option(
        "--tenant", metavar="NAME", help="Tenant within the database; empty: the default."
    )
    @click.option("--user", metavar="NAME", help="Who works; need not be known.")
    @click.option(
        "--config", metavar="FILE", help=f"Configuration file; {CONFIGURATION} where it lies here."
    )
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @functools.wraps(call)
    def command(
        *arguments: object,
        db: str | None,
        tenant: str | None,
        user: str | None,
        config: str | None,
        as_json: bool,
        **options: object,
    ) -> object:
        for each in click.get_current_context().command.params:
            common = {"config": config, "user": user, "tenant": tenant or None}  # "" is a tenant
            given = {**options, **common}.get(each.name or "")
            texts = given if isinstance(given, tuple) else (given,)
            is_named = isinstance(each, click.Argument) or each.metavar in _NAMED
            if is_named and any(isinstance(text, str) and not text.strip() for text in texts):
                name = (
                    each.human_readable_name if isinstance(each, click.Argument) else each.opts[0]
                )
                raise UsageError(f"{name} must not be blank")
        known = configured(config)
        console = Console(
            db=known.get("db", "") if db is None else db,
            tenant=known.get("tenant", "") if tenant is None else tenant,
            user=user or known.get("user") or _system_user(),
            as_json=as_json,
            language=known.get("language", "en"),  # type: ignore[arg-type]  # one of them
            opening=click.get_current_context().obj,
        )
        return call(console, *arguments, **options)

    return command


def configured(file: str | None) -> dict[str, str]:
    """
    Return what the configuration file says; nothing where none is named and none lies here.

    A SQLite file is looked for beside the configuration file.

    Raises:
        UsageError: The file cannot be read, or says something that is not known.
    """
    path = Path(file or CONFIGURATION)
    if file is None and not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not a TOML file: {error}") from error
    for key, value in found.items():
        if key not in _KEYS or not isinstance(value, str):
            raise UsageError(f"{path}, {key}: must be one of {', '.join(sorted(_KEYS))}, as text")
        if value.strip() == "" and (key != "tenant" or value):
            raise UsageError(f"{path}, {key}: must not be blank")
    if found.get("language", "en") not in get_args(Language):
        known = ", ".join(get_args(Language))
        raise UsageError(f"{path}, language: must be one of {known}: {found['language']!r}")
    if "db" in found and not _DSN.match(found["db"]):
        try:
            found["db"] = str(path.parent / Path(found["db"]).expanduser())
        except RuntimeError as error:  # ~somebody, who is not known here
            raise UsageError(f"{path}, db: {found['db']} begins with no home directory") from error
    return found


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # the system knows no name for it
        return "unknown"
