"""Single interactions with a storage that fails at every call in turn: no trace stays."""

from __future__ import annotations

import pytest
from failing import fails_without_a_trace

import interactionlog as il
from company import add_attachment, add_language, log_interaction, set_up
from interactionlog.testing import a_campaign

COMMENT = il.DraftComment(comment="x")
INVOICE = il.Document(
    type=il.DocumentType.SALES_INVOICE, no="1", account_kind="Contact", account_no="C"
)


def add_all(work):
    """Two logged entries, a postponed and a canceled one, a segment, templates with content."""
    set_up(work, correspondence_type_default=il.CorrespondenceType.HARD_COPY)
    work.campaigns.put(a_campaign("CP1"))
    add_language(work, attachment_no=add_attachment(work))
    work.interaction_groups.put(il.InteractionGroup(code="G2"))
    documents = il.InteractionTemplate(code="DOC", interaction_group_code="G2", campaign_no="CP1")
    work.templates.put(documents)
    il.TemplateService(work).assign(il.DocumentType.SALES_INVOICE, "DOC")
    log_interaction(work, comments=(COMMENT,), campaign_no="CP1")
    interactions = il.InteractionService(work)
    interactions.postpone(draft(work))
    il.LogEntryService(work).cancel(log_interaction(work).entry_no)
    il.SegmentService(work).create("S", no="S1", interaction_template_code="T1")
    il.SegmentService(work).add_line("S1", "C")
    il.DocumentLogger(work).log(INVOICE)


def draft(work):
    values = {"interaction_template_code": "T1", "campaign_no": "CP1", "comments": (COMMENT,)}
    return il.InteractionService(work).start("C", **values)


READING = {
    "start": lambda service: service.start("C", interaction_template_code="T1"),
    "start_from_salesperson": lambda service: service.start_from_salesperson("SP1"),
    "start_from_context": lambda service: service.start_from_context(contact_no="C"),
    "start_like": lambda service: service.start_like(1),
    "start_from_segment_line": lambda service: service.start_from_segment_line("S1", 10_000),
    "change": lambda service: service.change(il.InteractionDraft(), contact_no="C"),
    "check": lambda service: service.check(draft(service.work)),
    "resume": lambda service: service.resume(2),
}
WRITING = {
    "finish": lambda service: service.finish(
        draft(service.work), deliver=True, idempotency_key="k1"
    ),
    "finish_many": lambda service: service.finish_many([draft(service.work), service.resume(2)]),
    "postpone": lambda service: service.postpone(service.change(service.resume(2), comments=())),
    "delete_postponed": lambda service: service.delete_postponed(2),
}
ON_ENTRIES = {
    "cancel": lambda service: service.cancel(1, 2, remove_content=True),
    "uncancel": lambda service: service.uncancel(1, 3),
    "evaluate": lambda service: service.evaluate(il.Evaluation.NEUTRAL, 1, 3),
    "mark_attempts": lambda service: service.mark_attempts(1, 3, failed=True),
    "assign_opportunity": lambda service: service.assign_opportunity(1, "OP1"),
    "put_comment": lambda service: service.put_comment(1, COMMENT, line_no=10_000),
    "delete_comment": lambda service: service.delete_comment(1, 10_000),
    "resend": lambda service: service.resend(1),
    "delete_canceled": lambda service: service.delete_canceled(),
}
OF_DOCUMENTS = {
    "log": lambda service: service.log(INVOICE, again=True),
}


def public_methods(service):
    return {name for name in vars(service) if not name.startswith("_") and name != "work"}


@pytest.mark.parametrize("method", READING | WRITING)
def test_interaction_service(begin, method):
    assert public_methods(il.InteractionService) == set(READING | WRITING)
    with begin() as work:
        add_all(work)
    act = (READING | WRITING)[method]
    assert fails_without_a_trace(begin, lambda work: act(il.InteractionService(work))) > 0


@pytest.mark.parametrize("method", ON_ENTRIES)
def test_log_entry_service(begin, method):
    assert public_methods(il.LogEntryService) == set(ON_ENTRIES)
    with begin() as work:
        add_all(work)
    act = ON_ENTRIES[method]
    assert fails_without_a_trace(begin, lambda work: act(il.LogEntryService(work))) > 0


@pytest.mark.parametrize("method", OF_DOCUMENTS)
def test_document_logger(begin, method):
    assert public_methods(il.DocumentLogger) == set(OF_DOCUMENTS)
    with begin() as work:
        add_all(work)
    act = OF_DOCUMENTS[method]
    assert fails_without_a_trace(begin, lambda work: act(il.DocumentLogger(work))) > 0
