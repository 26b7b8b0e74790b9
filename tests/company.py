"""
Records that scenarios begin with: group G1, template T1, salesperson SP1, contact C.

`Company` has everything at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from interactionlog.adapters.memory.store import MemoryStore
from interactionlog.attachments.attachment import AttachmentService
from interactionlog.contacts.contact import Contact, Salesperson, User
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.contacts.directory import ContactDirectory
from interactionlog.interactions.draft import DraftComment
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.entry_service import LogEntryService
from interactionlog.interactions.service import InteractionService
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.languages import SegmentLanguages
from interactionlog.segments.logging.logger import SegmentLogger
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.templates.template import (
    InteractionGroup,
    InteractionTemplate,
    MarketingSetup,
    TemplateLanguage,
)
from interactionlog.testing import a_campaign, a_contact, a_person
from interactionlog.unit_of_work import UnitOfWork
from stores import Begin, opening

__all__ = [
    "COMPANIES",
    "Company",
    "add_attachment",
    "add_company",
    "add_language",
    "add_person",
    "add_salesperson",
    "add_segment_series",
    "add_template",
    "add_user",
    "log_interaction",
    "set_up",
]


def add_salesperson(work: Any, code: str = "SP1", **values: Any) -> Salesperson:
    salesperson = Salesperson(code=code, **values)
    work.salespeople.put(salesperson)
    return salesperson


def add_user(work: Any, user_id: str = "TESTER", **values: Any) -> User:
    user = User(user_id=user_id, **values)
    work.users.put(user)
    return user


def add_company(work: Any, no: str = "C", **values: Any) -> Contact:
    contact = a_contact(no, **{"salesperson_code": "SP1", **values})
    work.contacts.put(contact)
    return contact


def add_person(work: Any, no: str = "P", company_no: str | None = None, **values: Any) -> Contact:
    contact = a_person(no, company_no, **{"salesperson_code": "SP1", **values})
    work.contacts.put(contact)
    return contact


def add_template(work: UnitOfWork, code: str = "T1", **values: Any) -> InteractionTemplate:
    group = values.setdefault("interaction_group_code", "G1")
    work.interaction_groups.put(InteractionGroup(code=group))
    template = InteractionTemplate(code=code, **{"description": f"{code}{group}", **values})
    work.templates.put(template)
    return template


def add_language(
    work: UnitOfWork, code: str = "T1", language_code: str | None = None, **values: Any
) -> TemplateLanguage:
    row = TemplateLanguage(interaction_template_code=code, language_code=language_code, **values)
    work.template_languages.put(row)
    return row


def add_segment_series(work: UnitOfWork) -> None:
    """Let segments without a number be SM00001, SM00002, …"""
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code="SEG"))
    setup.add_line("SEG", "SM00001")
    work.marketing_setup.put(MarketingSetup(segment_nos="SEG"))


def add_attachment(work: UnitOfWork, content: bytes = b"text", name: str = "letter.doc") -> int:
    return AttachmentService(work).store(content, name=name).no


def set_up(work: UnitOfWork, **template: Any) -> None:
    """Add salesperson SP1, company C and template T1."""
    add_salesperson(work)
    add_company(work)
    add_template(work, **template)


def log_interaction(work: UnitOfWork, contact_no: str = "C", **values: Any) -> InteractionLogEntry:
    """Finish an interaction with template T1."""
    interactions = InteractionService(work)
    draft = interactions.start(contact_no, **{"interaction_template_code": "T1", **values})
    return interactions.finish(draft)


COMPANIES = ("memory", "sqlite", "host")
T = TypeVar("T")


class _HostDirectory:
    """The contacts of a host: read through the port, changed by nobody but the host."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(ContactDirectory, name):
            raise AttributeError(name)

        def ask(*args: Any, **values: Any) -> Any:
            with self.store.read() as work:
                return getattr(work.contacts, name)(*args, **values)

        return ask


class Company:
    """
    A company with everything at once, so that a test sees what it leaves alone as well.

    * Companies C and D, person P of C (Danish); salespeople SP1 and SP2; user TESTER is SP1.
    * Template T1 with content in ENU and DAN, T2 without; campaign CP1; series SEG with a ledger.
    * Segment ``open`` SM00001 with lines for C, P and D; P's line has content of its own.
    * ``logged`` SM00002 for C and P, a wave of CP1: entries 1 and 2.
    * Entries of C: ``finished`` with a comment, ``canceled``, ``postponed`` with a comment.

    ``company()`` opens a unit of work, ``company.read()`` one that reads.
    """

    open, finished, canceled, postponed = "SM00001", 0, 0, 0

    def __init__(self, begin: Begin, directory: _HostDirectory | None) -> None:
        self.begin, self.read = begin, begin.read
        self._directory = directory
        for contact in (
            a_contact("C", salesperson_code="SP1", e_mail="c@x.example", language_code="ENU"),
            a_person("P", "C", salesperson_code="SP2", language_code="DAN"),
            a_contact("D", salesperson_code="SP1"),
        ):
            self.put_contact(contact)
        with begin() as work:
            self._add_everything(work)

    def __call__(self, *, user_id: str = "TESTER") -> Any:
        return self.begin(user_id=user_id)

    @classmethod
    @contextmanager
    def open_in(cls, adapter: str, folder: Path) -> Iterator[Company]:
        """Give a company in a new store of one of the adapters, or of `COMPANIES`."""
        directory = _HostDirectory() if adapter == "host" else None
        name = "sqlite-joined" if directory else adapter
        with opening(name, folder, contacts=directory) as begin:
            yield cls(begin, directory)

    def put_contact(self, contact: Contact) -> None:
        """Store a contact where this company has them."""
        home: Any = self._directory.store.begin if self._directory else self.begin
        with home(user_id="HOST") as work:
            work.contacts.put(contact)

    def on_another_thread(self, act: Callable[[Any], T]) -> T:
        """Run an action in a unit of work of another thread, over a connection of its own."""
        found: list[T] = []

        def run() -> None:
            with self.begin.another()() as work:
                found.append(act(work))

        thread = Thread(target=run)
        thread.start()
        thread.join()
        return found[0]

    def _add_everything(self, work: UnitOfWork) -> None:
        for code in ("SP1", "SP2"):
            add_salesperson(work, code)
        add_user(work, salesperson_code="SP1")
        work.campaigns.put(a_campaign("CP1"))
        add_template(work, "T2")
        add_template(work, unit_cost_lcy="37.45", unit_duration_min=5, language_code_default="ENU")
        for code in ("ENU", "DAN"):
            add_language(work, "T1", code, attachment_no=add_attachment(work, code.encode()))
        setup = NumberSeriesSetup(work)
        setup.create_series(NoSeries(code="SEG", ledger=True))
        setup.add_line("SEG", "SM00001")
        work.marketing_setup.put(MarketingSetup(segment_nos="SEG"))
        segments = SegmentService(work)
        for contacts in ("CPD", "CP"):
            segment = segments.create("S", interaction_template_code="T1", campaign_no="CP1")
            ContactSelection(work, segment.no).add(ContactFilter(nos=set(contacts)))
        own = add_attachment(work, b"own")
        for line in segments.lines(self.open):
            if line.line.contact_no == "P":
                languages = SegmentLanguages(work)
                languages.put(self.open, "DAN", line_no=line.line.line_no, attachment_no=own)
        self.logged = SegmentLogger(work).log(segment.no)
        comments = (DraftComment(comment="called"),)
        finished = log_interaction(work, comments=comments, campaign_no="CP1")
        canceled = log_interaction(work, "P")
        LogEntryService(work).cancel(canceled.entry_no)
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1", comments=comments)
        self.finished, self.canceled = finished.entry_no, canceled.entry_no
        self.postponed = interactions.postpone(draft).entry_no
