"""The admin: pages of the log and of segments, and a timeline for the host's own customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.urls import path

from interactionlog.contrib.django import _pages as pages
from interactionlog.contrib.django import _setup_pages as setup_pages
from interactionlog.contrib.django._page import Page, errors_told, names_of
from interactionlog.contrib.django.conf import imported, setting
from interactionlog.contrib.django.models import MODELS
from interactionlog.contrib.django.unit_of_work import work


class _WithNames(ChangeList):
    """Looks the names of a page's contacts up at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if hasattr(self.model, "contact_no"):
            names: dict[str | None, str] = {}
            with errors_told(request), work(request) as unit:
                names = names_of(unit, [each.contact_no for each in self.result_list])
            for each in self.result_list:
                each.contact_name = names.get(each.contact_no, "")


class _ReadOnlyAdmin(admin.ModelAdmin):
    """Lists records; what can be done with one is on its page, and a service does it."""

    page: type[Page]
    further: Sequence[tuple[str, type[Page], str]] = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return _WithNames

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        name = f"interactionlog_{self.opts.model_name}_"
        own = [
            path(route, self._view(page), name=name + named) for route, page, named in self.further
        ]
        return [*own, *super().get_urls()]

    def _view(self, page: type[Page]) -> Any:
        def view(request: HttpRequest, **key: Any) -> HttpResponse:
            if "key" in key:
                key["key"] = unquote(key["key"])
            return page(self, request, **key).respond()

        return self.admin_site.admin_view(view)

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        return self.page(self, request, unquote(object_id)).respond()


@admin.register(MODELS["log_entry"])
class _LogEntries(_ReadOnlyAdmin):
    """The log, postponed interactions and figures."""

    page = pages.EntryPage
    further = (
        ("new/<path:key>/", pages.NewInteraction, "new"),
        ("<path:key>/resume/", pages.ResumeInteraction, "resume"),
        ("figures/", pages.FiguresPage, "figures"),
    )
    change_list_template = "interactionlog/entries.html"
    list_display = "entry_no date contact description interaction_template_code state".split()  # noqa: SIM905
    list_filter = ("postponed", "evaluation")
    search_fields = ("=contact_no", "=interaction_template_code", "description")
    ordering = ("-entry_no",)  # the key: the log may be long
    show_full_result_count = False

    @admin.display(ordering="contact_no")
    def contact(self, entry: Any) -> str:
        return f"{entry.contact_no or ''} {entry.contact_name}".strip()

    def state(self, entry: Any) -> str:
        states = {"postponed": entry.postponed, "canceled": entry.cancel_state}
        return ", ".join(name for name, holds in states.items() if holds)


@admin.register(MODELS["segment"])
class _Segments(_ReadOnlyAdmin):
    """Open segments."""

    page = pages.SegmentPage
    further = (
        ("<path:key>/log/", pages.LogPage, "log"),
        ("<path:key>/line/<int:line_no>/", pages.LinePage, "line"),
    )
    list_display = ("no", "description", "interaction_template_code", "salesperson_code", "date")
    search_fields = ("no", "description")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("interactionlog.create_segment"))

    def add_view(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        return pages.NewSegment(self, request).respond()


@admin.register(MODELS["logged_segment"])
class _LoggedSegments(_ReadOnlyAdmin):
    """Logged segments."""

    page = pages.LoggedPage
    list_display = ("entry_no", "segment_no", "description", "creation_date", "user_id", "state")
    list_filter = ("state",)
    search_fields = ("segment_no", "description")
    ordering = ("-entry_no",)


class _SetupAdmin(_ReadOnlyAdmin):
    """Records that a page creates and changes."""

    page: type[setup_pages.SetupPage]
    ordering = ("code",)
    search_fields = ("code",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"interactionlog.set_up_{self.opts.model_name}"))

    def add_view(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        return self.page(self, request).respond()


@admin.register(MODELS["interaction_group"])
class _Groups(_SetupAdmin):
    """Interaction groups."""

    page = setup_pages.GroupPage
    list_display = ("code", "description")


@admin.register(MODELS["interaction_template"])
class _Templates(_SetupAdmin):
    """Interaction templates."""

    page = setup_pages.TemplatePage
    list_display = "code description interaction_group_code cost unit_duration_min".split()  # noqa: SIM905
    list_filter = ("interaction_group_code",)

    @admin.display(description="Cost each", ordering="unit_cost_lcy")
    def cost(self, template: Any) -> Any:
        return template.unit_cost_lcy


@admin.register(MODELS["no_series"])
class _Series(_SetupAdmin):
    """Number series."""

    page = setup_pages.SeriesPage
    list_display = ("code", "description", "default_nos", "manual_nos")


@admin.register(MODELS["salesperson"])
class _Salespeople(_SetupAdmin):
    """Salespeople; where a host has them, they are in its own pages."""

    page = setup_pages.SalespersonPage
    list_display = ("code", "name", "e_mail", "blocked")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return setting("SALESPEOPLE") is None and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return setting("SALESPEOPLE") is None and super().has_add_permission(request)


class TimelineAdmin(admin.ModelAdmin):
    """
    For the admin of the host's customers: ``class CustomerAdmin(TimelineAdmin)``.

    A customer's page has a panel with the timeline, and buttons to create and to resume
    interactions; the list of customers has the action *Add to segment*.
    """

    change_form_template = "interactionlog/customer.html"

    def contact_nos(self, customers: Any) -> list[str]:
        """Return the numbers of customers: by the mapping of the settings, else their keys."""
        chosen = imported(setting("CONTACTS"))
        if hasattr(chosen, "nos"):
            return list(chosen.nos(customers))
        return [str(pk) for pk in customers.values_list("pk", flat=True)]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add the panel to the page of a customer."""
        customer = options.get("obj")
        key = customer.pk if customer else None
        with errors_told(request):
            nos = self.contact_nos(self.model._default_manager.filter(pk=key))
            context["interactionlog"] = pages.panel(request, nos[0]) if nos else None
        return super().render_change_form(request, context, *args, **options)

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        own: Any = getattr(self, "actions", None)
        if own is not None:
            self.actions = [*own, "add_to_segment"]

    def has_change_segment_permission(self, request: HttpRequest) -> bool:
        """Say who is offered *Add to segment*."""
        return bool(request.user.has_perm("interactionlog.change_segment"))

    @admin.action(description="Add to segment", permissions=["change_segment"])
    def add_to_segment(self, request: HttpRequest, customers: Any) -> Any:
        """Ask for the segment, and add the customers to it."""
        with errors_told(request):
            nos = self.contact_nos(customers)
            return pages.AddToSegment(self, request, nos, customers.count()).respond()
