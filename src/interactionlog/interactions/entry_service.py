"""What can be done with entries that are in the log."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from interactionlog.arguments import judged
from interactionlog.attachments.attachment import drop_unused
from interactionlog.delivery.delivery import CHANNELS, refusal
from interactionlog.errors import NotFoundError, Problem, StateError
from interactionlog.events import (
    AttemptsMarked,
    CommentsChanged,
    InteractionsCanceled,
    InteractionsDeleted,
    InteractionsEvaluated,
    InteractionsUncanceled,
    OpportunityAssigned,
)
from interactionlog.interactions.draft import DraftComment
from interactionlog.interactions.entry import (
    CancelState,
    InteractionLogEntry,
    LogComment,
    next_comment,
)
from interactionlog.interactions.log import fixed
from interactionlog.interactions.log_changes import (
    delete_entries,
    e_mail_of,
    resent_entry,
    tell_logged,
)
from interactionlog.interactions.repository import LogFilter
from interactionlog.interactions.rules import problems_of, raise_for
from interactionlog.interactions.service import refuse_privacy_blocked
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CorrespondenceType, Evaluation, LoggedSegmentState


def problems_of_delivery(work: UnitOfWork, entry: InteractionLogEntry) -> list[Problem]:
    """Return what speaks against delivering an entry as it is given. (INT-088, §8.19, §8.21)"""
    contact = work.contacts.find(entry.contact_no) if entry.contact_no else None
    content = work.attachments.find(entry.attachment_no) if entry.attachment_no else None
    code, mails = entry.contact_alt_address_code, CorrespondenceType.EMAIL
    unknown = contact and code and work.contacts.address(contact.no, code) is None
    e_mail = e_mail_of(work, contact.no, contact.e_mail, code) if contact else ""
    refused = ""
    if contact is not None and entry.correspondence_type is not None:
        reached = [e_mail] if entry.correspondence_type is mails and e_mail else []
        channel = CHANNELS[entry.correspondence_type]
        refused = refusal(work, entry, channel, {contact.no: reached})
    found = {
        "wrong-state": entry.canceled or entry.postponed,
        "no-contact": entry.contact_no is None,
        "unknown-contact": entry.contact_no is not None and contact is None,
        "privacy-blocked": contact is not None and contact.privacy_blocked,
        "correspondence-type-missing": entry.correspondence_type is None,
        "content-missing": content is None and entry.word_template_code is None,
        "unknown-address": bool(unknown),
        "undeliverable": (
            bool(contact and not unknown) and entry.correspondence_type is mails and not e_mail
        ),
        refused: refused != "",
    }
    return problems_of(entry, found, record=f"entry {entry.entry_no}")


@judged
@attrs.frozen
class LogEntryService:
    """
    Cancels, evaluates, comments, links, resends and deletes entries of the log.

    Each call happens whole or not at all.
    """

    work: UnitOfWork

    def cancel(self, *entry_nos: int, remove_content: bool = False) -> None:
        """
        Cancel entries by themselves: they stay, and count nowhere. Canceled ones are skipped.

        With ``remove_content`` content that only one of them has is deleted; it does not come back.

        Raises:
            EntryNotFoundError: An entry does not exist; none is canceled.

        Source: INT-056, INT-057, with explicit numbers instead of a toggle (D-22).
        """
        with self.work.atomic():
            log = self.work.interactions
            log.set_cancel_reason(entry_nos, CancelState.OWN, canceled=True)
            for entry in log.many(entry_nos) if remove_content else ():
                if entry.attachment_no is not None:
                    log.set([entry.entry_no], attachment_no=None)
                    if drop_unused(self.work, entry.attachment_no):  # something else has it
                        log.set([entry.entry_no], attachment_no=entry.attachment_no)
            self.work.record(InteractionsCanceled(entry_nos))

    def uncancel(self, *entry_nos: int) -> None:
        """
        Take back that entries were canceled by themselves. Live ones are skipped.

        Raises:
            EntryNotFoundError: An entry does not exist; none is changed.
            StateError: Its logged segment or campaign entry is canceled, or was undone.

        Source: INT-058.
        """
        with self.work.atomic():
            log = self.work.interactions
            log.set_cancel_reason(entry_nos, CancelState.OWN, canceled=False)
            seen: set[tuple[int | None, int | None]] = set()
            for entry in log.many(entry_nos):
                if entry.cancel_state & CancelState.UNDONE:
                    reason = "belongs to a logging that was undone, which is for good"
                    raise StateError(f"entry {entry.entry_no}", reason)
                parents = (entry.logged_segment_entry_no, entry.campaign_entry_no)
                if parents not in seen:  # most have the same ones
                    seen.add(parents)
                    self._refuse_below_canceled(entry)
            self.work.record(InteractionsUncanceled(entry_nos))

    def evaluate(self, evaluation: Evaluation, *entry_nos: int) -> None:
        """
        Say how interactions went.

        Raises:
            EntryNotFoundError: An entry does not exist; none is changed.
            FieldInvalidError: The evaluation is none.

        Source: INT-063.
        """
        with self.work.atomic():
            self.work.interactions.set(entry_nos, evaluation=evaluation)
            self.work.record(InteractionsEvaluated(entry_nos, evaluation))

    def mark_attempts(self, *entry_nos: int, failed: bool) -> None:
        """Say that contacts were not reached, or were after all; or `EntryNotFoundError`."""
        with self.work.atomic():
            self.work.interactions.set(entry_nos, attempt_failed=failed)
            self.work.record(AttemptsMarked(entry_nos, failed))

    def assign_opportunity(self, entry_no: int, opportunity_no: str) -> None:
        """
        Link an entry to an opportunity of the host.

        Raises:
            EntryNotFoundError: There is no such entry.
            StateError: It is canceled, or linked already.
            PrivacyBlockedError: Its contact or company is blocked for privacy.

        Source: INT-066; the opportunity itself is the host's.
        """
        with self.work.atomic():
            entry = self.work.interactions.lock(entry_no)
            if entry.canceled or entry.opportunity_no is not None:
                reason = "is canceled" if entry.canceled else f"has {entry.opportunity_no} already"
                raise StateError(f"entry {entry_no}", reason)
            refuse_privacy_blocked(self.work, entry.contact_no, entry.contact_company_no)
            self.work.interactions.set([entry_no], opportunity_no=opportunity_no)
            self.work.record(OpportunityAssigned(entry_no, opportunity_no))

    def put_comment(
        self, entry_no: int, comment: DraftComment, *, line_no: int | None = None
    ) -> LogComment:
        """
        Add a comment line, or write over one; canceled and postponed entries take comments too.

        Args:
            comment: Without a date it gets the work date, unless another line has that.
            line_no: The line that is written over; ``None`` adds one.

        Raises:
            EntryNotFoundError, NotFoundError: There is no such entry, or no such line.

        Source: INT-064, §8.28: it says who wrote it and when.
        """
        with self.work.atomic():
            lines = self._lines(entry_no, line_no)
            others = [line for line in lines if line.line_no != line_no]
            stored = next_comment(self.work, entry_no, others, comment, self.work.clock.now())
            if line_no is not None:
                stored = attrs.evolve(stored, line_no=line_no)
            self.work.records(LogComment).put(stored)
            self.work.record(CommentsChanged(entry_no, stored.line_no))
        return stored

    def delete_comment(self, entry_no: int, line_no: int) -> None:
        """Delete a comment line, or raise `NotFoundError`. (INT-064)"""
        with self.work.atomic():
            self._lines(entry_no, line_no)
            self.work.records(LogComment).remove(entry_no, line_no)
            self.work.record(CommentsChanged(entry_no, line_no))

    def resend(
        self, *entry_nos: int, correspondence_type: CorrespondenceType | None = None
    ) -> Sequence[InteractionLogEntry]:
        """
        Log that the content of entries is to be sent again, and return the new entries.

        Each has a copy of content and comments, costs nothing and takes no time, and is to be
        delivered: the outbox sends it.

        Args:
            correspondence_type: How it is sent; ``None`` as the first time.

        Raises:
            EntryNotFoundError: An entry does not exist.
            CheckFailedError: With all problems: an entry is canceled or postponed, has no content
                or no address, or its contact is gone, blocked for privacy or may not be written
                to for the purpose.

        Source: INT-088 to INT-090, by entry and at cost 0 (§8.19).
        """
        with self.work.atomic():
            found = self.work.interactions.many(entry_nos)
            parents = {no for each in found if (no := each.logged_segment_entry_no) is not None}
            for logged_segment_entry_no in sorted(parents):  # first: who cancels it waits
                self.work.logged_segments.lock(logged_segment_entry_no)
            for entry_no in sorted({*entry_nos}):
                self.work.interactions.lock(entry_no)
            matching = [
                attrs.evolve(entry, correspondence_type=correspondence_type)
                if correspondence_type
                else entry
                for entry in self.work.interactions.many(entry_nos)
            ]
            problems = [
                each for entry in matching for each in problems_of_delivery(self.work, entry)
            ]
            raise_for(f"resend of {problems[0].record}" if problems else "", problems)
            return tell_logged(self.work, [resent_entry(self.work, each) for each in matching])

    def delete_canceled(self, log_filter: LogFilter | None = None) -> int:
        """
        Delete canceled entries with comments, and content that nothing else has; return how many.

        Without a filter these are all canceled entries.

        Source: INT-091, INT-093.
        """
        matching = fixed(log_filter, canceled=True)
        with self.work.atomic():
            deleted = delete_entries(self.work, matching)
            self.work.record(InteractionsDeleted(deleted))
        return len(deleted)

    def _lines(self, entry_no: int, line_no: int | None) -> Sequence[LogComment]:
        self.work.interactions.lock(entry_no)  # nobody else adds a line, or deletes the entry
        lines = self.work.interactions.comments(entry_no)
        if line_no is not None and line_no not in {line.line_no for line in lines}:
            raise NotFoundError("comment line", f"{entry_no} {line_no}")
        return lines

    def _refuse_below_canceled(self, entry: InteractionLogEntry) -> None:
        record = f"entry {entry.entry_no}"
        if entry.logged_segment_entry_no is not None:
            logged = self.work.logged_segments.get(entry.logged_segment_entry_no)
            if logged.state is LoggedSegmentState.UNDONE:
                raise StateError(record, f"belongs to logged segment {logged.entry_no}, undone")
            if logged.canceled:
                raise StateError(record, f"belongs to canceled logged segment {logged.entry_no}")
        if entry.campaign_entry_no is not None:
            parent = self.work.campaign_entries.get(entry.campaign_entry_no)
            if parent.cancel_state:
                raise StateError(record, f"belongs to canceled campaign entry {parent.entry_no}")
