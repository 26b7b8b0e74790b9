"""Memory and SQLite take the same steps of single interactions; a naive model knows the answers."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

import interactionlog as il
from company import add_attachment, add_language, add_salesperson, add_template
from interactionlog.testing import DAY, a_campaign, a_contact, a_person
from stores import opening

CONTACTS = ("CO", "P1", "P2")
TEMPLATES = ("T1", "T2")
OWN, CAMPAIGN = 1, 4


@dataclass
class Entry:
    """An entry of the model."""

    contact: str
    template: str
    cost: int = 0
    minutes: int = 0
    days: int = 0
    salesperson: str = "SP1"
    campaign: int | None = None
    bits: int = 0
    postponed: bool = False
    failed: bool = False
    comments: int = 0
    content: bytes | None = None
    document: bool = False
    resend_of: int | None = None
    has_campaign: bool = False

    @property
    def counts(self):
        return not self.bits and not self.postponed


@dataclass
class Model:
    """What the stores should hold."""

    entries: dict[int, Entry] = field(default_factory=dict)
    highest: int = 0
    canceled_parents: set[int] = field(default_factory=set)
    closed_parents: set[int] = field(default_factory=set)
    open_parent: int | None = None

    def join(self, parent, has_campaign):  # INV-I-19
        """Check the campaign entry that an interaction joined."""
        if not has_campaign:
            assert parent is None
        elif self.open_parent is None:
            assert parent is not None
            assert parent not in self.closed_parents
            self.open_parent = parent
        else:
            assert parent == self.open_parent

    def add(self, entry_no, entry):
        assert entry_no > self.highest  # INV-I-01
        self.highest = entry_no
        self.entries[entry_no] = entry


drafts = st.fixed_dictionaries(
    {
        "contact": st.sampled_from(CONTACTS),
        "template": st.sampled_from(TEMPLATES),
        "cost": st.integers(0, 9),
        "minutes": st.integers(0, 9),
        "days": st.integers(-3, 3),
        "salesperson": st.sampled_from(["SP1", "SP2"]),
        "failed": st.booleans(),
        "comments": st.integers(0, 2),
        "has_campaign": st.booleans(),
        "content": st.sampled_from([None, b"own"]),
    }
)


class InteractionMachine(RuleBasedStateMachine):
    """Every step in every store, each in a unit of work of its own."""

    postponed = Bundle("postponed")
    logged = Bundle("logged")

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.begins = [
            self.stack.enter_context(
                opening(adapter, Path(self.stack.enter_context(TemporaryDirectory())))
            )
            for adapter in ("memory", "sqlite")
        ]
        self.model = Model()
        self.everywhere(self.set_up)

    def teardown(self):
        self.stack.close()

    @staticmethod
    def set_up(work):
        for code in ("SP1", "SP2"):
            add_salesperson(work, code)
        for contact in (a_contact("CO"), a_person("P1", "CO"), a_person("P2")):
            work.contacts.put(contact)
        add_template(work, "T1", initiated_by=il.InitiatedBy.US)
        add_template(work, "T2", interaction_group_code="G2")
        add_template(work, "DOC")
        add_language(work, "T2", attachment_no=add_attachment(work, b"template"))
        work.campaigns.put(a_campaign("CP1"))
        il.TemplateService(work).assign(il.DocumentType.SALES_INVOICE, "DOC")

    def everywhere(self, action):
        outcomes = []
        for begin in self.begins:
            with begin() as work:
                try:
                    outcomes.append(action(work))
                except (il.RuleViolation, il.NotFoundError) as refused:
                    outcomes.append(type(refused).__name__)
        assert all(outcome == outcomes[0] for outcome in outcomes), outcomes
        return outcomes[0]

    @staticmethod
    def draft(work, values):
        content = values["content"]
        own = {} if content is None else {"attachment_no": add_attachment(work, content)}
        return il.InteractionService(work).start(
            values["contact"],
            interaction_template_code=values["template"],
            salesperson_code=values["salesperson"],
            cost_lcy=values["cost"],
            duration_min=values["minutes"],
            date=DAY + timedelta(values["days"]),
            interaction_successful=not values["failed"],
            campaign_no="CP1" if values["has_campaign"] else None,
            comments=tuple(il.DraftComment(comment="x") for _ in range(values["comments"])),
            **own,
        )

    def modeled(self, values, **more):
        default = b"template" if values["template"] == "T2" else None
        return Entry(**{**values, "content": values["content"] or default, **more})

    @rule(target=logged, values=drafts)
    def finish(self, values):
        def act(work):
            entry = il.InteractionService(work).finish(self.draft(work, values))
            return entry.entry_no, entry.campaign_entry_no

        entry_no, campaign = self.everywhere(act)
        self.model.join(campaign, values["has_campaign"])
        self.model.add(entry_no, self.modeled(values, campaign=campaign))
        return entry_no

    @rule(target=postponed, values=drafts)
    def postpone(self, values):
        entry_no = self.everywhere(
            lambda work: il.InteractionService(work).postpone(self.draft(work, values)).entry_no
        )
        self.model.add(entry_no, self.modeled(values, postponed=True))
        return entry_no

    @rule(values=drafts, key=st.sampled_from(["description", "salesperson_code", "date"]))
    def refused(self, values, key):  # INV-I-05
        def act(work):
            service = il.InteractionService(work)
            with work.atomic():
                draft = self.draft(work, values)
                bad = service.change(draft, **{key: "" if key == "description" else None})
                return service.finish(bad).entry_no

        assert self.everywhere(act) == "CheckFailedError"

    @rule(target=logged, entry_no=consumes(postponed), cost=st.integers(0, 9))
    def resume_and_finish(self, entry_no, cost):  # INV-I-03
        known = self.model.entries.get(entry_no)

        def act(work):
            service = il.InteractionService(work)
            entry = service.finish(service.change(service.resume(entry_no), cost_lcy=cost))
            assert entry.entry_no == entry_no
            return entry.campaign_entry_no

        outcome = self.everywhere(act)
        if known is None or known.bits or not known.postponed:
            assert isinstance(outcome, str)
            return multiple()
        self.model.join(outcome, known.has_campaign)
        known.postponed, known.cost, known.campaign = False, cost, outcome
        return entry_no

    @rule(entry_no=postponed)
    def resume_and_abandon(self, entry_no):  # INV-I-04
        def act(work):
            before = work.interactions.newest(il.LogFilter())
            il.InteractionService(work).resume(entry_no)
            assert work.interactions.newest(il.LogFilter()) == before

        self.everywhere(act)

    @rule(entry_no=consumes(postponed))
    def delete_postponed(self, entry_no):
        outcome = self.everywhere(
            lambda work: il.InteractionService(work).delete_postponed(entry_no)
        )
        known = self.model.entries.get(entry_no)
        assert (outcome is None) is (known is not None and known.postponed)
        if outcome is None:
            del self.model.entries[entry_no]

    @rule(entry_no=st.one_of(logged, postponed))
    def cancel_and_back(self, entry_no):  # INV-I-10
        known = self.model.entries.get(entry_no)

        def act(work):
            before = work.interactions.find(entry_no)
            il.LogEntryService(work).cancel(entry_no)
            il.LogEntryService(work).uncancel(entry_no)
            if not before.cancel_state & OWN:
                assert work.interactions.get(entry_no) == before

        outcome = self.everywhere(act)
        if known is None or known.campaign in self.model.canceled_parents:
            assert outcome in {"EntryNotFoundError", "StateError"}
        if known is not None:
            known.bits |= OWN
            if known.campaign not in self.model.canceled_parents:
                known.bits &= ~OWN

    @rule(entry_no=st.one_of(logged, postponed))
    def cancel(self, entry_no):
        outcome = self.everywhere(lambda work: il.LogEntryService(work).cancel(entry_no))
        known = self.model.entries.get(entry_no)
        assert (outcome is None) is (known is not None)
        if known is not None:
            known.bits |= OWN

    @rule(entry_no=logged)
    def uncancel(self, entry_no):  # INV-I-21
        outcome = self.everywhere(lambda work: il.LogEntryService(work).uncancel(entry_no))
        known = self.model.entries.get(entry_no)
        below = known is not None and known.campaign in self.model.canceled_parents
        assert (outcome is None) is (known is not None and not below)
        if outcome is None:
            known.bits &= ~OWN

    @rule(data=st.data())
    def cancel_a_campaign_entry(self, data):
        parents = sorted({e.campaign for e in self.model.entries.values()} - {None})
        if not parents:
            return
        parent = data.draw(st.sampled_from(parents))
        back = parent in self.model.canceled_parents

        def act(work):
            service = il.CampaignService(work)
            (service.uncancel_entries if back else service.cancel_entries)(parent)

        assert self.everywhere(act) is None
        self.model.canceled_parents ^= {parent}
        self.model.closed_parents.add(parent)
        if self.model.open_parent == parent:
            self.model.open_parent = None
        for entry in self.model.entries.values():
            if entry.campaign == parent:
                entry.bits = entry.bits & ~CAMPAIGN if back else entry.bits | CAMPAIGN

    @rule(entry_no=logged, failed=st.booleans())
    def mark_attempt(self, entry_no, failed):  # INV-I-13
        outcome = self.everywhere(
            lambda work: il.LogEntryService(work).mark_attempts(entry_no, failed=failed)
        )
        known = self.model.entries.get(entry_no)
        assert (outcome is None) is (known is not None)
        if known is not None:
            known.failed = failed

    @rule(entry_no=logged)
    def comment(self, entry_no):
        outcome = self.everywhere(
            lambda work: (
                il.LogEntryService(work).put_comment(entry_no, il.DraftComment(comment="y")).line_no
            )
        )
        known = self.model.entries.get(entry_no)
        if known is None:
            assert outcome == "EntryNotFoundError"
        else:
            known.comments += 1
            assert outcome == 10_000 * known.comments

    @rule(target=logged, entry_no=logged)
    def resend(self, entry_no):  # INV-I-30, at cost 0
        hard_copy = il.CorrespondenceType.HARD_COPY
        outcome = self.everywhere(
            lambda work: [
                entry.entry_no
                for entry in il.LogEntryService(work).resend(
                    entry_no, correspondence_type=hard_copy
                )
            ]
        )
        known = self.model.entries.get(entry_no)
        if known is None or known.bits or known.postponed or known.content is None:
            assert outcome in {"EntryNotFoundError", "CheckFailedError"}
            return multiple()
        (resent,) = outcome
        again = {**vars(known), "cost": 0, "minutes": 0, "days": 0, "resend_of": entry_no}
        self.model.add(resent, Entry(**again))
        return resent

    @rule(contact=st.sampled_from(CONTACTS), log_everybody=st.booleans())
    def delete_canceled(self, contact, log_everybody):  # INV-I-22, INV-I-23
        log_filter = il.LogFilter() if log_everybody else il.LogFilter(contact_no=contact)
        deleted = self.everywhere(lambda work: il.LogEntryService(work).delete_canceled(log_filter))
        gone = [
            no
            for no, entry in self.model.entries.items()
            if entry.bits and (log_everybody or entry.contact == contact)
        ]
        assert deleted == len(gone)
        for no in gone:
            del self.model.entries[no]

    @rule(number=st.integers(1, 3), contact=st.sampled_from((*CONTACTS, "NOBODY")))
    def log_document(self, number, contact):  # INV-I-26, INV-I-27
        document = il.Document(
            type=il.DocumentType.SALES_INVOICE,
            no=str(number),
            account_kind="Contact",
            account_no=contact,
        )

        def act(work):
            outcome = il.DocumentLogger(work).log(document)
            entry = getattr(outcome, "entry", None)
            assert entry is None or entry.delivery_status is None
            return type(outcome).__name__, entry and entry.entry_no

        name, entry_no = self.everywhere(act)
        known = {
            no: entry
            for no, entry in self.model.entries.items()
            if entry.document and (entry.minutes, entry.contact) == (-number, contact)
        }
        if contact == "NOBODY":
            assert (name, entry_no) == ("NoContact", None)
        elif known:
            assert (name, entry_no) == ("AlreadyLogged", min(known))
        else:
            assert name == "Logged"
            salesperson = None
            entry = Entry(contact, "DOC", document=True, salesperson=salesperson)
            entry.minutes = -number  # the number of the document; it takes no time
            self.model.add(entry_no, entry)

    @rule(number=st.integers(1, 26))
    def log_what_is_not_set_up(self, number):  # INV-I-26
        if il.DocumentType(number) is not il.DocumentType.SALES_INVOICE:
            document = il.Document(
                type=il.DocumentType(number), no="1", account_kind="Contact", account_no="CO"
            )
            name = self.everywhere(
                lambda work: type(il.DocumentLogger(work).log(document)).__name__
            )
            assert name == "NotConfigured"

    # invariants

    def each(self):
        for begin in self.begins:
            with begin.read() as work:
                yield work

    def expected(self, wanted):
        matching = [
            entry for entry in self.model.entries.values() if entry.counts and wanted(entry)
        ]
        cost = sum((Decimal(entry.cost) for entry in matching), Decimal(0))
        return len(matching), cost, sum(max(entry.minutes, 0) for entry in matching)

    @invariant()
    def the_log_is_what_the_model_says(self):  # INV-I-02, INV-I-06
        for work in self.each():
            stored = {
                entry.entry_no: entry
                for entry in work.interactions.newest(il.LogFilter(), limit=10_000)
            }
            assert set(stored) == set(self.model.entries)
            for no, entry in self.model.entries.items():
                found = stored[no]
                assert (found.cancel_state, found.postponed) == (entry.bits, entry.postponed)
                assert (found.campaign_entry_no, found.resend_of) == (
                    entry.campaign,
                    entry.resend_of,
                )
                assert (found.campaign_no is not None) is entry.has_campaign
                assert len(work.interactions.comments(no)) == entry.comments
                if not found.postponed and found.document_type is None:
                    assert found.contact_no
                    assert found.interaction_template_code
                    assert found.salesperson_code

    @invariant()
    def figures_add_up(self):  # INV-I-08, INV-I-09, INV-I-11, INV-I-12, INV-I-13, INV-I-20
        for work in self.each():
            statistics = il.Statistics(work)
            company = statistics.of_contact("CO")
            assert company == self.expected(lambda entry: entry.contact in {"CO", "P1"})
            for no in ("P1", "P2"):
                assert statistics.of_contact(no) == self.expected(
                    lambda entry, no=no: entry.contact == no
                )
            assert company >= statistics.of_contact("P1")
            everything = statistics.of(il.LogFilter())
            assert everything == self.expected(lambda _: True)
            for dimension in (il.Dimension.SALESPERSON, il.Dimension.TEMPLATE, il.Dimension.GROUP):
                parts = [figures for _, figures in statistics.by(dimension)]
                sums = tuple(sum(part[place] for part in parts) for place in range(3))
                assert sums == tuple(everything)
            for parent in {entry.campaign for entry in self.model.entries.values()} - {None}:
                if parent not in self.model.canceled_parents:
                    found = statistics.of(il.LogFilter(campaign_entry_no=parent))
                    assert found == self.expected(
                        lambda entry, parent=parent: entry.campaign == parent
                    )

    @invariant()
    def dates_are_those_of_live_entries(self):  # INV-I-14 as overruled: canceled ones do not count
        for work in self.each():
            for no, scope in (("CO", {"CO", "P1"}), ("P1", {"P1"}), ("P2", {"P2"})):
                live = [e for e in self.model.entries.values() if not e.bits and e.contact in scope]
                reached = [e.days for e in live if not e.postponed and not e.failed]
                tried = [e.days for e in live if not e.postponed and e.template == "T1"]
                later = [e.days for e in live if e.postponed]
                days = (
                    max(tried, default=None),
                    max(reached, default=None),
                    min(later, default=None),
                )
                assert il.Statistics(work).dates_of_contact(no) == tuple(
                    None if day is None else DAY + timedelta(day) for day in days
                )

    @invariant()
    def content_is_owned_read_only_and_unchanged(self):  # INV-I-22, INV-I-24, INV-I-25
        for work in self.each():
            numbers = []
            for no, entry in self.model.entries.items():
                attachment_no = work.interactions.get(no).attachment_no
                assert (attachment_no is None) is (entry.content is None)
                if attachment_no is not None:
                    numbers.append(attachment_no)
                    assert work.attachments.get(attachment_no).read_only
                    with il.AttachmentService(work).open(attachment_no) as content:
                        assert content.read() == entry.content
            assert len(set(numbers)) == len(numbers)
            row = work.template_languages.get("T2", None)
            kept = {*numbers, row.attachment_no}
            assert {no for no in range(1, max(kept) + 20) if work.attachments.find(no)} == kept


TestInteractions = InteractionMachine.TestCase
TestInteractions.settings = settings(stateful_step_count=20)
