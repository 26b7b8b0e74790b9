"""Contacts under the keys of another system: who is who, wherever the rows stand."""

from __future__ import annotations

import io

import pytest

import interactionlog as il
from interactionlog.contacts.contact import ExternalKey
from interactionlog.interchange import draft_mapping, import_tables, load_mapping

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
@pytest.mark.parametrize("kind", ["list", "cards"])
def test_an_address_that_is_the_key_is_one_contact_in_any_case(begin, tmp_path, between, kind):
    """A list without numbers doubled whom somebody had written otherwise since."""

    def taken(*pairs, more=""):
        if kind == "list":
            path = tmp_path / "list.csv"
            rows = "".join(f"{name},{mail}\n" for name, mail in pairs)
            filled = "".join(f"Filler {n},{n}@x.example\n" for n in range(len(more) and 1_000))
            path.write_text(f"Name,E-Mail\n{filled}{rows}")
            mapping = tmp_path / "list.toml"
            mapping.write_text(draft_mapping(path))
        else:
            path, mapping = tmp_path / "book.vcf", None
            card = "BEGIN:VCARD\nVERSION:3.0\nFN:{}\nEMAIL:{}\nEND:VCARD\n"
            path.write_text("".join(card.format(*pair) for pair in pairs))
        with begin() as work:
            return import_tables(work, path, mapping=mapping, on_error="reject")

    taken(("Anna", "Info@X.example"), ("Bea", "b@x.example"))
    report = taken(("Anna", "info@x.example"), ("Bea B", "B@x.example"), more=between)
    assert report.total.changed == 2
    assert people(begin) == [("Anna", "info@x.example"), ("Bea B", "B@x.example")]
    report = taken(("Carl", "c@x.example"), ("Dora", "C@X.example"))
    assert ["is the record of line" in each.reason for each in report.rejected] == [True]


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


def test_a_card_that_only_its_name_names_does_not_change_a_namesake(begin, tmp_path):
    def card(lines):
        path = tmp_path / "book.vcf"
        path.write_text(
            f"BEGIN:VCARD\nVERSION:3.0\nN:Rossi;Anna\nFN:Anna Rossi\n{lines}\nEND:VCARD\n"
        )
        with begin() as work:
            return import_tables(work, path)

    assert card("TEL:+39 02 1234561").total.created == 1
    assert card("TEL:+39 02 1234561").total.unchanged == 1
    (problem,) = card("TEL:+39 06 7654321").rejected
    assert "another phone number or address: give this one its own id" in problem.reason
    assert card("TEL:+39-02-1234561\nTEL;TYPE=CELL:+39 333 1").total.changed == 1
    assert card("UID:u2\nTEL:+39 06 7654321").total.created == 1


def test_a_company_that_has_persons_does_not_become_a_person(begin, take):
    head = "No.,Type,Name,Company No.\n"
    take(
        f"{head}C,Company,Acme,\nD,Company,Dot,\nP,Person,Anna,C\nQ,Person,Bea,C\n",
        mapping="bc-contacts",
    )
    report, _ = take(f"{head}C,Person,Acme,\nD,Person,Dot,\n", mapping="bc-contacts")
    (problem,) = report.rejected
    assert problem.reason == "contact C is the company of contact P: it stays a company"
    assert (problem.line, problem.column, problem.value) == (2, "Type", "Person")
    assert (report.total.changed, report.rejected_count) == (1, 1)
    with begin.read() as work:
        assert work.contacts.get("C").type is il.ContactType.COMPANY
        assert work.contacts.get("D").type is il.ContactType.PERSON


HISTORY = """
name = "history"
target = "log_entry"
on_error = "reject"
[key]
from = "ID"
source = "crm"
[columns]
contact_no = "Who"
date = "Date"
comment = "Text"
canceled = "Off"
interaction_template_code = "Kind"
"""


@pytest.fixture
def history(begin, take, tmp_path):
    """Give a function that imports rows of history over two companies and a person of one."""
    (tmp_path / "history").write_text(HISTORY)
    with begin() as work:
        work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
        work.interaction_groups.put(il.InteractionGroup(code="OTHER"))
        work.templates.put(il.InteractionTemplate(code="CALL", interaction_group_code="PHONE"))
        for no, company_no, kind in (("A", "A", 0), ("B", "B", 0), ("P", "A", 1)):
            work.contacts.put(
                il.Contact(no=no, company_no=company_no, type=[*il.ContactType][kind])
            )

    def taken(*rows):
        text = "ID,Who,Date,Text,Off,Kind\n" + "".join(f"{row}\n" for row in rows)
        return take(text, mapping="history")[0]

    return taken


def texts(begin, entry_no=1):
    with begin.read() as work:
        return [line.comment for line in work.interactions.comments(entry_no)]


def test_a_changed_text_of_history_is_taken(begin, history):
    row, long = "1,P,2026-01-05,{},No,CALL", "x" * 2_000
    for text in ("", "first", "second", f"{long}and more", long, f"{long}and less", ""):
        assert history(row.format(text)).changes == 1
        assert "".join(texts(begin)) == text
        assert history(row.format(text)).total.unchanged == 1


def test_what_somebody_wrote_on_an_imported_entry_stays(begin, history):
    row = "1,P,2026-01-05,{},No,CALL"
    history(row.format("first"))
    with begin(user_id="HELENA") as work:
        il.LogEntryService(work).put_comment(1, il.DraftComment(comment="asked again"))
    assert history(row.format("first")).total.unchanged == 1
    assert history(row.format("second")).total.changed == 1
    assert texts(begin) == ["second", "asked again"]
    with begin(user_id="HELENA") as work:
        il.LogEntryService(work).put_comment(1, il.DraftComment(comment="mine"), line_no=10_000)
    for text in ("second", "third"):
        report = history(row.format(text))
        assert [each.code for each in report.notices] == ["comment-kept"]
        assert (report.changes, report.total.unchanged) == (0, 1)
    assert history(row.format("")).changes == 0
    assert texts(begin) == ["mine", "asked again"]


def test_an_entry_that_is_canceled_stays_so_and_that_is_said(begin, history):
    assert history("1,P,2026-01-05,,Yes,CALL", "2,P,2026-01-05,,No,CALL").total.created == 2
    report = history("1,P,2026-01-05,,No,CALL", "2,P,2026-01-05,,Yes,CALL")
    assert (report.total.changed, report.total.unchanged) == (1, 1)
    assert [(each.code, each.line) for each in report.notices] == [("canceled-kept", 2)]
    with begin.read() as work:
        assert [work.interactions.get(no).cancel_state for no in (1, 2)] == [1, 1]


def test_what_an_import_computed_it_does_not_compute_again(begin, history):
    """Neither where the contact went to another company, nor where its template has another group."""
    row = "1,P,2026-01-05,,No,CALL"
    history(row)
    with begin() as work:
        before = work.interactions.get(1)
        assert (before.contact_company_no, before.interaction_group_code) == ("A", "PHONE")
        work.contacts.set("P", company_no="B")
        work.templates.set("CALL", interaction_group_code="OTHER")
        il.Seals(work).seal()
    report = history(row)
    assert (report.total.unchanged, report.rejected) == (1, ())
    with begin.read() as work:
        assert work.interactions.get(1) == before
    history("2,P,2026-01-05,,No,CALL", "3,P,2026-01-05,,No,")
    history("2,A,2026-01-05,,No,CALL", "3,P,2026-01-05,,No,CALL")  # that is for the file to say
    with begin.read() as work:
        assert work.interactions.get(2).contact_company_no == "A"
        assert work.interactions.get(3).interaction_group_code == "OTHER"


@pytest.mark.parametrize("lookup", [', lookup = "contact"', ""])
def test_a_contact_that_a_cell_names_twice_gets_one_entry(begin, history, tmp_path, lookup):
    split = 'contact_no = { from = "Who", split = ";"' + lookup + " }"
    (tmp_path / "history").write_text(HISTORY.replace('contact_no = "Who"', split))
    with begin() as work:
        work.contacts.set("P", e_mail="p@x.example", phone_no="+39 02 1234561")
    others = "p@x.example; +39-02-1234561" if lookup else "p ;P"
    row = f"1,P; {others};p;A,2026-01-05,,No,CALL"
    assert history(row).total.created == 2
    with begin.read() as work:
        assert [work.interactions.get(no).contact_no for no in (1, 2)] == ["P", "A"]
    assert history(row).total.unchanged == 2
