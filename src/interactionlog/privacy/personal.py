"""What is held about a person: reported, and erased for one who asks or by age."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from functools import partial
from typing import Any, cast

import attrs

from interactionlog.arguments import judged
from interactionlog.attachments.attachment import Attachment, AttachmentService, drop_unused
from interactionlog.contacts.consent import Suppression, addresses_in
from interactionlog.contacts.contact import AlternativeAddress, Contact
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.delivery.content import MOST_MERGED
from interactionlog.errors import (
    FieldInvalidError,
    InteractionLogError,
    NotFoundError,
    StateError,
    UsageError,
)
from interactionlog.events import PersonalDataErased
from interactionlog.page import fragment, heading, page, table
from interactionlog.privacy.records import Erasure, Row
from interactionlog.segments.segment import CriteriaStep, SavedCriteriaStep, SegmentLanguage
from interactionlog.unit_of_work import NumberedRecords, UnitOfWork, by_thousands
from interactionlog.values import LoggedSegmentState, as_code, folded

_OWN = ("e_mail", "phone_no", "mobile_phone_no")
_ADDRESSES = (*_OWN, "recipient", "contact_via")
"""Where a person is reached, or was: what a delivery or a call went to may be an old address."""
_TOLD = (*_ADDRESSES, "name", "address")


_values = partial(attrs.asdict, recurse=False)


def _plain(value: Any) -> object:
    if isinstance(value, Enum):
        return value.name.lower()
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)


@attrs.frozen(kw_only=True)
class PersonReport:
    """
    Everything that is held about a person.

    Attributes:
        contact_no: The person.
        reported_at: When, UTC.
        tables: Rows by table, each with its fields; only tables that have some. ``selection`` says
            for each line why the person was chosen, ``filter`` which saved and taken selections
            name the person. ``attachment`` has what each text says; files of other kinds, and those
        of more than 10 MiB, are told by number and taken out with `AttachmentService.export`.
    """

    contact_no: str
    reported_at: dt.datetime
    tables: Mapping[str, Sequence[Row]]

    def to_json(self) -> str:
        """Return the report as a JSON document."""
        held = {**_values(self), "reported_at": self.reported_at.isoformat()}
        return json.dumps(held, default=_plain, ensure_ascii=False, indent=2)

    def to_html(self) -> str:
        """Return the report as a page; nothing in it is run or loaded from elsewhere."""
        return page(self.contact_no, f"{self.reported_at:%Y-%m-%d %H:%M} UTC", *self._sections())

    def _repr_html_(self) -> str:
        return fragment(*self._sections())

    def _sections(self) -> Iterator[str]:
        for name, rows in self.tables.items():
            names = list(dict.fromkeys(each for row in rows for each in row))
            yield heading(name.replace("_", " ")) + table(
                [each.replace("_", " ") for each in names],
                ([_cell(row.get(each)) for each in names] for row in rows),
                stacked=True,
            )


def _cell(value: object) -> object:
    """Return a value as one cell: what holds several is text."""
    several = isinstance(value, tuple | list | frozenset) or attrs.has(type(value))
    return str(_plain(value)) if several else value


@judged
@attrs.frozen
class Privacy:
    """
    Reports what is held about a person, and erases it; figures stay as they are.

    Each call happens whole or not at all. What a host keeps, backups and files that were
    exported are not reached.
    """

    work: UnitOfWork

    def report(self, contact_no: str) -> PersonReport:
        """
        Return everything that is held about a contact, as data, JSON and a page.

        Raises:
            NotFoundError: There is no such contact, and nothing is held about one.
        """
        contact, rows = self._held(contact_no)
        found: dict[str, Any] = {name: list(some) for name, some in rows.items() if some}
        if contact is not None and "contact" not in found:
            found["contact"] = [_values(contact)]  # it lies with the host
        for each in found.get("seal_key", ()):
            del each["secret"]
        kept = map(self.work.attachments.find, _contents(found))
        found["attachment"] = [
            {**_values(each), "content": self._text(each)} for each in kept if each is not None
        ]
        found["suppression"] = [_values(each) for each in self._suppressions(rows, contact)]
        found["selection"] = list(self._selections(found))
        told = _told(contact_no, rows, contact)
        found["filter"] = [
            {"record": type(step).__name__, **dict(zip(names, key, strict=True))}
            for step, names, key, _ in self._filters(told)
        ]
        return PersonReport(
            contact_no=contact_no,
            reported_at=self.work.clock.now(),
            tables={name: some for name, some in found.items() if some},
        )

    def erase(self, contact_no: str, *, reason: str) -> Erasure:
        """
        Erase a contact with everything that tells of it, and return the record of that.

        Numbers, names, addresses, texts, comments and content go: in the log, in open and logged
        segments, in lines that were left out, in selections, deliveries, consents and keys. What
        was done stays: with template, salesperson, campaign, date, cost and minutes.

        Args:
            reason: Why, 1 to 250 characters; nothing personal, because it is kept.

        Raises:
            NotFoundError: There is no such contact, and nothing is held about one.
            StateError: It is the company of other contacts.
            FieldInvalidError: The reason is missing or too long.
        """
        with self.work.atomic():
            erasure_no = self._reserved()
            contacts: Any = self.work.contacts
            if hasattr(contacts, "remove"):  # else the host keeps it
                with suppress(NotFoundError):
                    contacts.lock(contact_no)  # nobody writes about it
            self.work.personal.lock("contact", [contact_no])  # no line comes of an entry
            self.work.segments.lock_all()  # nor by somebody's choice
            contact, rows = self._held(contact_no)
            if hasattr(self.work.contacts, "remove"):  # else the host keeps them
                others = self.work.contacts.matching(ContactFilter(company_nos={contact_no}))
                if other := next((other for other in others if other != contact_no), None):
                    why = f"is the company of contact {other}: erase or move that first"
                    raise StateError(f"contact {contact_no}", why)
            open_lines = (*rows.get("segment_line", ()), *rows.get("removed_line", ()))
            for segment_no in sorted({row["segment_no"] for row in open_lines}):
                self.work.segments.lock(segment_no)  # plans made before are outdated
            suppressed = self._suppressions(rows, contact)
            shared = self._of_others(contact_no, {each.address for each in suppressed})
            # what somebody else deletes meanwhile is forgotten as well
            for each in suppressed:
                if each.address not in shared:
                    with suppress(NotFoundError):
                        self.work.suppressions.remove(each.address, each.channel)
            for step, _, key, forgotten in self._filters(_told(contact_no, rows, contact)):
                with suppress(NotFoundError):
                    self.work.records(type(step)).set(*key, filter=forgotten)
            lines = (*open_lines, *rows.get("left_out_line", ()))
            counts = self._forget_entries(rows.get("log_entry", ()), erasure_no)
            counts += self._forget_content(lines)
            for of in ("contact", "company"):
                counts.update(self.work.personal.forget(of, [contact_no]))
            counts.subtract(  # those of a company name it as both
                name
                for name, some in rows.items()
                for row in some
                if row.get("contact_company_no") == contact_no
            )
            self._drop_contents(rows)
            return self._recorded(erasure_no, "contact", reason, counts)

    def retain(
        self,
        *,
        before: dt.date,
        templates: Collection[str] | None = None,
        reason: str = "",
        dry_run: bool = True,
    ) -> Erasure:
        """
        Erase what is personal in entries from before a day, and what belongs to them.

        Lines that were left out go with them; contacts and their consents stay.

        Args:
            before: The first day that is kept.
            templates: Only entries of these templates; ``None`` means all.
            reason: Why; needed unless it is a dry run.
            dry_run: Count and write nothing; say ``False`` to erase.

        Returns:
            The record of it with counts by table; of a dry run it is not stored.

        Raises:
            NotFoundError: There is no such template.
            FieldInvalidError: The reason is missing or too long.
            UsageError: No template is named: ``None`` means all.
        """
        if templates is not None and not templates:
            raise UsageError("Privacy.retain: templates must not be empty: leave it out for all")
        codes = None if templates is None else sorted({*map(as_code, templates)})
        for code in codes or ():
            self.work.templates.get(code)  # while entries have it, it cannot be deleted
        scope = f"before {before}" + ("" if codes is None else f" of {', '.join(codes)}")[:200]
        if dry_run:
            pages = {"log_entry": self._aged, "left_out_line": self._left_out}
            found = {name: sum(map(len, aged(before, codes))) for name, aged in pages.items()}
            return self._made(1, scope, reason or "dry run", found)
        with self.work.atomic():
            erasure_no, counts = self._reserved(), Counter[str]()
            for nos in self._aged(before, codes):
                self.work.personal.lock("entry", nos)
                aged = self.work.personal.aged(before, codes, nos[0] - 1)
                # the others were erased meanwhile
                rows = self.work.personal.rows("entry", sorted({*aged} & {*nos}))
                counts += self._forget_entries(rows["log_entry"], erasure_no)
                self._drop_contents(rows)
            self.work.segments.lock_all()  # no logging leaves out another line meanwhile
            contents: set[int] = set()
            for lines in self._left_out(before, codes):
                counts += self._forget_content(lines)
                contents.update(_contents({"left_out_line": lines}))
            counts["left_out_line"] = self.work.personal.forget_left_out(before, codes)
            drop_unused(self.work, *contents)
            return self._recorded(erasure_no, scope, reason, counts)

    def erasures(self) -> Sequence[Erasure]:
        """Return the records of all erasures by number."""
        return self.work.records(Erasure).all()

    def _reserved(self) -> int:
        return cast("NumberedRecords[Erasure]", self.work.records(Erasure)).reserve(1)[0]

    def _made(self, no: int, scope: str, reason: str, counts: Mapping[str, int]) -> Erasure:
        return Erasure(
            erasure_no=no,
            scope=scope,
            reason=reason,
            counts=counts,
            user_id=self.work.user_id,
            recorded_at=self.work.clock.now(),
        )

    def _recorded(self, no: int, scope: str, reason: str, counts: Mapping[str, int]) -> Erasure:
        found = {name: count for name, count in sorted(counts.items()) if count}
        erasure = self._made(no, scope, reason, found)
        self.work.records(Erasure).add(erasure)
        self.work.record(PersonalDataErased(no, scope, found))
        return erasure

    def _held(self, no: str) -> tuple[Contact | None, dict[str, Sequence[Row]]]:
        """Return the contact and the rows about it, and what belongs to its entries."""
        personal = self.work.personal
        contact = self.work.contacts.find(no)
        rows = dict(personal.rows("contact", [no]))
        if contact is None and not any(rows.values()):
            raise NotFoundError("contact", no)
        nos = [row["entry_no"] for row in rows.get("log_entry", ())]
        for part in by_thousands(nos):
            of_entries = personal.rows("entry", part)
            for name, some in of_entries.items():
                if name != "log_entry":
                    rows[name] = (*rows.get(name, ()), *some)
        return contact, rows

    def _aged(self, before: dt.date, codes: Collection[str] | None) -> Iterator[Sequence[int]]:
        after = 0
        while nos := self.work.personal.aged(before, codes, after):
            yield nos
            after = nos[-1]

    def _left_out(self, before: dt.date, codes: Collection[str] | None) -> Iterator[Sequence[Row]]:
        after = (0, 0)
        while lines := self.work.personal.left_out(before, codes, after):
            yield lines
            after = (lines[-1]["logged_segment_entry_no"], lines[-1]["line_no"])

    def _forget_entries(self, entries: Sequence[Row], erasure_no: int) -> Counter[str]:
        counts = self._forget_content(entries)
        nos = [row["entry_no"] for row in entries]
        for some in by_thousands(nos):
            counts.update(self.work.personal.forget("entry", some))
            self.work.personal.mark_seals(some, erasure_no=erasure_no, salt="")
        return counts

    def _forget_content(self, lines: Iterable[Row]) -> Counter[str]:
        """Delete the language rows that are for these lines, or lines of entries, alone."""
        numbers: dict[tuple[str, int | None], set[int]] = {}
        for row in lines:
            line_no = row["segment_line_no"] if "segment_line_no" in row else row["line_no"]
            if row["segment_no"] is not None and line_no is not None:
                owner = (row["segment_no"], row.get("logged_segment_entry_no"))
                numbers.setdefault(owner, set()).add(line_no)
        languages, count = self.work.records(SegmentLanguage), 0
        for (segment_no, logged_no), nos in numbers.items():
            logged = None if logged_no is None else self.work.logged_segments.find(logged_no)
            runs = logged is not None and logged.state is LoggedSegmentState.RUNNING
            owner = (segment_no, None if runs else logged_no)  # handed over at the end of the run
            for language in languages.all(*owner):
                if language.segment_line_no in nos:
                    key = (language.removed_by_step, language.segment_line_no)
                    languages.remove(*owner, *key, language.language_code)
                    drop_unused(self.work, language.attachment_no)
                    count += 1
        return Counter(segment_language=count)

    def _drop_contents(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Delete content that nobody else has."""
        drop_unused(self.work, *_contents(rows))

    def _text(self, attachment: Attachment) -> str:
        """Return what a text says; ``""`` for another file, or one that cannot be read."""
        if attachment.size > MOST_MERGED:
            return ""
        try:
            with AttachmentService(self.work).open(attachment.no) as content:
                return content.read().decode("utf-8-sig")
        except (InteractionLogError, UnicodeDecodeError):
            return ""

    def _suppressions(
        self, rows: Mapping[str, Sequence[Row]], contact: Contact | None
    ) -> Sequence[Suppression]:
        texts = _texts(rows, contact, _ADDRESSES)
        addresses = {address for text in texts for address in addresses_in(text)}
        found: list[Suppression] = []
        for each in sorted(addresses):
            with suppress(FieldInvalidError):  # a field may hold what is no address
                found += self.work.suppressions.all(each)
        return found

    def _of_others(self, no: str, addresses: set[str]) -> set[str]:
        """Return the addresses that other contacts have as well: they are still not written to."""
        if not addresses:
            return addresses
        nos = [each for each in self.work.contacts.matching(ContactFilter()) if each != no]
        kept = hasattr(self.work.contacts, "remove")  # else the host keeps them
        further = self.work.records(AlternativeAddress).all() if kept else ()
        found: set[str] = set()
        others: list[Any] = [each for each in further if each.contact_no != no]
        found.update(*(addresses_in(getattr(each, name)) for each in others for name in _OWN))
        for some in by_thousands(nos):
            for other in self.work.contacts.many(some).values():
                found.update(*(addresses_in(getattr(other, name)) for name in _OWN))
        return addresses & found

    def _selections(self, rows: Mapping[str, Sequence[Row]]) -> Iterator[dict[str, object]]:
        for name in ("segment_line", "removed_line"):
            for row in rows.get(name, ()):
                no, step_no = row["segment_no"], row["added_by_step"]
                step = self.work.records(CriteriaStep).find(no, None, step_no) if step_no else None
                yield {
                    "segment_no": no,
                    "line_no": row["line_no"],
                    "step_no": step_no,
                    "source": step and step.source,
                    "removed_by_step": row.get("removed_by_step"),
                }

    def _filters(
        self, told: frozenset[str]
    ) -> Iterator[tuple[Any, Sequence[str], tuple[Any, ...], ContactFilter]]:
        """Give each step that names the person, with its key, and its filter without the person."""
        keys: dict[type[Any], tuple[str, ...]] = {
            CriteriaStep: ("segment_no", "logged_segment_entry_no", "step_no"),
            SavedCriteriaStep: ("code", "step_no"),
        }
        for entity, names in keys.items():
            for step in self.work.records(entity).all():
                forgotten = step.filter.forgetting(told)
                if forgotten != step.filter:
                    yield step, names, tuple(getattr(step, name) for name in names), forgotten


def _contents(rows: Mapping[str, Sequence[Row]]) -> list[int]:
    names = ("attachment_no", "modified_word_template")
    found = {row.get(name) for some in rows.values() for row in some for name in names}
    return sorted(no for no in found if no is not None)


def _texts(
    rows: Mapping[str, Sequence[Row]], contact: Contact | None, names: Sequence[str]
) -> set[str]:
    records: list[Row] = [] if contact is None else [_values(contact)]
    records += [row for some in rows.values() for row in some]
    return {row[name] for row in records for name in names if row.get(name)}


def _told(no: str, rows: Mapping[str, Sequence[Row]], contact: Contact | None) -> frozenset[str]:
    """Return the texts that name the person, as searches compare them."""
    return frozenset(folded(each) for each in {no, *_texts(rows, contact, _TOLD)})
