"""Customers, templates and users to click through."""

from __future__ import annotations

from django.contrib.auth.models import Permission, User
from django.db import transaction

import interactionlog as il
from django_example.crm.models import Agent, Company, Customer, Tag
from interactionlog.contrib.django import work

TEMPLATES = [
    il.InteractionTemplate(
        code="OUTGOING",
        interaction_group_code="PHONE",
        description="Outgoing call",
        unit_cost_lcy="8",
        unit_duration_min=15,
        information_flow=il.InformationFlow.OUTBOUND,
        initiated_by=il.InitiatedBy.US,
        correspondence_type_default=None,
    ),
    il.InteractionTemplate(
        code="LETTER",
        interaction_group_code="LETTERS",
        description="Spring letter",
        unit_cost_lcy="1.5",
        unit_duration_min=5,
        information_flow=il.InformationFlow.OUTBOUND,
        initiated_by=il.InitiatedBy.US,
        correspondence_type_default=il.CorrespondenceType.HARD_COPY,
    ),
]
CUSTOMERS = [
    ("Ada Byron", "ANALYTICAL", "VIP", False),
    ("Grace Hopper", "FLOW", "VIP", False),
    ("Emmy Noether", "", "NEWS", False),
    ("Sofia Kovalevskaya", "FLOW", "NEWS", True),
    ("Hedy Lamarr", "", "VIP", False),
]


@transaction.atomic
def fill() -> None:
    """Fill an empty database."""
    User.objects.create_superuser("helena", password="helena")
    looker = User.objects.create_user("leo", password="leo", is_staff=True)
    views = Permission.objects.filter(codename__startswith="view_")
    looker.user_permissions.set(views)
    agent = Agent.objects.create(code="HR", name="Helena Ray")
    companies = {
        code: Company.objects.create(code=code, name=name)
        for code, name in (("ANALYTICAL", "Analytical Engines"), ("FLOW", "Flow Matic"))
    }
    for name, company, tag, opted_out in CUSTOMERS:
        customer = Customer.objects.create(
            name=name,
            email=f"{name.partition(' ')[0].lower()}@example.org",
            company=companies.get(company),
            agent=agent,
            opted_out=opted_out,
        )
        customer.tags.add(Tag.objects.get_or_create(code=tag)[0])
    with work(user_id="SETUP") as unit:
        for group in ("PHONE", "LETTERS"):
            unit.interaction_groups.put(il.InteractionGroup(code=group))
        for template in TEMPLATES:
            unit.templates.put(template)
        setup = il.numbering.NumberSeriesSetup(unit)
        setup.create_series(il.numbering.NoSeries(code="SEGM"))
        setup.add_line("SEGM", "SM00001")
        unit.marketing_setup.set(segment_nos="SEGM")
