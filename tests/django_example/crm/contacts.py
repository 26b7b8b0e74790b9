"""Customers as the contacts of the interaction log."""

from __future__ import annotations

from django_example.crm.models import Customer
from interactionlog.contacts.relation import SalespersonRelation
from interactionlog.contrib.django import ModelContacts
from interactionlog.values import MembershipKind

CUSTOMERS = ModelContacts(
    Customer,
    no="id",
    name="name",
    e_mail="email",
    company="company__code",
    company_name="company__name",
    salesperson="agent__code",
    privacy_blocked="opted_out",
    memberships={MembershipKind.MAILING_GROUP: "tags__code"},
)
AGENTS = SalespersonRelation("crm_agent", code="code", name="name")
