"""Forms whose fields are those of drafts, lines and segments, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from django import forms

from interactionlog.contrib.django.models import caption_of, words
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    MONEY_DECIMALS,
    CorrespondenceType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
)


def member_of(kind: type[Enum], **options: Any) -> forms.Field:
    """Return a field that chooses a member of an enumeration, or none."""
    choices = [("", "-"), *((each.name, words(each)) for each in kind)]
    return forms.TypedChoiceField(
        choices=choices, coerce=kind.__getitem__, empty_value=None, required=False, **options
    )


def _code_of(records: Iterable[Any], **options: Any) -> forms.Field:
    choices = [("", "-")]
    for each in records:
        code = getattr(each, "code", None) or each.no
        choices.append((code, f"{code} {each.description}"))
    options = {"required": False, **options}
    return forms.TypedChoiceField(choices=choices, empty_value=None, **options)


def _text(length: int, **options: Any) -> forms.Field:
    wide = forms.TextInput({"class": "vTextField"})
    return forms.CharField(max_length=length, required=False, widget=wide, **options)


def _code(length: int, **options: Any) -> forms.Field:
    return forms.CharField(max_length=length, required=False, empty_value=None, **options)


def _amount() -> forms.Field:
    return forms.DecimalField(min_value=0, decimal_places=MONEY_DECIMALS)


def _day() -> forms.Field:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(required=False, widget=widget)


def _field(name: str, unit: UnitOfWork) -> forms.Field:
    """Return the field of a form for a field of a record."""
    made: dict[str, Any] = {
        "campaign_no": lambda: _code_of(unit.campaigns.all()),
        "blocked": lambda: forms.BooleanField(required=False),
        "campaign_nos": lambda: forms.BooleanField(required=False, label="Numbers campaigns"),
        "code": lambda: forms.CharField(max_length=20),
        "comment": lambda: forms.CharField(
            max_length=2_000, required=False, widget=forms.Textarea({"rows": 3})
        ),
        "correspondence_type": lambda: member_of(CorrespondenceType),
        "correspondence_type_default": lambda: member_of(
            CorrespondenceType, label="Correspondence type"
        ),
        "cost_lcy": _amount,
        "date": _day,
        "description": lambda: _text(100),
        "duration_min": lambda: forms.IntegerField(min_value=0),
        "e_mail": lambda: forms.EmailField(max_length=80, required=False, label="E-mail"),
        "evaluation": lambda: member_of(Evaluation),
        "information_flow": lambda: member_of(InformationFlow),
        "initiated_by": lambda: member_of(InitiatedBy),
        "interaction_group_code": lambda: _code_of(
            unit.interaction_groups.all(),
            help_text="Interaction groups are created on another page.",
            required=True,
        ),
        "interaction_successful": lambda: forms.BooleanField(required=False, label="Reached"),
        "interaction_template_code": lambda: _code_of(unit.templates.all()),
        "name": lambda: _text(50),
        "no": lambda: _code(20, help_text="Empty: the next of the series."),
        "salesperson_code": lambda: _code(20),
        "segment_nos": lambda: forms.BooleanField(required=False, label="Numbers segments"),
        "starting_date": _day,
        "starting_no": lambda: _code(
            20, label="Starting number", help_text="Begins a line of numbers, such as SM00001."
        ),
        "subject": lambda: _text(100),
        "subject_default": lambda: _text(100, label="Subject"),
        "time_of_interaction": lambda: forms.TimeField(
            required=False, label="Time", widget=forms.TimeInput({"type": "time"}, format="%H:%M")
        ),
        "unit_cost_lcy": _amount,
        "unit_duration_min": lambda: forms.IntegerField(min_value=0),
    }
    return made[name]()


class ValuesForm(forms.Form):
    """
    A form for named fields of a record; `changed` are those that the user gave other values.

    Args:
        unit: The unit of work: templates and campaigns are chosen from it.
        names: The fields, separated by blanks.
        record: What the fields show first; its attributes have their names.
        data: What was posted; ``None`` while the form is only shown.
    """

    def __init__(
        self,
        unit: UnitOfWork,
        names: str,
        record: object = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        fields = {name: _field(name, unit) for name in names.split()}
        shown = {name: getattr(record, name) for name in fields if hasattr(record, name)}
        super().__init__(data, initial={name: _shown(value) for name, value in shown.items()})
        self.label_suffix = ""
        self.fields.update(fields)
        for name, field in fields.items():
            field.label = field.label or caption_of(name)

    def changed(self) -> dict[str, Any]:
        """Return the values that are not those of the record."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _shown(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    return Decimal(f"{value:f}") if isinstance(value, Decimal) else value  # not 1E+1
