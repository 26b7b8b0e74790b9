"""The small world on which the calls of the race contract meet, and what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import zip_longest
from typing import Any, NamedTuple

import attrs

import interactionlog as il
from interactionlog.adapters.tables import TABLES
from interactionlog.delivery.delivery import DeliveryState
from interactionlog.testing.builders import a_contact, a_delivery, a_membership

CONTACTS = tuple(f"CT{number}" for number in range(1, 8))
"""CT1 to CT5 are on lines, or may be; CT6 and CT7 do not, and can be removed."""
_OLD = date(2019, 5, 6)
"""Of entries that are not retained."""


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
    open_campaign_entry: int
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
        address = "eve@x.it" if no == "CT7" else "a@x.it"
        work.contacts.put(a_contact(no, e_mail=address, phone_no="1"))
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
    for code in ("BUS", "CALL", "MAIL", "LONE", "BARE"):
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
    selection.reduce(il.ContactFilter(nos={"CT4", "CT7"}))
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
    commented = finished(work, "CALL", key="DONE", date=_OLD)
    for text in ("first", "second"):
        il.LogEntryService(work).put_comment(commented, il.DraftComment(comment=text))
    mail = finished(work, "MAIL", date=_OLD)
    canceled = finished(work, "CALL", campaign_no="CP1")
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
    campaign = (entries[logged], entries[other], entries[None])
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


State = Mapping[str, Counter[str]]
"""The rows of each table as text, each with how often it is there."""

_KINDS = ("attachment", "erasure", "campaign_entry", "consent", "log_entry", "logged_segment")
_OF_ENTRIES = ("delivery", "delivery_receipt", "entry_seal", "log_comment")
_KEYS = (
    {"attachment": "no", "erasure": "erasure_no"}
    | dict.fromkeys(_OF_ENTRIES, "entry_no")
    | dict.fromkeys(_KINDS[2:], "entry_no")
)
_RANDOM = ("seal", "entry_seal", "seal_key")
"""Tables of which the keys can be compared only."""
_REFERENCES = {
    **dict.fromkeys(("attachment_no", "modified_word_template"), "attachment"),
    **dict.fromkeys(("resend_of", "first_entry_no", "last_entry_no"), "log_entry"),
    **dict.fromkeys(("logged_segment_entry_no", "register_no"), "logged_segment"),
    **dict.fromkeys(("follow_up_of", "source_entry_no"), "logged_segment"),
    "campaign_entry_no": "campaign_entry",
}
# how often a record was locked is nobody's business; a token names the version of its segment, a
# message its entry
_IGNORED = frozenset({"version", "plan_token", "message_id"})
_BETWEEN = "\x1f"
"""Stands between the fields of a row as text."""

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]


def rows_of(work: Any, digests: set[str], among: Collection[str] | None = None) -> Rows:
    """
    Return the rows of every table that a unit of work sees.

    ``digests`` are of contents that may have no attachment; ``among`` names the tables that are
    wanted, ``None`` wants all.
    """

    def wanted(*names: str) -> bool:
        return among is None or any(name in among for name in names)

    found: dict[str, list[Row]] = {}
    for entity, table in TABLES.items():
        if wanted(table.name):
            names = [field.name for field in attrs.fields(entity) if field.name not in _IGNORED]
            names = list(table.key) if table.name in _RANDOM else names
            found[table.name] = [
                {name: getattr(record, name) for name in names}
                for record in work.records(entity).all()
            ]
    if wanted("left_out_line", "logged_segment"):
        found["left_out_line"] = [
            {"logged_segment_entry_no": each.entry_no, "left_out": left}
            for each in work.records(il.LoggedSegment).all()
            for left in work.logged_segments.left_out(each.entry_no)
        ]
    if wanted("removed_line", "segment"):
        found["removed_line"] = [
            {"step": step, "line": line}
            for segment in work.records(il.Segment).all()
            for contact_no in CONTACTS
            for step, line in work.segments.with_contact(segment.no, contact_no)
            if step
        ]
    if wanted("attachment", "attachment_content"):
        there = digests | {each.digest for each in work.records(il.Attachment).all()}
        found["attachment_content"] = [
            {"digest": digest, "content": work.attachments.content(digest, 0)} for digest in there
        ]
    for row in found.get("logged_segment", []):
        if row["header"] is not None:
            row["header"] = attrs.evolve(row["header"], version=0)
    return found


def numbers_of(rows: Rows) -> Mapping[str, frozenset[int]]:
    """Return the entry numbers that are there, by kind."""
    return {kind: frozenset(row[_KEYS[kind]] for row in rows[kind]) for kind in _KINDS}


def state_of(rows: Rows, known: Mapping[str, frozenset[int]], among: Collection[str]) -> State:
    """
    Return the rows of these tables as they can be compared.

    ``known`` are the entry numbers of the world as it began. Others depend on who came first: in
    their place stands what they name.
    """
    rows = _without_gaps(rows)
    named: dict[tuple[str, int], str] = {}
    for _ in range(3):  # an entry names its logged segment, that names its first entry
        named = {
            (kind, row[_KEYS[kind]]): "new-"
            + sha256(_text(kind, row, known, named, own=False).encode()).hexdigest()[:8]
            for kind in _KINDS
            for row in rows[kind]
            if row[_KEYS[kind]] not in known[kind]
        }
    return {
        table: Counter(_text(table, row, known, named) for row in rows[table]) for table in among
    }


def _without_gaps(rows: Rows) -> Rows:
    """Of series that may have gaps count how many were drawn: a second attempt makes a gap."""
    lines = {
        (row["series_code"], row["line_no"])
        for row in rows["no_series_line"]
        if row["policy"] is il.numbering.NumberingPolicy.GAPS_ALLOWED
    }

    def counted(row: Row) -> Row:
        if (row["series_code"], row["line_no"]) not in lines:
            return row
        hidden = {"first_value", "last_value", "last_date"}
        kept = {name: value for name, value in row.items() if name not in hidden}
        count = row["last_value"] - row["first_value"] if "first_value" in row else None
        return kept | {"count": count}

    tables = ("number_counter", "number_ledger")
    return {**rows, **{table: [counted(row) for row in rows[table]] for table in tables}}


def _text(
    table: str,
    row: Row,
    known: Mapping[str, frozenset[int]],
    named: Mapping[tuple[str, int], str],
    *,
    own: bool = True,
) -> str:
    def parts() -> Iterator[str]:
        for name, stored in row.items():
            kind, value = _REFERENCES.get(name), stored
            if name == _KEYS.get(table):
                if not own:
                    continue
                kind = "log_entry" if table in _OF_ENTRIES else table
            elif name == "result_no" and value is not None:
                kind, value = row["result_kind"], int(stored)
            if kind is None or value is None or value in known[kind]:
                yield f"{name}={_plain(value)!r}"
            else:
                yield f"{name}={named.get((kind, value), 'gone')}"

    return _BETWEEN.join(parts())


def _plain(value: Any) -> object:
    """Return a value as one whose text is the same wherever it is equal."""
    if isinstance(value, Decimal):
        return value.normalize()
    if isinstance(value, (Set, tuple)):
        parts = [_plain(each) for each in value]
        return sorted(parts, key=repr) if isinstance(value, Set) else parts
    if isinstance(value, Mapping):
        return sorted((str(key), _plain(each)) for key, each in value.items())
    if attrs.has(type(value)):
        return [_plain(getattr(value, field.name)) for field in attrs.fields(type(value))]
    return value


def difference(found: State, expected: State) -> str:
    """Return in what two states differ, a line for each row."""
    lines = []
    for table in sorted(found.keys() | expected.keys()):
        there, due = found.get(table, Counter()), expected.get(table, Counter())
        extra, lacking = sorted((there - due).elements()), sorted((due - there).elements())
        for one, other in zip_longest(extra, lacking, fillvalue=""):
            if one and other:
                pairs = zip(one.split(_BETWEEN), other.split(_BETWEEN), strict=False)
                parts = [f"{mine} instead of {due}" for mine, due in pairs if mine != due]
                lines.append(f"  {table} ({one.partition(_BETWEEN)[0]}): {'; '.join(parts)[:600]}")
            else:
                what = "too much" if one else "missing"
                lines.append(f"  {table} {what}: {(one or other).replace(_BETWEEN, ', ')[:600]}")
    return "\n".join(lines)
