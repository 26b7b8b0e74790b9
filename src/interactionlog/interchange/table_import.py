"""Taking files into a store: all of it or nothing, or the good rows and a file with the others."""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import IO, Any

import attrs

from interactionlog import arguments
from interactionlog.adapters.sqlite.scratch import Scratch
from interactionlog.adapters.tables import TABLES, Table
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contacts.contact import Contact
from interactionlog.errors import RuleViolation, UsageError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interchange.cells import Form, restorer_of
from interactionlog.interchange.export import (
    EXPORTED,
    Progress,
    RestoreTarget,
    exported_columns,
)
from interactionlog.interchange.keyed import ContactTarget, LogEntryTarget
from interactionlog.interchange.mapping import (
    FORMULA,
    MARK,
    NOT_STORED,
    Column,
    MappingFile,
    Source,
    drafted,
    fold,
    load_mapping,
    shipped,
)
from interactionlog.interchange.rows import Finding, TableRows
from interactionlog.interchange.sources import CARDS, Cells, Sheet, SourceError, sheets_of
from interactionlog.interchange.special import ENTITIES, SpecialRows
from interactionlog.interchange.targets import EachRow, Lookups, RecordTarget, Target, kept_by_host
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import shown


@attrs.frozen
class TableCounts:
    """How many rows of a table were new, changed a record, changed nothing, or were left out."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0


@attrs.frozen
class ImportReport:
    """
    What an import did.

    Attributes:
        tables: Rows by what became of them, for each file that was taken, in their order.
        notices: What was left out, in the order of the files; the first 1,000.
        rejected: What is wrong with rows that could not be taken; the first 1,000.
        rejected_count: All of it.
        dry_run: Nothing was stored: this is what would be done.
    """

    tables: Mapping[str, TableCounts]
    notices: tuple[Finding, ...]
    rejected: tuple[Finding, ...] = ()
    rejected_count: int = 0
    dry_run: bool = False

    @property
    def total(self) -> TableCounts:
        """All tables together."""
        rows = [attrs.astuple(counts) for counts in self.tables.values()]
        return TableCounts(*map(sum, zip(*rows, strict=True)))

    @property
    def changes(self) -> int:
        """Rows that were new or changed a record."""
        return self.total.created + self.total.changed


@attrs.define
class TablesRejectedError(RuleViolation, code="tables-rejected"):
    """
    Rows of the tables cannot be taken; nothing was imported.

    Attributes:
        folder: The folder or file.
        problems: The first 1,000 problems, in the order of the files.
        count: Number of all problems.
    """

    folder: str
    problems: tuple[Finding, ...]
    count: int

    def __str__(self) -> str:
        rest = "" if self.count == 1 else f" (and {self.count - 1} more)"
        return f"nothing was imported from {self.folder}: {self.problems[0]}{rest}"


MOST_KEPT = 1_000
_HEAD = 12
"""Rows among which the captions are looked for."""
_SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonl", ".rapidstart", ".xml", ".vcf"}


@arguments.judged
def import_tables(
    work: UnitOfWork,
    folder: str | os.PathLike[str],
    *,
    mapping: MappingFile | str | os.PathLike[str] | None = None,
    on_error: str | None = None,
    rejects: IO[str] | None = None,
    dry_run: bool = False,
    on_progress: Progress | None = None,
) -> ImportReport:
    """
    Take a file, or the files of a folder, into the store: all of it, or nothing.

    What a file holds is found by its name and its captions, in the languages of the mappings that
    ship, unless a mapping is given. Records that are there are changed in the columns of the file
    only; taking the same file again changes nothing. Selection steps are taken for segments that
    this import creates; the lines of a segment that is there already are left alone.

    Args:
        work: A unit of work of a store that ships; the block that opened it commits.
        folder: The folder or file: CSV, XLSX, JSON, JSON Lines, a package of Business Central,
            vCard, or what `export_tables` wrote.
        mapping: How to read it: a mapping, its TOML file, or the name of one that ships.
        on_error: ``stop``: a row that cannot be taken stops everything; ``reject``: the good rows
            are taken. The mapping's own if not given.
        rejects: Takes the rejected rows as CSV, with line and reason; implies ``reject``.
        dry_run: Say what would be done, and do nothing.
        on_progress: Called every 1,000 rows and at the end of each table.

    Raises:
        UsageError: There is no such folder or file, no known table in it, or contacts are the
            host's.
        TablesRejectedError: Rows cannot be taken: all are counted, the first 1,000 kept.
    """
    path = Path(folder)
    if not path.exists():
        raise UsageError(f"{path} does not exist: give a file, or the folder that holds the tables")
    if not (path.is_file() or path.is_dir()):
        raise UsageError(f"{path} cannot be read twice, as a pipe: save it to a file first")
    if not isinstance(work, StoreUnitOfWork):
        raise UsageError("tables are imported into the stores that ship only")
    if on_error not in {None, "stop", "reject"}:
        raise UsageError(f"on_error must be stop or reject: {shown(on_error)}")
    if mapping is not None and not isinstance(mapping, MappingFile):
        mapping = load_mapping(os.fspath(mapping))
    run = ImportRun(work, mapping, on_error, rejects, on_progress or (lambda *_: None))
    work.session.lifetime.check_write()
    try:
        with work.atomic():
            run.take_all(path)
            if run.stopping:
                raise TablesRejectedError(str(folder), tuple(run.problems), run.problem_count)
            if dry_run:
                raise _NothingIsKept
    except _NothingIsKept:
        pass
    finally:
        run.close()
    problems = tuple(run.problems)
    return ImportReport(run.counts, tuple(run.notices), problems, run.problem_count, dry_run)


class _NothingIsKept(Exception):  # noqa: N818  # it ends a dry run
    """Rolls back what a dry run did."""


@arguments.judged
def draft_mapping(path: str | os.PathLike[str]) -> str:
    """
    Guess a mapping from captions and content, and return it as TOML with comments.

    Raises:
        UsageError: There is no such file, or it holds no table.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"{path} is not a file: give one to draft a mapping for")
    try:
        for sheet in sheets_of(path, Source()):
            if head := _head_of(sheet):
                widths = [len([cell for cell in cells if cell]) for _, cells in head]
                like, place = _chosen(sheet, head, None) or (None, widths.index(max(widths)))
                captions = [cell.strip() for cell in head[place][1]]
                rows = [cells for _, cells in head[place + 1 :]]
                return drafted(captions, rows, like, path.stem)
    except SourceError as error:
        raise UsageError(f"{path.name}: {error}") from error
    raise UsageError(f"{path.name} is empty: there is nothing to draft a mapping for")


def _head_of(sheet: Sheet) -> list[tuple[int, Cells]]:
    """Return the first rows of a sheet; none where all of them are empty."""
    head = list(itertools.islice(sheet.rows, _HEAD))
    return head if any(any(cells) for _, cells in head) else []


Chosen = tuple[MappingFile, int]


def _chosen(
    sheet: Sheet, head: Sequence[tuple[int, Cells]], given: MappingFile | None
) -> Chosen | None:
    """Return the mapping of a sheet and the place of its captions among its first rows."""
    if given is not None and given.source.header is not None:
        places = [place for place, (line, _) in enumerate(head) if line == given.source.header]
        return (given, places[0]) if places else None
    if given is None:
        for place, (_, cells) in enumerate(head):
            # a workbook and JSON need no mark: there, a text is no formula
            mark = () if sheet.within is not None else (MARK,)
            if (restored := own_mapping(sheet.name, cells, mark)) is not None:
                return restored, place
    candidates = [given] if given is not None else [*shipped()]
    if given is None and sheet.name == CARDS:  # whose ``N`` is a number elsewhere
        candidates = [each for each in candidates if sheet.name in each.files]
    named = [
        each
        for each in candidates
        if each is given
        or (sheet.table_id is not None and each.table_id == sheet.table_id)
        or fold(sheet.name) in map(fold, each.files)
    ]
    rows = [(place, cells) for place, (_, cells) in enumerate(head)]
    scored = [
        (
            not each.missing(cells, _entity_of(each.target)),
            each in named,
            each.recognised(cells),
            -place,
            -number,
        )
        for number, each in enumerate(candidates)
        for place, cells in rows
    ]
    complete, by_name, score, place, number = max(scored)
    if not complete:  # what is missing is said of the table that it is named after, or of contacts
        complete, by_name, score, place, number = max(
            scored,
            key=lambda each: (*each[1:3], candidates[-each[4]].target == "contact", each[3:]),
        )
    if given is None and not by_name and score < 2:
        return None
    best = candidates[-number]
    same = {
        candidates[-other].name
        for *points, other in scored
        if points == [True, by_name, score, place]
    }
    if len(same) > 1 and best.fixed and not by_name:
        raise UsageError(
            f"{sheet.file} may hold any of {', '.join(sorted(same))}: say which with a mapping"
        )
    return best, -place


@cache
def _entity_of(target: str) -> type[Any]:
    """Return what a row of a target is: it gives types and defaults of the fields."""
    name = {"membership": "contact_membership"}.get(target, target)
    found = {table.name: entity for entity, table in TABLES.items()} | ENTITIES
    if name not in found:
        message = f"target {shown(target)} of a mapping is not one of {', '.join(sorted(found))}"
        raise UsageError(message)
    return found[name]


def own_mapping(
    name: str, captions: Sequence[str], further: Sequence[str] = ()
) -> MappingFile | None:
    """
    Return the mapping of a table that an export wrote; ``None`` where it is none.

    Somebody may have renamed it, added columns, or taken some away: what is missing, of ``further``
    ones too, is required, so that no other mapping takes the table for what it is not.
    """
    there = {caption.partition(".")[0] for caption in captions}
    table = next((each for each in EXPORTED.values() if name in {each.name, each.name[:31]}), None)
    if table is None:
        tables = [each for each in EXPORTED.values() if there.issuperset(_names_of(each))]
        table = max(tables, key=lambda each: len(_names_of(each)), default=None)
        if table is None or len(_names_of(table)) < _MANY:
            return None
    names = [*_names_of(table), *further]
    if 3 * len(there.intersection(names)) < 2 * len(names):
        return None
    columns = {
        each: Column(
            captions=tuple(text for text in captions if text.partition(".")[0] == each) or (each,),
            join="" if f"{each}.2" in captions else None,
            required=each not in there,
        )
        for each in names
    }
    return MappingFile(
        name=f"interactionlog-{table.name}", target=table.name, columns=columns, restore=True
    )


_MANY = 8
"""Columns that are an export's by their names alone, whatever the file is called."""


@cache
def _names_of(table: Table[Any]) -> tuple[str, ...]:
    return tuple(column.name for column in exported_columns(table))


class ImportRun:
    """One import, inside a block that happens whole or not at all."""

    def __init__(
        self,
        work: StoreUnitOfWork,
        mapping: MappingFile | None,
        on_error: str | None,
        rejects: IO[str] | None,
        on_progress: Progress,
    ) -> None:
        self.work = work
        self.lookups: Lookups = Lookups(work)
        self.counts: dict[str, TableCounts] = {}
        self.notices: list[Finding] = []
        self.problems: list[Finding] = []
        self.problem_count: int = 0
        self._on_error = on_error or ("reject" if rejects else None)
        self._stop = True
        self.stopping: int = 0
        self._given = mapping
        self._writer = None if rejects is None else csv.writer(rejects)
        self._captions: Cells = []
        self._headed = False
        self._pending: list[Any] = []
        self._on_progress = on_progress
        self._special = SpecialRows(work)

    # -- what targets call -----------------------------------------------------------------

    def reject(self, finding: Finding, cells: Sequence[str]) -> None:
        """Report a row that cannot be taken."""
        self.problem_count += 1
        if len(self.problems) < MOST_KEPT:
            self.problems.append(finding)
        self.stopping += self._stop or not cells  # without cells it is no row to leave out
        if self._writer is not None and cells:
            width = len(self._captions)
            if self._pending and self._pending[width] == finding.line:
                self._pending[width + 1] += f"; {finding.reason}"
                return
            self._write_rejected()
            own = self._guarded([*cells, *[""] * (width - len(cells))])
            # cells that have no column stand last: a caption above them would take them in
            self._pending = [*own[:width], finding.line, finding.reason, *own[width:]]

    def _guarded(self, cells: Sequence[str]) -> list[str]:
        """Return cells of which none is a formula for a spreadsheet; the import undoes it."""
        marks = [place for place, each in enumerate(self._captions) if each == MARK]
        signs = FORMULA if marks else FORMULA[:4]
        found = [f"'{cell}" if cell.startswith(signs) else cell for cell in cells]
        if marks and marks[0] < len(found) and found != [*cells]:
            found[marks[0]] = "'"
        return found

    def _write_rejected(self) -> None:
        if self._writer is not None and self._pending:
            if not self._headed:
                self._writer.writerow([*self._captions, *NOT_STORED])
                self._headed = True
            self._writer.writerow(self._pending)
            self._pending = []

    def notice(self, finding: Finding) -> None:
        """Report what was left out."""
        if len(self.notices) < MOST_KEPT:
            self.notices.append(finding)

    @cached_property
    def scratch(self) -> Scratch:
        """What must be remembered until the end of a table."""
        return Scratch()

    def close(self) -> None:
        """End what one table needed."""
        scratch = self.__dict__.pop("scratch", None)
        if scratch is not None:
            scratch.close()

    # -- files -----------------------------------------------------------------------------

    def take_all(self, path: Path) -> None:
        """Take a file, or the known ones of a folder in the order in which they build on others."""
        for file in self._files_of(path) if path.is_dir() else [path]:
            line, reason = None, _EMPTY
            try:
                if self._take_file(file):
                    continue
            except SourceError as error:
                line, reason = error.line, str(error)
            finding = Finding(code="row-rejected", file=file.name, line=line, reason=reason)
            self.reject(finding, ())

    def _files_of(self, folder: Path) -> list[Path]:
        there = sorted(
            each
            for each in folder.iterdir()
            if each.suffix.lower() in _SUFFIXES and (each.is_file() or not each.exists())
        )
        known = {file: found for file in there if (found := self._mapping_of(file)) is not None}
        if not known:
            raise UsageError(f"{folder} holds no known table such as contacts.csv")
        ranks = {file: _rank(mapping) for file, mapping in known.items()}
        for file in there:
            if _is_part(file.name.removesuffix(".csv"), known.values()):
                ranks.setdefault(file, 0)  # damaged: reading it says how
            elif file not in ranks:
                self.notice(Finding(code="unknown-file", file=file.name, reason=_UNKNOWN))
        return sorted(ranks, key=lambda file: (ranks[file], file.name))

    def _mapping_of(self, file: Path) -> MappingFile | None:
        """Return the mapping of a file by its content, else by its name; ``None`` for no table."""
        with suppress(SourceError, UsageError):
            for sheet in sheets_of(file, Source()):
                head = _head_of(sheet)
                if head and (found := _chosen(sheet, head, self._given)):
                    return found[0]
        name = fold(file.stem)
        return next((each for each in shipped() if name in map(fold, each.files)), None)

    def _take_file(self, path: Path) -> bool:
        """Take the sheets of a file in the order in which they build on others; say if any is."""
        source = self._given.source if self._given else Source()
        sheets = sheets_of(path, source)
        first = next(sheets, None)
        if first is None:
            return False
        if first.within is None or first.streamed:
            return sum(map(self._take, itertools.chain([first], sheets))) > 0
        heads = {
            sheet.within: (sheet, _head_of(sheet))
            for sheet in itertools.chain([first], sheets)
            if source.sheet in {None, sheet.within}
        }
        filled = {name: pair for name, pair in heads.items() if pair[1]}
        chosen = {name: _chosen(*pair, self._given) for name, pair in filled.items()}
        known = {name: each[0] for name, each in chosen.items() if each}
        ranks = {name: _rank(mapping) for name, mapping in known.items()}
        if filled and not ranks:
            message = "holds no table that is known: draft a mapping for it"
            raise UsageError(f"{path.name} {message}")
        for name in heads:
            if _is_part(name or "", known.values()):
                ranks.setdefault(name, 0)  # damaged
            elif name in filled and name not in ranks:
                finding = Finding(code="unknown-file", file=path.name, sheet=name, reason=_UNKNOWN)
                self.notice(finding)
        for name in sorted(ranks, key=lambda name: ranks[name]):
            for sheet in sheets_of(path, source, within=name):
                if sheet.within == name and not self._take(sheet):
                    finding = Finding(
                        code="row-rejected", file=path.name, sheet=name, reason=_EMPTY
                    )
                    self.reject(finding, ())
        return bool(filled)

    def _take(self, sheet: Sheet) -> bool:
        """Take one table; say whether there was anything."""
        head = _head_of(sheet)
        if not head:
            return False
        chosen = _chosen(sheet, head, self._given)
        if chosen is None and self._given is not None:
            raise UsageError(
                f"{sheet.file}: row {self._given.source.header}, which header of the mapping "
                f"{self._given.name} names, is not among its first {len(head)}"
            )
        if chosen is None:
            seen = ", ".join(filter(None, head[0][1]))[:200]
            where = sheet.file if sheet.within is None else f"{sheet.file}, sheet {sheet.within}"
            raise UsageError(
                f"{where}: no mapping knows its captions ({seen}): write one with "
                "interactionlog import draft, then give it as --map"
            )
        mapping, place = chosen
        line, cells = head[place]
        captions = [caption.strip() for caption in cells]
        while captions and not captions[-1]:
            captions.pop()
        if kept := kept_by_host(self.work, mapping.target):
            raise UsageError(f"{sheet.file} cannot be imported: the host keeps its own {kept}")
        self._stop = (self._on_error or mapping.on_error) == "stop"
        target = self._target(sheet, mapping, captions, line)
        are_known = target.rows.are_columns_known()
        if sheet.next_page:
            reason = "says with nextLink that more records follow: import the other pages as well"
            target.rows.report(reason, code="more-pages")
        name = sheet.file if sheet.within is None else f"{sheet.file}, {sheet.within}"
        read, before = 0, len(self.problems)
        self._captions, self._headed = captions, False
        lines = itertools.chain(head[place + 1 :], sheet.rows)
        for block in target.rows.blocks(lines) if are_known else ():
            self.lookups.forget()
            target.take(block)
            read += len(block)
            self._on_progress(name, read)
        target.finish()
        self._write_rejected()
        self.problems[before:] = sorted(self.problems[before:], key=lambda each: each.line or 0)
        self.close()
        self.counts[name] = TableCounts(**target.counts)
        return True

    def _target(self, sheet: Sheet, mapping: MappingFile, captions: Cells, line: int) -> Target:
        zone = self.work.clock.local().tzinfo
        form = Form.of(mapping, zone, by_number=sheet.by_number)
        if mapping.restore:
            table = EXPORTED[mapping.target]
            readers = {each.name: restorer_of(table, each) for each in exported_columns(table)}
            rows = TableRows(self, sheet, mapping, captions, table.entity, form, line, readers)
            return RestoreTarget(rows, table)
        entity = _entity_of(mapping.target)
        rows = TableRows(self, sheet, mapping, captions, entity, form, line)
        if mapping.target in ENTITIES:
            return EachRow(rows, getattr(self._special, mapping.target))
        kinds: dict[Any, type[RecordTarget]] = {
            Contact: ContactTarget,
            InteractionLogEntry: LogEntryTarget,
        }
        return kinds.get(entity, RecordTarget)(rows)


_EMPTY = "is empty: there is nothing to import"
_UNKNOWN = "is no known table and was left out"


def _is_part(name: str, known: Iterable[MappingFile]) -> bool:
    """Say whether what is called so belongs to the export that the others are a part of."""
    names = {each[:31] for each in EXPORTED}.union(EXPORTED)
    return name in names and any(mapping.restore for mapping in known)


def _rank(mapping: MappingFile) -> int:
    """Return the place of a table among those that build on others."""
    if mapping.restore:
        return [*EXPORTED].index(mapping.target)
    names = [each.name for each in shipped()]
    return names.index(mapping.name) if mapping.name in names else len(names)
