"""One call of every method of every service, on the same records of one small world."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache, partial
from io import StringIO
from operator import attrgetter
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import interactionlog as il
from interactionlog.numbering import NoSeries, NumberingPolicy
from interactionlog.privacy import Purpose
from interactionlog.testing.builders import a_membership
from interactionlog.testing.race_world import Numbers, a_plain_template, an_invoice


class Call(NamedTuple):
    """
    A call of the contract.

    Attributes:
        act: Performs it, given a unit of work, the world's numbers and who acts: 1 or 2. What two
            callers may write differently differs by that number.
        store: It is given the world as a store, with ``read`` and ``run``, not a unit of work.
    """

    act: Callable[[Any, Numbers, int], object]
    store: bool = False


Performed = Callable[[Callable[..., Any], Any], object]
"""Calls a method, given that and the unit of work."""


def call(*positional: Any, **named: Any) -> Performed:
    """Call with these arguments; one that is a function makes it from the unit of work."""

    def perform(method: Callable[..., Any], work: Any) -> object:
        return method(*(each(work) if callable(each) else each for each in positional), **named)

    return perform


def _after_next(*positional: Any) -> Performed:
    """Call a method of a batch of numbers that has drawn one."""

    def perform(method: Any, _: Any) -> None:
        method.__self__.next("INV")
        method(*positional)

    return perform


def _draft(who: int, template: str = "CALL") -> Callable[[Any], il.InteractionDraft]:
    """Start a draft for CT1 that says whose it is."""
    given: dict[str, Any] = {"interaction_template_code": template, "subject": f"of {who}"}
    return lambda work: il.InteractionService(work).start("CT1", **given)


def _resumed(entry_no: int) -> Callable[[Any], il.InteractionDraft]:
    return lambda work: il.InteractionService(work).resume(entry_no)


def _changed(
    draft: Callable[[Any], il.InteractionDraft], **values: Any
) -> Callable[[Any], il.InteractionDraft]:
    return lambda work: il.InteractionService(work).change(draft(work), **values)


def _nos(*numbers: int) -> il.ContactFilter:
    return il.ContactFilter(nos={f"CT{number}" for number in numbers})


_MEMBER = a_membership("CT6", il.MembershipKind.MAILING_GROUP, "NEWS")
_LONE: dict[str, Any] = {"interaction_template_code": "LONE"}


_LENIENT = il.LoggingPolicy(undeliverable=il.Treatment.LEAVE_OUT)
_CHANGED = {"description": "changed"}


def _own(who: int, *values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of one of two callers, who change different fields of one record."""
    return values[who - 1]


def _of_interactions(n: Numbers, s: int) -> dict[str, Performed]:
    mine, draft, comment = f"of {s}", _draft(s), il.DraftComment(comment=f"of {s}")
    bounced, at = il.delivery.DeliveryEvent.BOUNCED, datetime(2030, 1, s, tzinfo=UTC)
    verdict = (il.Evaluation.POSITIVE, il.Evaluation.NEGATIVE)[s - 1]
    return {
        "AttachmentService.store": call(b"alone", name=f"{s}.html"),
        "AttachmentService.store: new": call(b"new", name="new.html"),
        "AttachmentService.delete_unused": call(before=datetime(2030, 1, 1, tzinfo=UTC)),
        "AttachmentService.import_file": call(__file__),
        "CampaignService.activate": call("CP1", has_prices=s == 1),
        "CampaignService.cancel_entries": call(n.campaign_entry),
        "CampaignService.cancel_entries: open": call(n.open_campaign_entry),
        "CampaignService.change": call("CP1", **_own(s, _CHANGED, {"status_code": "OPEN"})),
        "CampaignService.create": call(mine),
        "CampaignService.create: same": call(mine, no="CPX"),
        "CampaignService.deactivate": call("CP1"),
        "CampaignService.delete": call("CP1", force=True),
        "CampaignService.delete_canceled_entries": call("CP1"),
        "CampaignService.uncancel_entries": call(n.canceled_campaign_entry),
        "DocumentLogger.log": call(an_invoice("SI1")),
        "DocumentLogger.log: again": call(an_invoice("SI0"), again=True),
        "InteractionService.delete_postponed": call(n.postponed),
        "InteractionService.finish": call(_draft(s, "MAIL")),
        "InteractionService.finish: deliver": call(_draft(s, "MAIL"), deliver=True),
        "InteractionService.finish: key": call(_draft(0), idempotency_key="KEY"),
        "InteractionService.finish: campaign": call(_changed(draft, campaign_no="CP1")),
        "InteractionService.finish: postponed": call(_resumed(n.postponed)),
        "InteractionService.finish_many": call(lambda work: [draft(work), draft(work)]),
        "InteractionService.postpone": call(draft),
        "InteractionService.postpone: key": call(_draft(0), idempotency_key="KEY"),
        "InteractionService.postpone: again": call(_changed(_resumed(n.postponed), subject=mine)),
        "LogEntryService.assign_opportunity": call(n.live, f"OP{s}"),
        "LogEntryService.cancel": call(n.live, n.commented),
        "LogEntryService.cancel: of segment": call(n.of_segment),
        "LogEntryService.cancel: content": call(n.mail, remove_content=True),
        "LogEntryService.delete_canceled": call(),
        "LogEntryService.delete_comment": call(n.commented, 10_000 * s),
        "LogEntryService.evaluate": call(verdict, n.live, n.commented),
        "LogEntryService.evaluate: of segment": call(il.Evaluation.POSITIVE, n.of_segment),
        "LogEntryService.mark_attempts": call(n.live, n.of_segment, failed=True),
        "LogEntryService.put_comment": call(n.commented, comment),
        "LogEntryService.put_comment: over": call(n.commented, comment, line_no=10_000),
        "LogEntryService.resend": call(n.mail),
        "LogEntryService.uncancel": call(n.canceled),
        "Deliveries.give_up": call(n.waiting),
        "Deliveries.record_receipt": call(f"message.{n.sent}", bounced, at, text=mine),
        "Deliveries.retry": call(n.failed),
        "forget_idempotency_keys": call(before=datetime(2030, 1, 1, tzinfo=UTC)),
    }


def _of_segments(n: Numbers, s: int) -> dict[str, Performed]:
    mine, longer = f"of {s}", {"unit_duration_min": 9}
    word = _own(s, _CHANGED, {"word_template_code": "WORD"})
    return {
        "ContactSelection.add": call(_nos(3 + s)),
        "ContactSelection.add: same": call(_nos(5)),
        "ContactSelection.go_back": call(),
        "ContactSelection.reduce": call(_nos(s)),
        "ContactSelection.refine": call(_nos(1, 1 + s)),
        "ContactSelection.reuse_logged": call(n.logged, add_to_steps=True),
        "ContactSelection.reuse_saved": call("SAVED", add_to_steps=True),
        "ContactSelection.save": call("KEPT", mine),
        "LoggedSegments.cancel": call(n.logged),
        "LoggedSegments.delete_canceled": call(),
        "LoggedSegments.uncancel": call(n.canceled_logged),
        "SavedSelections.delete": call("SAVED"),
        "SegmentContacts.apply_mailing_group": call("SM1", f"GROUP{s}"),
        "SegmentContacts.apply_mailing_group: instead": call("SM1", "NEWS", delete_old=True),
        "SegmentLanguages.put": call(
            "SM1", "DEU", **_own(s, _CHANGED, {"attachment_no": n.content})
        ),
        "SegmentLanguages.put: new": call("SM1", "FRA", subject=mine),
        "SegmentLanguages.put: of line": call("SM1", "ITA", line_no=10_000, subject=mine),
        "SegmentLanguages.remove": call("SM1", "DEU"),
        "SegmentLanguages.rename": call("SM1", "DEU", f"D{s}"),
        "SegmentLogger.follow_up": call(n.logged),
        "SegmentLogger.log": call("SM1"),
        "SegmentLogger.log: deliver": call("SM1", policy=_LENIENT, deliver=True),
        "SegmentLogger.log: key": call("SM1", idempotency_key="KEY"),
        "SegmentLogger.undo": call("SM2"),
        "SegmentService.add_line": call("SM1", f"CT{4 + s}"),
        "SegmentService.change": call("SM1", **_own(s, {"subject_default": "changed"}, longer)),
        "SegmentService.change: template": call("SM1", force=True, **_LONE),
        "SegmentService.change_contact": call("SM1", 20_000, f"CT{4 + s}"),
        "SegmentService.create": call(mine),
        "SegmentService.create: same": call(mine, no="SMX"),
        "SegmentService.delete": call("SM1"),
        "SegmentService.personalise": call("SM1", 20_000, **_own(s, _CHANGED, {"duration_min": 9})),
        "SegmentService.remove_lines": call("SM1", [10_000 * s]),
        "SegmentService.rename": call("SM1", f"SMX{s}"),
        "TemplateService.assign": call(il.DocumentType.SALES_INVOICE, "BARE"),
        "TemplateService.assign: none": call("outg_calls", None),
        "TemplateService.change": call("MAIL", **_own(s, _CHANGED, longer)),
        "TemplateService.create": call(a_plain_template("NEW", interaction_group_code="UNUSED")),
        "TemplateService.delete": call("LONE"),
        "TemplateService.delete: bare": call("BARE"),
        "TemplateService.delete_group": call("UNUSED"),
        "TemplateService.delete_language": call("LONE", "ITA"),
        "TemplateService.put_group": call(il.InteractionGroup(code="UNUSED", description=mine)),
        "TemplateService.rename_language": call("LONE", "ITA", f"I{s}"),
        "TemplateService.set_content": call("LONE", "ITA", n.content),
        "TemplateService.set_content: bare": call("BARE", None, n.content),
        "TemplateService.set_content: none": call("LONE", "ITA", None),
        "TemplateService.set_language": call("LONE", "ITA", **word),
        "TemplateService.set_language: bare": call("BARE", "ITA", **word),
        "TemplateService.set_language: new": call("MAIL", "FRA", description=mine),
        "BatchRun.log": call("SM1", size=2),
    }


def _of_numbers_and_records(_: Numbers, s: int) -> dict[str, Performed]:
    mine, later = f"of {s}", date(2027, 6, s)
    bound = _own(s, {"warning_no": "I900"}, {"ending_no": "I998"})
    language = il.TemplateLanguage(language_code="ITA", description=mine, **_LONE)
    summer: dict[str, Any] = {"contact_no": "CT6", "code": "SUMMER"}
    period = il.AlternativeAddressPeriod(starting_date=date(2026, 1, 1), **summer)
    setup = il.MarketingSetup(segment_nos="SEGM", default_language_code=f"L{s}")
    purpose = il.TemplateSetup(purpose="sales_invoices", interaction_template_code=f"T{s}")
    news = il.ReferenceCode(kind=il.ReferenceKind.MAILING_GROUP, code="NEWS", description=mine)
    return {
        "NumberBatch.save": _after_next(),
        "NumberBatch.save_line": _after_next("INV", 10_000),
        "NumberLedger.use": call("INV", f"I00{3 + s}", "INVOICE", f"{s}"),
        "NumberLedger.void": call("INV", "I004", "I006", reason=mine),
        "NumberSeries.next": call("INV"),
        "NumberSeries.next: gaps": call("GAPS"),
        "NumberSeries.next: no ledger": call("FREE"),
        "NumberSeries.next: first": call("LONE"),
        "NumberSeries.next_many": call("INV", 2),
        "NumberSeries.reserve": call("INV", 2),
        "NumberSeries.try_next": call("INV"),
        "NumberSeriesSetup.add_line": call("INV", "J001", starting_date=date(2026, 6, s)),
        "NumberSeriesSetup.add_template_line": call("INV", "K{n:03}", starting_date=later),
        "NumberSeriesSetup.change_line": call("INV", 10_000, **bound),
        "NumberSeriesSetup.change_series": call("INV", **_own(s, _CHANGED, {"date_order": True})),
        "NumberSeriesSetup.create_series": call(NoSeries(code="NEW", description=mine)),
        "NumberSeriesSetup.delete_line": call("INV", 10_000, even_if_drawn=True),
        "NumberSeriesSetup.delete_series": call("INV", even_if_drawn=True),
        "NumberSeriesSetup.delete_series: unused": call("LONE"),
        "NumberSeriesSetup.ensure_ahead": call("INV", f"I01{s}"),
        "NumberSeriesSetup.relate": call("INV", "FREE"),
        "NumberSeriesSetup.rename_series": call("INV", f"NEW{s}"),
        "NumberSeriesSetup.set_policy": call("INV", NumberingPolicy.GAPS_ALLOWED),
        "SeriesChoice.take_manual": call("INV", f"I01{s}", move_counter=True),
        "contacts.put": call(il.Contact(no="CT1", name=mine, company_no="CT1")),
        "contacts.put: new": call(il.Contact(no="CT9", name=mine, company_no="CT9")),
        "contacts.remove": call("CT6"),
        "contacts.put_address": call(il.AlternativeAddress(city=mine, **summer)),
        "contacts.put_address_period": call(period),
        "contacts.put_membership": call(_MEMBER),
        "contacts.remove_membership": call(_MEMBER),
        "salespeople.put": call(il.Salesperson(code="NN", name=mine)),
        "salespeople.remove": call("NN"),
        "users.put": call(il.User(user_id="TESTER", full_name=mine)),
        "users.remove": call("TESTER"),
        "Consents.put_purpose": call(Purpose(code="NEWS", description=mine)),
        "Consents.record": call("CT1", "MAIL", "NEWS", given=s == 1),
        "Consents.release": call("eve@x.it", "MAIL"),
        "Consents.suppress": call("eve@x.it", "MAIL", reason=mine),
        "Privacy.erase": call("CT7", reason=mine),
        "Privacy.erase: of entries": call("CT1", reason=mine),
        "Privacy.retain": call(before=date(2020, 1, 1), reason=mine, dry_run=False),
        "Seals.seal": call(),
        "marketing_setup.put": call(setup),
        "template_setup.put": call(purpose),
        "templates.put": call(a_plain_template("MAIL", unit_duration_min=s)),
        "template_languages.put": call(language),
        "campaigns.put": call(il.Campaign(no="CP1", description=mine)),
        "reference_codes.put": call(news),
    }


def _calls(n: Numbers, s: int) -> dict[str, Performed]:
    """Return what caller ``s`` calls: "Service.method", and where that is not enough ": which"."""
    return _of_interactions(n, s) | _of_segments(n, s) | _of_numbers_and_records(n, s)


_BUILT = {"BatchRun": {"user_id": "TESTER"}, "ContactSelection": {"segment_no": "SM1"}}
"""With what services are made besides their unit of work or store."""


def _act(name: str, host: Any, numbers: Numbers, who: int) -> object:
    return _calls(numbers, who)[name](_method(name, host), host)


CALLS = {
    name: Call(partial(_act, name), store=name.startswith("BatchRun."))
    for name in _calls(Numbers(*range(len(Numbers._fields))), 1)
}
"""Every writing method of every service, and what stores that keep records themselves write."""


@cache
def _services() -> Mapping[str, Any]:
    """Return the exported classes and functions that are given a unit of work, or a store."""
    root: Any = il
    spaces = [root, *(getattr(il, name) for name in root.__all__ if name != "testing")]
    kinds = [
        each
        for space in spaces
        if isinstance(space, ModuleType)
        for each in (getattr(space, name) for name in space.__all__)
        if isinstance(each, FunctionType) or inspect.isclass(each)
    ]
    found = {kind.__name__: kind for kind in kinds if _first_parameter(kind) in {"work", "store"}}
    return {name: kind for name, kind in found.items() if name not in _UNRACED}


_UNRACED = {"Outbox", "request_delivery"}
"""What `Deliveries` and `finish` do as well; a run of an outbox is many transactions on purpose."""


def _first_parameter(kind: Any) -> str | None:
    try:
        return next(iter(inspect.signature(kind).parameters), None)
    except ValueError:  # written in C
        return None


def _method(name: str, host: Any) -> Any:
    owner, _, method = name.partition(":")[0].rpartition(".")
    if not owner:
        return partial(_services()[method], host)
    if owner in _services():
        return getattr(_services()[owner](host, **_BUILT.get(owner, {})), method)
    return attrgetter(f"{owner}.{method}")(host)


def reading() -> list[str]:
    """Return every method of every service that `CALLS` does not name: none of them may write."""
    raced = {name.partition(":")[0] for name in CALLS}
    methods = []
    for name, kind in _services().items():
        members = inspect.getmembers(kind, callable) if inspect.isclass(kind) else [("", kind)]
        methods += [f"{name}.{each}".strip(".") for each, _ in members if not each.startswith("_")]
    return sorted(set(methods) - raced)


_KNOWN = (
    "campaign_no=CP1 contact_no=CT1 segment_no=SM1 salesperson_code=HR series_code=INV other=GAPS"
    " previous=I003 link_to_table=Customer linked_no=C1 NumberLedger.find=I001 TemplateService=MAIL"
    " SavedSelections.steps=SAVED channel=MAIL purpose=NEWS"
)
"""Values by the name of the parameter; of ``no``, ``code`` and ``entry_no`` by what asks for it."""


def read(name: str, work: Any, n: Numbers) -> object:
    """Return what such a method gives; `KeyError` where what to ask it for is unknown."""
    known: dict[str, Any] = dict(pair.split("=") for pair in _KNOWN.split())
    known |= {"CampaignStatistics": n.campaign_entry, "LoggedSegments": n.logged}
    known |= {"AttachmentService": n.content, "Deliveries": n.mail, "line_no": 20_000}
    known |= {"InteractionService.resume": n.postponed, "InteractionService.start_like": n.live}
    known |= {"draft": _draft(1), "entry": lambda work: work.interactions.get(n.live)}
    known |= {"entries": lambda work: [work.interactions.get(n.live)]}
    known |= {"file": StringIO(), "folder": tempfile.mkdtemp(), "log_filter": il.LogFilter()}
    known |= {"action": il.CriteriaAction.ADD, "contact_filter": _nos(5)}
    known |= {"dimension": il.Dimension.CONTACT, "contact_nos": ["CT1"]}
    known |= {"kind": il.DocumentType.SALES_INVOICE}
    method, one = _method(name, work), name if name in known else name.partition(".")[0]
    required = [
        one if each.name in {"no", "code", "entry_no"} else each.name
        for each in inspect.signature(method).parameters.values()
        if each.kind is not each.VAR_KEYWORD
        and (each.default is each.empty or each.name == "contact_filter")
    ]
    result = call(*(known[each] for each in required))(method, work)
    return list(result) if isinstance(result, Iterator) else result
