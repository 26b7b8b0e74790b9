"""Preparing, finishing, postponing and resuming single interactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import attrs

from interactionlog._fields import as_code
from interactionlog.attachments.ownership import drop_unused
from interactionlog.enumerations import CorrespondenceType, DeliveryStatus
from interactionlog.errors import (
    NotFoundError,
    PrivacyBlockedError,
    Problem,
    StateError,
    UsageError,
)
from interactionlog.interactions.building import draft_of, postponed_values
from interactionlog.interactions.campaign_entries import campaign_entry_for
from interactionlog.interactions.defaults import changed_defaults, next_full_minute
from interactionlog.interactions.draft import (
    SETTABLE_FIELDS,
    DraftOrigin,
    DraftValues,
    InteractionDraft,
)
from interactionlog.interactions.draft_context import context_of, facts_of, require_known
from interactionlog.interactions.events import (
    InteractionLogged,
    InteractionPostponed,
    InteractionsDeleted,
)
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.interactions.rules import (
    problems_at_finish,
    problems_at_postpone,
    raise_for,
)
from interactionlog.interactions.storing import store_draft
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["InteractionService"]


@attrs.frozen
class InteractionService:
    """
    Prepares single interactions and puts them into the log.

    A draft is a value: `start` and `change` store nothing, `finish` and `postpone` do.
    """

    work: UnitOfWork

    def start(self, contact_no: str, /, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Begin a draft for a contact; further values are set as `change` does.

        Date is the work date, time is now, one second later and rounded up to the full minute.

        Raises:
            NotFoundError: The contact or another code does not exist.
            PrivacyBlockedError: The contact is blocked for privacy.

        Source: INT-010, INT-019, INT-020.
        """
        contact = self.work.contacts.get(contact_no)
        if contact.privacy_blocked:
            raise PrivacyBlockedError(contact.no)
        draft = self._blank(DraftOrigin.CONTACT, locked="contact_no")
        return self.change(self._defaulted(draft, contact_no=contact.no), **values)

    def start_from_salesperson(
        self, salesperson_code: str, /, **values: Unpack[DraftValues]
    ) -> InteractionDraft:
        """
        Begin a draft for a salesperson, without a contact yet.

        Raises:
            NotFoundError: The salesperson or another code does not exist.
            StateError: The salesperson is blocked.

        Source: INT-011.
        """
        salesperson = self.work.salespeople.find(salesperson_code)
        if salesperson is None:
            raise NotFoundError("salesperson", as_code(salesperson_code))
        if salesperson.blocked:
            raise StateError(f"salesperson {salesperson.code}", "is blocked")
        draft = self._blank(DraftOrigin.SALESPERSON, locked="salesperson_code")
        return self.change(self.change(draft, salesperson_code=salesperson.code), **values)

    def start_from_context(self, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Begin a draft from what a list of entries is filtered on, such as one contact.

        Given values are locked: a form would show them and not let them be changed. Without any,
        the draft is empty.

        Raises:
            NotFoundError: A code does not exist.
            PrivacyBlockedError: The contact is blocked for privacy.

        Source: INT-012 and INT-013, with the context instead of a list (§8.27).
        """
        draft = attrs.evolve(
            self._blank(DraftOrigin.CONTEXT), locked_fields=frozenset(values) - {"comments"}
        )
        draft = self.change(draft, **values)
        contact = self.work.contacts.find(draft.contact_no) if draft.contact_no else None
        if contact is not None and contact.privacy_blocked:
            raise PrivacyBlockedError(contact.no)
        return draft

    def change(self, draft: InteractionDraft, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Return the draft with new values; what depends on them follows, what the user set stays.

        ``contact_name`` looks the contact up: the first one, by number, whose name contains the
        text, or none.

        Raises:
            NotFoundError: A contact, template, language, salesperson or campaign does not exist.
            FieldInvalidError: A value is not taken.
            UsageError: There is no such field.

        Source: INT-021 to INT-034.
        """
        unknown = set(values) - set(SETTABLE_FIELDS)
        if unknown:
            message = f"a draft has no field {', '.join(sorted(unknown))}"
            raise UsageError(message)
        given: dict[str, Any] = dict(values)
        if "contact_name" in given:
            found = self.work.contacts.find_by_name(given.pop("contact_name"))
            given["contact_no"] = found.no if found else None
        changed = attrs.evolve(draft, **given, user_set=draft.user_set | set(given))
        require_known(self.work, changed, given)
        names = [name for name in given if getattr(changed, name) != getattr(draft, name)]
        return self._recomputed(changed, names)

    def check(self, draft: InteractionDraft, *, deliver: bool = False) -> Sequence[Problem]:
        """
        Return everything that speaks against finishing the draft, in the order of the rules.

        Args:
            draft: The draft.
            deliver: Whether its content is to be delivered.

        Source: INT-037, INT-039, INT-040.
        """
        problems = problems_at_finish(draft, facts_of(self.work, draft, deliver=deliver))
        for hook in self.work.hooks.draft_checks:
            problems += hook.check_draft(self.work, draft)
        return problems

    def finish(self, draft: InteractionDraft, *, deliver: bool = False) -> InteractionLogEntry:
        """
        Put the interaction into the log and return its entry.

        A resumed one keeps its entry number and who began it. With ``deliver`` the entry is marked
        as requested; the owner delivers after the commit.

        Raises:
            CheckFailedError: `check` found problems; nothing is stored.
            StateError: The postponed entry that it resumes was finished or canceled meanwhile.

        Source: INT-038 to INT-051.
        """
        with self.work.atomic():
            raise_for(f"interaction with {draft.contact_no}", self.check(draft, deliver=deliver))
            before = self._resumed(draft)
            entry = store_draft(
                self.work,
                draft,
                before,
                delivery_status=DeliveryStatus.REQUESTED if deliver else None,
                campaign_entry_no=campaign_entry_for(self.work, draft),
            )
            facts = facts_of(self.work, draft, deliver=deliver)
            mails = entry.correspondence_type is CorrespondenceType.EMAIL
            warnings = ("no-e-mail",) if mails and not facts.e_mail else ()
            for hook in self.work.hooks.observers:
                hook.interactions_logged(self.work, [entry])
            self.work.record(InteractionLogged(entry.entry_no, deliver, warnings))
        return entry

    def postpone(self, draft: InteractionDraft) -> InteractionLogEntry:
        """
        Store the interaction unfinished and return its entry, which counts nowhere.

        Raises:
            CheckFailedError: It has neither contact nor salesperson, no date, or the contact is
                blocked for privacy; nothing is stored.
            StateError: The postponed entry that it resumes was finished or canceled meanwhile.

        Source: INT-042 with the decided difference §8.2.
        """
        with self.work.atomic():
            problems = problems_at_postpone(draft, facts_of(self.work, draft, deliver=False))
            raise_for("postponed interaction", problems)
            before = self._resumed(draft)
            begun = postponed_values(draft, before, self.work.user_id, self.work.clock.now())
            entry = store_draft(self.work, draft, before, **begun)
            self.work.record(InteractionPostponed(entry.entry_no))
        return entry

    def resume(self, entry_no: int) -> InteractionDraft:
        """
        Return the draft of a postponed entry, with everything it was stored with.

        Raises:
            EntryNotFoundError: There is no such entry.
            StateError: It is not postponed, or is canceled.
            PrivacyBlockedError: Its contact is blocked for privacy.

        Source: INT-052 with the decided difference §8.8.
        """
        entry = self.work.interactions.get(entry_no)
        _require_postponed(entry)
        contact = self.work.contacts.find(entry.contact_no) if entry.contact_no else None
        if contact is not None and contact.privacy_blocked:
            raise PrivacyBlockedError(contact.no)
        comments = self.work.interactions.comments(entry_no)
        return draft_of(entry, comments, contact.name if contact else "")

    def delete_postponed(self, entry_no: int) -> None:
        """
        Delete a postponed entry with its comments, and its content when nothing else has it.

        Raises:
            EntryNotFoundError: There is no such entry.
            StateError: It is not postponed.

        Source: INT-053, INT-055.
        """
        with self.work.atomic():
            entry = self.work.interactions.get(entry_no)
            if not entry.postponed:
                raise StateError(f"entry {entry_no}", "is not postponed: cancel it instead")
            self.work.interactions.remove(entry_no)
            drop_unused(self.work, entry.attachment_no)
            self.work.record(InteractionsDeleted((entry_no,)))

    def _blank(self, origin: DraftOrigin, locked: str | None = None) -> InteractionDraft:
        clock = self.work.clock
        return InteractionDraft(
            date=clock.work_date(),
            time_of_interaction=next_full_minute(clock.local()),
            origin=origin,
            locked_fields=frozenset({locked} if locked else ()),
        )

    def _defaulted(self, draft: InteractionDraft, *, contact_no: str) -> InteractionDraft:
        return self._recomputed(attrs.evolve(draft, contact_no=contact_no), ["contact_no"])

    def _recomputed(self, draft: InteractionDraft, changed: list[str]) -> InteractionDraft:
        if not changed:
            return draft
        defaults = changed_defaults(draft, changed, context_of(self.work, draft))
        return attrs.evolve(draft, **defaults) if defaults else draft

    def _resumed(self, draft: InteractionDraft) -> InteractionLogEntry | None:
        if draft.resumes_entry_no is None:
            return None
        entry = self.work.interactions.get(draft.resumes_entry_no)
        _require_postponed(entry)
        return entry


def _require_postponed(entry: InteractionLogEntry) -> None:
    if not entry.postponed:
        raise StateError(f"entry {entry.entry_no}", "is not postponed")
    if entry.canceled:
        raise StateError(f"entry {entry.entry_no}", "is canceled")
