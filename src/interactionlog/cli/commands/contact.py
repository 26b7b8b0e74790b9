"""Contacts that the database keeps."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import attrs
import click

from interactionlog.cli.console import Console, limited, listing, noun, reading, values_of, verb
from interactionlog.cli.options import Member, selecting, settable
from interactionlog.contacts.contact import Contact, Membership
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import UsageError
from interactionlog.interactions.log import Statistics
from interactionlog.values import ContactType, MembershipKind

command = noun("Find, show and change contacts.")
no_argument = click.argument("no")


_COLUMNS = "no name type company_name city salesperson_code"


@listing(command, "list", selecting, limited, columns=_COLUMNS)
def list_contacts(work: Any, contact_filter: ContactFilter | None, limit: int) -> Any:
    """List contacts, companies with their persons; conditions say which."""
    nos = work.contacts.matching(contact_filter or ContactFilter())[:limit]
    for first in range(0, len(nos), 1_000):
        some = nos[first : first + 1_000]
        found = work.contacts.many(some)
        yield from (found[no] for no in some)


@command.command("show")
@no_argument
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


@verb(
    command,
    "add",
    no_argument,
    settable(Contact, leave_out=("no",)),
    told="contact {0.no} is added",
)
def add(work: Any, no: str, values: dict[str, Any]) -> Contact:
    """Add a contact with its name; a company unless --type says person."""
    company = values.get("type", ContactType.COMPANY) is ContactType.COMPANY
    contact = Contact(no=no, **({"company_no": no, **values} if company else values))
    _check(work, contact, ("name", "company_no", "salesperson_code"))
    work.contacts.add(contact)
    return contact


def _check(work: Any, contact: Contact, given: Collection[str]) -> None:
    if "name" in given and not contact.name.strip():
        raise UsageError(f"say what contact {contact.no} is called: --name must not be blank")
    if "company_no" in given and contact.company_no not in {None, contact.no}:
        work.contacts.get(contact.company_no)
    if "salesperson_code" in given and contact.salesperson_code:
        work.salespeople.get(contact.salesperson_code)


@verb(
    command,
    "change",
    no_argument,
    settable(Contact, leave_out=("no", "type"), required=True),
    told="contact {0.no} is changed",
)
def change(work: Any, no: str, values: dict[str, Any]) -> Contact:
    """Change fields of a contact."""
    before: Contact = work.contacts.lock(no)
    after = attrs.evolve(before, **values)
    _check(work, after, values)
    work.contacts.set(before.no, **{name: getattr(after, name) for name in values})
    return after


_kind = click.argument("kind", type=Member(MembershipKind), metavar="KIND")
_leave = click.option("--leave", is_flag=True, help="Leave it instead.")


@verb(
    command,
    "join",
    no_argument,
    _kind,
    click.argument("code"),
    _leave,
    told="{kind} of {0.contact_no}: {0.code}",
)
def join(work: Any, no: str, kind: MembershipKind, code: str, leave: bool) -> Membership:
    """
    Make a contact a member, such as of mailing-group NEWS; --leave ends that.

    KIND is mailing-group, industry-group, job-responsibility, business-relation or profile-answer.
    """
    member = Membership(contact_no=work.contacts.lock(no).no, kind=kind, code=code)
    (work.contacts.remove_membership if leave else work.contacts.put_membership)(member)
    return member
