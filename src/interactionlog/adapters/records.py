"""What the repositories of every store do alike, over the records of one kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from string import ascii_lowercase, ascii_uppercase
from typing import Any, NoReturn, Protocol, TypeVar

from interactionlog.adapters.tables import TABLES, UNREAD, Table, about, owned_by, readable
from interactionlog.attachments.attachment import Attachment, AttachmentRepository
from interactionlog.campaigns.campaign import CampaignEntry, CampaignEntryRepository
from interactionlog.contacts.consent import (
    Consent,
    ConsentDirectory,
    ConsentRepository,
    Purpose,
    Suppression,
    SuppressionRepository,
)
from interactionlog.contacts.contact import (
    AlternativeAddress,
    AlternativeAddressPeriod,
    Contact,
    Membership,
)
from interactionlog.contacts.directory import ContactRepository
from interactionlog.delivery.delivery import Delivery, DeliveryRepository
from interactionlog.errors import NotFoundError, SegmentAlreadyLoggedError, StateError, StorageError
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.interactions.repository import Dimension, InteractionLogRepository, LineRange
from interactionlog.privacy.records import EntrySeal, Owner, PersonalRecords
from interactionlog.segments.logging.logged_segments import LoggedSegment, LoggedSegmentRepository
from interactionlog.segments.segment import (
    CriteriaStep,
    Segment,
    SegmentLanguage,
    SegmentLine,
    SegmentRepository,
)
from interactionlog.unit_of_work import Records
from interactionlog.values import DocumentType, as_code, as_optional_code

FIELD_OF = {
    Dimension.TEMPLATE: "interaction_template_code",
    Dimension.GROUP: "interaction_group_code",
    Dimension.SALESPERSON: "salesperson_code",
    Dimension.DATE: "date",
} | {
    each: f"{each.value}_no" for each in (Dimension.CONTACT, Dimension.CAMPAIGN, Dimension.SEGMENT)
}
"""Field of an entry by which figures are split."""


def key_of(parts: Sequence[str | None]) -> Any:
    """Return the key of some figures as `InteractionLogRepository.figures` gives it."""
    return tuple(parts) if len(parts) > 1 else parts[0] if parts else None


E = TypeVar("E")
T = TypeVar("T")


class Counter(Protocol):
    """The numbers of one kind of entry."""

    def reserve(self, count: int) -> Sequence[int]:
        """Reserve ``count`` numbers above every stored or reserved one."""

    def keep_above(self, number: int) -> None:
        """Never hand out a number that was stored by hand."""

    def last(self) -> int:
        """Return the last number that was reserved; 0 for none."""


class StoredRecords(Records[E]):
    """`interactionlog.unit_of_work.Records` inside a session of some store."""

    entity: type[Any]
    """Class of the records, where a repository is made for one."""
    counter: Counter
    """The numbers of these records, where they are numbered by the store."""

    def __init__(self, session: Any, entity: type[E] | None = None) -> None:
        self._session = session
        self._table = TABLES[entity or self.entity]

    def of(self, entity: type[T]) -> StoredRecords[T]:
        """Return the records of another kind in the same session."""
        raise NotImplementedError

    def reserve(self, count: int) -> Sequence[int]:
        """Reserve numbers above every stored or reserved one."""
        return self.counter.reserve(count)

    def add_many(self, records: Sequence[E]) -> None:
        """Store new records, or raise `DuplicateEntryError`."""
        for record in records:
            self.add(record)

    def having(self, *first_and_last: Any) -> Sequence[E]:
        """Return the records with these first parts of the key whose last part is one of many."""
        *first, last = first_and_last
        return [found for each in {*last} if (found := self.find(*first, each)) is not None]

    def with_keys(self, keys: Iterable[Sequence[Any]]) -> Sequence[E]:
        """Return the records with one of these keys."""
        return [found for key in keys if (found := self.find(*key)) is not None]

    def set_many(self, nos: Collection[int | str], **values: Any) -> int:
        return self.set_some(nos, **values)

    def set_some(self, *key_and_last: Any, **values: Any) -> int:
        """As `set_many`, where first parts of the key are given before the many last ones."""
        raise NotImplementedError

    def where(
        self, *, order: str = "", after: object = None, limit: int | None = None, **values: Any
    ) -> Sequence[E]:
        """
        Return the records that hold these values, in the order of these columns, else of the keys.

        Args:
            order: Columns, divided by comma and blank.
            after: What the last part of the key must be greater than.
            limit: How many at most.
            values: What they hold, by field.
        """
        raise NotImplementedError

    def key_of(self, record: E) -> tuple[Any, ...]:
        """Return the key of a record."""
        return self._table.key_of(record)

    def get(self, *key: object) -> E:
        record = self.find(*key)
        return self._refuse(key) if record is None else record

    def remove(self, *key: object) -> None:
        if not self._session.remove(self._table.name, *self._key(key)):
            self._refuse(key)

    def _key(self, key: Sequence[object]) -> tuple[object, ...]:
        """Return a key as the session orders it."""
        return self._table.stored_key(key)

    def _refuse(self, key: Sequence[object]) -> NoReturn:
        """Raise the error of a record that is not there."""
        raise self._table.missing(self._table.words, readable(key))

    def _keep_segments(self) -> None:
        """Keep every open segment as it is until the transaction ends."""
        self._session.lifetime.check_write()

    def _require_all(self, count: int, nos: Collection[int]) -> None:
        """Raise the error of the first record that is not there, if these are fewer."""
        if count < len({*nos}):
            for no in sorted({*nos}):
                self.get(no)

    def _keep_above(self, *records: E) -> None:
        if self._table.numbered and records:
            self.counter.keep_above(*max(map(self.key_of, records)))


_PLAIN: dict[str, dict[int, Any]] = {
    "e_mail": str.maketrans(ascii_uppercase, ascii_lowercase),  # as the databases see it
    "phone_no": str.maketrans("", "", UNREAD),
    "mobile_phone_no": str.maketrans("", "", UNREAD),
}


def reached(field: str, text: str) -> str:
    """Return an address in lower case, or a phone number without what makes it readable only."""
    return text.translate(_PLAIN[field])


class StoredContacts(StoredRecords[Contact], ContactRepository):
    """Contacts with what belongs to them."""

    entity = Contact

    def name_companies(self, names: Mapping[str, str]) -> None:
        """Give the contacts of these companies, by number, the name that their company has now."""
        raise NotImplementedError

    def reached_by(self, field: str, values: Collection[str]) -> Sequence[tuple[str, str]]:
        """Return who has one of these values, each with it, as `reached` gives them."""
        raise NotImplementedError

    def address(self, contact_no: str, code: str) -> AlternativeAddress | None:
        return self.of(AlternativeAddress).find(contact_no, code)

    def put_address(self, address: AlternativeAddress) -> None:
        self.of(AlternativeAddress).put(address)

    def put_address_period(self, period: AlternativeAddressPeriod) -> None:
        self.of(AlternativeAddressPeriod).put(period)

    def put_membership(self, membership: Membership) -> None:
        memberships = self.of(Membership)
        no, *_ = memberships.key_of(membership)
        self.hold(no)
        memberships.put(membership)

    def remove_membership(self, membership: Membership) -> None:
        memberships = self.of(Membership)
        memberships.remove(*memberships.key_of(membership))

    def memberships(self, no: str) -> Sequence[Membership]:
        return self.of(Membership).all(no)

    def put(self, record: Contact) -> None:
        self._refuse_moving(self.key_of(record), record.company_no)
        super().put(record)  # type: ignore[safe-super]  # of the store

    def replace(self, record: Contact) -> None:
        self._refuse_moving(self.key_of(record), record.company_no)
        super().replace(record)  # type: ignore[safe-super]

    def set(self, *key: object, **values: Any) -> None:
        if "company_no" in values:
            self._refuse_moving(key, as_optional_code(values["company_no"]))
        super().set(*key, **values)  # type: ignore[safe-super]

    def _refuse_moving(self, key: tuple[object, ...], company_no: str | None) -> None:
        """Keep a contact on a line in its company. (SEG-053)"""
        before = self.find(*key)
        if before is not None and before.company_no not in {None, company_no}:
            self._refuse_on_line(before.no)

    def _refuse_on_line(self, no: str) -> None:
        self._keep_segments()  # nobody adds its line
        for line in self.of(SegmentLine).where(contact_no=no, limit=1):
            reason = f"is on segment {line.segment_no}, and neither leaves nor changes company"
            raise StateError(f"contact {no}", reason)

    def remove(self, *key: object) -> None:
        no = self.lock(*key).no
        self._refuse_on_line(no)
        for other in self.where(company_no=no, limit=2):
            if other.no != no:
                raise StateError(f"contact {no}", f"is the company of contact {other.no}")
        for name in ("alternative_address", "alternative_address_period", "membership"):
            self._session.remove(f"contact_{name}", no)
        super().remove(no)


class StoredAttachments(StoredRecords[Attachment], AttachmentRepository):
    """Attachments by number."""

    entity = Attachment

    def has_content(self, digest: str) -> bool:
        return self.content(digest, 0) is not None

    def remove(self, *key: object) -> None:
        digest = self.get(*key).digest
        self.lock_content(digest)  # nobody stores the same content meanwhile
        super().remove(*key)
        if not self.where(digest=digest, limit=1):
            self.remove_content(digest)

    def remove_content(self, digest: str) -> None:
        self._session.remove("attachment_content", digest)


class StoredCampaignEntries(StoredRecords[CampaignEntry], CampaignEntryRepository):
    """Campaign entries by number."""

    entity = CampaignEntry

    def find_open(
        self,
        campaign_no: str,
        document_type: DocumentType | None,
        segment_no: str | None,
        register_no: int | None,
    ) -> CampaignEntry | None:
        found = self.where(
            campaign_no=campaign_no,
            document_type=document_type,
            segment_no=segment_no,
            register_no=register_no,
            closed=False,
        )
        return found[0] if found else None

    def of_campaign(self, campaign_no: str) -> Sequence[CampaignEntry]:
        return self.where(campaign_no=as_code(campaign_no))

    def of_segment(self, segment_no: str) -> Sequence[CampaignEntry]:
        return self.where(segment_no=as_code(segment_no), register_no=None, closed=False)

    def close_segment(self, segment_no: str) -> None:
        for entry in self.of_segment(segment_no):
            self.set(entry.entry_no, closed=True)

    def of_logged_segment(self, register_no: int) -> Sequence[CampaignEntry]:
        return self.where(register_no=register_no)


class SaidConsents(ConsentDirectory):
    """Answers by what each contact said last."""

    in_tables = True  # beside the lines: asked for many in one statement
    _last_said: Callable[..., Mapping[str, bool]]  # by each contact; who said nothing is left out

    def refused(
        self, purpose: Purpose, channel: str | None, contact_nos: Collection[str], on: date
    ) -> set[str]:
        last = self._last_said(purpose.code, channel, contact_nos, on)
        if purpose.needs == "opt-in":
            return {no for no in contact_nos if not last.get(no)}
        return {no for no in contact_nos if last.get(no) is False}


class StoredConsents(SaidConsents, StoredRecords[Consent], ConsentRepository):
    """Consent facts by number."""

    entity = Consent

    def of_contact(self, contact_no: str) -> Sequence[Consent]:
        return self.where(contact_no=contact_no, order="date, entry_no")


class StoredSuppressions(StoredRecords[Suppression], SuppressionRepository):
    """Suppressed addresses by address and channel."""

    entity = Suppression


class StoredPersonalRecords(PersonalRecords):
    """What is held about persons, as far as records say it."""

    records: type[StoredRecords[Any]]
    """Records of this store."""
    _rows: Callable[[Table[Any], Owner, Collection[Any]], list[dict[str, Any]]]  # that these own
    _forget: Callable[[Table[Any], Owner, Collection[Any]], int]  # delete or blank them

    def __init__(self, session: Any) -> None:
        self._session = session
        self._seals = self.records(session, EntrySeal)

    def rows(self, of: Owner, numbers: Collection[str | int]) -> dict[str, list[dict[str, Any]]]:
        return {each.name: self._rows(each, of, owned_by(each, of, numbers)) for each in about(of)}

    def lock(self, of: Owner, numbers: Collection[str | int]) -> None:
        """Do nothing: one transaction writes at a time."""

    def forget(self, of: Owner, numbers: Collection[str | int]) -> dict[str, int]:
        return {
            each.name: self._forget(each, of, owned_by(each, of, numbers)) for each in about(of)
        }

    def seals_after(self, entry_no: int, *, limit: int = 1_000) -> Sequence[EntrySeal]:
        return self._seals.where(after=entry_no, limit=limit)

    def mark_seals(self, entry_nos: Collection[int], **values: Any) -> None:
        self._seals.set_many(entry_nos, **values)


class StoredLog(StoredRecords[InteractionLogEntry], InteractionLogRepository):
    """Entries of the log with their comments."""

    entity = InteractionLogEntry

    def set(self, entry_nos: Collection[int], **values: Any) -> None:  # type: ignore[override]
        self._require_all(self.set_many(entry_nos, **values), entry_nos)

    def many(self, entry_nos: Collection[int]) -> Sequence[InteractionLogEntry]:
        found = sorted(self.having(entry_nos), key=lambda entry: entry.entry_no)
        self._require_all(len(found), entry_nos)
        return found

    def of_document(
        self,
        document_type: DocumentType,
        document_no: str,
        doc_no_occurrence: int,
        version_no: int,
        contact_no: str,
    ) -> Sequence[InteractionLogEntry]:
        return self.where(
            document_type=document_type,
            document_no=document_no,
            doc_no_occurrence=doc_no_occurrence,
            version_no=version_no,
            contact_no=contact_no,
            resend_of=None,
            order="reprint_no",
        )

    def of_logged_segment(
        self, logged_segment_entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        no = logged_segment_entry_no
        return self.where(logged_segment_entry_no=no, after=after, limit=limit)

    def remove(self, *key: object) -> None:
        super().remove(*key)
        self._session.remove("log_comment", *key)

    def remove_comments(self, entry_no: int) -> None:
        self._session.remove("log_comment", entry_no)

    def _require_numbers(self, found: int, lines: LineRange, entry_nos: Sequence[int]) -> None:
        """Raise `StorageError` unless there are as many lines to log as numbers."""
        expected = len(entry_nos)
        if found != expected:
            lost = f"lost {expected - found} of {expected} lines"
            change = lost if found < expected else f"got {found - expected} lines more"
            raise StorageError(
                f"segment {lines.segment_no} {change} while it was logged: something other than "
                "its service changes them"
            )

    def comments(self, entry_no: int) -> Sequence[LogComment]:
        return self.of(LogComment).all(entry_no)


class StoredDeliveries(StoredRecords[Delivery], DeliveryRepository):
    """Deliveries with their receipts."""

    entity = Delivery


class StoredSegments(StoredRecords[Segment], SegmentRepository):
    """Open segments with what belongs to them."""

    entity = Segment
    logged_segments: type[StoredLoggedSegments]

    def get(self, *key: object) -> Segment:
        return self.find(*key) or self._refuse_logged(key)

    def _refuse_logged(self, key: Sequence[object]) -> NoReturn:
        """Raise the error of a segment that is not open."""
        ((no,),) = [self._table.stored_key(key)]
        logged = self.logged_segments(self._session).current(str(no))
        if logged is not None:
            raise SegmentAlreadyLoggedError(str(no), logged.entry_no)
        raise NotFoundError("segment", str(no))

    def lock_all(self) -> None:
        self._keep_segments()

    def remove(self, *key: object) -> None:
        super().remove(*key)
        (no,) = self._table.stored_key(key)
        for name in ("segment_line", "removed_line"):
            self._session.remove(name, no)
        for name in ("segment_language", "criteria_step"):
            self._session.remove(name, no, 0)

    def rename(self, no: str, new_no: str) -> None:
        if not self._session.rename("segment", new_no, no):
            raise NotFoundError("segment", no)
        for name in ("segment_line", "removed_line"):
            self._session.rename(name, new_no, no)
        for name in ("segment_language", "criteria_step"):
            self._session.rename(name, new_no, no, 0)

    def line(self, no: str, line_no: int) -> SegmentLine:
        return self.of(SegmentLine).get(as_code(no), line_no)

    def set_lines(self, no: str, line_nos: Collection[int], **values: object) -> None:
        self.of(SegmentLine).set_some(no, line_nos, **values)

    def add_lines(self, lines: Sequence[SegmentLine]) -> None:
        self.of(SegmentLine).add_many(lines)

    def line_with(self, **values: Any) -> SegmentLine | None:
        found = self.of(SegmentLine).where(limit=1, **values)
        return found[0] if found else None

    def languages(self, no: str, line_no: int = 0) -> Sequence[SegmentLanguage]:
        return self.of(SegmentLanguage).all(as_code(no), None, 0, line_no)

    def all_languages(self, no: str) -> Sequence[SegmentLanguage]:
        return self.of(SegmentLanguage).all(as_code(no), None)

    def put_language(self, row: SegmentLanguage) -> None:
        self.of(SegmentLanguage).put(row)

    def remove_language(self, row: SegmentLanguage) -> None:
        languages = self.of(SegmentLanguage)
        languages.remove(*languages.key_of(row))

    def steps(self, no: str) -> Sequence[CriteriaStep]:
        return self.of(CriteriaStep).all(as_code(no), None)


class StoredLoggedSegments(StoredRecords[LoggedSegment], LoggedSegmentRepository):
    """Logged segments with what they keep of their segment."""

    entity = LoggedSegment

    def following_up(self, entry_no: int) -> Sequence[LoggedSegment]:
        return self.where(follow_up_of=entry_no)

    def remove(self, *key: object) -> None:
        logged = self.get(*key)
        self._session.remove("left_out_line", logged.entry_no)
        for name in ("segment_language", "criteria_step"):
            self._session.remove(name, logged.segment_no, logged.entry_no)
        super().remove(*key)

    def languages(self, entry_no: int) -> Sequence[SegmentLanguage]:
        return self.of(SegmentLanguage).all(self.get(entry_no).segment_no, entry_no)

    def steps(self, entry_no: int) -> Sequence[CriteriaStep]:
        return self.of(CriteriaStep).all(self.get(entry_no).segment_no, entry_no)
