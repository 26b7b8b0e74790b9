"""What the text of a cell means."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from interactionlog.campaigns.campaign import Campaign
from interactionlog.contacts.contact import Contact, Membership
from interactionlog.interchange.cells import Form, as_name, field_type, filter_values, reader_of
from interactionlog.templates.template import InteractionTemplate
from interactionlog.values import ContactType, CorrespondenceType


def field_reader(entity, field):
    return reader_of(field_type(entity, field))


read_date = field_reader(Campaign, "starting_date")
read_flag = field_reader(Contact, "minor")
read_whole = field_reader(Membership, "line_no")
read_amount = field_reader(InteractionTemplate, "unit_cost_lcy")


@pytest.mark.parametrize(
    "text",
    ["2026-01-31", "2026-1-31", "31.1.2026", "31.01.2026", "31/1/2026", "1/31/2026", "31-01-2026"],
)
def test_a_date_is_read_in_every_form_that_means_one_day(text):
    assert read_date(text) == date(2026, 1, 31)


def test_with_points_the_day_comes_first_and_equal_numbers_are_no_question():
    assert read_date("5.2.2026") == date(2026, 2, 5)
    assert read_date("2/2/2026") == date(2026, 2, 2)


@pytest.mark.parametrize("text", ["5/2/2026", "5-2-2026", "12/11/2026"])
def test_a_date_that_may_be_two_is_refused_with_advice(text):
    with pytest.raises(
        ValueError, match="may be two dates: write it as YYYY-MM-DD, or say the form"
    ):
        read_date(text)


@pytest.mark.parametrize(
    "text", ["010101D", "010101..", "26.1.26", "31.1/2026", "soon", "20260131"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="must be a date such as 2026-01-31"):
        read_date(text)


@pytest.mark.parametrize("text", ["30.2.2026", "2026-13-01", "31/31/2026", "0000-01-01"])
def test_a_day_that_no_calendar_has_is_refused(text):
    with pytest.raises(ValueError, match="is no day of the calendar"):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("Yes", True), ("true", True), ("1", True), ("NO", False), ("False", False), ("0", False)],
)
def test_a_flag_is_read_in_its_three_forms(text, value):
    assert read_flag(text) is value


@pytest.mark.parametrize("text", ["y", "2", "on"])
def test_other_words_are_no_flag(text):
    with pytest.raises(ValueError, match="must be Yes or No"):
        read_flag(text)


def test_numbers_are_plain_digits():
    assert read_whole("20000") == 20_000
    assert read_amount("12.50") == Decimal("12.5")


@pytest.mark.parametrize("text", ["1.000", "1e3", "٣", "1_0", "--1", "9" * 19])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(ValueError, match="must be a whole number"):
        read_whole(text)


@pytest.mark.parametrize("text", ["1,50", "1.234,50", "NaN", "1e3", ".5", "5."])
def test_what_may_be_another_amount_is_refused(text):
    with pytest.raises(ValueError, match="must be an amount such as"):
        read_amount(text)


def test_an_option_is_read_by_its_letters():
    assert field_reader(Contact, "type")("person") is ContactType.PERSON
    read = field_reader(Contact, "correspondence_type")
    assert read("Hard Copy") is CorrespondenceType.HARD_COPY
    assert read("E-Mail") is read("Email") is CorrespondenceType.EMAIL
    with pytest.raises(ValueError, match="must be one of Hard Copy, Email"):
        read("Fax")


def test_the_caption_of_a_setup_field_becomes_the_name_of_ours():
    assert as_name("To-do Nos.") == "to_do_nos"
    assert as_name("Sales Blnkt. Ord") == "sales_blnkt_ord"


def test_a_filter_is_values_with_strokes_between():
    assert filter_values("A | B") == ["A", "B"]


@pytest.mark.parametrize("text", ["A..B", "A*", "<>A", "@a", "A|", "A&B", "'A'"])
def test_other_filters_are_not_read(text):
    with pytest.raises(ValueError, match="only values with"):
        filter_values(text)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (ContactType.PERSON, ["Person", "Persona", "Personne"]),
        (ContactType.COMPANY, ["Unternehmen", "Società", "Société", "Empresa"]),
        (CorrespondenceType.HARD_COPY, ["Ausdruck", "Copia cartacea", "Copie papier"]),
        (True, ["Ja", "Sì", "Oui", "Sí"]),
        (False, ["Nein", "no", "Non"]),
    ],
)
def test_options_and_flags_are_read_in_five_languages(kind, texts):
    read = reader_of(type(kind))
    assert [read(text) for text in texts] == [kind] * len(texts)


def test_a_date_is_read_in_the_form_that_was_declared():
    read = reader_of(date, Form(dates=("%d/%m/%Y", "%d %b %Y %H:%M")))
    assert read("5/2/2026") == read("05 Feb 2026 09:30") == date(2026, 2, 5)


def test_an_instant_of_another_zone_becomes_a_date_and_time_of_the_business():
    rome = Form(zone=ZoneInfo("Europe/Rome"))
    assert reader_of(date, rome)("2026-01-26T23:30:00Z") == date(2026, 1, 27)
    assert reader_of(time, rome)("2026-01-26T23:30:00Z") == time(0, 30)
    assert reader_of(time)("1/31/2026 2:05 PM") == time(14, 5)


def test_thousands_are_separated_only_where_the_decimal_sign_is_declared():
    assert reader_of(Decimal, Form(decimal=","))("1.234,50") == Decimal("1234.50")
    assert reader_of(Decimal, Form(decimal="."))("1,234.5") == Decimal("1234.5")
    with pytest.raises(ValueError, match="decimal sign"):
        reader_of(Decimal, Form(decimal=","))("1.23")
