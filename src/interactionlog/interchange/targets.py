"""What rows become: records that are found, compared, changed or added, a block at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import attrs

from interactionlog.adapters.records import reached
from interactionlog.adapters.tables import TABLES, Table
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.campaigns.campaign import Campaign
from interactionlog.contacts.consent import Consent, Purpose
from interactionlog.contacts.contact import Contact, ExternalKey, Salesperson, User
from interactionlog.delivery.delivery import DeliveryReceipt
from interactionlog.errors import (
    DuplicateEntryError,
    FieldInvalidError,
    InteractionLogError,
    UsageError,
)
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interchange.cells import CELLS, judge_of, judged
from interactionlog.interchange.mapping import Column
from interactionlog.interchange.rows import Row, TableRows
from interactionlog.privacy.records import Erasure, Seal
from interactionlog.segments.segment import Segment
from interactionlog.templates.template import (
    InteractionGroup,
    InteractionTemplate,
    TemplateLanguage,
)
from interactionlog.values import as_code

KINDS: dict[str, type[Any]] = {
    "contact": Contact,
    "salesperson": Salesperson,
    "user": User,
    "campaign": Campaign,
    "segment": Segment,
    "interaction_template": InteractionTemplate,
    "interaction_group": InteractionGroup,
}
"""What a column may look up."""


def kept_by_host(work: StoreUnitOfWork, table: str) -> str | None:
    """Name what the records of a table are where a directory of the host has them, else `None`."""
    kept: dict[str, tuple[str, object, str]] = {
        "contact": ("contacts", work.contacts, "put"),
        "salesperson": ("salespeople", work.salespeople, "put"),
        "user": ("users", work.users, "put"),
        "consent": ("consents", work.consents, "of_contact"),
    }
    words, directory, writes = kept.get(table.partition("_")[0], ("", None, ""))
    return None if directory is None or hasattr(directory, writes) else words


class Lookups:
    """Finds records for one import."""

    def __init__(self, work: StoreUnitOfWork) -> None:
        self._work = work
        self._found: dict[type[Any], dict[str, Any]] = {}

    def forget(self) -> None:
        """Forget the records of a block: they may change now."""
        self._found.clear()

    def records(self, entity: type[Any], codes: Iterable[str]) -> Mapping[str, Any]:
        """Return the records with these codes or numbers, by code."""
        found = self._found.setdefault(entity, {})
        wanted = {as_code(code) for code in {*codes} if code}
        try:
            if rest := wanted - found.keys():
                found.update(self._records(entity, rest))
            return {code: found[code] for code in wanted & found.keys()}
        except FieldInvalidError:  # one is no code: each for itself, which is slower
            if len(wanted) == 1:
                return {}
            each = (self.records(entity, [code]) for code in sorted(wanted))
            return {code: record for found in each for code, record in found.items()}

    def _records(self, entity: type[Any], wanted: Collection[str]) -> Mapping[str, Any]:
        directories: dict[Any, Any] = {
            Contact: self._work.contacts,
            Salesperson: self._work.salespeople,
            User: self._work.users,
        }
        if entity in directories:
            found: Mapping[str, Any] = directories[entity].many(wanted)
            return found
        (key,) = TABLES[entity].key
        stored: Any = self._work.records(entity)
        return {getattr(record, key): record for record in stored.having(wanted)}

    def keys(self, source: str, target: str, external_ids: Collection[str]) -> dict[str, str]:
        """Return the numbers of records by what another system calls them."""
        external_ids = [each for each in external_ids if len(each) <= 255 and each.isprintable()]
        if not external_ids:
            return {}
        stored: Any = self._work.records(ExternalKey)
        found = stored.having(source, target, external_ids)
        return {each.external_id: each.record_no for each in found}

    def named(self, kind: str, source: str | None, texts: Iterable[str]) -> dict[str, str]:
        """
        Return the code or number of each record that a text names; who is not there is left out.

        A contact is looked for by external key, number, e-mail and phone, a salesperson by code,
        e-mail and name. Two hits are no hit.
        """
        if kind not in KINDS:
            raise UsageError(f"lookup {kind!r} is not known: take one of {', '.join(KINDS)}")
        wanted = {text for text in texts if text}
        found: dict[str, str] = {}
        if source is not None:
            found = self.keys(source, kind, wanted)
            if kind == "contact":  # the record may have been deleted since
                there = self.records(Contact, found.values())
                found = {text: no for text, no in found.items() if no in there}
        rest = wanted - found.keys()
        codes = self.records(KINDS[kind], rest)
        found |= {text: code for text in rest if (code := as_code(text)) in codes}
        rest -= found.keys()
        if rest and kind == "contact":
            found |= self._reached(rest)
        elif rest and kind == "salesperson":
            found |= self._salespeople(rest)
        return found

    def _reached(self, texts: Collection[str]) -> dict[str, str]:
        if not hasattr(self._work.contacts, "reached_by"):  # those of a host are known by number
            return {}
        phones = [text for text in texts if _is_phone(reached("phone_no", text))]
        mails = [text for text in texts if "@" in text]
        return self.matching("e_mail", mails) | self.matching("phone_no", phones)

    def matching(self, field: str, texts: Collection[str]) -> dict[str, str]:
        """Return the contacts with these e-mail addresses or phone numbers; two hits are none."""
        plain = {text: reached(field, text) for text in texts}
        fields = ("e_mail",) if field == "e_mail" else ("phone_no", "mobile_phone_no")
        contacts: Any = self._work.contacts
        hits = [contacts.reached_by(each, {*plain.values()}) for each in fields if plain]
        return _single(plain, [hit for found in hits for hit in found])

    def _salespeople(self, texts: Collection[str]) -> dict[str, str]:
        if not hasattr(self._work.salespeople, "put"):
            return {}
        people = self._work.records(Salesperson).all()
        hits = [
            (each.code, text.casefold()) for each in people for text in (each.name, each.e_mail)
        ]
        return _single({text: text.casefold() for text in texts}, hits)


def _is_phone(number: str) -> bool:
    digits = number.removeprefix("+")
    return len(digits) >= 6 and digits.isdecimal()


def _single(plain: Mapping[str, str], hits: Sequence[tuple[str, str]]) -> dict[str, str]:
    nos: dict[str, set[str]] = {}
    for no, text in hits:
        nos.setdefault(text, set()).add(no)
    return {text: next(iter(nos[key])) for text, key in plain.items() if len(nos.get(key, ())) == 1}


_OF_TEMPLATE: dict[str, type[Any]] = {"interaction_template_code": InteractionTemplate}
_OF_ENTRY = {"campaign_no": Campaign, "salesperson_code": Salesperson, **_OF_TEMPLATE}
_WITH_PURPOSE: dict[str, type[Any]] = {"purpose_code": Purpose}
PARENTS: dict[type[Any], dict[str, type[Any]]] = {
    TemplateLanguage: _OF_TEMPLATE,
    InteractionTemplate: _WITH_PURPOSE,
    Segment: _OF_ENTRY | _WITH_PURPOSE,
    InteractionLogEntry: _OF_ENTRY,
    Consent: _WITH_PURPOSE,
}
"""Fields that must name a record; those called ``contact_no`` do so everywhere."""
_FACTS = (Consent, DeliveryReceipt, Erasure, Seal)
"""Records that are added and never changed."""


class Target:
    """Takes the rows of one table."""

    def __init__(self, rows: TableRows) -> None:
        self.rows, self.run = rows, rows.run
        self.work, self.mapping = rows.run.work, rows.mapping
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
        """Reject a row; the value is what the cell holds, unless given."""
        value = value or self.rows.text(row, field)
        self.rows.report(reason, row.line, field, value=value, cells=row.cells)

    def refuse_error(self, row: Row, error: InteractionLogError) -> None:
        """Reject a row for what the library says about it."""
        if isinstance(error, FieldInvalidError):
            self.refuse(row, *self.rows.refusal_of(row, error))
        else:
            self.refuse(row, str(error))

    def notice(self, row: Row, code: str, reason: str, field: str | None = None) -> None:
        """Report what was left out of a row."""
        self.rows.report(reason, row.line, field, code=code)

    def notice_once(self, row: Row, code: str, reason: str, field: str) -> None:
        """Report what was left out, on the first row only."""
        if (code, field) not in self._said:
            self._said.add((code, field))
            self.notice(row, code, reason, field)

    def with_parents(self, block: list[Row], parents: Mapping[str, type[Any]]) -> list[Row]:
        """Return the rows of which the records that they name are there; the others are refused."""
        found = {
            field: self.run.lookups.records(entity, [row.given.get(field) or "" for row in block])
            for field, entity in parents.items()
        }

        def has_all(row: Row) -> bool:
            there = [self._has_parent(row, name, parents[name], found[name]) for name in found]
            return all(there)  # each that is missing was told

        return [row for row in block if has_all(row)]

    def _has_parent(
        self, row: Row, field: str, entity: type[Any], found: Mapping[str, Any]
    ) -> bool:
        code = row.given.get(field)
        if not code or as_code(code) in found:
            return True
        words = TABLES[entity].words
        advice = self._advice(TABLES[entity].name)
        self.refuse(row, f"{words} {as_code(code)} does not exist: {advice}", field)
        return False

    def _advice(self, kind: str) -> str:
        kept = kept_by_host(self.work, kind)
        return f"the host keeps its {kept}, known by number or code" if kept else "import it first"

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
            if column.split:
                block = _each_once(block, field)
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
            texts = map(str.strip, (row.given.get(field) or "").split(sign))
            parts = list(dict.fromkeys(filter(None, texts)))
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
            reason = f"names no known {words} in some rows, which were taken without: {text[:50]!r}"
            self.notice_once(row, "lookup-blank", reason, field)
            return True
        several = ", or two are, by external id, number, e-mail or phone"
        advice = self._advice(column.lookup or "")
        more = several if words == "contact" and advice == "import it first" else ""
        self.refuse(row, f"no {words} is found{more}: {advice}", field, text)
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


def _each_once(block: list[Row], field: str) -> list[Row]:
    """Leave out parts of a row that name what an earlier part of it names in other words."""
    seen: set[tuple[int, str]] = set()
    rows: list[Row] = []
    for row in block:
        named = (row.line, as_code(row.given.get(field) or ""))
        if not named[1] or named not in seen:
            seen.add(named)
            rows.append(row)
    return rows


class RecordTarget(Target):
    """Plain records under their key: what is there is changed in the columns of the file only."""

    def __init__(self, rows: TableRows) -> None:
        super().__init__(rows)
        self.entity = entity = rows.entity
        self.table: Table[Any] = TABLES[entity]
        self.records: Any = self.work.records(entity)
        fields: dict[str, Any] = attrs.fields_dict(entity)
        blanks = [fields[name].default for name in self.table.key]
        self._key = [
            (name, "" if blank is attrs.NOTHING else blank)
            for name, blank in zip(self.table.key, blanks, strict=True)
        ]
        self._names = fields.keys()
        columns = self.mapping.columns.items()
        late = [name for name, column in columns if column.is_late and name in fields]
        self._judges = {name: lru_cache(CELLS)(judge_of(entity, name)) for name in late}
        self.parents = {"contact_no": Contact} if "contact_no" in fields else {}
        self.parents |= PARENTS.get(entity, {})
        for field, column in columns:
            if column.lookup:  # then it is there
                self.parents.pop(field, None)

    def take(self, block: list[Row]) -> None:
        block = self.with_keys(self.with_lookups(block))
        block = self.without_repeated(self.with_parents(block, self.parents))
        stored = self.stored([row.record for row in block])
        fresh: list[tuple[Row, Any]] = []
        for row in self.completed(block, stored):
            before = stored.get(row.record)
            try:
                values = self._values(row)
                if before is not None:
                    self.change(row, before, values)
                else:
                    fresh.append((row, self.built(row, values)))
            except InteractionLogError as error:
                self.refuse_error(row, error)
                self.gone(row)
        if fresh:
            self.add(fresh)

    def _values(self, row: Row) -> dict[str, Any]:
        """Return the fields of a row as its record takes them."""
        if row.given.keys() <= self._names and not self._judges:
            return row.given
        values = {name: value for name, value in row.given.items() if name in self._names}
        for name, judge in self._judges.items():
            if values.get(name) is not None:
                values[name] = judge(values[name])
        return values

    def built(self, row: Row, values: Mapping[str, Any]) -> Any:  # noqa: ARG002
        """Return a new record."""
        return judged(self.entity, values)

    def gone(self, row: Row) -> None:
        """Remember that a new record was refused."""

    def with_keys(self, block: list[Row]) -> list[Row]:
        """Return the rows with the number that goes with their external id."""
        if self.mapping.key is not None:
            raise UsageError(f"{self.mapping.name}: only contacts and log entries have a [key]")
        return block

    def completed(self, block: list[Row], stored: Mapping[tuple[Any, ...], Any]) -> list[Row]:  # noqa: ARG002
        """Return rows with what other records say about them."""
        return block

    def without_repeated(self, block: list[Row]) -> list[Row]:
        """Return the rows without those whose key an earlier line has."""
        name = self.table.key[-1] if self.table.key else ""
        places = self.rows.fields.get(name, ())
        keys: list[tuple[str, int, str]] = []
        for row in block:
            row.record = self.identity(row)
            said = row.key or (row.cells[places[0]].strip() if places else "")
            one = len(row.record) == 1
            whole = str(row.record[0]) if one else "\n".join(map(str, row.record))
            keys.append((whole, row.line, said))
        first = self.run.scratch.first_lines(keys)
        if not first:
            return block
        kept: list[Row] = []
        for row, (key, line, own) in zip(block, keys, strict=True):
            before, said = first[key]
            if line == before:
                kept.append(row)
                continue
            if not row.key and own != said and own.upper() == said.upper():
                advice = "give it as [key] of a mapping"
                if self.entity is not Contact:  # others have none
                    advice = "leave one out, or give it another code"
                reason = f"differs from {said} of line {before} by case only, and numbers are upper"
                reason += f" case: {advice}"
            else:
                reason = f"is the record of line {before} again"
            self.refuse(row, reason, name, own)
        return kept

    def identity(self, row: Row) -> tuple[Any, ...]:
        """Return the key of a row's record as it is stored."""
        return tuple([row.given.get(part, blank) for part, blank in self._key])

    def stored(self, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
        """Return the records that are there with these keys."""
        stored: dict[tuple[Any, ...], tuple[object, ...]] = {}
        for key in keys:
            with suppress(FieldInvalidError):  # it cannot be a key, and is refused as a value
                stored[key] = self.table.stored_key(key)
        records, key_of = self.records.with_keys([*stored]), self.table.key_of
        found = {self.table.stored_key(key_of(record)): record for record in records}
        return {key: found[own] for key, own in stored.items() if own in found}

    def change(self, row: Row, before: Any, values: Mapping[str, Any]) -> None:
        """Change what the file says otherwise."""
        changed = {
            name: value
            for name, value in values.items()
            if value != getattr(before, name) and name not in self.table.key
        }
        if not changed:
            self.counts["unchanged"] += 1
            return
        if isinstance(before, _FACTS):
            reason = f"is stored with another {', '.join(changed)}, and is never changed"
            self.refuse(row, f"{reason}: add a row with another key", self.table.key[0])
            return
        self.records.set(*self.table.key_of(before), **changed)
        self.counts["changed"] += 1

    def add(self, fresh: list[tuple[Row, Any]]) -> list[tuple[Row, Any]]:
        """Store new records, one by one where a unique key refuses one; return those stored."""
        try:
            with self.work.atomic():
                self.records.add_many([record for _, record in fresh])
            stored = fresh
        except DuplicateEntryError:
            stored = [pair for pair in fresh if self._is_added(*pair)]
        self.counts["created"] += len(stored)
        return stored

    def _is_added(self, row: Row, record: Any) -> bool:
        try:
            with self.work.atomic():
                self.records.add(record)
            return True
        except DuplicateEntryError as error:
            before = self.stored([row.record]).get(row.record)
            if before is None:
                self.refuse(row, f"{error}: it is here under another key")
                return False
        try:
            self.change(row, before, self._values(row))  # another transaction was faster
        except InteractionLogError as error:
            self.refuse_error(row, error)
        return False


class EachRow(Target):
    """Rows that are taken one by one, through a service."""

    def __init__(self, rows: TableRows, write: Callable[[Target, Row], str]) -> None:
        super().__init__(rows)
        self._write = write

    def take(self, block: list[Row]) -> None:
        for row in self.with_lookups(block):
            try:
                self.counts[self._write(self, row)] += 1
            except InteractionLogError as error:
                self.refuse_error(row, error)
