"""What rows become: plain records, contacts, history of interactions, setups, segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, Protocol

import attrs

from interactionlog.adapters.tables import ALL, TABLES, Rows, Table, readable
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.campaigns.campaign import Campaign
from interactionlog.contacts.contact import Contact, Salesperson
from interactionlog.contacts.external_key import ExternalKey
from interactionlog.errors import (
    DuplicateEntryError,
    FieldInvalidError,
    InteractionLogError,
    UsageError,
)
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interchange.lookups import KINDS, Lookups
from interactionlog.interchange.mapping import KEY, Column
from interactionlog.interchange.rows import Finding, Row, TableRows
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.templates.template import InteractionGroup, InteractionTemplate, TemplateSetup
from interactionlog.values import ContactType, as_code, as_optional_code

PARENTS: dict[type[Any], dict[str, type[Any]]] = {
    Contact: {"company_no": Contact},
    TemplateSetup: {"interaction_template_code": InteractionTemplate},
    Segment: {
        "campaign_no": Campaign,
        "salesperson_code": Salesperson,
        "interaction_template_code": InteractionTemplate,
    },
    InteractionLogEntry: {
        "contact_no": Contact,
        "campaign_no": Campaign,
        "salesperson_code": Salesperson,
        "interaction_template_code": InteractionTemplate,
    },
}
"""Fields that must name a record; those called ``contact_no`` do so everywhere."""


class Run(Protocol):
    """What a target needs of the import that it is part of."""

    work: StoreUnitOfWork
    lookups: Lookups

    def reject(self, finding: Finding, cells: Sequence[str]) -> None:
        """Report a row that cannot be taken."""
        ...

    def notice(self, finding: Finding) -> None:
        """Report what was left out."""
        ...

    def first_lines(self, keys: Sequence[tuple[str, int, str]]) -> dict[str, tuple[int, str]]:
        """Return the line on which each key of the table came first."""
        ...

    def want(self, keys: Sequence[tuple[str, int]]) -> None:
        """Remember keys to look for when all rows are read."""
        ...

    def wanted(self) -> Iterable[list[tuple[str, int]]]:
        """Give these keys with their lines."""
        ...


class Target:
    """
    Takes the rows of one table.

    Args:
        run: The import.
        rows: The table.
    """

    def __init__(self, run: Run, rows: TableRows) -> None:
        self.run = run
        self.work = run.work
        self.rows = rows
        self.mapping = rows.mapping
        self.counts: Counter[str] = Counter()
        self._said: set[tuple[str, str]] = set()

    def take(self, block: list[Row]) -> None:
        """Take some rows."""
        raise NotImplementedError

    def finish(self) -> None:
        """Do what can be done only when all rows were taken."""

    def refuse(
        self, row: Row, reason: str, field: str | None = None, value: str | None = None
    ) -> None:
        """Reject a row."""
        finding = self.rows.finding("row-rejected", reason, row.line, field, value=value)
        self.run.reject(finding, row.cells)

    def refuse_error(self, row: Row, error: InteractionLogError) -> None:
        """Reject a row for what the library says about it."""
        if isinstance(error, FieldInvalidError):
            self.refuse(row, f"{error.reason}: {error.value}", error.field)
        else:
            self.refuse(row, str(error))

    def notice(self, row: Row, code: str, reason: str, field: str | None = None) -> None:
        """Report what was left out of a row."""
        self.run.notice(self.rows.finding(code, reason, row.line, field))

    def notice_once(self, row: Row, code: str, reason: str, field: str) -> None:
        """Report what was left out, on the first row only."""
        if (code, field) not in self._said:
            self._said.add((code, field))
            self.notice(row, code, reason, field)

    def has_parents(self, row: Row, parents: Mapping[str, type[Any]]) -> bool:
        """Say whether the records that a row names are there, and report those that are not."""
        there = [
            self._has_parent(
                row, field, entity, self.run.lookups.records(entity, [row.given.get(field) or ""])
            )
            for field, entity in parents.items()
        ]
        return all(there)

    def _has_parent(
        self, row: Row, field: str, entity: type[Any], found: Mapping[str, Any]
    ) -> bool:
        code = row.given.get(field)
        if not code or as_code(code) in found:
            return True
        self.refuse(row, f"{TABLES[entity].words} {as_code(code)} does not exist", field)
        return False

    def has_key(self, row: Row) -> bool:
        """Say whether a row names its record in the other system."""
        if not row.key:
            self.refuse(row, "must be filled: it names the record", KEY)
        elif len(row.key) > 255:
            self.refuse(row, f"must have at most 255 characters, has {len(row.key)}", KEY, row.key)
        elif not row.key.isprintable():
            self.refuse(row, "must not contain control characters", KEY, row.key)
        else:
            return True
        return False

    def with_lookups(self, block: list[Row]) -> list[Row]:
        """Return the rows in which every column that looks something up found it."""
        for field, column in self.mapping.columns.items():
            if column.split:
                block = self._split(block, field, column.split)
            if column.lookup:
                source = column.source or (self.mapping.key.source if self.mapping.key else None)
                texts = {row.given.get(field) or "" for row in block}
                found = self.run.lookups.named(column.lookup, source, texts)
                if column.unknown == "create":
                    found |= self._create(column, texts - found.keys())
                block = [row for row in block if self._looked_up(row, field, column, found)]
            if column.cut:
                for row in block:
                    text = row.given.get(field) or ""
                    if len(text) > column.cut:
                        row.given[field] = text[: column.cut]
                        reason = f"longer texts are cut at {column.cut} characters"
                        self.notice_once(row, "text-cut", reason, field)
        return block

    def _split(self, block: list[Row], field: str, sign: str) -> list[Row]:
        rows: list[Row] = []
        for row in block:
            parts = list(
                dict.fromkeys(
                    filter(None, map(str.strip, (row.given.get(field) or "").split(sign)))
                )
            )
            for part in parts:
                key = f"{row.key}|{part}" if row.key else ""
                rows.append(Row(row.line, row.cells, {**row.given, field: part}, key))
            if not parts:
                rows.append(row)
        return rows

    def _looked_up(self, row: Row, field: str, column: Column, found: Mapping[str, str]) -> bool:
        text = row.given.get(field)
        if not text or text in found:
            row.given[field] = found[text] if text else None
            return True
        words = (column.lookup or "").replace("_", " ")
        if column.unknown == "blank":
            row.given[field] = None
            self.notice_once(
                row,
                "lookup-blank",
                f"names no known {words} in some rows, which were taken without: {text[:50]!r}",
                field,
            )
            return True
        more = (
            " by external id, number, e-mail or phone, or there are two"
            if words == "contact"
            else ""
        )
        self.refuse(row, f"no {words} is found{more}: import it first", field, text)
        return False

    def _create(self, column: Column, texts: Iterable[str]) -> dict[str, str]:
        """Create the templates that history names and that are gone, or never were."""
        if KINDS[column.lookup or ""] is not InteractionTemplate:
            raise UsageError(f"{self.mapping.name}: only an interaction_template can be created")
        created: dict[str, str] = {}
        for text in sorted(filter(None, texts)):
            code = as_code(text)[:10].rstrip()
            if self.work.templates.find(code) is None:
                if self.work.interaction_groups.find("IMPORTED") is None:
                    group = InteractionGroup(code="IMPORTED", description="Imported interactions")
                    self.work.records(InteractionGroup).add(group)
                template = InteractionTemplate(
                    code=code, description=text[:100], interaction_group_code="IMPORTED"
                )
                self.work.records(InteractionTemplate).add(template)
            created[text] = code
        return created


def _itself(value: Any) -> Any:
    return value


def _blank(default: Any) -> Any:
    return "" if default is attrs.NOTHING else default


class RecordTarget(Target):
    """Plain records under their key: what is there is changed in the columns of the file only."""

    def __init__(self, run: Run, rows: TableRows, entity: type[Any]) -> None:
        super().__init__(run, rows)
        self.entity = entity
        self.table: Table[Any] = TABLES[entity]
        self.records: Any = run.work.records(entity)
        fields: dict[str, Any] = attrs.fields_dict(entity)
        self._names = tuple(fields)
        key = [(name, fields[name].converter or _itself) for name in self.table.key]
        blanks = {name: fields[name].default for name, _ in key}
        self._key = [(*each, _blank(blanks[each[0]])) for each in key]
        self.parents = dict(PARENTS.get(entity, {}))
        if "contact_no" in attrs.fields_dict(entity):
            self.parents["contact_no"] = Contact
        if entity.__name__ == "TemplateLanguage":
            self.parents["interaction_template_code"] = InteractionTemplate

    def take(self, block: list[Row]) -> None:
        block = self.with_keys(self.with_lookups(block))
        block = self.without_repeated(self.with_parents(block))
        stored = self.stored([row.record for row in block])
        fresh: list[tuple[Row, Any]] = []
        for row in self.completed(block, stored):
            before = stored.get(row.record)
            record = self.built(row, before)
            if record is not None and before is not None:
                self.change(row, before, record)
            elif record is not None:
                fresh.append((row, record))
        self.add(fresh)

    def with_keys(self, block: list[Row]) -> list[Row]:
        """Return the rows with the number that goes with their external id."""
        if self.mapping.key is not None:
            raise UsageError(f"{self.mapping.name}: only contacts and log entries have a [key]")
        return block

    def with_parents(self, block: list[Row]) -> list[Row]:
        """Return the rows of which the records that they name are there."""
        for field, entity in self.parents.items():
            if any(row.given.get(field) for row in block):
                found = self.run.lookups.records(
                    entity, (row.given.get(field) or "" for row in block)
                )
                block = [row for row in block if self._has_parent(row, field, entity, found)]
        return block

    def completed(self, block: list[Row], stored: Mapping[tuple[Any, ...], Any]) -> list[Row]:  # noqa: ARG002
        """Return rows with what other records say about them."""
        return block

    def built(self, row: Row, before: Any) -> Any | None:
        """Return the record of a row; ``None`` when it refuses values, and each is reported."""
        held = {} if before is None else {name: getattr(before, name) for name in self._names}
        given, refused = {**held, **row.given}, set[str]()
        while True:
            try:
                record = self.entity(**given)
            except FieldInvalidError as error:
                if error.field in refused:  # its default does not do either
                    return None
                self.refuse(row, f"{error.reason}: {error.value}", error.field)
                refused.add(error.field)
                default = attrs.fields_dict(self.entity)[error.field].default
                if error.field not in given or default is attrs.NOTHING:
                    return None
                del given[error.field]
            else:
                return None if refused else record

    def without_repeated(self, block: list[Row]) -> list[Row]:
        """Return the rows without those whose key an earlier line has."""
        name = self.table.key[-1] if self.table.key else ""
        keys: list[tuple[str, Row]] = []
        for row in block:
            given = row.given
            row.record = tuple(
                [convert(given.get(part, blank)) for part, convert, blank in self._key]
            )
            keys.append(("\n".join(map(str, row.record)), row))
        first = self.run.first_lines(
            [(key, row.line, str(self.written(row, name))) for key, row in keys]
        )
        kept: list[Row] = []
        for key, row in keys:
            line, said = first[key]
            if line == row.line:
                kept.append(row)
                continue
            own = str(self.written(row, name))
            if own != said and own.strip().upper() == said.strip().upper():
                reason = (
                    f"differs from {said} of line {line} by case only, and numbers are upper case: "
                    "give it as [key] of a mapping"
                )
            else:
                reason = f"is the record of line {line} again"
            self.refuse(row, reason, name)
        return kept

    def written(self, row: Row, field: str) -> object:
        """Return a key as the file writes it."""
        return row.key or row.given.get(field, "")

    def stored(self, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
        """Return the records that are there with these keys."""
        if len(self.table.key) == 1 and keys and isinstance(keys[0][0], str | int):
            with suppress(FieldInvalidError):  # a key that cannot be one, and is refused as a value
                found = self.records.having([key[0] for key in keys])
                return {self.table.key_of(record): record for record in found}
        there: dict[tuple[Any, ...], Any] = {}
        for key in keys:
            with suppress(FieldInvalidError):
                there[key] = self.records.find(*key)
        return there

    def change(self, row: Row, before: Any, record: Any) -> None:
        """Change what the file says otherwise."""
        values = {
            name: new
            for name in row.given
            if name not in self.table.key
            and (new := getattr(record, name)) != getattr(before, name)
        }
        if not values:
            self.counts["unchanged"] += 1
            return
        try:
            self.records.set(*self.table.key_of(record), **values)
        except InteractionLogError as error:
            self.refuse_error(row, error)
        else:
            self.counts["changed"] += 1

    def add(self, fresh: list[tuple[Row, Any]]) -> None:
        """Store new records: all at once, or one by one where a unique key refuses one."""
        if not fresh:
            return
        records = [record for _, record in fresh]
        try:
            with self.work.atomic():
                self.records.add_many(records)
        except DuplicateEntryError:
            for row, record in fresh:
                self._add_one(row, record)
        else:
            self.counts["created"] += len(fresh)

    def _add_one(self, row: Row, record: Any) -> None:
        try:
            with self.work.atomic():
                self.records.add(record)
        except DuplicateEntryError as error:
            self.refuse(row, f"{error}: it is here under another key")
        else:
            self.counts["created"] += 1


class ContactTarget(RecordTarget):
    """Contacts: a company may follow its persons, and number them by an external id."""

    def __init__(self, run: Run, rows: TableRows, entity: type[Any] = Contact) -> None:
        super().__init__(run, rows, entity)
        self.parents = {}
        self._late = False

    def with_keys(self, block: list[Row]) -> list[Row]:
        key = self.mapping.key
        if key is None or not block:
            return block
        known = self.run.lookups.keys(key.source, "contact", {row.key for row in block if row.key})
        there = self.run.lookups.records(Contact, known.values())
        known = {external: no for external, no in known.items() if no in there}
        for field in key.match:
            rest = [
                row for row in block if row.key and row.key not in known and row.given.get(field)
            ]
            found = self.run.lookups.matching(field, {row.given[field] for row in rest})
            known |= {row.key: found[row.given[field]] for row in rest if row.given[field] in found}
        kept: list[Row] = []
        fresh: dict[str, str] = {}
        for row in block:
            if not self.has_key(row):
                continue
            no = (
                known.get(row.key) or fresh.get(row.key) or row.given.get("no") or self._number(row)
            )
            if no is None:
                continue
            fresh[row.key] = as_code(no)
            row.given["no"] = as_code(no)
            kept.append(row)
        stored: Any = self.work.records(ExternalKey)
        for row in kept:
            if row.key not in known:
                record = ExternalKey(
                    source=key.source,
                    target="contact",
                    external_id=row.key,
                    record_no=row.given["no"],
                )
                stored.put(record)
                known[row.key] = row.given["no"]
        return kept

    def _number(self, row: Row) -> str | None:
        """Return a number for a new contact: of the series, or the external id if it can be."""
        setup = self.work.marketing_setup.find()
        own = as_code(row.key)
        if setup is None or setup.contact_nos is None:
            if len(own) <= 20 and not self.run.lookups.records(Contact, [own]):
                return own
            self._set_up_series(row)
            setup = self.work.marketing_setup.get()
        while True:
            try:
                no = NumberSeries(self.work).next(setup.contact_nos).no
            except InteractionLogError as error:
                self.refuse_error(row, error)
                return None
            if not self.run.lookups.records(Contact, [no]):
                return no

    def _set_up_series(self, row: Row) -> None:
        code = "CONTACTS"
        if self.work.numbers.series.find(code) is None:
            setup = NumberSeriesSetup(self.work)
            setup.create_series(NoSeries(code=code, description="Imported contacts"))
            setup.add_line(code, "C000001")
        self.work.marketing_setup.set(contact_nos=code)
        reason = f"is no number of a contact: contacts get numbers of the series {code}"
        self.notice(row, "series-set-up", reason, KEY)

    def completed(self, block: list[Row], stored: Mapping[tuple[Any, ...], Any]) -> list[Row]:
        """Give contacts the name of their company, which orders selections."""
        own: dict[str, tuple[Any, str]] = {}
        company_nos: list[str | None] = []
        for row in block:
            (no,), given, before = row.record, row.given, stored.get(row.record)
            kind = given.get("type", before.type if before else ContactType.COMPANY)
            company_no = as_optional_code(given.get("company_no", before and before.company_no))
            if kind is ContactType.COMPANY and not company_no:
                given["company_no"] = company_no = no  # its own
            own[no] = kind, given.get("name", before.name if before else "")
            company_nos.append(company_no)
        others = {no for no in company_nos if no and no not in own}
        found = self.run.lookups.records(Contact, others)
        companies = {**{no: (each.type, each.name) for no, each in found.items()}, **own}
        kept: list[Row] = []
        late: list[tuple[str, int]] = []
        for row, company_no in zip(block, company_nos, strict=True):
            company = companies.get(company_no or "")
            if company is None:
                late += [(company_no, row.line)] if company_no else []
            elif company[0] is not ContactType.COMPANY:
                self.refuse(row, f"contact {company_no} is a person: name a company", "company_no")
                continue
            else:
                row.given["company_name"] = company[1]
            kept.append(row)
        if late:
            self._late = True
            self.run.want(late)
        return kept

    def stored(self, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
        found = self.run.lookups.records(Contact, (key[0] for key in keys))
        return {(no,): contact for no, contact in found.items()}

    def change(self, row: Row, before: Any, record: Any) -> None:
        renamed = (
            record.type is ContactType.COMPANY
            and "name" in row.given
            and record.name != before.name
        )
        super().change(row, before, record)
        if renamed:
            self._name([record.no])

    def add(self, fresh: list[tuple[Row, Any]]) -> None:
        super().add(fresh)
        if self._late:
            self._name([record.no for _, record in fresh if record.type is ContactType.COMPANY])

    def _name(self, company_nos: Sequence[str]) -> None:
        contacts: Any = self.work.contacts
        contacts.name_companies(company_nos)

    def finish(self) -> None:
        for some in self.run.wanted():
            found = self.run.lookups.records(Contact, (no for no, _ in some))
            for no, line in some:
                company = found.get(no)
                if company is None:
                    reason = f"contact {no} does not exist"
                elif company.type is not ContactType.COMPANY:
                    reason = f"contact {no} is a person: name a company"
                else:
                    continue
                self.run.reject(self.rows.finding("row-rejected", reason, line, "company_no"), ())


class LogEntryTarget(RecordTarget):
    """History: entries with their own dates, users and instants; nothing is computed again."""

    def __init__(self, run: Run, rows: TableRows, entity: type[Any] = InteractionLogEntry) -> None:
        super().__init__(run, rows, entity)
        if self.mapping.key is None:
            raise UsageError(
                f"{self.mapping.name}: history needs a [key], or importing it again would double it"
            )
        self.parents.pop("contact_no")
        self._now = self.work.clock.now()

    def with_keys(self, block: list[Row]) -> list[Row]:
        return [row for row in block if self.has_key(row)]

    def take(self, block: list[Row]) -> None:
        key = self.mapping.key
        block = self.with_parents(self.with_keys(self.with_lookups(block)))
        if not block or key is None:
            return
        first = self.run.first_lines([(row.key, row.line, row.key) for row in block])
        for row in block:
            if first[row.key][0] != row.line:
                self.refuse(row, f"is the record of line {first[row.key][0]} again", KEY, row.key)
        block = [row for row in block if first[row.key][0] == row.line]
        contacts = self.run.lookups.records(
            Contact, {row.given.get("contact_no") or "" for row in block}
        )
        templates = self.run.lookups.records(
            InteractionTemplate, {row.given.get("interaction_template_code") or "" for row in block}
        )
        known = self.run.lookups.keys(key.source, "log_entry", {row.key for row in block})
        stored = {
            each.entry_no: each for each in self.records.having([int(no) for no in known.values()])
        }
        fresh: list[tuple[Row, dict[str, Any]]] = []
        for row in block:
            values = self._values(row, contacts, templates)
            before = stored.get(int(known.get(row.key, 0)))
            if before is None:
                fresh.append((row, values))
                continue
            values.pop("recorded_at", None) if "recorded_at" not in row.given else None
            record = self._entry(
                row,
                {
                    **values,
                    "entry_no": before.entry_no,
                    "recorded_at": values.get("recorded_at", before.recorded_at),
                },
            )
            if record is not None:
                row.given = {
                    name: None
                    for name in row.given
                    if name in attrs.fields_dict(InteractionLogEntry)
                }
                self.change(row, before, record)
        self._add(fresh, known)

    def _values(
        self, row: Row, contacts: Mapping[str, Any], templates: Mapping[str, Any]
    ) -> dict[str, Any]:
        given = row.given
        values = {
            name: value
            for name, value in given.items()
            if name in attrs.fields_dict(InteractionLogEntry)
        }
        contact = contacts.get(given.get("contact_no") or "")
        if contact is not None and not values.get("contact_company_no"):
            values["contact_company_no"] = contact.company_no
        template = templates.get(as_code(given.get("interaction_template_code") or ""))
        if template is not None and not values.get("interaction_group_code"):
            values["interaction_group_code"] = template.interaction_group_code
        if given.get("canceled"):
            values["cancel_state"] = 1
        if not values.get("user_id"):
            values["user_id"] = self.work.user_id
        values.setdefault("recorded_at", self._now)
        if values["recorded_at"] is None:
            values["recorded_at"] = self._now
        return values

    def _entry(self, row: Row, values: dict[str, Any]) -> InteractionLogEntry | None:
        try:
            entry = InteractionLogEntry(**values)
            _comments(row, entry)
        except FieldInvalidError as error:
            self.refuse_error(row, error)
            return None
        return entry

    def _add(self, fresh: list[tuple[Row, dict[str, Any]]], known: Mapping[str, str]) -> None:
        if not fresh or self.mapping.key is None:
            return
        numbers = self.work.interactions.reserve_entry_nos(len(fresh))
        built = [
            (row, entry)
            for (row, values), no in zip(fresh, numbers, strict=True)
            if (entry := self._entry(row, {**values, "entry_no": no})) is not None
        ]
        before = self.counts["created"]
        refused: set[int] = set()
        try:
            with self.work.atomic():
                self.records.add_many([entry for _, entry in built])
            self.counts["created"] = before + len(built)
        except DuplicateEntryError:
            for row, entry in built:
                count = self.counts["created"]
                self._add_one(row, entry)
                if self.counts["created"] == count:
                    refused.add(entry.entry_no)
        keys: Any = self.work.records(ExternalKey)
        built = [(row, entry) for row, entry in built if entry.entry_no not in refused]
        new = [
            ExternalKey(
                source=self.mapping.key.source,
                target="log_entry",
                external_id=row.key,
                record_no=str(entry.entry_no),
            )
            for row, entry in built
        ]
        for record in (each for each in new if each.external_id in known):  # of a deleted entry
            keys.put(record)
        keys.add_many([each for each in new if each.external_id not in known])
        lines = [line for row, entry in built for line in _comments(row, entry)]
        comments: Any = self.work.records(LogComment)
        if lines:
            comments.add_many(lines)


def _comments(row: Row, entry: InteractionLogEntry) -> list[LogComment]:
    """Return the text of a row that is longer than a description, as comments."""
    text = row.given.get("comment") or ""
    return [
        LogComment(
            entry_no=entry.entry_no,
            line_no=(begin // _LINE + 1) * 10_000,
            date=None if begin else entry.date,
            comment=text[begin : begin + _LINE],
            user_id=entry.user_id or "",
            recorded_at=entry.recorded_at,
        )
        for begin in range(0, len(text), _LINE)
    ]


_LINE = 2_000
"""Characters of a line of comment."""
_KEPT_NAMES = """
    log_entry log_comment logged_segment left_out_line campaign_entry attachment attachment_content
    segment segment_line segment_language criteria_step removed_line number_counter number_ledger
    idempotency_key entry_counter
"""
KEPT = frozenset(_KEPT_NAMES.split())
"""Tables of an export in which a record that is here already is left as it is."""


class RestoreTarget(Target):
    """Rows of an export, stored as they are."""

    def __init__(self, run: Run, rows: TableRows, table: Table[Any]) -> None:
        super().__init__(run, rows)
        self.table = table
        self._make: Any = SimpleNamespace if table.entity is Rows else table.entity

    def take(self, block: list[Row]) -> None:
        made: list[tuple[Row, Any]] = []
        for row in block:
            try:
                made.append((row, self._make(**row.given)))
            except FieldInvalidError as error:
                self.refuse_error(row, error)
            except TypeError as error:
                self.refuse(row, f"is no row of an export: {error}")
        if self.table.name == "entry_counter":
            for _, counter in made:
                self._raise_counter(counter)
            return
        try:
            with self.work.atomic():
                self._add([record for _, record in made])
        except DuplicateEntryError:
            for row, record in made:
                self._take_one(row, record)
        else:
            self.counts["created"] += len(made)

    def _raise_counter(self, counter: Any) -> None:
        table = next(each for each in ALL if each.name == counter.kind)
        numbers: Any = self.work.records(table.entity)
        behind = numbers.counter.last() < counter.last_value
        numbers.counter.keep_above(counter.last_value)
        self.counts["changed" if behind else "unchanged"] += 1

    def _add(self, records: Sequence[Any]) -> None:
        if not records:
            return
        if self.table.entity is Rows:
            self.work.add_parts(self.table, records)
        elif self.table.entity is SegmentLine:
            self.work.segments.add_lines(records)
        else:
            stored: Any = self.work.records(self.table.entity)
            if not self.table.key:  # at most one: it is compared
                raise DuplicateEntryError(self.table.words, "")
            stored.add_many(records)

    def _take_one(self, row: Row, record: Any) -> None:
        try:
            if self.table.key:
                with self.work.atomic():
                    self._add([record])
                self.counts["created"] += 1
                return
        except DuplicateEntryError:
            if self.table.entity is Rows:
                self.counts["unchanged"] += 1
                return
        key = self.table.key_of(record)
        before = self._found(key)
        if before == record:
            self.counts["unchanged"] += 1
        elif before is None and self.table.key:
            self.refuse(row, f"{self.table.words} {readable(key)} is here under another key")
        elif self.table.name in KEPT:
            self.counts["left_out"] += 1
            record = f"{self.table.words} {readable(key)}"
            reason = f"{record} is here already with other values and was left alone"
            self.notice(row, "record-differs", reason)
        else:
            self.work.records(self.table.entity).put(record)
            self.counts["created" if before is None else "changed"] += 1

    def _found(self, key: tuple[Any, ...]) -> Any | None:
        if self.table.entity is SegmentLine:
            lines = self.work.segments.lines_after(key[0], key[1] - 1, limit=1)
            return next((line for line in lines if line.line_no == key[1]), None)
        return self.work.records(self.table.entity).find(*key)


class EachRow(Target):
    """Rows that are taken one by one, through a service."""

    def __init__(self, run: Run, rows: TableRows, write: Callable[[Target, Row], str]) -> None:
        super().__init__(run, rows)
        self._write = write

    def take(self, block: list[Row]) -> None:
        for row in self.with_lookups(block):
            try:
                self.counts[self._write(self, row)] += 1
            except InteractionLogError as error:
                self.refuse_error(row, error)
