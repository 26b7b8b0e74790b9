"""One call of every writing method, on the same records of one small world."""

# ruff: noqa: ARG005  # every call is given all that some of them need

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol, cast

import interactionlog as il
from interactionlog.testing.race_world import (
    Numbers,
    a_membership,
    a_plain_template,
    an_invoice,
)

__all__ = ["CALLS", "Call", "RaceStore", "a_draft"]


class RaceStore(Protocol):
    """The world as a store that owns its transactions, for what begins several."""

    def read(self) -> Any:
        """Open a unit of work that only reads."""
        ...

    def run(self, action: Callable[[Any], Any], *, user_id: str) -> Any:
        """Call ``action`` in a unit of work."""
        ...


class Call(NamedTuple):
    """
    A call of the contract.

    Attributes:
        act: Performs it, given a unit of work, the world's numbers and who acts: 1 or 2. What two
            callers may write differently differs by that number.
        store: It is given a `RaceStore` instead of a unit of work.
    """

    act: Callable[[Any, Numbers, int], object]
    store: bool = False


class _Sent:
    def send(self, delivery: object) -> bool:  # noqa: ARG002
        return True


def a_draft(work: Any, who: int, template: str = "CALL") -> il.InteractionDraft:
    """Return a draft for CT1 that says whose it is."""
    interactions = il.InteractionService(work)
    return interactions.start("CT1", interaction_template_code=template, subject=f"of {who}")


def _batch_saved(work: Any, series: str, line_no: int | None = None) -> None:
    batch = il.numbering.NumberBatch(work)
    batch.next(series)
    batch.save() if line_no is None else batch.save_line(series, line_no)


def _selection(work: Any) -> il.ContactSelection:
    return il.ContactSelection(work, "SM1")


def _both(who: int, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the two callers, who change different fields of one record."""
    return dict(first if who == 1 else second)


_HIGH = {"unit_duration_min": 9}
_attachments, _campaigns, _entries = il.AttachmentService, il.CampaignService, il.LogEntryService
_interactions, _logged, _ledger = (
    il.InteractionService,
    il.LoggedSegments,
    il.numbering.NumberLedger,
)
_numbers, _setup, _languages = (
    il.numbering.NumberSeries,
    il.numbering.NumberSeriesSetup,
    il.SegmentLanguages,
)
_logger, _of_segment, _of_template = il.SegmentLogger, il.SegmentService, il.TemplateService
_POSITIVE, _NEGATIVE = il.Evaluation.POSITIVE, il.Evaluation.NEGATIVE
_MAIL_GROUP = il.MembershipKind.MAILING_GROUP

# "Service.method", and where one call would not meet all others "Service.method: which"
_ACTS: dict[str, Callable[[Any, Numbers, int], object]] = {
    "AttachmentService.store": lambda w, n, s: _attachments(w).store(b"alone", name=f"{s}.html"),
    "AttachmentService.store: new": lambda w, n, s: _attachments(w).store(b"new", name="new.html"),
    "AttachmentService.import_file": lambda w, n, s: _attachments(w).import_file(__file__),
    "CampaignService.activate": lambda w, n, s: _campaigns(w).activate("CP1", has_prices=s == 1),
    "CampaignService.cancel_entries": lambda w, n, s: _campaigns(w).cancel_entries(
        n.campaign_entry
    ),
    "CampaignService.change": lambda w, n, s: _campaigns(w).change(
        "CP1", **_both(s, {"description": "changed"}, {"status_code": "OPEN"})
    ),
    "CampaignService.create": lambda w, n, s: _campaigns(w).create(f"of {s}"),
    "CampaignService.create: same": lambda w, n, s: _campaigns(w).create(f"of {s}", no="CPX"),
    "CampaignService.deactivate": lambda w, n, s: _campaigns(w).deactivate("CP1"),
    "CampaignService.delete": lambda w, n, s: _campaigns(w).delete("CP1", force=True),
    "CampaignService.delete_canceled_entries": lambda w, n, s: _campaigns(
        w
    ).delete_canceled_entries("CP1"),
    "CampaignService.uncancel_entries": lambda w, n, s: _campaigns(w).uncancel_entries(
        n.canceled_campaign_entry
    ),
    "ContactSelection.add": lambda w, n, s: _selection(w).add(il.ContactFilter(nos={f"CT{3 + s}"})),
    "ContactSelection.add: same": lambda w, n, s: _selection(w).add(il.ContactFilter(nos={"CT5"})),
    "ContactSelection.go_back": lambda w, n, s: _selection(w).go_back(),
    "ContactSelection.reduce": lambda w, n, s: _selection(w).reduce(
        il.ContactFilter(nos={f"CT{s}"})
    ),
    "ContactSelection.refine": lambda w, n, s: _selection(w).refine(
        il.ContactFilter(nos={"CT1", f"CT{1 + s}"})
    ),
    "ContactSelection.reuse_logged": lambda w, n, s: _selection(w).reuse_logged(
        n.logged, add_to_steps=True
    ),
    "ContactSelection.reuse_saved": lambda w, n, s: _selection(w).reuse_saved(
        "SAVED", add_to_steps=True
    ),
    "ContactSelection.save": lambda w, n, s: _selection(w).save("KEPT", f"of {s}"),
    "DocumentLogger.log": lambda w, n, s: il.DocumentLogger(w).log(an_invoice("SI1")),
    "DocumentLogger.log: again": lambda w, n, s: il.DocumentLogger(w).log(
        an_invoice("SI0"), again=True
    ),
    "InteractionService.delete_postponed": lambda w, n, s: _interactions(w).delete_postponed(
        n.postponed
    ),
    "InteractionService.finish": lambda w, n, s: _interactions(w).finish(a_draft(w, s, "MAIL")),
    "InteractionService.finish: key": lambda w, n, s: _interactions(w).finish(
        a_draft(w, 0), idempotency_key="KEY"
    ),
    "InteractionService.finish: campaign": lambda w, n, s: _interactions(w).finish(
        _interactions(w).change(a_draft(w, s), campaign_no="CP1")
    ),
    "InteractionService.finish: postponed": lambda w, n, s: _interactions(w).finish(
        _interactions(w).resume(n.postponed)
    ),
    "InteractionService.finish_many": lambda w, n, s: _interactions(w).finish_many(
        [a_draft(w, s), a_draft(w, s)]
    ),
    "InteractionService.postpone": lambda w, n, s: _interactions(w).postpone(a_draft(w, s)),
    "InteractionService.postpone: again": lambda w, n, s: _interactions(w).postpone(
        _interactions(w).change(_interactions(w).resume(n.postponed), subject=f"of {s}")
    ),
    "LogEntryService.assign_opportunity": lambda w, n, s: _entries(w).assign_opportunity(
        n.live, f"OP{s}"
    ),
    "LogEntryService.cancel": lambda w, n, s: _entries(w).cancel(n.live, n.commented),
    "LogEntryService.cancel: of segment": lambda w, n, s: _entries(w).cancel(n.of_segment),
    "LogEntryService.cancel: content": lambda w, n, s: _entries(w).cancel(
        n.mail, remove_content=True
    ),
    "LogEntryService.delete_canceled": lambda w, n, s: _entries(w).delete_canceled(),
    "LogEntryService.delete_comment": lambda w, n, s: _entries(w).delete_comment(
        n.commented, 10_000 * s
    ),
    "LogEntryService.evaluate": lambda w, n, s: _entries(w).evaluate(
        _POSITIVE if s == 1 else _NEGATIVE, n.live, n.commented
    ),
    "LogEntryService.evaluate: of segment": lambda w, n, s: _entries(w).evaluate(
        _POSITIVE, n.of_segment
    ),
    "LogEntryService.mark_attempts": lambda w, n, s: _entries(w).mark_attempts(
        n.live, n.of_segment, failed=True
    ),
    "LogEntryService.put_comment": lambda w, n, s: _entries(w).put_comment(
        n.commented, il.DraftComment(comment=f"of {s}")
    ),
    "LogEntryService.put_comment: over": lambda w, n, s: _entries(w).put_comment(
        n.commented, il.DraftComment(comment=f"of {s}"), line_no=10_000
    ),
    "LogEntryService.resend": lambda w, n, s: _entries(w).resend(n.mail),
    "LogEntryService.uncancel": lambda w, n, s: _entries(w).uncancel(n.canceled),
    "LoggedSegments.cancel": lambda w, n, s: _logged(w).cancel(n.logged),
    "LoggedSegments.delete_canceled": lambda w, n, s: _logged(w).delete_canceled(),
    "LoggedSegments.uncancel": lambda w, n, s: _logged(w).uncancel(n.canceled_logged),
    "NumberBatch.save": lambda w, n, s: _batch_saved(w, "INV"),
    "NumberBatch.save_line": lambda w, n, s: _batch_saved(w, "INV", 10_000),
    "NumberLedger.use": lambda w, n, s: _ledger(w).use("INV", f"I00{3 + s}", "INVOICE", f"{s}"),
    "NumberLedger.void": lambda w, n, s: _ledger(w).void("INV", "I004", "I006", reason=f"of {s}"),
    "NumberSeries.next": lambda w, n, s: _numbers(w).next("INV"),
    "NumberSeries.next: gaps": lambda w, n, s: _numbers(w).next("GAPS"),
    "NumberSeries.next: no ledger": lambda w, n, s: _numbers(w).next("FREE"),
    "NumberSeries.next: first": lambda w, n, s: _numbers(w).next("LONE"),
    "NumberSeries.next_many": lambda w, n, s: _numbers(w).next_many("INV", 2),
    "NumberSeries.reserve": lambda w, n, s: _numbers(w).reserve("INV", 2),
    "NumberSeries.try_next": lambda w, n, s: _numbers(w).try_next("INV"),
    "NumberSeriesSetup.add_line": lambda w, n, s: _setup(w).add_line(
        "INV", "J001", starting_date=date(2026, 6, s)
    ),
    "NumberSeriesSetup.add_template_line": lambda w, n, s: _setup(w).add_template_line(
        "INV", "K{n:03}", starting_date=date(2027, 6, s)
    ),
    "NumberSeriesSetup.change_line": lambda w, n, s: _setup(w).change_line(
        "INV", 10_000, **_both(s, {"warning_no": "I900"}, {"ending_no": "I998"})
    ),
    "NumberSeriesSetup.change_series": lambda w, n, s: _setup(w).change_series(
        "INV", **_both(s, {"description": "changed"}, {"date_order": True})
    ),
    "NumberSeriesSetup.create_series": lambda w, n, s: _setup(w).create_series(
        il.numbering.NoSeries(code="NEW", description=f"of {s}")
    ),
    "NumberSeriesSetup.delete_line": lambda w, n, s: _setup(w).delete_line(
        "INV", 10_000, even_if_drawn=True
    ),
    "NumberSeriesSetup.delete_series": lambda w, n, s: _setup(w).delete_series(
        "INV", even_if_drawn=True
    ),
    "NumberSeriesSetup.delete_series: unused": lambda w, n, s: _setup(w).delete_series("LONE"),
    "NumberSeriesSetup.ensure_ahead": lambda w, n, s: _setup(w).ensure_ahead("INV", f"I01{s}"),
    "NumberSeriesSetup.relate": lambda w, n, s: _setup(w).relate("INV", "FREE"),
    "NumberSeriesSetup.rename_series": lambda w, n, s: _setup(w).rename_series("INV", f"NEW{s}"),
    "NumberSeriesSetup.set_policy": lambda w, n, s: _setup(w).set_policy(
        "INV", il.numbering.NumberingPolicy.GAPS_ALLOWED
    ),
    "SavedSelections.delete": lambda w, n, s: il.SavedSelections(w).delete("SAVED"),
    "SegmentContacts.apply_mailing_group": lambda w, n, s: il.SegmentContacts(
        w
    ).apply_mailing_group("SM1", f"GROUP{s}"),
    "SegmentContacts.apply_mailing_group: instead": lambda w, n, s: il.SegmentContacts(
        w
    ).apply_mailing_group("SM1", "NEWS", delete_old=True),
    "SegmentLanguages.put": lambda w, n, s: _languages(w).put(
        "SM1", "DEU", **_both(s, {"description": "changed"}, {"attachment_no": n.content})
    ),
    "SegmentLanguages.put: new": lambda w, n, s: _languages(w).put("SM1", "FRA", subject=f"of {s}"),
    "SegmentLanguages.remove": lambda w, n, s: _languages(w).remove("SM1", "DEU"),
    "SegmentLanguages.rename": lambda w, n, s: _languages(w).rename("SM1", "DEU", f"D{s}"),
    "SegmentLogger.follow_up": lambda w, n, s: _logger(w).follow_up(n.logged),
    "SegmentLogger.log": lambda w, n, s: _logger(w).log("SM1"),
    "SegmentLogger.log: key": lambda w, n, s: _logger(w).log("SM1", idempotency_key="KEY"),
    "SegmentLogger.undo": lambda w, n, s: _logger(w).undo("SM2"),
    "SegmentService.add_line": lambda w, n, s: _of_segment(w).add_line("SM1", f"CT{4 + s}"),
    "SegmentService.change": lambda w, n, s: _of_segment(w).change(
        "SM1", **_both(s, {"subject_default": "changed"}, _HIGH)
    ),
    "SegmentService.change: template": lambda w, n, s: _of_segment(w).change(
        "SM1", force=True, interaction_template_code="LONE"
    ),
    "SegmentService.change_contact": lambda w, n, s: _of_segment(w).change_contact(
        "SM1", 20_000, f"CT{4 + s}"
    ),
    "SegmentService.create": lambda w, n, s: _of_segment(w).create(f"of {s}"),
    "SegmentService.create: same": lambda w, n, s: _of_segment(w).create(f"of {s}", no="SMX"),
    "SegmentService.delete": lambda w, n, s: _of_segment(w).delete("SM1"),
    "SegmentService.personalise": lambda w, n, s: _of_segment(w).personalise(
        "SM1", 20_000, **_both(s, {"description": "changed"}, {"duration_min": 9})
    ),
    "SegmentService.remove_lines": lambda w, n, s: _of_segment(w).remove_lines("SM1", [10_000 * s]),
    "SegmentService.rename": lambda w, n, s: _of_segment(w).rename("SM1", f"SMX{s}"),
    "SeriesChoice.take_manual": lambda w, n, s: il.numbering.SeriesChoice(w).take_manual(
        "INV", f"I01{s}", move_counter=True
    ),
    "TemplateService.assign": lambda w, n, s: _of_template(w).assign(
        il.DocumentType.SALES_INVOICE, "LONE"
    ),
    "TemplateService.change": lambda w, n, s: _of_template(w).change(
        "MAIL", **_both(s, {"description": "changed"}, _HIGH)
    ),
    "TemplateService.create": lambda w, n, s: _of_template(w).create(
        a_plain_template("NEW", interaction_group_code="UNUSED")
    ),
    "TemplateService.delete": lambda w, n, s: _of_template(w).delete("LONE"),
    "TemplateService.delete_group": lambda w, n, s: _of_template(w).delete_group("UNUSED"),
    "TemplateService.delete_language": lambda w, n, s: _of_template(w).delete_language(
        "LONE", "ITA"
    ),
    "TemplateService.put_group": lambda w, n, s: _of_template(w).put_group(
        il.InteractionGroup(code="UNUSED", description=f"of {s}")
    ),
    "TemplateService.rename_language": lambda w, n, s: _of_template(w).rename_language(
        "LONE", "ITA", f"I{s}"
    ),
    "TemplateService.set_content": lambda w, n, s: _of_template(w).set_content(
        "LONE", "ITA", n.content
    ),
    "TemplateService.set_language": lambda w, n, s: _of_template(w).set_language(
        "LONE", "ITA", **_both(s, {"description": "changed"}, {"word_template_code": "WORD"})
    ),
    "TemplateService.set_language: new": lambda w, n, s: _of_template(w).set_language(
        "MAIL", "FRA", description=f"of {s}"
    ),
    "deliver": lambda w, n, s: il.deliver(w, n.mail, _Sent()),
    "forget_idempotency_keys": lambda w, n, s: il.forget_idempotency_keys(
        w, before=datetime(2030, 1, 1, tzinfo=UTC)
    ),
    "contacts.put": lambda w, n, s: w.contacts.put(
        il.Contact(no="CT1", name=f"of {s}", company_no="CT1")
    ),
    "contacts.put: new": lambda w, n, s: w.contacts.put(
        il.Contact(no="CT9", name=f"of {s}", company_no="CT9")
    ),
    "contacts.remove": lambda w, n, s: w.contacts.remove("CT6"),
    "contacts.put_address": lambda w, n, s: w.contacts.put_address(
        il.AlternativeAddress(contact_no="CT6", code="SUMMER", city=f"of {s}")
    ),
    "contacts.put_address_period": lambda w, n, s: w.contacts.put_address_period(
        il.AlternativeAddressPeriod(
            contact_no="CT6", code="SUMMER", starting_date=date(2026, 1, 1), ending_date=None
        )
    ),
    "contacts.put_membership": lambda w, n, s: w.contacts.put_membership(
        a_membership("CT6", _MAIL_GROUP, "NEWS")
    ),
    "contacts.remove_membership": lambda w, n, s: w.contacts.remove_membership(
        a_membership("CT6", _MAIL_GROUP, "NEWS")
    ),
    "salespeople.put": lambda w, n, s: w.salespeople.put(il.Salesperson(code="NN", name=f"of {s}")),
    "salespeople.remove": lambda w, n, s: w.salespeople.remove("NN"),
    "users.put": lambda w, n, s: w.users.put(il.User(user_id="TESTER", full_name=f"of {s}")),
    "users.remove": lambda w, n, s: w.users.remove("TESTER"),
    "marketing_setup.put": lambda w, n, s: w.marketing_setup.put(
        il.MarketingSetup(segment_nos="SEGM", default_language_code=f"L{s}")
    ),
    "template_setup.put": lambda w, n, s: w.template_setup.put(
        il.TemplateSetup(purpose="sales_invoices", interaction_template_code=f"T{s}")
    ),
    "templates.put": lambda w, n, s: w.templates.put(a_plain_template("MAIL", unit_duration_min=s)),
    "template_languages.put": lambda w, n, s: w.template_languages.put(
        il.TemplateLanguage(
            interaction_template_code="LONE", language_code="ITA", description=f"of {s}"
        )
    ),
    "campaigns.put": lambda w, n, s: w.campaigns.put(il.Campaign(no="CP1", description=f"of {s}")),
    "reference_codes.put": lambda w, n, s: w.reference_codes.put(
        il.ReferenceCode(kind=il.ReferenceKind.MAILING_GROUP, code="NEWS", description=f"of {s}")
    ),
}

_STORE_ACTS: dict[str, Callable[[Any, Numbers, int], object]] = {
    "BatchRun.log": lambda store, n, s: il.BatchRun(cast("Any", store), user_id="TESTER").log(
        "SM1", size=2
    ),
}

CALLS: dict[str, Call] = {name: Call(act) for name, act in _ACTS.items()} | {
    name: Call(act, store=True) for name, act in _STORE_ACTS.items()
}
"""Every writing method of every service, and what stores that keep records themselves write."""
