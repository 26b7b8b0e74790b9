"""The small world on which the calls of the race contract meet."""

from __future__ import annotations

from typing import Any, NamedTuple

import interactionlog as il
from interactionlog.delivery.delivery import DeliveryState
from interactionlog.testing.builders import a_contact, a_delivery, a_membership

CONTACTS = tuple(f"CT{number}" for number in range(1, 8))
"""CT1 to CT5 are on lines, or may be; CT6 and CT7 do not, and can be removed."""


class Numbers(NamedTuple):
    """Numbers that the world's store gave: of entries, logged segments and contents."""

    live: int
    commented: int
    mail: int
    canceled: int
    postponed: int
    of_segment: int
    logged: int
    canceled_logged: int
    campaign_entry: int
    canceled_campaign_entry: int
    content: int
    waiting: int
    failed: int
    sent: int


def _series(work: Any) -> None:
    setup = il.numbering.NumberSeriesSetup(work)
    for code in ("SEGM", "INV", "GAPS", "FREE", "LONE"):
        ledger = code != "FREE"
        setup.create_series(il.numbering.NoSeries(code=code, manual_nos=True, ledger=ledger))
    setup.add_line("SEGM", "SX001", ending_no="SX999")
    setup.add_line("INV", "I001", ending_no="I999")
    setup.add_line("GAPS", "G001", policy=il.numbering.NumberingPolicy.GAPS_ALLOWED)
    setup.add_line("FREE", "F001")
    setup.add_template_line("LONE", "L{yyyy}-{n:03}", reset_period=il.numbering.ResetPeriod.YEAR)
    setup.relate("INV", "GAPS")
    work.marketing_setup.put(
        il.MarketingSetup(segment_nos="SEGM", campaign_nos="SEGM", default_language_code="ITA")
    )
    numbers = il.numbering.NumberSeries(work)
    numbers.next_many("INV", 3)
    numbers.reserve("INV", 3)
    for code in ("GAPS", "FREE"):
        numbers.next(code)


def _masters(work: Any) -> None:
    for code in ("HR", "JR", "NN"):
        work.salespeople.put(il.Salesperson(code=code, name=code, e_mail=f"{code}@x.it"))
    work.users.put(il.User(user_id="TESTER", full_name="Tess", salesperson_code="HR"))
    for no in CONTACTS:
        work.contacts.put(a_contact(no, e_mail="a@x.it", phone_no="1"))
        work.contacts.put_membership(a_membership(no, il.MembershipKind.MAILING_GROUP, "NEWS"))
    account: dict[str, Any] = {"link_to_table": "Customer", "linked_no": "C1"}
    customer = a_membership("CT1", il.MembershipKind.BUSINESS_RELATION, "CUST", **account)
    work.contacts.put_membership(customer)
    work.contacts.put_address(il.AlternativeAddress(contact_no="CT6", code="SUMMER"))
    for group in ("LETTERS", "UNUSED"):
        work.interaction_groups.put(il.InteractionGroup(code=group))
    for no in ("CP1", "CP2"):
        work.campaigns.put(il.Campaign(no=no, salesperson_code="HR"))
    il.Consents(work).put_purpose(il.privacy.Purpose(code="NEWS"))
    il.Consents(work).suppress("eve@x.it", "MAIL")
    mailing = il.ReferenceKind.MAILING_GROUP
    for code in ("NEWS", "GROUP1", "GROUP2"):
        work.reference_codes.put(il.ReferenceCode(kind=mailing, code=code, description=code))


def _templates(work: Any) -> int:
    templates = il.TemplateService(work)
    for code in ("BUS", "CALL", "MAIL", "LONE"):
        templates.create(a_plain_template(code, campaign_target=code == "BUS"))
    content = il.AttachmentService(work).store(b"<p>Dear", name="mail.html").no
    for code in ("MAIL", "LONE"):
        templates.set_language(code, "ITA", description="Posta")
    templates.set_content("MAIL", "ITA", content)
    mail: dict[str, Any] = {"correspondence_type_default": il.CorrespondenceType.EMAIL}
    templates.change("MAIL", language_code_default="ITA", ignore_contact_corres_type=True, **mail)
    alone = il.AttachmentService(work).store(b"alone", name="lone.html").no
    templates.set_content("LONE", "ITA", alone)
    templates.assign(il.DocumentType.SALES_INVOICE, "CALL")
    templates.assign("outg_calls", "CALL")
    return content


def a_plain_template(code: str, **values: Any) -> il.InteractionTemplate:
    """Return a template of the group LETTERS."""
    values.setdefault("interaction_group_code", "LETTERS")
    return il.InteractionTemplate(code=code, description=code, unit_cost_lcy=2, **values)


def _segments(work: Any) -> None:
    segments = il.SegmentService(work)
    common: dict[str, Any] = {"campaign_no": "CP1", "salesperson_code": "HR"}
    for no, template in (("SM1", "MAIL"), ("SM2", "BUS"), ("SM3", "BUS")):
        segments.create(no, no=no, interaction_template_code=template, **common)
        il.ContactSelection(work, no).add(il.ContactFilter(nos={"CT1", "CT2", "CT3", "CT4"}))
    selection = il.ContactSelection(work, "SM1")
    selection.reduce(il.ContactFilter(nos={"CT4"}))
    selection.save("SAVED", "to be used again")
    il.SegmentLanguages(work).put("SM1", "DEU", description="Deutsch")
    segments.personalise("SM1", 10_000, description="quite personal")
    il.SegmentLanguages(work).put("SM1", "ITA", line_no=10_000, subject="personal")


def populate(work: Any) -> Numbers:
    """Fill an empty store: one record of every kind for all calls to meet on."""
    _series(work)
    _masters(work)
    content = _templates(work)
    _segments(work)
    logger, interactions = il.SegmentLogger(work), il.InteractionService(work)
    logged = logger.log("SM2", idempotency_key="LOGGED").entry_no
    other = logger.log("SM3").entry_no
    il.LoggedSegments(work).cancel(other)
    live = finished(work, "CALL")
    commented = finished(work, "CALL", key="DONE")
    for text in ("first", "second"):
        il.LogEntryService(work).put_comment(commented, il.DraftComment(comment=text))
    mail, canceled = finished(work, "MAIL"), finished(work, "CALL", campaign_no="CP1")
    il.LogEntryService(work).cancel(canceled)
    draft = interactions.start("CT2", interaction_template_code="MAIL")
    postponed = interactions.postpone(draft).entry_no
    il.DocumentLogger(work).log(an_invoice("SI0"))
    il.CampaignService(work).activate("CP1")
    entries = {each.register_no: each.entry_no for each in work.campaign_entries.of_campaign("CP1")}
    of_segment = work.interactions.of_logged_segment(logged, limit=1)[0].entry_no
    of_log = (live, commented, mail, canceled, postponed, of_segment)
    of_outbox = (commented, live, mail)
    for no, state in zip(of_outbox, (None, DeliveryState.FAILED, DeliveryState.SENT), strict=True):
        work.deliveries.add(a_delivery(no, **({} if state is None else {"state": state})))
    campaign = (entries[logged], entries[other])
    return Numbers(*of_log, logged, other, *campaign, content, *of_outbox)


def finished(work: Any, template: str, *, key: str | None = None, **values: Any) -> int:
    """Log an interaction with CT1 and return its number."""
    interactions = il.InteractionService(work)
    draft = interactions.start("CT1", interaction_template_code=template, **values)
    return interactions.finish(draft, idempotency_key=key).entry_no


def an_invoice(no: str) -> il.Document:
    """Return an invoice of the customer CT1."""
    kind = il.DocumentType.SALES_INVOICE
    return il.Document(type=kind, no=no, account_kind="Customer", account_no="C1")
