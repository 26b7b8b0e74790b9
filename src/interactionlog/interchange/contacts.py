"""Rows that become contacts: numbered by an external id, below companies that may follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from interactionlog.contacts.contact import Contact
from interactionlog.contacts.external_key import ExternalKey
from interactionlog.errors import InteractionLogError
from interactionlog.interchange.mapping import KEY
from interactionlog.interchange.rows import Row, TableRows
from interactionlog.interchange.targets import RecordTarget
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.values import ContactType, as_code, trusted

if TYPE_CHECKING:
    from interactionlog.interchange.table_import import ImportRun


class ContactTarget(RecordTarget):
    """Contacts: a company may follow its persons, and number them by an external id."""

    def __init__(self, run: ImportRun, rows: TableRows, entity: type[Any] = Contact) -> None:
        super().__init__(run, rows, entity)
        self.parents = {}
        self._last = False
        self._gone: set[str] = set()

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
                known[row.key] = row.given["no"]
                stored.put(trusted(ExternalKey)(key.source, "contact", row.key, row.given["no"]))
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
        found = self.run.lookups.records(Contact, (key[0] for key in keys))
        return {(no,): contact for no, contact in found.items()}

    def gone(self, row: Row) -> None:
        self._gone |= {row.record[0]}

    def add(self, fresh: list[tuple[Row, Any]]) -> list[tuple[Row, Any]]:
        if self._gone:  # a company of the same block was refused: its persons are as well, later
            for row, _ in (pair for pair in fresh if pair[1].company_no in self._gone):
                self.run.scratch.put_aside(row.line, row.cells)
            fresh = [pair for pair in fresh if pair[1].company_no not in self._gone]
            self._gone = set()
        return super().add(fresh)

    def change(self, row: Row, before: Any, values: Mapping[str, Any]) -> None:
        super().change(row, before, values)
        kind = values.get("type", before.type)
        if kind is ContactType.COMPANY and values.get("name", before.name) != before.name:
            contacts: Any = self.work.contacts
            contacts.name_companies([before.no])

    def finish(self) -> None:
        self._last = True
        for block in self.rows.blocks(self.run.scratch.rows(), self.run.reject, self.run.notice):
            self.take(block)
