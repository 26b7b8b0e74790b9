"""Rows that another system names by its own keys: contacts, and history of the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from interactionlog.adapters.records import reached
from interactionlog.contacts.contact import Contact, ExternalKey
from interactionlog.errors import InteractionLogError, UsageError
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interchange.mapping import KEY
from interactionlog.interchange.rows import Row, TableRows
from interactionlog.interchange.targets import RecordTarget
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.privacy.seals import sealed_fields
from interactionlog.templates.template import InteractionTemplate
from interactionlog.values import ContactType, as_code, trusted

_LINE = 2_000
"""Characters of a line of comment."""


class KeyedTarget(RecordTarget):
    """Records that keep what the other system calls them."""

    def with_keys(self, block: list[Row]) -> list[Row]:
        return [row for row in block if self._has_key(row)]

    def _has_key(self, row: Row) -> bool:
        if not row.key:
            self.refuse(row, "must be filled: it names the record", KEY)
        elif len(row.key) > 255:
            self.refuse(row, f"must have at most 255 characters, has {len(row.key)}", KEY, row.key)
        elif not row.key.isprintable():
            self.refuse(row, "must not contain control characters", KEY, row.key)
        else:
            return True
        return False

    def store_keys(self, kind: str, numbers: Mapping[str, str], known: Mapping[str, str]) -> None:
        """Store what records are called in the other system, where that is not known already."""
        source = self.mapping.key.source if self.mapping.key else ""
        keys: Any = self.work.records(ExternalKey)
        key_of = trusted(ExternalKey)
        for external in numbers.keys() & known.keys():
            if known[external] != numbers[external]:  # that record was deleted
                keys.put(key_of(source, kind, external, numbers[external]))
        fresh = ((external, no) for external, no in numbers.items() if external not in known)
        keys.add_many([key_of(source, kind, external, no) for external, no in fresh])


class ContactTarget(KeyedTarget):
    """Contacts: a company may follow its persons, and number them by an external id."""

    def __init__(self, rows: TableRows) -> None:
        super().__init__(rows)
        self._last = False
        self._known: dict[str, str] = {}
        self._kept: dict[str, str] = {}
        self._gone: set[str] = set()
        self._renamed: dict[str, str] = {}

    def take(self, block: list[Row]) -> None:
        super().take(block)
        self.store_keys("contact", self._kept, self._known)
        self._kept = {}
        if self._renamed:
            contacts: Any = self.work.contacts
            contacts.name_companies(self._renamed)
            self._renamed = {}

    def with_keys(self, block: list[Row]) -> list[Row]:
        key = self.mapping.key
        if key is None or not block:
            return block
        block = super().with_keys(block)
        for row in block:  # an address that is the key is one in any case
            address = reached("e_mail", row.key)
            if address == reached("e_mail", row.given.get("e_mail") or ""):
                row.key = address
        keys, scratch = {row.key for row in block}, self.run.scratch
        self._known = self.run.lookups.keys(key.source, "contact", keys)
        there = self.run.lookups.records(Contact, self._known.values())
        before = {external: no for external, no in self._known.items() if no in there}
        known = scratch.claimed(keys) | before
        for field in key.match:
            rest = [row for row in block if row.key not in known and row.given.get(field)]
            known |= self._matched(field, key.source, rest, {*known.values()})
        for row in block:
            if row.key not in known and row.given.get("no"):
                known[row.key] = row.given["no"]
        rest = [row for row in block if row.key not in known]
        known |= self._numbers(rest, {*known.values()})
        scratch.claim({external: no for external, no in known.items() if external not in before})
        kept = [row for row in block if row.key in known]
        for row in kept:
            row.given["no"] = known[row.key]
        return kept

    def _matched(self, field: str, source: str, rows: list[Row], taken: set[str]) -> dict[str, str]:
        """Return contacts that the other system has no key for yet, each for the first row."""
        found = self.run.lookups.matching(field, {row.given[field] for row in rows})
        hits = {*found.values()}
        if not hits:
            return {}
        contacts: Any = self.work.contacts
        others = {no for no, _ in contacts.keyed(source, hits)}
        free = hits - taken - others - self.run.scratch.claimants(hits).keys()
        matched: dict[str, str] = {}
        for row in rows:
            no = found.get(row.given[field])
            if no in free and row.key not in matched:
                free.remove(no)
                matched[row.key] = no
        return matched

    def _taken(self, nos: Collection[str]) -> set[str]:
        """Return those of these numbers that a contact has, or a row of the file was given."""
        return {*self.run.lookups.records(Contact, nos), *self.run.scratch.claimants(nos)}

    def _numbers(self, rows: list[Row], taken: set[str]) -> dict[str, str]:
        """Return numbers for new contacts: of the series, or their external ids if they can be."""
        first = {row.key: row for row in reversed(rows)}
        setup = self.work.marketing_setup.find()
        series, found = setup.contact_nos if setup else None, dict[str, str]()
        own = {key: as_code(key) for key in first}
        # an address is no number: it would be seen where numbers are, and would change
        short = {code for code in own.values() if len(code) <= 20 and "@" not in code}
        taken = taken | self._taken(() if series else short)
        drawn: list[Row] = []
        for row in sorted(first.values(), key=lambda each: each.line):
            code = own[row.key]
            if not series and code in short and code not in taken:
                found[row.key] = code
                taken.add(code)
            else:
                series = series or self._set_up_series(row)
                drawn.append(row)
        while drawn:
            try:
                nos = [*NumberSeries(self.work).next_many(series, len(drawn))]
            except InteractionLogError as error:
                for row in (row for row in rows if row.key not in found):
                    self.refuse_error(row, error)
                return found
            taken |= self._taken(nos)
            free = [no for no in nos if no not in taken]
            found |= {row.key: no for row, no in zip(drawn, free, strict=False)}
            drawn = drawn[len(free) :]
        return found

    def _set_up_series(self, row: Row) -> str:
        code = "CONTACTS"
        if self.work.numbers.series.find(code) is None:
            setup = NumberSeriesSetup(self.work)
            setup.create_series(NoSeries(code=code, description="Imported contacts"))
            setup.add_line(code, "C000001")
        self.work.marketing_setup.set(contact_nos=code)
        reason = f"is no number for a new contact: contacts get numbers of the series {code}"
        self.notice(row, "series-set-up", reason, KEY)
        return code

    def completed(self, block: list[Row], stored: Mapping[tuple[Any, ...], Any]) -> list[Row]:
        """Give contacts the name of their company, which orders selections."""
        block = self._companies_only(block, stored)
        own: dict[str, tuple[Any, str]] = {}
        company_nos: list[str | None] = []
        for row in block:
            (no,), given, before = row.record, row.given, stored.get(row.record)
            kind = given.get("type", before.type if before else ContactType.COMPANY)
            company_no = given.get("company_no", before and before.company_no)
            if kind is ContactType.COMPANY and not company_no:
                given["company_no"] = company_no = no  # its own
            own[no] = kind, given.get("name", before.name if before else "")
            company_nos.append(company_no)
        others = {no for no in company_nos if no and no not in own}
        found = self.run.lookups.records(Contact, others)
        companies = {**{no: (each.type, each.name) for no, each in found.items()}, **own}
        kept: list[Row] = []
        for row, company_no in zip(block, company_nos, strict=True):
            company = companies.get(company_no or "")
            if company_no and company is None and own[row.record[0]][0] is ContactType.PERSON:
                if self._last:
                    reason = f"contact {company_no} does not exist: import it first"
                    self.refuse(row, reason, "company_no")
                else:  # it may follow
                    self.run.scratch.put_aside(row.line, row.cells)
                continue
            if company is None:
                row.given["company_name"] = ""
            elif company[0] is not ContactType.COMPANY:
                self.refuse(row, f"contact {company_no} is a person: name a company", "company_no")
                continue
            else:
                row.given["company_name"] = company[1][:100]  # a longer one is refused
            kept.append(row)
        return kept

    def stored(self, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
        found = self.work.contacts.many([no for (no,) in keys])
        return {(no,): contact for no, contact in found.items()}

    def built(self, row: Row, values: Mapping[str, Any]) -> Any:
        contact = super().built(row, values)
        if self._in_other_case(row, contact.no):
            reason = f"is stored as {contact.no}: give numbers whose case counts as [key]"
            self.notice_once(row, "number-upper-case", reason, "no")
        return contact

    def _in_other_case(self, row: Row, no: str) -> bool:
        """Say whether the file has a number, by which the row is found, in lower case."""
        own = "" if row.key else self.rows.text(row, "no") or ""
        return own != no == own.upper()

    def gone(self, row: Row) -> None:
        self._gone |= {row.record[0]}

    def add(self, fresh: list[tuple[Row, Any]]) -> list[tuple[Row, Any]]:
        if self._gone:  # a company of the same block was refused: its persons are as well, later
            for row, _ in (pair for pair in fresh if pair[1].company_no in self._gone):
                self.run.scratch.put_aside(row.line, row.cells)
            fresh = [pair for pair in fresh if pair[1].company_no not in self._gone]
            self._gone = set()
        stored = super().add(fresh)
        for row, _ in stored:
            self._keep_key(row)
        return stored

    def _keep_key(self, row: Row) -> None:
        """Remember that the row is stored: only then its number goes with its external id."""
        if row.key:
            self._kept[row.key] = row.record[0]

    def change(self, row: Row, before: Any, values: Mapping[str, Any]) -> None:
        changes = (value != getattr(before, name) for name, value in values.items())
        if self._in_other_case(row, before.no) and any(changes):
            reason = f"differs from {before.no}, which is stored, by case only"
            self.refuse(row, f"{reason}: write that, or give it as [key] of a mapping", "no")
            return
        if self._is_namesake(row, before, values):
            reason = "is the name of a contact that is here with another phone number or address"
            self.refuse(row, f"{reason}: give this one its own id", KEY, row.key)
            return
        super().change(row, before, values)
        self._keep_key(row)
        kind, name = values.get("type", before.type), values.get("name", before.name)
        if kind is ContactType.COMPANY and name != before.name:
            self._renamed[before.no] = name

    def _companies_only(self, block: list[Row], stored: Mapping[tuple[Any, ...], Any]) -> list[Row]:
        """Return the rows without those that make a company with persons a person."""
        leaving = {
            row.record[0]
            for row in block
            if row.given.get("type") is ContactType.PERSON
            and (before := stored.get(row.record)) is not None
            and before.type is ContactType.COMPANY
        }
        contacts: Any = self.work.contacts
        persons = contacts.persons_of(leaving) if leaving else {}
        kept: list[Row] = []
        for row in block:
            person = persons.get(row.record[0])
            if person is None:
                kept.append(row)
            else:
                reason = f"contact {row.record[0]} is the company of contact {person}"
                self.refuse(row, f"{reason}: it stays a company", "type")
        return kept

    def _is_namesake(self, row: Row, before: Any, values: Mapping[str, Any]) -> bool:
        """Say whether somebody who is called by name, having no id, is reached otherwise."""
        key = self.mapping.key
        if key is None or len(key.captions) == 1 or row.key != before.name:
            return False
        fields = ("e_mail", "phone_no", "mobile_phone_no")
        pairs = [(name, values.get(name), getattr(before, name)) for name in fields]
        said = [reached(name, new) == reached(name, old) for name, new, old in pairs if new and old]
        return bool(said) and not any(said)

    def finish(self) -> None:
        self._last = True
        for block in self.rows.blocks(self.run.scratch.rows()):
            self.take(block)


class LogEntryTarget(KeyedTarget):
    """Entries with their own dates, users and instants; nothing is computed again."""

    def __init__(self, rows: TableRows) -> None:
        super().__init__(rows)
        if self.mapping.key is None:
            message = "history needs a [key], or importing it again would double it"
            raise UsageError(f"{self.mapping.name}: {message}")
        self._source = self.mapping.key.source
        self._now = self.work.clock.now()
        self._known: dict[str, str] = {}
        self._lines: list[LogComment] = []
        self._there: list[tuple[Row, Any, bool]] = []

    def take(self, block: list[Row]) -> None:
        super().take(block)
        self._change_comments()
        self._there = []

    def identity(self, row: Row) -> tuple[Any, ...]:
        return (row.key,)

    def stored(self, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], Any]:
        known = self.run.lookups.keys(self._source, "log_entry", [key for (key,) in keys])
        found = self.records.having([int(no) for no in known.values()])
        entries = {str(entry.entry_no): entry for entry in found}
        self._known = known
        return {(key,): entries[no] for key, no in known.items() if no in entries}

    def completed(self, block: list[Row], stored: Mapping[tuple[Any, ...], Any]) -> list[Row]:
        """Give entries their number and what contact and template say, where the file does not."""

        def named(field: str, entity: type[Any]) -> Mapping[str, Any]:
            return self.run.lookups.records(entity, {row.given.get(field) or "" for row in block})

        contacts = named("contact_no", Contact)
        templates = named("interaction_template_code", InteractionTemplate)
        fresh = sum(row.record not in stored for row in block)
        numbers = iter(self.work.interactions.reserve(fresh) if fresh else ())
        for row in block:
            given, before = row.given, stored.get(row.record)
            if given.get("canceled"):
                given["cancel_state"] = 1 | (before.cancel_state if before else 0)
            elif "canceled" in given and before and before.canceled:
                reason = "of entries that are canceled here is not taken back: they stay so"
                self.notice_once(row, "canceled-kept", reason, "canceled")
            for field, computed, of, found in (
                ("contact_no", "contact_company_no", "company_no", contacts),
                ("interaction_template_code", "interaction_group_code", "", templates),
            ):
                if given.get(computed):
                    continue
                if before and given.get(field, getattr(before, field)) == getattr(before, field):
                    given[computed] = getattr(before, computed)  # computed once
                elif record := found.get(given.get(field) or ""):
                    given[computed] = getattr(record, of or computed)
            if not given.get("user_id"):
                given["user_id"] = before.user_id if before else self.work.user_id
            if not given.get("recorded_at"):
                given["recorded_at"] = before.recorded_at if before else self._now
            given["entry_no"] = before.entry_no if before else next(numbers)
        return block

    def change(self, row: Row, before: Any, values: Mapping[str, Any]) -> None:
        names = [name for name, value in values.items() if value != getattr(before, name)]
        if fast := sealed_fields(self.work, before.entry_no, names):
            told = f"is sealed with another {', '.join(fast)}, and is not changed any more"
            self.refuse(row, f"{told}: cancel it, and give this row another key", KEY, row.key)
            return
        super().change(row, before, values)
        if "comment" in row.given:
            self._there.append((row, before, bool(names)))

    def _change_comments(self) -> None:
        """Write the text of entries that are there anew where the file has another one."""
        comments: Any = self.work.records(LogComment)
        keys = [
            (entry.entry_no, begin // _LINE * 10_000 + 10_000)  # and the line that would follow
            for row, entry, _ in self._there
            for begin in range(0, len(row.given["comment"] or "") + _LINE, _LINE)
        ]
        found: dict[int, str] = {}
        for each in sorted(comments.with_keys(keys) if keys else (), key=comments.key_of):
            found[each.entry_no] = found.get(each.entry_no, "") + each.comment
        for row, entry, is_changed in self._there:
            if found.get(entry.entry_no, "") != (row.given["comment"] or ""):
                self._change_lines(row, entry, is_changed=is_changed)

    def _change_lines(self, row: Row, entry: InteractionLogEntry, *, is_changed: bool) -> None:
        """Replace the lines that an import wrote; those that somebody wrote since stay."""
        lines = _comments(row, self.work.interactions.get(entry.entry_no))
        there = {line.line_no: line for line in self.work.interactions.comments(entry.entry_no)}
        by_import = (entry.user_id or "", entry.recorded_at)
        own = {no for no, line in there.items() if (line.user_id, line.recorded_at) == by_import}
        nos = {line.line_no for line in lines}
        if own <= nos and all(
            line.line_no in there and there[line.line_no].comment == line.comment for line in lines
        ):
            return
        if not nos.isdisjoint(there.keys() - own):
            reason = "differs from comments that were written here, and those stay"
            self.notice_once(row, "comment-kept", reason, "comment")
            return
        comments: Any = self.work.records(LogComment)
        for line_no in own:
            comments.remove(entry.entry_no, line_no)
        comments.add_many(lines)
        if not is_changed:
            self.counts["unchanged"] -= 1
            self.counts["changed"] += 1

    def built(self, row: Row, values: Mapping[str, Any]) -> Any:
        entry = super().built(row, values)
        self._lines += _comments(row, entry)
        return entry

    def add(self, fresh: list[tuple[Row, Any]]) -> list[tuple[Row, Any]]:
        stored = super().add(fresh)
        made = {row.key: str(entry.entry_no) for row, entry in stored}
        self.store_keys("log_entry", made, self._known)
        if self._lines:
            there = {entry.entry_no for _, entry in stored}
            comments: Any = self.work.records(LogComment)
            comments.add_many([line for line in self._lines if line.entry_no in there])
            self._lines = []
        return stored


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
