"""Contacts under the keys of another system: who is who, wherever the rows stand."""

from __future__ import annotations

import io

import pytest

import interactionlog as il
from interactionlog.contacts.contact import ExternalKey
from interactionlog.interchange import import_tables, load_mapping

pytestmark = pytest.mark.every_store  # statements that no contract runs

CRM = """
name = "crm"
target = "contact"
on_error = "reject"
[key]
from = "ID"
source = "crm"
match = ["e_mail"]
[columns]
type = "Type"
name = "Name"
e_mail = "Mail"
company_no = { from = "Company", lookup = "contact" }
"""
HEAD = "ID,Type,Name,Mail,Company\n"
FILLED = "".join(f"F{n},Person,Filler {n},,\n" for n in range(1_000))
BETWEEN = [pytest.param("", id="one block"), pytest.param(FILLED, id="blocks apart")]


@pytest.fixture(params=[False, True], ids=["no series", "series"])
def with_series(request, begin):
    """Give contacts a number series, or none."""
    if request.param:
        with begin() as work:
            setup = il.numbering.NumberSeriesSetup(work)
            setup.create_series(il.numbering.NoSeries(code="CONT"))
            setup.add_line("CONT", "CT0001")
            work.marketing_setup.set(contact_nos="CONT")


@pytest.fixture
def take(begin, tmp_path):
    """Give a function that imports a file and returns the report and the rejected rows."""
    (tmp_path / "crm").write_text(CRM)
    (tmp_path / "by number").write_text(CRM.replace(', lookup = "contact"', ""))

    def taken(text, mapping="crm"):
        path = tmp_path / "list.csv"
        path.write_text(text if text.startswith(("ID,", "No.,")) else HEAD + text)
        given = tmp_path / mapping if (tmp_path / mapping).exists() else mapping
        rejects = io.StringIO(newline="")
        with begin() as work:
            report = import_tables(work, path, mapping=load_mapping(given), rejects=rejects)
        return report, rejects.getvalue()

    return taken


def people(begin):
    """Return who is here, with e-mail, fillers left out."""
    with begin.read() as work:
        found = [each for each in work.contacts.all() if not each.name.startswith("Filler")]
        return sorted((each.name, each.e_mail) for each in found)


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.usefixtures("with_series")
def test_keys_that_differ_by_case_are_two_contacts_wherever_they_stand(begin, take, between):
    text = f"AbC,Person,Anna,,\n{between}abc,Person,Bea,,\n"
    for _ in range(2):
        report, bad = take(text)
        assert (report.rejected, bad) == ((), "")
        assert people(begin) == [("Anna", ""), ("Bea", "")]
    assert report.changes == 0
    take("abc,Person,Bea B,,\n")
    assert people(begin) == [("Anna", ""), ("Bea B", "")]


@pytest.mark.parametrize("between", BETWEEN)
def test_a_key_is_kept_only_where_its_row_is_stored(begin, take, between):
    """Who comes meanwhile under the number that the row would have had is another person."""
    with begin() as work:
        work.contacts.put(il.Contact(no="P1", type=il.ContactType.PERSON, name="Person"))
    report, bad = take(f"X1,Person,Anna,,P1\n{between}x1,Person,Bea,,\n")
    assert (report.rejected_count, len(bad.splitlines())) == (1, 2)
    with begin.read() as work:
        assert "X1" not in {each.external_id for each in work.records(ExternalKey).all()}
        assert work.contacts.find("X1") is None
    take("No.,Name\nX1,Another\n", mapping="bc-contacts")
    report, _ = take(bad.replace(",P1", ","))
    assert (report.total.created, report.total.changed) == (1, 0)
    assert people(begin) == [("Anna", ""), ("Another", ""), ("Bea", ""), ("Person", "")]


@pytest.mark.parametrize("between", BETWEEN)
def test_a_person_who_waits_for_the_company_keeps_the_number(begin, take, between):
    text = f"K2,Person,Bea,,K1\nK9,Person,Carl,,K8\n{between}K1,Company,One,,\nk2,Person,Bert,,\n"
    for _ in range(2):
        report, _ = take(text, mapping="by number")
        assert [each.line for each in report.rejected] == [3]
        assert people(begin) == [("Bea", ""), ("Bert", ""), ("One", "")]
    assert report.changes == 0
    with begin.read() as work:
        assert work.contacts.get("K2").company_name == "One"
        assert "K9" not in {each.external_id for each in work.records(ExternalKey).all()}


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.usefixtures("with_series")
def test_two_records_with_one_address_are_two_contacts_in_one_file(begin, take, between):
    with begin() as work:
        work.contacts.put(il.Contact(no="C1", company_no="C1", name="Here", e_mail="a@x.example"))
    text = f"1,Person,Anna,a@x.example,\n{between}2,Person,Bea,a@x.example,\n"
    for _ in range(2):
        take(text)
        assert people(begin) == [("Anna", "a@x.example"), ("Bea", "a@x.example")]
    with begin.read() as work:
        assert work.contacts.get("C1").name == "Anna"


def test_two_records_with_one_address_are_two_contacts_in_two_files(begin, take):
    for _ in range(2):
        take("1,Person,Anna,info@x.example,\n")
        take("2,Person,Bea,INFO@x.example,\n")
        assert people(begin) == [("Anna", "info@x.example"), ("Bea", "INFO@x.example")]


@pytest.mark.parametrize("between", BETWEEN)
def test_whom_a_refused_row_would_have_changed_nobody_else_takes(begin, take, between):
    with begin() as work:
        work.contacts.put(il.Contact(no="P1", type=il.ContactType.PERSON, e_mail="p@x.example"))
        work.contacts.put(il.Contact(no="C1", company_no="C1", name="Here", e_mail="a@x.example"))
    _, bad = take(f"1,Person,Anna,a@x.example,P1\n{between}2,Person,Bea,a@x.example,\n")
    assert people(begin)[1:] == [("Bea", "a@x.example"), ("Here", "a@x.example")]
    assert len(bad.splitlines()) == 2
