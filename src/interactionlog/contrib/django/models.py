"""
The tables as models to read: for reports, joins and the admin.

They are made from the description of the tables. Queries see the records of the tenant that the
settings name; services write, and a model or a query that is told to write refuses.

Django knows one column as a key. Where ours has several the model has the last of them as ``pk``,
which repeats: filter by all of them.
"""

from __future__ import annotations

import datetime as dt
import re
from enum import Enum
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import connections, models
from django.db.models.expressions import Col
from django.utils.timezone import get_default_timezone

from interactionlog.adapters.columns import Column, Kind
from interactionlog.adapters.tables import ALL, Rows, Table, columns_of
from interactionlog.contrib.django.conf import database, tenant
from interactionlog.errors import UsageError
from interactionlog.values import MONEY_DECIMALS, canonical_money

_SERVICES = {
    "attachment": "AttachmentService",
    "campaign": "CampaignService",
    "campaign_entry": "CampaignService",
    "criteria_step": "ContactSelection",
    "interaction_group": "TemplateService",
    "interaction_template": "TemplateService",
    "left_out_line": "SegmentLogger",
    "log_comment": "LogEntryService",
    "log_entry": "InteractionService and LogEntryService",
    "logged_segment": "SegmentLogger and LoggedSegments",
    "segment": "SegmentService",
    "segment_language": "SegmentLanguages",
    "segment_line": "SegmentService and ContactSelection",
    "template_language": "TemplateService",
}
"""Who writes a table; others are written through ``work``."""

_CALLED = {
    "log_entry": ("log entry", "interaction log entries"),
    "no_series": ("number series", "number series"),
    "salesperson": ("salesperson", "salespeople"),
}

PERMISSIONS = {
    "log_entry": {
        "log_interaction": "Can create, postpone and resume interactions",
        "comment_interaction": "Can comment interactions",
        "cancel_interaction": "Can cancel interactions",
        "evaluate_interaction": "Can evaluate interactions",
    },
    "segment": {
        "create_segment": "Can create segments",
        "change_segment": "Can change segments, add contacts and personalise lines",
        "log_segment": "Can plan and log segments",
    },
    "logged_segment": {
        "undo_loggedsegment": "Can undo the logging of segments",
        "cancel_loggedsegment": "Can cancel logged segments",
        "follow_up_loggedsegment": "Can follow up logged segments",
    },
    "interaction_group": {"set_up_interactiongroup": "Can set up interaction groups"},
    "interaction_template": {"set_up_interactiontemplate": "Can set up interaction templates"},
    "no_series": {"set_up_noseries": "Can set up number series"},
    "salesperson": {"set_up_salesperson": "Can set up salespeople"},
}
"""One permission for each verb, besides the one to view."""


# -- fields: they read what the library stores, on both databases -----------------------------


class EnumerationField(models.SmallIntegerField):
    """A member of an enumeration, by its value."""

    def deconstruct(self) -> Any:
        """Leave the choices out: a new member needs no migration."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, path, args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(value.value if isinstance(value, Enum) else value)


class _Column(Col):
    """A column in every expression: what SQLite has for it becomes what Django takes it for."""

    def as_sqlite(self, compiler: Any, connection: Any, **_: object) -> Any:
        text, values = self.as_sql(compiler, connection)
        return self.target.as_sqlite.format(text), values


class _Translated:
    """
    A field that SQLite keeps in another form than fields of Django's.

    Attributes:
        as_sqlite: What gives Django's form there; ``{}`` is the column.
    """

    as_sqlite: ClassVar[str]

    def get_col(self, alias: str, output_field: Any = None) -> Col:
        """Return the column as an expression."""
        return _Column(alias, self, output_field)

    @property
    def cached_col(self) -> Col:
        """The column as an expression in queries of its model."""
        return self.get_col(self.model._meta.db_table)  # type: ignore[attr-defined]


class MoneyField(_Translated, models.DecimalField):
    """An amount with five decimals; on SQLite, as any of Django's there, with 15 digits."""

    as_sqlite = f"CAST({{}} / {10**MONEY_DECIMALS}.0 AS NUMERIC)"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else canonical_money(value)


class InstantField(_Translated, models.DateTimeField):
    """An instant in UTC; where ``USE_TZ`` is off expressions take it in the local time."""

    @property
    def as_sqlite(self) -> str:  # type: ignore[override]
        if settings.USE_TZ:
            return "replace(substr({}, 1, 26), 'T', ' ')"
        return "datetime(substr({0}, 1, 19), 'localtime') || substr({0}, 20, 7)"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        is_naive = value is not None and value.tzinfo is None
        return value.replace(tzinfo=_zone()).astimezone(dt.UTC) if is_naive else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        moment = super().get_prep_value(value)
        if connection.vendor != "sqlite" or not isinstance(moment, dt.datetime):
            return moment
        return f"{moment.astimezone(_zone()):%Y-%m-%d %H:%M:%S.%f}"  # with all microseconds


def _zone() -> dt.tzinfo:
    return dt.UTC if settings.USE_TZ else get_default_timezone()


_SUFFIX = re.compile(r"(?<!line)(?<!step)_(no|code|lcy)$")
_KNOWN = {
    "duration_min": "Minutes",
    "entry_no": "No.",
    "information_flow": "Direction",
    "interaction_template_code": "Template",
    "no": "No.",
    "unit_cost_lcy": "Cost each",
    "unit_duration_min": "Minutes each",
}


_KINDS: dict[Kind, tuple[type[models.Field], dict[str, Any]]] = {
    Kind.TEXT: (models.TextField, {}),
    Kind.FLAG: (models.BooleanField, {}),
    Kind.MONEY: (MoneyField, {"max_digits": 20, "decimal_places": 5}),
    Kind.COUNT: (models.IntegerField, {}),
    Kind.NUMBER: (models.BigIntegerField, {}),
    Kind.ENUMERATION: (EnumerationField, {}),
    Kind.DATE: (models.DateField, {}),
    Kind.TIME: (models.TimeField, {}),
    Kind.INSTANT: (InstantField, {}),
    Kind.JSON: (models.TextField, {}),
    Kind.BYTES: (models.BinaryField, {}),
}


def words(member: Enum | None) -> str:
    """Return a member of an enumeration as people read it."""
    return "" if member is None else member.name.replace("_", " ").capitalize()


def caption_of(name: str) -> str:
    """Return a field as people call it."""
    return _KNOWN.get(name) or _SUFFIX.sub("", name).replace("_", " ").capitalize()


def field_of(column: Column, *, primary_key: bool) -> models.Field:
    """Return the field that reads a column."""
    kind, options = _KINDS[column.kind]
    if column.kind is Kind.ENUMERATION:
        options = {"choices": [(member.value, words(member)) for member in column.type]}
    if column.null:
        options = {**options, "null": True, "blank": True}
    elif column.kind is Kind.TEXT:
        options = {**options, "blank": True}
    return kind(caption_of(column.name).lower(), primary_key=primary_key, **options)


# -- models ------------------------------------------------------------------------------------


def _refuse(model: type[models.Model]) -> NoReturn:
    name = model._meta.db_table.removeprefix("interactionlog_")
    service = _SERVICES.get(name)
    how = f"call {service}" if service else "write its records through the unit of work"
    raise UsageError(
        f"{model._meta.object_name} is read only: open interactionlog.contrib.django.work(request) "
        f"and {how}"
    )


def _refused(self: Any, *_: object, **__: object) -> NoReturn:
    _refuse(self.model if hasattr(self, "model") else type(self))


class _ReadOnlyQuerySet(models.QuerySet):
    """Reads; what would write refuses and names the service."""

    create = bulk_create = bulk_update = update = delete = _refused
    get_or_create = update_or_create = _raw_delete = _refused
    for _each in (create, delete):
        _each.alters_data = True  # type: ignore[attr-defined]  # templates do not call it


_Reading: Any = models.Manager.from_queryset(_ReadOnlyQuerySet)


class _OfTenant(_Reading):
    """Reads the records of the tenant that the settings name; none where there is no table."""

    def get_queryset(self) -> Any:
        found = super().get_queryset().filter(tenant=tenant())
        needed = self.model._meta.required_db_vendor
        return found if needed in {None, connections[database()].vendor} else found.none()


class _ReadOnlyModel(models.Model):
    """A record of the library's; two are equal when their whole keys are."""

    whole_key: tuple[str, ...] = ()
    objects = _OfTenant()
    save = delete = _save_table = _refused  # the last one is what fixtures are loaded by

    class Meta:
        abstract = True

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, _ReadOnlyModel) and self._meta.model is other._meta.model
        return same and self._whole_key() == other._whole_key()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self._whole_key())

    def refresh_from_db(self, using: Any = None, fields: Any = None, **more: Any) -> None:
        """Read the record anew, or a field that was left out, by its whole key."""
        known = {name: each for name, each in vars(self).items() if name in self.whole_key}
        found = more.get("from_queryset") or type(self).objects.using(using or self._state.db)
        super().refresh_from_db(using, fields, from_queryset=found.filter(**known))

    def _whole_key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.whole_key)

    def __str__(self) -> str:
        words = [str(part) for part in self._whole_key()[1:]]
        told = getattr(self, "description", "") or getattr(self, "name", "")
        return " ".join(filter(None, [*words, told]))


def _named(table: Table[Any]) -> str:
    if table.entity is Rows:
        return table.name.title().replace("_", "")
    return table.entity.__name__


def _model(table: Table[Any]) -> type[_ReadOnlyModel]:
    columns = (Column("tenant", Kind.TEXT), *columns_of(table))
    key = ("tenant", *table.key)
    fields = {each.name: field_of(each, primary_key=each.name == key[-1]) for each in columns}
    plural = table.words.removesuffix("y") + ("ies" if table.words.endswith("y") else "s")
    called = _CALLED.get(table.name, (table.words, plural))
    options = {
        "app_label": "interactionlog",
        "db_table": f"interactionlog_{table.name}",
        "base_manager_name": "objects",
        "default_manager_name": "objects",
        "default_permissions": ("view",),
        "permissions": tuple(PERMISSIONS.get(table.name, {}).items()),
        "verbose_name": called[0],
        "verbose_name_plural": called[1],
    }
    if table.only:
        options["required_db_vendor"] = table.only
    return type(
        _named(table),
        (_ReadOnlyModel,),
        {
            "__module__": __name__,
            "__doc__": f"Reads the table ``{table.name}``.",
            "whole_key": key,
            "Meta": type("Meta", (), options),
            **fields,
        },
    )


MODELS = {table.name: _model(table) for table in ALL if table.name != "schema_version"}
"""By the name of the table without its prefix."""

globals().update({model.__name__: model for model in MODELS.values()})
