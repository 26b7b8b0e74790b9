"""The pages of the admin on which a colleague sets up templates, number series and salespeople."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import attrs
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

import interactionlog as il
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contrib.django._page import FormPage, address, asks, needs
from interactionlog.contrib.django.conf import setting


class SetupPage(FormPage):
    """
    A record that is created, changed and deleted with one permission; others look at it.

    Attributes:
        entity: Its class.
        fields: Its fields beside the code.
        is_deletable: There is a button that deletes it.
    """

    entity: ClassVar[type[Any]]
    fields: ClassVar[str]
    is_deletable: ClassVar[bool] = True

    def __init__(self, admin: Any, request: HttpRequest, key: str = "") -> None:
        super().__init__(admin, request, key)
        self.model, self.kind = admin.opts.model_name, str(admin.opts.verbose_name)
        self.permission = f"set_up_{self.model}"
        self.may_change = request.user.has_perm(f"interactionlog.{self.permission}")
        self.verb = f"view_{self.model}" if key else self.permission
        self.names = self.fields if key else f"code {self.fields}"
        self.button = ("Save" if key else "Create") if self.may_change else ""

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        title = f"{self.kind.capitalize()} {self.key}" if self.key else f"Create {self.kind}"
        deletable = bool(self.key) and self.may_change and self.is_deletable
        found = super().show(unit)
        for field in found["form"].fields.values():
            field.disabled = not self.may_change
        return found | {"title": title, "deletable": deletable}

    @needs("{of.permission}")
    def do_save(self, unit: StoreUnitOfWork) -> Any:
        return super().do_save(unit)

    def save(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> str | None:
        if not self.key:
            key = self.create(unit, values)
            self.tell(f"{self.kind.capitalize()} {key} was created.")
            return address(self.model, key)
        self.change(unit, values)
        self.tell(f"{self.kind.capitalize()} {self.key} was changed.")
        return None

    def record(self, unit: StoreUnitOfWork) -> object:
        if self.key:
            return unit.records(self.entity).get(self.key)
        blanks = {each.name: each.default for each in attrs.fields(self.entity)}
        return SimpleNamespace(**{n: each for n, each in blanks.items() if each != attrs.NOTHING})

    def create(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> str:
        """Create the record, and return its key."""
        created = self.entity(**values)
        unit.records(self.entity).add(created)
        return str(created.code)

    def change(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> None:
        """Give the record other values."""
        unit.records(self.entity).set(self.key, **values)

    def delete(self, unit: StoreUnitOfWork) -> None:
        """Delete the record; one that is not deletable has no button for it."""
        raise il.StateError(f"{self.kind} {self.key}", "is not deleted")

    @needs("{of.permission}")
    @asks("Delete {of.kind} {of.key}?")
    def do_delete(self, unit: StoreUnitOfWork) -> str:
        self.delete(unit)
        self.tell(f"{self.kind.capitalize()} {self.key} was deleted.")
        return f"admin:interactionlog_{self.model}_changelist"


class GroupPage(SetupPage):
    """An interaction group."""

    entity, fields = il.InteractionGroup, "description"

    def delete(self, unit: StoreUnitOfWork) -> None:
        il.TemplateService(unit).delete_group(self.key)


class TemplatePage(SetupPage):
    """An interaction template."""

    entity = il.InteractionTemplate
    fields = """
        interaction_group_code description unit_cost_lcy unit_duration_min information_flow
        initiated_by correspondence_type_default campaign_no
    """

    def create(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> str:
        return il.TemplateService(unit).create(il.InteractionTemplate(**values)).code

    def change(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> None:
        il.TemplateService(unit).change(self.key, **values)

    def delete(self, unit: StoreUnitOfWork) -> None:
        il.TemplateService(unit).delete(self.key)


class SalespersonPage(SetupPage):
    """A salesperson, where the library keeps them."""

    entity, fields, is_deletable = il.Salesperson, "name e_mail blocked", False

    def respond(self) -> HttpResponse:
        if setting("SALESPEOPLE") is not None:  # the host keeps them
            raise PermissionDenied
        return super().respond()


_NUMBERED = ("segment_nos", "campaign_nos")


class SeriesPage(SetupPage):
    """A number series: its lines with the last and the next number."""

    template = "series"
    fields = "description starting_no starting_date segment_nos campaign_nos"

    def record(self, unit: StoreUnitOfWork) -> Any:
        setup = unit.marketing_setup.find()
        if not self.key:  # the first one usually numbers segments
            return SimpleNamespace(segment_nos=setup is None or setup.segment_nos is None)
        series = unit.numbers.series.get(self.key)
        numbered = {name: getattr(setup, name, None) == series.code for name in _NUMBERED}
        return SimpleNamespace(description=series.description, **numbered)

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        look = il.numbering.NumberSeries(unit)
        lines = unit.numbers.lines.all(self.key) if self.key else []
        return super().show(unit) | {
            "lines": [
                (
                    line,
                    line.template or f"{line.prefix}{line.first_value:0{line.width}}{line.suffix}",
                    look.last_used(self.key, line_no=line.line_no),
                )
                for line in lines
            ],
            "key": self.key,
            "next": look.check(self.key).no if self.key else None,
        }

    def create(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> str:
        values = {"segment_nos": self.record(unit).segment_nos, **values}
        code, text = values.pop("code"), values.pop("description", "")
        series = il.numbering.NoSeries(code=code, description=text)
        created = il.numbering.NumberSeriesSetup(unit).create_series(series).code
        self._change(unit, created, values)
        return created

    def change(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> None:
        self._change(unit, self.key, values)

    def _change(self, unit: StoreUnitOfWork, key: str, values: dict[str, Any]) -> None:
        setup = il.numbering.NumberSeriesSetup(unit)
        if "description" in values:
            setup.change_series(key, description=values["description"])
        if values.get("starting_no"):
            day = values.get("starting_date")
            setup.add_line(key, values["starting_no"], starting_date=day)
        numbered = {name: key if values[name] else None for name in _NUMBERED if name in values}
        if numbered:
            unit.marketing_setup.set(**numbered)

    def delete(self, unit: StoreUnitOfWork) -> None:
        il.numbering.NumberSeriesSetup(unit).delete_series(self.key)
