"""One call of every method that only reads."""

# ruff: noqa: ARG005  # every call is given all that some of them need

from __future__ import annotations

import tempfile
from collections.abc import Callable
from io import StringIO
from typing import Any

import interactionlog as il
from interactionlog.testing.race_calls import a_draft
from interactionlog.testing.race_world import Numbers

__all__ = ["READING"]

_attachments, _interactions, _logged = (
    il.AttachmentService,
    il.InteractionService,
    il.LoggedSegments,
)
_ledger, _numbers, _setup = (
    il.numbering.NumberLedger,
    il.numbering.NumberSeries,
    il.numbering.NumberSeriesSetup,
)
_languages, _logger, _of_segment = il.SegmentLanguages, il.SegmentLogger, il.SegmentService
_of_template = il.TemplateService
_FILTER = il.LogFilter()

READING: dict[str, Callable[[Any, Numbers], object]] = {
    "AttachmentService.export": lambda w, n: _attachments(w).export(n.content, tempfile.mkdtemp()),
    "AttachmentService.open": lambda w, n: _attachments(w).open(n.content).read(),
    "CampaignStatistics.of": lambda w, n: il.CampaignStatistics(w).of("CP1"),
    "CampaignStatistics.of_entry": lambda w, n: il.CampaignStatistics(w).of_entry(n.campaign_entry),
    "CampaignStatistics.responses_by_wave": lambda w, n: il.CampaignStatistics(w).responses_by_wave(
        "CP1"
    ),
    "ContactSelection.explain": lambda w, n: il.ContactSelection(w, "SM1").explain("CT4"),
    "ContactSelection.preview": lambda w, n: il.ContactSelection(w, "SM1").preview(
        il.CriteriaAction.ADD, all_contacts=True
    ),
    "ContactSelection.steps": lambda w, n: il.ContactSelection(w, "SM1").steps(),
    "InteractionLog.entries": lambda w, n: il.InteractionLog(w).entries(),
    "InteractionLog.postponed": lambda w, n: il.InteractionLog(w).postponed(),
    "InteractionLog.timeline": lambda w, n: il.InteractionLog(w).timeline("CT1"),
    "InteractionLog.title": lambda w, n: il.InteractionLog(w).title(w.interactions.get(n.live)),
    "InteractionService.change": lambda w, n: _interactions(w).change(a_draft(w, 1), subject="x"),
    "InteractionService.check": lambda w, n: _interactions(w).check(a_draft(w, 1)),
    "InteractionService.resume": lambda w, n: _interactions(w).resume(n.postponed),
    "InteractionService.start": lambda w, n: a_draft(w, 1),
    "InteractionService.start_from_context": lambda w, n: _interactions(w).start_from_context(
        contact_no="CT1"
    ),
    "InteractionService.start_from_salesperson": lambda w, n: _interactions(
        w
    ).start_from_salesperson("HR"),
    "InteractionService.start_from_segment_line": lambda w, n: _interactions(
        w
    ).start_from_segment_line("SM1", 10_000),
    "InteractionService.start_like": lambda w, n: _interactions(w).start_like(n.live),
    "LoggedSegments.all": lambda w, n: _logged(w).all(),
    "LoggedSegments.contacts": lambda w, n: list(_logged(w).contacts(n.logged)),
    "LoggedSegments.figures": lambda w, n: _logged(w).figures(n.logged),
    "LoggedSegments.get": lambda w, n: _logged(w).get(n.logged),
    "LoggedSegments.left_out": lambda w, n: list(_logged(w).left_out(n.logged)),
    "LoggedSegments.waves": lambda w, n: _logged(w).waves(n.logged),
    "NumberBatch.last_used": lambda w, n: il.numbering.NumberBatch(w).last_used("INV"),
    "NumberBatch.next": lambda w, n: il.numbering.NumberBatch(w).next("INV"),
    "NumberBatch.peek": lambda w, n: il.numbering.NumberBatch(w).peek("INV"),
    "NumberBatch.simulate": lambda w, n: il.numbering.NumberBatch(w).simulate("INV", "I003"),
    "NumberBatch.try_next": lambda w, n: il.numbering.NumberBatch(w).try_next("INV"),
    "NumberLedger.explain_gaps": lambda w, n: list(_ledger(w).explain_gaps("INV")),
    "NumberLedger.find": lambda w, n: _ledger(w).find("INV", "I001"),
    "NumberSeries.check": lambda w, n: _numbers(w).check("INV"),
    "NumberSeries.last_used": lambda w, n: _numbers(w).last_used("INV"),
    "NumberSeries.peek": lambda w, n: _numbers(w).peek("INV"),
    "NumberSeries.simulate": lambda w, n: _numbers(w).simulate("INV", "I003"),
    "NumberSeriesSetup.expiring": lambda w, n: _setup(w).expiring(),
    "PhoneCalls.numbers": lambda w, n: il.PhoneCalls(w).numbers("CT1"),
    "PhoneCalls.start": lambda w, n: il.PhoneCalls(w).start("CT1"),
    "PhoneCalls.start_for_account": lambda w, n: il.PhoneCalls(w).start_for_account(
        "Customer", "C1"
    ),
    "PhoneCalls.start_from_line": lambda w, n: il.PhoneCalls(w).start_from_line("SM1", 10_000),
    "SavedSelections.all": lambda w, n: il.SavedSelections(w).all(),
    "SavedSelections.steps": lambda w, n: il.SavedSelections(w).steps("SAVED"),
    "SegmentContacts.export_csv": lambda w, n: il.SegmentContacts(w).export_csv("SM1", StringIO()),
    "SegmentContacts.export_json_lines": lambda w, n: il.SegmentContacts(w).export_json_lines(
        "SM1", StringIO()
    ),
    "SegmentLanguages.all": lambda w, n: _languages(w).all("SM1"),
    "SegmentLogger.plan": lambda w, n: _logger(w).plan("SM1"),
    "SegmentService.figures": lambda w, n: _of_segment(w).figures("SM1"),
    "SegmentService.lines": lambda w, n: _of_segment(w).lines("SM1"),
    "SeriesChoice.alternatives": lambda w, n: il.numbering.SeriesChoice(w).alternatives("INV"),
    "SeriesChoice.are_related": lambda w, n: il.numbering.SeriesChoice(w).are_related(
        "INV", "GAPS"
    ),
    "SeriesChoice.choose": lambda w, n: il.numbering.SeriesChoice(w).choose("INV", "GAPS"),
    "SeriesChoice.is_automatic": lambda w, n: il.numbering.SeriesChoice(w).is_automatic("INV"),
    "SeriesChoice.is_manual": lambda w, n: il.numbering.SeriesChoice(w).is_manual("INV"),
    "SeriesChoice.require_automatic": lambda w, n: il.numbering.SeriesChoice(w).require_automatic(
        "INV"
    ),
    "SeriesChoice.require_manual": lambda w, n: il.numbering.SeriesChoice(w).require_manual("INV"),
    "SeriesChoice.require_related": lambda w, n: il.numbering.SeriesChoice(w).require_related(
        "INV", "GAPS"
    ),
    "Statistics.by": lambda w, n: list(il.Statistics(w).by(il.Dimension.CONTACT)),
    "Statistics.by_month": lambda w, n: list(il.Statistics(w).by_month()),
    "Statistics.dates_of_contact": lambda w, n: il.Statistics(w).dates_of_contact("CT1"),
    "Statistics.of": lambda w, n: il.Statistics(w).of(_FILTER),
    "Statistics.of_campaign": lambda w, n: il.Statistics(w).of_campaign("CP1"),
    "Statistics.of_contact": lambda w, n: il.Statistics(w).of_contact("CT1"),
    "Statistics.of_group": lambda w, n: il.Statistics(w).of_group("LETTERS"),
    "Statistics.of_opportunity": lambda w, n: il.Statistics(w).of_opportunity("OP1"),
    "Statistics.of_salesperson": lambda w, n: il.Statistics(w).of_salesperson("HR"),
    "Statistics.of_segment": lambda w, n: il.Statistics(w).of_segment("SM2"),
    "Statistics.of_template": lambda w, n: il.Statistics(w).of_template("MAIL"),
    "TargetGroup.of": lambda w, n: il.TargetGroup(w).of("CP1"),
    "TemplateService.default_attachment_no": lambda w, n: _of_template(w).default_attachment_no(
        "MAIL"
    ),
    "check_delivery": lambda w, n: il.check_delivery(w, n.mail),
}
"""Methods that write nothing; each is called with a unit of work that only reads."""
