"""Contacts that the database keeps, what they agreed to, and what is held about them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import click

from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.cli.console import (
    Console,
    Noun,
    counted,
    limited,
    listing,
    print_json,
    verb,
    with_console,
)
from interactionlog.cli.options import DAY, Member, selecting, settable
from interactionlog.contacts.consent import NEEDS, Consent, Consents, Purpose, Suppression
from interactionlog.contacts.contact import Contact, Membership
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import UsageError
from interactionlog.interactions.log import Statistics
from interactionlog.interchange.export import written
from interactionlog.interchange.targets import kept_by_host
from interactionlog.privacy.personal import Privacy
from interactionlog.privacy.records import Erasure
from interactionlog.unit_of_work import by_thousands
from interactionlog.values import ContactType, MembershipKind

contact = Noun(help="Find, show and change contacts.")
_no = click.argument("no")
_COLUMNS = "no name type company_name city salesperson_code"


@listing(contact, "list", selecting, limited, columns=_COLUMNS)
def list_contacts(work: Any, contact_filter: ContactFilter | None, limit: int) -> Any:
    """List contacts, companies with their persons; conditions say which."""
    nos = work.contacts.matching(contact_filter or ContactFilter())[:limit]
    for some in by_thousands(nos):
        found = work.contacts.many(some)
        yield from (found[no] for no in some)


@contact.command("show")
@_no
@with_console
def show_contact(console: Console, no: str) -> None:
    """Show a contact, its figures and, unless a host keeps them, its memberships."""
    with console.read() as work:
        found, statistics = work.contacts.get(no), Statistics(work)
        figures = statistics.of_contact(no)._asdict() | statistics.dates_of_contact(no)._asdict()
        kept = [] if kept_by_host(work, "contact") else work.contacts.memberships(found.no)
    console.json({"contact": found, **figures, "memberships": kept})
    console.fields(found, **figures)
    if kept:
        console.heading("member of")
        console.rows(kept, "kind code line_no")


def _own(work: Any) -> Any:
    """Return the contacts that the library keeps, or refuse where a host keeps them."""
    if kept_by_host(work, "contact"):
        raise UsageError("the host keeps its own contacts: change them there")
    return work.contacts


@verb(
    contact,
    "add",
    _no,
    settable(Contact, Contact, leave_out=("no",)),
    told="contact {0.no} is added",
)
def add(work: Any, no: str, values: dict[str, Any]) -> Contact:
    """Add a contact with its name; a company unless --type says person."""
    company = values.get("type", ContactType.COMPANY) is ContactType.COMPANY
    added = Contact(no=no, **({"company_no": no, **values} if company else values))
    added = attrs.evolve(added, **_checked(work, added, {"name": "", "company_no": "", **values}))
    _own(work).add(added)
    return added


def _checked(work: Any, contact: Contact, given: dict[str, Any]) -> dict[str, Any]:
    """Refuse what cannot be, and return the name of the company, as an import gives it."""
    company = contact
    if "name" in given and not contact.name.strip():
        raise UsageError(f"say what contact {contact.no} is called: --name must not be blank")
    if "company_no" in given and contact.company_no not in {None, contact.no}:
        company = work.contacts.get(contact.company_no)
        if company.type is not ContactType.COMPANY:
            raise UsageError(f"contact {company.no} is a person: --company names a company")
    if given.get("salesperson_code") and contact.salesperson_code:
        work.salespeople.get(contact.salesperson_code)
    own = contact.type is ContactType.COMPANY and "name" in given
    if "company_name" in given or not (own or "company_no" in given):
        return {}
    return {"company_name": company.name if contact.company_no else ""}


@verb(
    contact,
    "change",
    _no,
    settable(Contact, Contact, leave_out=("no", "type"), required=True),
    told="contact {0.no} is changed",
)
def change(work: Any, no: str, values: dict[str, Any]) -> Contact:
    """Change fields of a contact."""
    before: Contact = _own(work).lock(no)
    after = attrs.evolve(before, **values)
    values = {**values, **_checked(work, after, values)}
    after = attrs.evolve(before, **values)
    work.contacts.set(before.no, **{name: getattr(after, name) for name in values})
    if before.type is ContactType.COMPANY and "company_name" in values:
        work.contacts.name_companies({before.no: after.company_name})
    return after


_kind = click.argument("kind", type=Member(MembershipKind), metavar="KIND")
_code = click.argument("code")
_leave = click.option("--leave", is_flag=True, help="Leave it instead.")


@verb(contact, "join", _no, _kind, _code, _leave, told="{kind} of {0.contact_no}: {0.code}")
def join(work: Any, no: str, kind: MembershipKind, code: str, leave: bool) -> Membership:
    """
    Make a contact a member, such as of mailing-group NEWS; --leave ends that.

    KIND is mailing-group, industry-group, job-responsibility, business-relation or profile-answer.
    """
    member = Membership(contact_no=_own(work).lock(no).no, kind=kind, code=code)
    (work.contacts.remove_membership if leave else work.contacts.put_membership)(member)
    return member


consent = Noun(help="Record who agreed and who refused, and ask who may be written to.")
_contact = click.argument("contact")
_channel = click.option("--channel", help="mail, letter or another; every one unless given.")
_needs = click.option("--needs", type=click.Choice(NEEDS), default="opt-in", show_default=True)
_description = click.option("--description", default="", help="At most 100 characters.")


@verb(consent, "purpose", _code, _needs, _description, told="purpose {0.code} needs {0.needs}")
def purpose(work: Any, **values: str) -> Purpose:
    """Store a purpose that templates and segments name."""
    stored = Purpose(**values)
    Consents(work).put_purpose(stored)
    return stored


@verb(
    consent,
    "record",
    _contact,
    click.argument("answer", metavar="given|refused", type=click.Choice(["given", "refused"])),
    click.option("--purpose", help="Its code; a refusal without it is for every purpose."),
    _channel,
    click.option("--on", type=DAY, help="From which day; today unless given."),
    click.option("--source", default="", help="Where it comes from."),
    click.option("--evidence", default="", help="What proves it."),
    told="consent of {0.contact_no} is {answer} from {0.date} on",
)
def record(work: Any, contact: str, answer: str, **values: Any) -> Consent:
    """Add the fact that a contact agrees or refuses."""
    return Consents(work).record(contact, given=answer == "given", **values)


@consent.command("show")
@_contact
@with_console
def show_consents(console: Console, contact: str) -> None:
    """Show what a contact said, by date."""
    with console.read() as work:
        found = Consents(work).history(contact)
    rows = [attrs.asdict(each, recurse=False) for each in found]
    if not console.as_json:
        rows = [{**row, "answer": "given" if row["given"] else "refused"} for row in rows]
    console.rows(rows, "date answer purpose_code channel source evidence")


_address = click.argument("address")
_reason = click.option("--reason", default="", help="Such as bounced.")


@verb(consent, "suppress", _address, _channel, _reason, told="{0.address} is suppressed")
def suppress(work: Any, address: str, channel: str | None, reason: str) -> Suppression:
    """Let nothing be sent to an address where a purpose needs consent."""
    return Consents(work).suppress(address, channel, reason=reason)


privacy = Noun(help="Report what is held about a person, and erase it.")


@privacy.command("report")
@_contact
@click.option("--html", type=click.Path(path_type=Path), help="Write a page into this new file.")
@with_console
def report(console: Console, contact: str, html: Path | None) -> None:
    """Count what is held about a contact; --html or --json gives all of it."""
    with console.read() as work:
        found = Privacy(work).report(contact)
    if html is not None:
        with written(html) as part:
            part.write_text(found.to_html(), encoding="utf-8")
        console.tell({"file": str(html)}, f"{html} is written")
    elif console.as_json:
        print_json(json.loads(found.to_json()))
    else:
        rows = [(console.text(name), len(some)) for name, some in found.tables.items()]
        console.table("table records", rows)
        console.say("--html FILE writes all of it as a page, --json prints it")


@privacy.command("erase")
@_contact
@click.option("--reason", required=True, help="Why; nothing personal, because it is kept.")
@with_console
def erase(console: Console, contact: str, reason: str) -> None:
    """Erase a contact with everything that tells of it; figures stay."""
    _erased(console, console.write(lambda work: Privacy(work).erase(contact, reason=reason)))


@privacy.command("retain")
@click.option("--before", required=True, type=DAY, help="First day kept.")
@click.option("--template", "templates", multiple=True, help="Only of this template; repeatable.")
@click.option("--reason", default="", help="Why; needed to erase.")
@click.option("--erase", "wanted", is_flag=True, help="Erase; else it is only counted.")
@with_console
def retain(
    console: Console, before: date, templates: tuple[str, ...], reason: str, wanted: bool
) -> None:
    """Erase what is personal in entries from before a day; first say how many they are."""

    def retained(work: Any) -> Erasure:
        return Privacy(work).retain(
            before=before, templates=templates or None, reason=reason, dry_run=not wanted
        )

    if wanted:
        _erased(console, console.write(retained))
        return
    with console.read() as work:
        planned = retained(work)
    entries = counted(planned.counts["log_entry"], "entry")
    console.tell(planned, f"{entries} would be erased: --erase does it")


def _erased(console: Console, erasure: Erasure) -> None:
    with console.store() as store:
        if isinstance(store, SqliteStore):
            store.vacuum()  # nothing of it is left in the file
    total = sum(erasure.counts.values())
    console.tell(erasure, f"erasure {erasure.erasure_no}: {counted(total, 'record')}")
