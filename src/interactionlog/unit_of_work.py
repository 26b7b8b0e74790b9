"""The port that every service is built from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from interactionlog.attachments.attachment import AttachmentRepository
    from interactionlog.campaigns.campaign import Campaign, CampaignEntryRepository
    from interactionlog.clock import Clock
    from interactionlog.contacts.consent import ConsentDirectory, SuppressionRepository
    from interactionlog.contacts.directory import (
        ContactDirectory,
        SalespersonDirectory,
        UserDirectory,
    )
    from interactionlog.delivery.delivery import DeliveryRepository
    from interactionlog.hooks import Hooks
    from interactionlog.interactions.idempotency import IdempotencyKeyRepository
    from interactionlog.interactions.repository import InteractionLogRepository
    from interactionlog.numbering.series import NumberSeriesRepository
    from interactionlog.privacy.records import PersonalRecords
    from interactionlog.segments.logging.logged_segments import LoggedSegmentRepository
    from interactionlog.segments.segment import SegmentRepository
    from interactionlog.templates.template import (
        InteractionGroup,
        InteractionTemplate,
        MarketingSetup,
        TemplateLanguage,
        TemplateSetup,
    )

E = TypeVar("E")
T = TypeVar("T")


def by_thousands(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Give the values in order, up to 1,000 at a time: as many as a store is asked for at once."""
    return (values[begin : begin + 1_000] for begin in range(0, len(values), 1_000))


class Records(Protocol[E]):
    """
    All records of one kind, such as interaction groups, each under its key.

    A key is given as its parts, in the order in which the entity names them. An adapter conforms
    when it passes ``testing.RecordsContract``.
    """

    def get(self, *key: object) -> E:
        """Return the record, or raise `NotFoundError`; never ``None``."""

    def find(self, *key: object) -> E | None:
        """Return the record, or ``None``."""

    def add(self, record: E) -> None:
        """Store a new record, or raise `DuplicateEntryError`; the stored one stays."""

    def put(self, record: E) -> None:
        """Store the record, in place of one with its key if there is one."""

    def replace(self, record: E) -> None:
        """Store the record in place of the one with its key, or raise `NotFoundError`."""

    def set(self, *key: object, **values: Any) -> None:
        """
        Change these fields of one record in one statement, and nothing else of it.

        ``work.campaigns.set("CP1001", activated=True)``. The one record without a key is stored
        with defaults when it is missing. Without fields nothing happens. A rule about several
        fields, such as the two dates of a campaign, is held against those that stay.

        Raises:
            NotFoundError: There is no such record.
            FieldInvalidError: A field does not take its value, as in the entity's constructor.
            UsageError: A field is unknown or belongs to the key.
        """

    def set_many(self, nos: Collection[int | str], **values: Any) -> int:
        """
        Change these fields of many records whose key is one field; return how many were there.

        Raises:
            FieldInvalidError: As `set`.
            UsageError: As `set`, or the key has several fields, or a field is validated together
                with one that is not given, such as the two dates of a campaign.
        """

    def lock(self, *key: object) -> E:
        """
        Return the record as committed last and keep it until the transaction ends.

        A caller that changes a record by what it says, or by what refers to it, locks it first.

        Raises:
            NotFoundError: There is no such record, or it was deleted meanwhile.
        """

    def hold(self, *key: object) -> E | None:
        """
        Return the record, or ``None``; nobody changes or deletes it until the transaction ends.

        Others may hold it as well. Outside an `atomic` block it is only looked up.
        """

    def remove(self, *key: object) -> None:
        """Delete the record, or raise `NotFoundError`."""

    def all(self, *key: object) -> Sequence[E]:
        """Return the records whose key begins with these parts, in the order of their keys."""


class NumberedRecords(Records[E], Protocol):
    """Records that the store numbers."""

    def reserve(self, count: int) -> Sequence[int]:
        """Reserve numbers, rising, above every stored or reserved one; not always dense."""


class UnitOfWork(Protocol):
    """
    Repositories that share one transaction, with clock, user, hooks and events.

    The block that opens it ends it: ``with store.begin()`` commits when the block ends normally and
    rolls back when it raises; a joined one leaves that to the host. Services never end it. A store
    may be shared by threads, a unit of work may not.
    """

    @property
    def clock(self) -> Clock:
        """Where time comes from."""

    @property
    def user_id(self) -> str | None:
        """Who works, upper case; ``None`` only where nothing is written."""

    @property
    def tenant(self) -> str:
        """Whose records these are: first part of every key; ``""`` where the store names none."""

    @property
    def hooks(self) -> Hooks:
        """What the application hooked in."""

    @property
    def contacts(self) -> ContactDirectory:
        """Contacts: the store's or the host's."""

    @property
    def salespeople(self) -> SalespersonDirectory:
        """Salespeople: the store's or the host's."""

    @property
    def users(self) -> UserDirectory:
        """Users: the store's or the host's."""

    @property
    def marketing_setup(self) -> Records[MarketingSetup]:
        """The one setup record; its key has no parts."""

    @property
    def template_setup(self) -> Records[TemplateSetup]:
        """Template of each purpose, by purpose."""

    @property
    def interaction_groups(self) -> Records[InteractionGroup]:
        """Interaction groups by code."""

    @property
    def templates(self) -> Records[InteractionTemplate]:
        """Interaction templates by code."""

    @property
    def template_languages(self) -> Records[TemplateLanguage]:
        """Language rows by template code and language code."""

    @property
    def attachments(self) -> AttachmentRepository:
        """Attachments and their content."""

    @property
    def interactions(self) -> InteractionLogRepository:
        """The interaction log."""

    @property
    def deliveries(self) -> DeliveryRepository:
        """Deliveries of entries, with their receipts."""

    @property
    def idempotency_keys(self) -> IdempotencyKeyRepository:
        """What was done under which idempotency key."""

    @property
    def segments(self) -> SegmentRepository:
        """Open segments with their lines, languages and steps."""

    @property
    def logged_segments(self) -> LoggedSegmentRepository:
        """Logged segments and the lines they left out."""

    @property
    def campaigns(self) -> Records[Campaign]:
        """Campaigns by number."""

    @property
    def campaign_entries(self) -> CampaignEntryRepository:
        """Campaign entries."""

    @property
    def numbers(self) -> NumberSeriesRepository:
        """Number series."""

    @property
    def consents(self) -> ConsentDirectory:
        """Consents: the store's or the host's."""

    @property
    def suppressions(self) -> SuppressionRepository:
        """Suppressed addresses."""

    @property
    def personal(self) -> PersonalRecords:
        """What is held about persons, in whichever table."""

    def records(self, entity: type[E]) -> Records[E]:
        """Return the records of one kind of entity, such as `Purpose`."""

    @property
    def events(self) -> Sequence[object]:
        """Facts recorded so far, in order; readable after the block as well."""

    def record(self, event: object) -> None:
        """Record a frozen fact; it is dropped when the surrounding `atomic` block fails."""

    def atomic(self) -> AbstractContextManager[None]:
        """
        Open a block that happens whole or leaves no trace.

        Raises:
            UsageError: The unit of work only reads, has ended or belongs to another thread.
        """

    def rollback(self) -> None:
        """Abandon the unit of work: nothing of it stays, and it may not be used further."""


class OwnedStore(Protocol):
    """A store that begins and ends its own transactions."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that only reads."""

    def run(self, action: Callable[[UnitOfWork], T], *, user_id: str) -> T:
        """Call ``action`` in a unit of work, again after an operational error."""
