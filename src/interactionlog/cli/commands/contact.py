"""Contacts that the database keeps."""

from __future__ import annotations

from typing import Any

import attrs
import click

from interactionlog.cli.console import Console, limited, noun, reading, values_of, writing
from interactionlog.cli.options import Member, selecting, settable
from interactionlog.contacts.contact import Contact, Membership
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import DuplicateEntryError
from interactionlog.interactions.log import Statistics
from interactionlog.values import ContactType, MembershipKind

command = noun("Find, show and change contacts.")


@command.command("list")
@selecting
@limited
@reading
def list_contacts(console: Console, contact_filter: ContactFilter | None, limit: int) -> None:
    """List contacts, companies with their persons; conditions say which."""
    with console.read() as work:
        nos = work.contacts.matching(contact_filter or ContactFilter())[:limit]
        found = work.contacts.many(nos[:1_000])
    rows = [values_of(found[no]) for no in nos[:1_000]]
    console.rows(rows, ("no", "name", "type", "company_name", "city", "salesperson_code"))


@command.command("show")
@click.argument("no")
@reading
def show(console: Console, no: str) -> None:
    """Show a contact, its memberships and its figures."""
    with console.read() as work:
        contact, statistics = work.contacts.get(no), Statistics(work)
        figures = statistics.of_contact(no)._asdict() | statistics.dates_of_contact(no)._asdict()
        memberships = work.contacts.memberships(contact.no)
    if console.as_json:
        console.json({"contact": contact, **figures, "memberships": memberships})
        return
    console.fields(contact, **figures)
    if memberships:
        console.heading("member of")
        console.rows([values_of(each) for each in memberships], ("kind", "code", "line_no"))


@command.command("add")
@click.argument("no")
@settable(Contact, leave_out=("no",))
@writing
def add(console: Console, no: str, values: dict[str, Any]) -> None:
    """Add a contact; a company unless it says another type."""
    given = {"company_no": no, **values} if _is_company(values) else values
    contact = Contact(no=no, **given)

    def put(work: Any) -> None:
        if contact.company_no not in {None, contact.no}:
            work.contacts.get(contact.company_no)
        if work.contacts.find(contact.no) is not None:
            raise DuplicateEntryError("contact", contact.no)
        work.contacts.put(contact)

    console.write(put)
    console.tell(contact, f"contact {contact.no} is added")


def _is_company(values: dict[str, Any]) -> bool:
    return values.get("type", ContactType.COMPANY) is ContactType.COMPANY


@command.command("change")
@click.argument("no")
@settable(Contact, leave_out=("no", "type"))
@writing
def change(console: Console, no: str, values: dict[str, Any]) -> None:
    """Change fields of a contact."""

    def changed(work: Any) -> Contact:
        before: Contact = work.contacts.lock(no)
        after = attrs.evolve(before, **values)
        work.contacts.set(before.no, **{name: getattr(after, name) for name in values})
        return after

    contact = console.write(changed)
    console.tell(contact, f"contact {contact.no} is changed")


@command.command("join")
@click.argument("no")
@click.argument("kind", type=Member(MembershipKind))
@click.argument("code")
@click.option("--leave", is_flag=True, help="Leave it instead.")
@writing
def join(console: Console, no: str, kind: MembershipKind, code: str, leave: bool) -> None:
    """Make a contact a member, such as of mailing-group NEWS; --leave ends that."""

    def put(work: Any) -> Membership:
        member = Membership(contact_no=work.contacts.lock(no).no, kind=kind, code=code)
        (work.contacts.remove_membership if leave else work.contacts.put_membership)(member)
        return member

    member = console.write(put)
    verb = "left" if leave else "joined"
    console.tell(member, f"contact {member.contact_no} {verb} {member.code}")
