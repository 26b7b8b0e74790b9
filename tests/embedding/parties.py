"""A host's own tables of parties, with the contacts that a directory under test holds."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import interactionlog as il
from interactionlog.testing.contracts.contacts import (
    ADDRESS_PERIODS,
    ADDRESSES,
    CONTACTS,
    MEMBERSHIPS,
)
from interactionlog.testing.contracts.people import (
    SALESPEOPLE,
    USERS,
)

NUMBERS = {
    "text": {},
    "integer": {"C1": "101", "C2": "102", "P1": "17", "P2": "1000", "P3": "9"},
    "uuid": {
        each.no: str(uuid.UUID(int=number << 100)) for number, each in enumerate(CONTACTS, start=9)
    },
    "slug": {
        each.no: il.TextKey.number_of(key)
        for each, key in zip(
            CONTACTS, ("acme", "acMe", "a-b_c.d", "Zoé".upper()[:2] + "9", "x" * 36), strict=False
        )
    },
}
"""What the host calls the contacts, by the kind of its key."""
ABSENT = frozenset(
    {
        *("address", "post_code", "county", "currency_code", "salutation_code", "job_title"),
        *("organizational_level_code", "phone_no", "mobile_phone_no", "minor"),
    }
)
"""Fields of a contact that the host has not."""

_COLUMNS = """
    name text, company_name text, territory text, country text, agent text, language text,
    correspondence integer, email text, opted_out boolean, excluded boolean
"""
_TABLES = f"""
    CREATE TABLE party (id @ PRIMARY KEY, kind integer, company @, {_COLUMNS});
    CREATE TABLE party_group (party @, kind integer, code text, line integer, account text, account_no text);
    CREATE TABLE party_address (party @, code text, email text);
    CREATE TABLE party_address_period (party @, code text, first date, last date);
    CREATE TABLE agent (code text, name text, email text, inactive boolean);
    CREATE TABLE answer (seq integer, party @, way text, aim text, agrees boolean, day date);
    CREATE TABLE account (login text, name text, agent text)
"""


def _rows(key: Callable[[str | None], Any]) -> list[tuple[str, tuple[Any, ...]]]:
    rows: list[tuple[str, tuple[Any, ...]]] = []
    for c in CONTACTS:
        kind = c.correspondence_type and c.correspondence_type.value
        company = key(c.company_no) if c.company_no else None
        more = (c.name, c.company_name, c.territory_code, c.country_code, c.salesperson_code)
        flags = (c.privacy_blocked, c.exclude_from_segment)
        rows.append(
            (
                "party",
                (key(c.no), c.type.value, company, *more, c.language_code, kind, c.e_mail, *flags),
            )
        )
    for m in MEMBERSHIPS:
        row = (
            key(m.contact_no),
            m.kind.value,
            m.code.lower(),
            m.line_no,
            m.link_to_table,
            m.linked_no,
        )
        rows.append(("party_group", row))
    rows += [("party_address", (key(a.contact_no), a.code, a.e_mail)) for a in ADDRESSES]
    for p in ADDRESS_PERIODS:
        days = (str(p.starting_date), p.ending_date and str(p.ending_date))
        rows.append(("party_address_period", (key(p.contact_no), p.code, *days)))
    rows += [("agent", (s.code.lower(), s.name, s.e_mail, s.blocked)) for s in SALESPEOPLE]
    rows += [("account", (u.user_id.lower(), u.full_name, u.salesperson_code)) for u in USERS]
    return rows


def create(execute: Callable[..., Any], kind: str, *, postgresql: bool) -> None:
    """Make the tables of a host with this kind of key, and fill them."""
    types = {
        "text": "varchar(20)",
        "integer": "integer",
        "slug": "varchar(40)",
        "uuid": "uuid" if postgresql else "char(36)",
    }
    for statement in _TABLES.replace("@", types[kind]).split(";"):
        execute(statement)

    def key(no: str | None) -> Any:
        number = NUMBERS[kind].get(str(no), no)
        if kind == "uuid" and not postgresql:
            return str(number).replace("-", "")  # as Django and SQLAlchemy store it
        if kind == "slug":
            return il.TextKey.key_of(str(number))
        return int(str(number)) if kind == "integer" and str(number).isdigit() else number

    for table, row in _rows(key):
        marks = ", ".join(["%s" if postgresql else "?"] * len(row))
        execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608


ADDRESSES_WITH_PERIODS = """(
    SELECT p.party, p.code, a.email, p.first, p.last
    FROM party_address_period AS p LEFT JOIN party_address AS a ON a.party = p.party AND a.code = p.code
)"""


def _key(kind: str) -> Any:
    return {"text": str, "integer": il.IntegerKey, "uuid": il.UuidKey, "slug": il.TextKey}[kind]


def relation(kind: str) -> il.ContactRelation:
    """Return the parties as contacts."""
    return il.ContactRelation(
        "party",
        no=_key(kind)("id"),
        type="kind",
        name="name",
        company_no="company",
        company_name="company_name",
        territory_code="territory",
        country_code="lower(country)",
        salesperson_code="agent",
        language_code="language",
        correspondence_type="correspondence",
        city="''",
        e_mail="email",
        privacy_blocked="opted_out",
        exclude_from_segment="excluded",
        memberships=[_groups(each) for each in il.MembershipKind],
        addresses=il.ports.AlternativeAddressRelation(
            ADDRESSES_WITH_PERIODS,
            contact_no="party",
            code="code",
            e_mail="email",
            starting_date="first",
            ending_date="last",
        ),
    )


def _groups(kind: il.MembershipKind) -> il.MembershipRelation:
    return il.MembershipRelation(
        f"(SELECT * FROM party_group WHERE kind = {kind.value})",  # noqa: S608
        contact_no="party",
        kind=kind,
        code="code",
        line_no="line",
        link_to_table="account",
        linked_no="account_no",
    )


SALESPERSON_RELATION = il.SalespersonRelation(
    "agent", code="code", name="name", e_mail="email", blocked="inactive"
)
CONSENT_RELATION = il.ports.ConsentRelation(
    "answer",
    contact_no="party",
    channel="way",
    purpose_code="lower(aim)",
    given="agrees",
    date="day",
    entry_no="seq",
)
USER_RELATION = il.UserRelation(
    "account", user_id="login", full_name="name", salesperson_code="agent"
)
