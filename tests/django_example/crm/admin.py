"""Customers in the admin, with their timelines."""

from __future__ import annotations

from django.contrib import admin

from django_example.crm.models import Agent, Company, Customer, Tag
from interactionlog.contrib.django import TimelineAdmin

admin.site.register([Agent, Company, Tag])


@admin.register(Customer)
class CustomerAdmin(TimelineAdmin):
    list_display = ("name", "company", "agent", "opted_out")
    list_filter = ("tags",)
    search_fields = ("name",)
