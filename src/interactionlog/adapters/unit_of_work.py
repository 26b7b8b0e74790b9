"""The unit of work of every store that ships: what does not depend on where records lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from interactionlog._fields import as_code
from interactionlog.adapters.session import Session
from interactionlog.campaigns.campaign import Campaign
from interactionlog.contacts.contact import ReferenceCode
from interactionlog.contacts.salesperson import User
from interactionlog.environment import Clock
from interactionlog.errors import UsageError
from interactionlog.hooks import Hooks
from interactionlog.records import Records
from interactionlog.templates.interaction_template import InteractionGroup, InteractionTemplate
from interactionlog.templates.setup import MarketingSetup, TemplateSetup
from interactionlog.templates.template_language import TemplateLanguage

if TYPE_CHECKING:
    from interactionlog.attachments.repository import AttachmentRepository
    from interactionlog.campaigns.repository import CampaignEntryRepository
    from interactionlog.contacts.directory import ContactRepository, SalespersonRepository
    from interactionlog.interactions.idempotency_key import IdempotencyKeyRepository
    from interactionlog.interactions.repository import InteractionLogRepository
    from interactionlog.numbering.repository import NumberSeriesRepository
    from interactionlog.segments.repository import LoggedSegmentRepository, SegmentRepository

__all__ = ["StoreUnitOfWork"]

E = TypeVar("E")


class StoreUnitOfWork:
    """
    A `UnitOfWork` over a session; a store adds where its records lie.

    Repositories but the one of number series are made when they are first asked for: a unit of work
    that draws one number builds no other.
    """

    contacts: ContactRepository
    salespeople: SalespersonRepository
    users: Records[User]
    attachments: AttachmentRepository
    interactions: InteractionLogRepository
    idempotency_keys: IdempotencyKeyRepository
    segments: SegmentRepository
    logged_segments: LoggedSegmentRepository
    campaign_entries: CampaignEntryRepository
    numbers: NumberSeriesRepository

    def __init__(
        self, session: Session, *, clock: Clock, user_id: str | None, hooks: Hooks
    ) -> None:
        self.session = session
        self.clock = clock
        self.user_id = checked_user(user_id) if session.lifetime.writable else user_id
        self.hooks = hooks
        self.abandoned = False
        self._events: list[object] = []
        self._made: dict[type[Any], Any] = {}
        # finding out that it is not there yet would cost a number drawn more than making it
        self.numbers = self.make_numbers()

    @property
    def tenant(self) -> str:
        """Whose records these are: first part of every key; ``""`` where the store names none."""
        return self.session.tenant

    def records(self, entity: type[E]) -> Records[E]:
        """Return the records of one kind of entity."""
        if entity not in self._made:
            self._made[entity] = self.make_records(entity)
        return self._made[entity]  # type: ignore[no-any-return]

    def make_records(self, entity: type[E]) -> Records[E]:
        """Build the records of one kind; each store its own."""
        raise NotImplementedError

    def make_numbers(self) -> NumberSeriesRepository:
        """Build the number series; each store its own."""
        raise NotImplementedError

    def scan(self, entity: type[E]) -> Iterator[E]:
        """Give every record of one kind, in no order; nothing is written meanwhile."""
        raise NotImplementedError

    @property
    def marketing_setup(self) -> Records[MarketingSetup]:
        """The one setup record; its key has no parts."""
        return self.records(MarketingSetup)

    @property
    def template_setup(self) -> Records[TemplateSetup]:
        """Template of each purpose."""
        return self.records(TemplateSetup)

    @property
    def interaction_groups(self) -> Records[InteractionGroup]:
        """Interaction groups by code."""
        return self.records(InteractionGroup)

    @property
    def templates(self) -> Records[InteractionTemplate]:
        """Interaction templates by code."""
        return self.records(InteractionTemplate)

    @property
    def template_languages(self) -> Records[TemplateLanguage]:
        """Language rows by template and language."""
        return self.records(TemplateLanguage)

    @property
    def campaigns(self) -> Records[Campaign]:
        """Campaigns by number."""
        return self.records(Campaign)

    @property
    def reference_codes(self) -> Records[ReferenceCode]:
        """Codes with a description that no rule reads."""
        return self.records(ReferenceCode)

    @property
    def events(self) -> Sequence[object]:
        """Facts recorded so far, in order; readable after the block as well."""
        return tuple(self._events)

    def record(self, event: object) -> None:
        """Record a frozen fact; it is dropped when the surrounding `atomic` block fails."""
        self._events.append(event)

    def drop_events(self, first: int = 0) -> None:
        """Forget the events from the one at ``first`` on: what they told did not happen."""
        del self._events[first:]

    def atomic(self) -> _Atomic:
        """Open a block that happens whole or leaves no trace."""
        return _Atomic(self)

    def rollback(self) -> None:
        """Abandon the unit of work: nothing of it stays, and it may not be used further."""
        self.session.lifetime.check()
        self.session.lifetime.end()
        self.abandoned = True
        self.drop_events()


class _Atomic:
    """A block of a unit of work with a savepoint; plain, because every draw of a number has one."""

    __slots__ = ("_recorded", "_work")

    def __init__(self, work: StoreUnitOfWork) -> None:
        self._work = work

    def __enter__(self) -> None:
        work = self._work
        work.session.lifetime.check_write()
        self._recorded = len(work._events)
        work.session.savepoint()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        work = self._work
        if error is None:
            if not work.abandoned:
                work.session.release()
            return
        work.drop_events(self._recorded)
        if not work.abandoned:
            take_back(work.session.rollback_to, error)


def take_back(action: Callable[[], object], error: BaseException) -> None:
    """Undo what a failed block did; a failure to do so never hides the first error."""
    try:
        action()
    except Exception as failure:  # whatever it is, the first error counts
        error.add_note(f"taking back what the block did failed as well: {failure!r}")


@lru_cache(maxsize=256)
def checked_user(user_id: str | None) -> str:
    """Return the user in upper case, or raise `UsageError`: what is written names its writer."""
    user = as_code(user_id) if user_id else ""
    if not 1 <= len(user) <= 50 or not user.isprintable():
        message = f"user_id must have 1 to 50 printable characters: {user_id!r}"
        raise UsageError(message)
    return user
