"""INT-075 to INT-080 and INT-099 to INT-104: printed documents and phone calls."""

from __future__ import annotations

from datetime import time, timedelta

import attrs
import pytest

from company import (
    add_attachment,
    add_company,
    add_language,
    add_person,
    add_salesperson,
    add_template,
    set_up,
)
from interactionlog.contacts.contact import AlternativeAddress, AlternativeAddressPeriod, Membership
from interactionlog.errors import (
    CheckFailedError,
    DuplicateEntryError,
    NotFoundError,
    PrivacyBlockedError,
    Problem,
    SetupMissingError,
    StateError,
)
from interactionlog.interactions.documents import (
    AlreadyLogged,
    Document,
    DocumentLogger,
    Logged,
    NoContact,
    NotConfigured,
)
from interactionlog.interactions.log import InteractionLog
from interactionlog.interactions.repository import LogFilter
from interactionlog.interactions.service import InteractionService, PhoneCalls
from interactionlog.segments.service import SegmentService
from interactionlog.templates.service import TemplateService
from interactionlog.templates.template import DOCUMENT_PURPOSES, TemplateSetup
from interactionlog.testing import DAY, a_campaign
from interactionlog.values import CorrespondenceType, DocumentType, MembershipKind

INVOICE = Document(
    type=DocumentType.SALES_INVOICE, no="103001", account_kind="Customer", account_no="10000"
)


def set_up_documents(work, **template):
    """Template T1 logs invoices; customer 10000 is contact C."""
    set_up(work, **template)
    TemplateService(work).assign(DocumentType.SALES_INVOICE, "T1")
    work.contacts.put_membership(
        Membership(
            contact_no="C",
            kind=MembershipKind.BUSINESS_RELATION,
            code="CUST",
            link_to_table="Customer",
            linked_no="10000",
        )
    )


def entries(work):
    return work.interactions.newest(LogFilter())


@pytest.mark.rule("INT-075")
@pytest.mark.rule("INT-077")
def test_what_is_not_set_up_or_has_no_contact_changes_nothing_and_says_so(begin):
    with begin() as work:
        log = DocumentLogger(work).log
        assert log(INVOICE) == NotConfigured("sales_invoices")
        set_up(work)
        TemplateService(work).assign(DocumentType.SALES_INVOICE, "T1")
        assert log(INVOICE) == NoContact("Customer", "10000")
        assert log(attrs.evolve(INVOICE, account_kind="Contact")) == NoContact("Contact", "10000")
        assert not entries(work)
        assert not work.events
        work.template_setup.put(
            TemplateSetup(purpose="sales_invoices", interaction_template_code="XX")
        )
        with pytest.raises(NotFoundError):
            log(INVOICE)


@pytest.mark.rule("INT-076")
def test_a_document_is_not_logged_with_a_template_that_has_content(begin):
    with begin() as work:
        set_up_documents(work)
        add_language(work, "T1", "DAN")
        assert isinstance(DocumentLogger(work).log(INVOICE), Logged)
        add_language(work, "T1", "DAN", attachment_no=add_attachment(work))
        with pytest.raises(CheckFailedError) as refused:
            DocumentLogger(work).log(attrs.evolve(INVOICE, no="103002"))
        assert refused.value.counts == {"template-has-content": 1}
        assert len(entries(work)) == 1


@pytest.mark.rule("INT-078")
def test_a_document_is_logged_for_its_contact_today_and_now_with_the_templates_values(begin):
    begin.clock.move(minutes=1, seconds=7)
    with begin() as work:
        set_up_documents(
            work,
            unit_cost_lcy=2,
            campaign_no="CP1",
            correspondence_type_default=CorrespondenceType.EMAIL,
        )
        for no in ("CP1", "CP2"):
            work.campaigns.put(a_campaign(no))
        document = attrs.evolve(
            INVOICE,
            occurrence=1,
            version=2,
            campaign_no="CP2",
            description="Invoice 103001",
            opportunity_no="OP1",
            host_ref="account.move,9",
        )
        plain = DocumentLogger(work).log(INVOICE).entry
        entry = DocumentLogger(work).log(document).entry
        assert work.interactions.get(entry.entry_no) == entry
        parent = work.campaign_entries.get(entry.campaign_entry_no)
    assert (entry.contact_no, entry.interaction_template_code) == ("C", "T1")
    assert (entry.document_type, entry.document_no) == (DocumentType.SALES_INVOICE, "103001")
    assert (entry.doc_no_occurrence, entry.version_no) == (1, 2)
    assert (entry.date, entry.time_of_interaction) == (DAY, time(9, 31, 7))
    assert (entry.description, entry.campaign_no) == ("Invoice 103001", "CP2")
    assert (entry.opportunity_no, entry.host_ref) == ("OP1", "account.move,9")
    assert (entry.salesperson_code, entry.delivery_status) == (None, None)
    assert (plain.description, plain.campaign_no, plain.cost_lcy) == ("T1G1", "CP1", 2)
    assert parent.document_type is DocumentType.SALES_INVOICE
    assert parent.description == "Sales invoice"


@pytest.mark.rule("INT-077")
def test_only_for_a_contact_the_contacts_salesperson_is_taken(begin):
    with begin() as work:
        set_up_documents(work)
        add_salesperson(work, "SP2")
        log = DocumentLogger(work).log
        to_contact = attrs.evolve(INVOICE, account_kind="Contact", account_no="C")
        first = log(to_contact).entry
        second = log(attrs.evolve(INVOICE, no="2")).entry
        third = log(attrs.evolve(INVOICE, no="3", salesperson_code="SP2")).entry
    assert [each.salesperson_code for each in (first, second, third)] == ["SP1", None, "SP2"]


@pytest.mark.rule("INT-079")
def test_a_document_is_logged_once_and_a_reprint_when_it_is_asked_for(begin):
    with begin() as work:
        set_up_documents(work)
        first = DocumentLogger(work).log(INVOICE).entry
    with begin() as work:
        log = DocumentLogger(work).log
        assert log(INVOICE) == AlreadyLogged(first)
        assert log(attrs.evolve(INVOICE, no="103001 ")) == AlreadyLogged(first)
        reprints = [log(INVOICE, again=True).entry.reprint_no for _ in range(2)]
        assert reprints == [1, 2]
        assert log(INVOICE) == AlreadyLogged(first)
        assert isinstance(log(attrs.evolve(INVOICE, version=1)), Logged)
        assert len(entries(work)) == 4


@pytest.mark.rule("INT-079")
def test_a_rival_that_was_faster_is_found(begin, monkeypatch):
    with begin() as work:
        set_up_documents(work)
        logger = DocumentLogger(work)
        first = logger.log(INVOICE).entry
        asked = []

        def late(self, document, contact):
            asked.append(document)
            return [] if len(asked) == 1 else [first]

        monkeypatch.setattr(DocumentLogger, "_before", late)
        assert logger.log(INVOICE) == AlreadyLogged(first)
        monkeypatch.setattr(DocumentLogger, "_before", lambda *_: [])
        with pytest.raises(DuplicateEntryError):
            logger.log(INVOICE)
        assert entries(work) == [first]


@pytest.mark.rule("INT-080")
def test_a_cover_sheet_has_no_number_and_is_logged_each_time(begin):
    with begin() as work:
        set_up(work)
        TemplateService(work).assign(DocumentType.COVER_SHEET, "T1")
        sheet = Document(type=DocumentType.COVER_SHEET, account_kind="Contact", account_no="C")
        for _ in range(2):
            assert isinstance(DocumentLogger(work).log(sheet), Logged)


@pytest.mark.rule("INT-075")
def test_every_kind_of_document_has_a_setup_field():
    assert set(DOCUMENT_PURPOSES) == set(DocumentType)
    assert len(set(DOCUMENT_PURPOSES.values())) == 26


def test_a_document_is_refused_for_blocked_people_and_by_the_application(begin):
    class Never:
        def check_draft(self, work, draft):
            yield Problem(code="never", message="never")

    with begin() as work:
        set_up_documents(work)
        add_salesperson(work, "GONE", blocked=True)
        log = DocumentLogger(work).log
        with pytest.raises(CheckFailedError):
            log(attrs.evolve(INVOICE, salesperson_code="GONE"))
        with pytest.raises(NotFoundError):
            log(attrs.evolve(INVOICE, salesperson_code="XX"))
        with pytest.raises(NotFoundError):
            log(attrs.evolve(INVOICE, campaign_no="XX"))
        add_company(work, privacy_blocked=True)
        with pytest.raises(PrivacyBlockedError):
            log(INVOICE)
        add_company(work)
        work.hooks = type(work.hooks)([Never()])
        with pytest.raises(CheckFailedError):
            log(INVOICE)
        assert not entries(work)


def test_a_resolver_chooses_the_template_of_a_document(begin):
    class ByCountry:
        def resolve_document_template(self, work, document_type, contact):
            return "T2" if contact.country_code == "DK" else None

    seen = []

    class Observer:
        def interactions_logged(self, work, logged):
            seen.extend(logged)

    with begin.with_hooks([ByCountry(), Observer()])() as work:
        set_up_documents(work)
        add_template(work, "T2")
        assert DocumentLogger(work).log(INVOICE) == NotConfigured("sales_invoices")
        add_company(work, country_code="DK")
        entry = DocumentLogger(work).log(INVOICE).entry
    assert entry.interaction_template_code == "T2"
    assert seen == [entry]


def set_up_calls(work, **contact):
    add_salesperson(work)
    add_company(work, phone_no="1", **contact)
    add_template(work, "CALL")
    work.template_setup.put(TemplateSetup(purpose="outg_calls", interaction_template_code="CALL"))


@pytest.mark.rule("INT-099")
def test_a_call_begins_for_a_contact_or_an_account_with_the_template_of_calls(begin):
    begin.clock.move(seconds=1.5)
    with begin() as work:
        calls = PhoneCalls(work)
        add_company(work)
        with pytest.raises(SetupMissingError) as refused:
            calls.start("C")
        assert refused.value.field == "outg_calls"
        set_up_calls(work)
        draft = calls.start("C", to_do_no="TD1", contact_via="99")
        assert (draft.date, draft.time_of_interaction) == (DAY, time(9, 30, 1))
        assert (draft.interaction_template_code, draft.contact_via) == ("CALL", "99")
        assert (draft.to_do_no, draft.dials, draft.interaction_successful) == ("TD1", True, True)
        with pytest.raises(NotFoundError):
            calls.start_for_account("Vendor", "7")
        work.contacts.put_membership(
            Membership(
                contact_no="C",
                kind=MembershipKind.BUSINESS_RELATION,
                code="VEND",
                link_to_table="Vendor",
                linked_no="7",
            )
        )
        assert calls.start_for_account("Vendor", "7").contact_no == "C"
        set_up_calls(work, privacy_blocked=True)
        with pytest.raises(PrivacyBlockedError):
            calls.start("C")


@pytest.mark.rule("INT-100")
def test_a_call_that_is_not_dialled_needs_no_number(begin):
    with begin() as work:
        set_up_calls(work)
        interactions = InteractionService(work)
        draft = PhoneCalls(work).start("C", contact_via="")
        assert [problem.field for problem in interactions.check(draft)] == ["contact_via"]
        draft = interactions.change(draft, dials=False, interaction_successful=False)
        entry = interactions.finish(draft)
    assert (entry.attempt_failed, entry.delivery_status) == (True, None)


@pytest.mark.rule("INT-101")
def test_a_call_from_a_line_has_the_lines_people_and_campaign_and_the_calls_template(begin):
    with begin() as work:
        set_up_calls(work)
        add_salesperson(work, "SP2")
        add_template(work, "T1", campaign_target=True)
        work.campaigns.put(a_campaign("CP1"))
        segments = SegmentService(work)
        segments.create(
            "S",
            no="S1",
            interaction_template_code="T1",
            salesperson_code="SP2",
            campaign_no="CP1",
        )
        line = segments.add_line("S1", "C")
        draft = PhoneCalls(work).start_from_line("S1", line.line_no)
        entry = InteractionService(work).finish(draft)
        assert work.segments.line("S1", line.line_no) == line
        assert InteractionLog(work).entries(LogFilter(segment_no="S1")) == [entry]
        with pytest.raises(NotFoundError):
            PhoneCalls(work).start_from_line("S1", segments.add_line("S1").line_no)
    assert (entry.salesperson_code, entry.campaign_no) == ("SP2", "CP1")
    assert (entry.interaction_template_code, entry.contact_via) == ("CALL", "1")
    assert not entry.campaign_target


@pytest.mark.rule("INT-104")
def test_numbers_come_from_the_contact_its_address_its_company_and_that_ones_address(begin):
    with begin() as work:
        set_up_calls(work, mobile_phone_no="2")
        add_person(work, "P", "C", phone_no="3")
        add_person(work, "Q")
        for contact_no, code, phone in (("P", "ALT", "4"), ("C", "ALT", "5"), ("C", "NOW", "6")):
            work.contacts.put_address(
                AlternativeAddress(contact_no=contact_no, code=code, mobile_phone_no=phone)
            )
        work.contacts.put_address_period(
            AlternativeAddressPeriod(contact_no="C", code="NOW", starting_date=DAY - timedelta(1))
        )
        numbers = PhoneCalls(work).numbers
        assert numbers("P") == ["3", "1", "2", "6"]
        assert numbers("P", address_code="ALT") == ["3", "4", "1", "2", "5"]
        assert numbers("C") == ["1", "2"]
        assert numbers("XX") == []
        with pytest.raises(StateError, match="no phone number"):
            numbers("Q")
