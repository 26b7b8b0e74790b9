"""Files of other systems: recognised by what they hold, and taken by the mappings that ship."""

from __future__ import annotations

import csv
import gzip
import json
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import attrs
import pytest

import interactionlog as il
from interactionlog.adapters.tables import TABLES
from interactionlog.contacts.contact import ExternalKey
from interactionlog.errors import UsageError
from interactionlog.interchange import (
    MappingFile,
    TablesRejectedError,
    draft_mapping,
    import_tables,
    load_mapping,
)
from interactionlog.interchange.mapping import mapping_of, shipped
from interactionlog.interchange.special import ENTITIES

GERMAN = (
    "Nr.;Art;Name;Unternehmensnr.;E-Mail;Korrespondenzart;Aus Segment ausschließen\r\n"
    "K1;Unternehmen;Müller & Söhne;K1;info@mueller.example;Ausdruck;Nein\r\n"
    "K2;Person;Jörg Weiß;K1;joerg@mueller.example;E-Mail;Ja\r\n"
)
ITALIAN = (
    "Nr.,Tipo,Nome,Nr. società,E-mail,Tipo corrispondenza,Escludi da segmento,Nome,Cognome\r\n"
    "K1,Società,Müller & Söhne,K1,info@mueller.example,Copia cartacea,No,,\r\n"
    "K2,Persona,Jörg Weiß,K1,joerg@mueller.example,E-mail,Sì,Jörg,Weiß\r\n"
)
FRENCH = (
    "N°;Type;Nom;N° société;Adresse e-mail;Type correspondance;Exclure du segment\r\n"
    "K1;Société;Müller & Söhne;K1;info@mueller.example;Papier imprimé;Non\r\n"
    "K2;Personne;Jörg Weiß;K1;joerg@mueller.example;E-mail;Oui\r\n"
)
SPANISH = (
    "Nº,Tipo,Nombre,Nº empresa,Correo electrónico,Tipo correspondencia,Excluir del segmento\n"
    "K1,Empresa,Müller & Söhne,K1,info@mueller.example,Copia impresa,No\n"
    "K2,Persona,Jörg Weiß,K1,joerg@mueller.example,Correo electrónico,Sí\n"
)
ENGLISH = (
    "No.,Type,Name,Company No.,Email,Correspondence Type,Exclude from Segment,,\n"
    "K1,Company,Müller & Söhne,K1,info@mueller.example,Hard Copy,No,,\n"
    "K2,Person,Jörg Weiß,K1,joerg@mueller.example,Email,Yes,,\n"
)
LISTS = {
    "german, Windows-1252": GERMAN.encode("cp1252"),
    "german, UTF-8 with its mark": GERMAN.encode("utf-8-sig"),
    "italian": ITALIAN.encode(),
    "french": FRENCH.encode(),
    "spanish": SPANISH.encode(),
    "english, empty columns at the end": ENGLISH.encode(),
    "english, UTF-16 with tabs": ENGLISH.replace(",", "\t").encode("utf-16"),
    "english, UTF-16 without a mark": ENGLISH.encode("utf-16-le"),
    "captions in lower case": ENGLISH.splitlines()[0].lower().encode()
    + ENGLISH[ENGLISH.index("\n") :].encode(),
    "a line that says the separator": b"sep=;\r\n" + GERMAN.encode(),
    "captions in the third row": (
        "CONTACTS,Contact,5050\n\n" + ENGLISH.replace(",,\n", "\n")
    ).encode(),
    "captions of before": ENGLISH.replace("Email,", "E-Mail,").encode(),
}


@pytest.fixture
def taken(begin, tmp_path):
    """Give a function that imports a file and returns the report."""

    def take(name, content, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with begin() as work:
            return import_tables(work, path, **options)

    return take


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_contacts_comes_in_with_its_addresses(begin, taken, kind):
    report = taken("export.csv", LISTS[kind])
    assert report.changes == 2
    with begin.read() as work:
        assert work.contacts.get("K2") == il.Contact(
            no="K2",
            type=il.ContactType.PERSON,
            name="Jörg Weiß",
            company_no="K1",
            company_name="Müller & Söhne",
            e_mail="joerg@mueller.example",
            correspondence_type=il.CorrespondenceType.EMAIL,
            exclude_from_segment=True,
        )
        assert work.contacts.get("K1").correspondence_type is il.CorrespondenceType.HARD_COPY
    assert taken("export.csv", LISTS[kind]).changes == 0


PACKAGE = """<?xml version="1.0" encoding="UTF-16" standalone="yes"?>
<DataList LanguageID="1040" Code="CRM"><InteractionLogEntryList><TableID>5065</TableID>
<InteractionLogEntry><Entry_No>7</Entry_No><Contact_No>K1</Contact_No><Date>2024-05-06</Date>
<Information_Flow>2</Information_Flow><Evaluation>0</Evaluation><User_ID>MARIA</User_ID>
<Interaction_Template_Code>CALL</Interaction_Template_Code><Cost_LCY>7.5</Cost_LCY></InteractionLogEntry>
</InteractionLogEntryList><ContactList><TableID>5050</TableID>
<Contact><No>K2</No><Type>1</Type><Name>Jörg Weiß</Name><Company_No>K1</Company_No><E_Mail>j@x.example</E_Mail></Contact>
<Contact><No>K1</No><Type>0</Type><Name>Müller</Name><Company_No>K1</Company_No></Contact>
</ContactList></DataList>"""


@pytest.mark.parametrize("packed", [True, False])
def test_a_configuration_package_knows_no_language_and_no_order(begin, taken, packed):
    content = PACKAGE.encode("utf-16")
    report = taken("package.rapidstart", gzip.compress(content) if packed else content)
    assert report.total.created == 3
    with begin.read() as work:
        assert work.contacts.get("K2").e_mail == "j@x.example"
        (entry,) = il.InteractionLog(work).entries()
        assert (entry.date, entry.user_id) == (date(2024, 5, 6), "MARIA")
        assert entry.information_flow is il.InformationFlow.INBOUND
        assert entry.evaluation is None
        assert entry.interaction_group_code == "IMPORTED"
        assert il.Statistics(work).of_contact("K1").cost_lcy == Decimal("7.5")


def workbook(path, sheets):
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(
                            place, column, cell, book.add_format({"num_format": "d/m/yyyy"})
                        )
                    else:
                        sheet.write(place, column, cell)
    return path.read_bytes()


def test_a_workbook_says_its_tables_in_the_third_cell(begin, taken, tmp_path):
    sheets = {
        "Aktivitäten": [
            ["CRM", "Aktivitätenprotokollposten", 5065],
            [],
            [
                "Lfd. Nr.",
                "Kontaktnr.",
                "Datum",
                "Beschreibung",
                "Dauer (Min.)",
                "Interaction Template Code",
            ],
            [1, "K1", datetime(2025, 2, 3), "Anruf", 15, "CALL"],  # noqa: DTZ001
        ],
        "Kontakt": [
            ["CRM", "Kontakt", 5050],
            [],
            ["Nr.", "Name", "Telefonnr."],
            ["K1", "Meller", "+39 02 1234"],
        ],
    }
    report = taken("package.xlsx", workbook(tmp_path / "made.xlsx", sheets))
    assert list(report.tables) == ["package.xlsx, Kontakt", "package.xlsx, Aktivitäten"]
    with begin.read() as work:
        (entry,) = il.InteractionLog(work).timeline("K1")
        assert (entry.date, entry.duration_min, entry.description) == (
            date(2025, 2, 3),
            15,
            "Anruf",
        )
        assert work.contacts.get("K1").phone_no == "+39 02 1234"


CONTACT_FILES = {
    "hubspot": {
        "companies.csv": "Record ID,Company name,City,Phone Number,Company owner\n900,Adatum,Bari,,x\n",
        "contacts.csv": "Record ID,First Name,Last Name,Email,Phone Number,Associated Company IDs (Primary),Lead Status\n901,Anna,Rossi,anna@adatum.example,+39 02 555 1234,900,New\n",
        "calls.csv": "Record ID,Activity date,Call title,Call notes,Call duration (milliseconds),Call direction,Call outcome,Associated Contact IDs,Activity assigned to\n5001,2024-03-04 10:15,Intro,Long talk,125000,OUTBOUND,Connected,901,Helena Ray\n",
    },
    "salesforce": {
        "accounts.json": json.dumps([{"attributes": {"type": "Account"}, "Id": "001A", "Name": "Adatum", "Phone": None, "BillingCity": "Bari"}]),
        "contacts.csv": "Id,FirstName,LastName,Email,Phone,AccountId,Title\n003a,Anna,Rossi,anna@adatum.example,+39 02 555 1234,001A,Buyer\n",
        "tasks.csv": "Id,WhoId,ActivityDate,Subject,Description,CallDurationInSeconds,CallType,TaskSubtype,OwnerId\n00T1,003a,2024-03-04,Intro,Long talk,125,Outbound,Call,Helena Ray\n",
    },
    "odoo": {
        "companies.csv": "External ID,Name,Is a Company,Related Company/External ID,Email,Phone,City\n__export__.res_partner_1,Adatum,True,,,,Bari\n",
        "people.csv": "External ID,Name,Is a Company,Related Company/External ID,Email,Phone,Job Position\n__export__.p2,Anna Rossi,False,__export__.res_partner_1,anna@adatum.example,+39 02 555 1234,Buyer\n",
        "activities.csv": "External ID,Contact/External ID,Date,Activity Type,Summary,Note,Assigned to\n__export__.a1,__export__.p2,2024-03-04 10:15:00,Call,Intro,Long talk,Helena Ray\n",
    },
    "dynamics": {
        "accounts.csv": "(Do Not Modify) Account,(Do Not Modify) Row Checksum,Account Name,Main Phone,Address 1: City\n7f1c-1,x,Adatum,,Bari\n",
        "contacts.json": json.dumps({"value": [{"@odata.etag": "W/1", "contactid": "7f1c-2", "firstname": "Anna", "lastname": "Rossi", "emailaddress1": "anna@adatum.example", "telephone1": "+39 02 555 1234", "_parentcustomerid_value": "7f1c-1"}]}),
        "activities.jsonl": json.dumps({"activityid": "7f1c-3", "_regardingobjectid_value": "7f1c-2", "actualend": "2024-03-04T09:15:00Z", "subject": "Intro", "description": "Long talk", "actualdurationminutes": 2, "directioncode": True, "activitytypecode": "phonecall"}) + "\n",
    },
    "civicrm": {
        "companies.csv": "Contact ID,Contact Type,Display Name,Email,Phone,City,Current Employer ID\n11,Organization,Adatum,,,Bari,\n",
        "people.csv": "Contact ID,Contact Type,Display Name,Email,Phone,Current Employer ID\n12,Individual,Anna Rossi,anna@adatum.example,+39 02 555 1234,11\n",
        "activities.csv": "Activity ID,Activity Type,Subject,Activity Date,Duration,Details,Target Contact ID,Source Contact\n77,Phone Call,Intro,2024-03-04 10:15,2,Long talk,12,Helena Ray\n",
    },
}  # fmt: skip


@pytest.mark.parametrize("system", CONTACT_FILES)
def test_contacts_and_activities_of_another_crm_come_in_without_a_word(begin, taken, system):
    with begin() as work:
        work.salespeople.put(il.Salesperson(code="HR", name="Helena Ray"))
    for _ in range(2):
        reports = [taken(name, text) for name, text in CONTACT_FILES[system].items()]
    assert [report.changes for report in reports] == [0, 0, 0]
    assert [report.rejected_count for report in reports] == [0, 0, 0]
    with begin.read() as work:
        person, company = sorted(work.contacts.all(), key=lambda each: -each.type.value)
        assert (person.name, person.e_mail) == ("Anna Rossi", "anna@adatum.example")
        assert (person.company_no, company.name, company.city) == (company.no, "Adatum", "Bari")
        (entry,) = il.InteractionLog(work).timeline(person.no)
        assert (entry.date, entry.description) == (date(2024, 3, 4), "Intro")
        assert entry.contact_company_no == company.no
        assert [each.comment for each in work.interactions.comments(entry.entry_no)] == [
            "Long talk"
        ]
        if system != "odoo":
            assert entry.duration_min == 2
        if system != "dynamics":
            assert entry.salesperson_code == "HR"


CALLS = """
name = "calls"
target = "log_entry"
on_error = "reject"
[source]
dates = ["%d/%m/%Y %H:%M"]
zone = "Europe/Rome"
[key]
from = "ID"
source = "old-crm"
[columns]
contact_no = { from = "Who", lookup = "contact", split = ";", required = true }
date = { from = "When", required = true }
time_of_interaction = "When"
recorded_at = "When"
user_id = "By"
duration_min = { from = "Seconds", scale = "1/60" }
interaction_template_code = { const = "CALL" }
"""


@pytest.fixture
def calls():
    """Give a mapping of calls."""
    return mapping_of(tomllib.loads(CALLS))


def test_history_keeps_its_dates_users_and_instants_and_figures_include_it(
    begin, taken, calls, tmp_path
):
    with begin() as work:
        work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
        work.templates.put(
            il.InteractionTemplate(code="CALL", interaction_group_code="PHONE", unit_cost_lcy=9)
        )
        for number in range(10):
            no = f"C{number}"
            work.contacts.put(
                il.Contact(
                    no=no,
                    company_no=no,
                    name=no,
                    e_mail=f"{no}@x.example",
                    phone_no=f"+39 02 12345{number}",
                )
            )
    who = [["C1", "c2@x.example", "+39-02-123453", "C4;C5", "NOBODY"][n % 5] for n in range(50)]
    rows = [f"a{n},{who[n]},05/02/2024 23:30,Maria,90\n" for n in range(50)]
    text = "ID,Who,When,By,Seconds\n" + "".join(rows)
    with (tmp_path / "bad.csv").open("w+", encoding="utf-8", newline="") as rejects:
        report = taken("calls.csv", text, mapping=calls, rejects=rejects)
        rejects.seek(0)
        lines = rejects.read().splitlines()
    assert (report.total.created, report.rejected_count) == (50, 10)
    assert lines[0] == "ID,Who,When,By,Seconds,import line,import reason"
    assert lines[1].startswith(
        'a4,NOBODY,05/02/2024 23:30,Maria,90,6,"no contact is found, or two are'
    )
    with begin.read() as work:
        entry = il.InteractionLog(work).timeline("C2")[0]
        assert (entry.date, entry.time_of_interaction) == (date(2024, 2, 5), time(23, 30))
        assert entry.recorded_at == datetime(2024, 2, 5, 22, 30, tzinfo=UTC)
        assert (entry.user_id, entry.cost_lcy, entry.duration_min) == ("MARIA", 0, 2)
        figures = il.Statistics(work).of(il.LogFilter(interaction_template_code="CALL"))
        assert (figures.interactions, figures.duration_min) == (50, 100)
        keys = [each for each in work.records(ExternalKey).all() if each.target == "log_entry"]
        assert len(keys) == 50
    assert taken("calls.csv", text, mapping=calls).changes == 0
    mended = "\n".join([lines[0], lines[1].replace("NOBODY", "C9")]) + "\n"
    assert taken("bad.csv", mended, mapping=calls).total.created == 1


@pytest.mark.parametrize(
    ("captions", "signs"),
    [
        (
            "Entry No.,Contact No.,Date,Canceled",
            {"Yes": True, "No": False, "": False, "true": True},
        ),
        (
            "Entry No.,Contact No.,Date,Canceled",
            {"TRUE": True, "False": False, "1": True, "0": False},
        ),
        ("Lfd. Nr.,Kontaktnr.,Datum,Storniert", {"Ja": True, "Nein": False, "": False}),
        ("Nr. movimento,Nr. contatto,Data,Annullato", {"Sì": True, "No": False, "NO": False}),
    ],
)
def test_what_business_central_calls_canceled_is_and_nothing_else(begin, taken, captions, signs):
    with begin() as work:
        work.contacts.put(il.Contact(no="C1", company_no="C1", name="One"))
    rows = [f"{number},C1,2024-02-05,{sign}\n" for number, sign in enumerate(signs, 1)]
    report = taken("interaction_log_entries.csv", f"{captions}\n{''.join(rows)}")
    assert report.total.created == len(signs)
    with begin.read() as work:
        entries = il.InteractionLog(work).timeline("C1")
        told = {each.entry_no: each.canceled for each in entries}
        assert [told[no] for no in sorted(told)] == [*signs.values()]


def test_five_years_of_calls_come_in_once_with_figures_and_rejects(begin, taken, calls, tmp_path):
    count, days = 10_000, 365 * 5
    with begin() as work:
        work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
        work.templates.put(il.InteractionTemplate(code="CALL", interaction_group_code="PHONE"))
        for number in range(500):
            no = f"C{number:03}"
            work.contacts.put(il.Contact(no=no, company_no=no, e_mail=f"{no}@x.example"))

    def who(number):
        if number % 250 == 7:
            return "somebody@else.example"
        if number in {100, 2_100, 5_100, 9_999}:
            return f"C{number % 500:03};C{(number + 1) % 500:03}"
        return f"c{number % 500:03}@X.example" if number % 2 else f"C{number % 500:03}"

    days_of = [date(2019, 1, 1) + timedelta(number * days // count) for number in range(count)]
    text = "ID,Who,When,By,Seconds\n" + "".join(
        f"call-{number},{who(number)},{day:%d/%m/%Y} 09:30,Maria,{60 * (number % 30)}\n"
        for number, day in enumerate(days_of)
    )
    with (tmp_path / "bad.csv").open("w+", encoding="utf-8", newline="") as rejects:
        report = taken("calls.csv", text, mapping=calls, rejects=rejects)
        rejects.seek(0)
        bad = list(csv.DictReader(rejects))
    unknown = [number for number in range(count) if number % 250 == 7]
    assert (report.total.created, report.rejected_count) == (count - 40 + 4, len(unknown))
    assert [row["ID"] for row in bad] == [f"call-{number}" for number in unknown]
    assert [int(row["import line"]) for row in bad] == [number + 2 for number in unknown]
    assert {row["import reason"].partition(",")[0] for row in bad} == {"no contact is found"}
    with begin.read() as work:
        log, statistics = il.InteractionLog(work), il.Statistics(work)
        figures = statistics.of(il.LogFilter(interaction_template_code="CALL"))
        logged = [number for number in range(count) if number not in unknown]
        twice = [100, 2_100, 5_100, 9_999]
        minutes = sum(number % 30 for number in [*logged, *twice])
        assert (figures.interactions, figures.duration_min) == (len(logged) + 4, minutes)
        assert len(log.timeline("C101", limit=100)) == 20 + 3  # of 100, 2100 and 5100
        entries = log.timeline("C003", limit=100)
        assert [entry.date for entry in entries] == [days_of[n] for n in range(9_503, 0, -500)]
        assert {entry.user_id for entry in entries} == {"MARIA"}
    again = taken("calls.csv", text, mapping=calls, on_error="reject")
    assert (again.changes, again.total.unchanged, again.rejected_count) == (0, count - 36, 40)
    with begin.read() as work:
        assert il.Statistics(work).of(il.LogFilter(interaction_template_code="CALL")) == figures


def test_a_dry_run_says_what_would_come_and_stores_nothing(begin, taken):
    report = taken("export.csv", ENGLISH, dry_run=True)
    assert (report.changes, report.dry_run) == (2, True)
    with begin.read() as work:
        assert work.contacts.all() == []


def test_two_hits_are_no_hit(begin, taken, calls):
    with begin() as work:
        work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
        work.templates.put(il.InteractionTemplate(code="CALL", interaction_group_code="PHONE"))
        for no in ("C1", "C2"):
            work.contacts.put(il.Contact(no=no, company_no=no, e_mail="both@x.example"))
    report = taken("calls.csv", "ID,Who,When\n1,both@x.example,01/02/2024 10:00\n", mapping=calls)
    (problem,) = report.rejected
    assert (problem.line, problem.column, problem.value) == (2, "Who", "both@x.example")


def test_contacts_of_another_system_are_numbered_by_the_series(begin, taken):
    with begin() as work:
        il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="CONT"))
        il.numbering.NumberSeriesSetup(work).add_line("CONT", "CT0001")
        work.marketing_setup.put(il.MarketingSetup(contact_nos="CONT"))
    taken("contacts.csv", CONTACT_FILES["hubspot"]["contacts.csv"])
    with begin.read() as work:
        assert [each.no for each in work.contacts.all()] == ["CT0001"]


def test_a_thousand_contacts_of_another_system_are_numbered_without_gaps(begin, taken):
    with begin() as work:
        setup = il.numbering.NumberSeriesSetup(work)
        setup.create_series(il.numbering.NoSeries(code="CONT", manual_nos=True))
        setup.add_line("CONT", "CT0001")
        work.marketing_setup.put(il.MarketingSetup(contact_nos="CONT"))
        work.contacts.put(il.Contact(no="CT0002", company_no="CT0002", name="is here"))
    people = "Record ID,First Name,Last Name,Email\n"
    people += "".join(f"p{n},A,B{n},\n" for n in range(1_200))
    assert taken("contacts.csv", people).total.created == 1_200
    with begin.read() as work:
        numbers = [each.no for each in work.contacts.all() if each.name != "is here"]
        assert numbers == [f"CT{n:04}" for n in range(1, 1_202) if n != 2]
        assert len(work.records(ExternalKey).all()) == 1_200
    assert taken("contacts.csv", people).changes == 0


def refused(begin, tmp_path, name, content, **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with begin() as work, pytest.raises(TablesRejectedError) as error:
        import_tables(work, path, **options)
    return str(error.value.problems[0])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("No.,Name,Emial\nC1,x,a@x.example\n", "line 1, column Emial: is not known, the nearest that is missing is E-Mail"),
        ("No.,Name\nC1,One\nc1,Two\n", "line 3, column No.: differs from C1 of line 2 by case only"),
        ("No.,Type,Name,Company No.\nP1,Person,x,P2\nP2,Person,y,P1\n", "line 2, column Company No.: contact P2 is a person: name a company"),
        ("No.,Type,Name,Company No.\nP1,Person,x,C9\n", "line 2, column Company No.: contact C9 does not exist"),
        ("", "is empty: there is nothing to import"),
        ("No.,Name,E-Mail\n" + "C1,x,\n" * 1 + "C2,\udcff,\n", "line 3: is not UTF-8 from here on"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_place_and_advice(begin, tmp_path, content, reason):
    raw = content.encode("utf-8", "surrogateescape")
    raw = b"\xef\xbb\xbf" + raw if raw else raw
    assert refused(begin, tmp_path, "contacts.csv", raw).startswith(
        f"contacts.csv{', ' if reason[0] == 'l' else ': '}{reason}"
    )


CASES = [
    ("C1", "c1"),
    ("C1", "C1A"),
    ("ÄB1", "äb1"),
    ("REC8FKQ", "Rec8fkq"),
    ("003XX00000CZ30U", "003Xx00000Cz30u"),
    ("003Xx00000Cz30U", "003Xx00000Cz30u"),
]


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize(("one", "other"), CASES)
def test_numbers_that_differ_by_case_only_never_become_one_contact_in_two_imports(
    begin, taken, tmp_path, one, other, form
):
    """The second file is refused and says so, and the first one can be taken again."""

    def file(no, name):
        rows = [["No.", "Type", "Name"], [no, "Person", name]]
        if form == "xlsx":
            path = tmp_path / "made.xlsx"
            workbook(path, {"Contacts": rows})
            return path.read_bytes()
        if form == "json":
            return json.dumps([dict(zip(*rows, strict=True))])
        return "\n".join(map(",".join, rows))

    said, created = [], 0
    for no, name in ((one, "Anna"), (other, "Bert")):
        try:
            created += taken(f"contacts.{form}", file(no, name)).total.created
        except TablesRejectedError as error:
            said.append(str(error))
    assert len(said) == 2 - created
    assert all("case" in text for text in said)
    with begin.read() as work:
        stored = [(each.no, each.name) for each in work.contacts.all()]
    assert stored == [("C1", "Anna"), ("C1A", "Bert")][:created] or stored == [(one, "Anna")]
    if created:
        assert taken(f"contacts.{form}", file(one.lower(), "Anna")).total.unchanged == 1


def test_a_number_in_lower_case_is_said_to_be_stored_in_upper_case(begin, taken):
    report = taken("contacts.csv", "No.,Name\nc1,One\nc2,Two\n")
    assert [(each.code, each.line) for each in report.notices] == [("number-upper-case", 2)]
    assert taken("contacts.csv", "No.,Name\nc1,One\nc2,Two\n").total.unchanged == 2
    uuid = "550e8400-e29b-41d4-a716-446655440000"
    for text in (uuid, uuid.upper()):
        assert taken("contacts.csv", f"No.,Name\n{text},{text[:4]}{text[-1:]}\n").notices == ()


def test_numbers_that_are_external_ids_are_two_contacts_in_two_imports(begin, taken):
    for no, name in (("003Xx0U", "Anna"), ("003Xx0u", "Bert"), ("003Xx0U", "Anna B")):
        taken("sf.csv", f"Contact ID,Last Name\n{no},{name}\n", mapping="salesforce-contacts")
    with begin.read() as work:
        assert sorted(each.name for each in work.contacts.all()) == ["Anna B", "Bert"]


def test_dates_that_may_be_two_days_are_refused_until_the_form_is_declared(begin, tmp_path, taken):
    text = "No.,Description,Starting Date\nCP1,Spring,05/02/2026\n"
    problem = refused(begin, tmp_path, "campaigns.csv", text)
    assert "line 2, column Starting Date: may be two dates" in problem
    declared = load_mapping("bc-campaigns")
    taken("campaigns.csv", text, mapping=attrs.evolve(declared, dates=("%d/%m/%Y",)))
    with begin.read() as work:
        assert work.campaigns.get("CP1").starting_date == date(2026, 2, 5)


def test_persons_come_before_their_company_and_not_at_all_without_it(begin, taken, tmp_path):
    people = "".join(f"P{n},Person,Person {n},{['C1', 'C2', 'C9'][n % 3]}\n" for n in range(2_100))
    text = f"No.,Type,Name,Company No.\n{people}C1,Company,One,C1\nC2,Company,{'x' * 101},C2\n"
    report = taken("contacts.csv", text, on_error="reject")
    assert (report.total.created, report.rejected_count) == (701, 1_401)
    with begin.read() as work:
        assert work.contacts.get("P0").company_name == "One"
        assert work.contacts.find("P1") is None
    small = "No.,Type,Name,Company No.\nQ1,Person,q,C3\nC3,Company," + "x" * 101 + ",C3\n"
    assert taken("contacts.csv", small, on_error="reject").rejected_count == 2


def test_an_external_id_that_is_too_long_is_refused(begin, taken):
    text = f"Record ID,Company name\n{'x' * 300},Adatum\n"
    (problem,) = taken("hubspot-companies.csv", text).rejected
    assert (problem.line, problem.column) == (2, "Record ID")
    assert problem.reason == "must have at most 255 characters, has 300"


def test_external_ids_keep_their_case(begin, taken):
    with begin() as work:
        il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="CONT"))
        il.numbering.NumberSeriesSetup(work).add_line("CONT", "CT0001")
        work.marketing_setup.put(il.MarketingSetup(contact_nos="CONT"))
    taken("hubspot-companies.csv", "Record ID,Company name\nabC,One\naBc,Two\n")
    with begin.read() as work:
        assert [each.name for each in work.contacts.all()] == ["One", "Two"]


def test_a_bomb_a_formula_and_an_empty_sheet_in_place_of_a_workbook(begin, tmp_path, monkeypatch):
    from interactionlog.interchange import sources

    good = workbook(tmp_path / "a.xlsx", {"Contact": [["No.", "Name"], ["C1", "=1+1"]]})
    problem = refused(begin, tmp_path, "formula.xlsx", good)
    assert problem == (
        "formula.xlsx, sheet Contact, line 2, column Name: "
        "B2 holds a formula: copy the sheet as values first"
    )
    empty = workbook(tmp_path / "b.xlsx", {"Contact": []})
    assert (
        refused(begin, tmp_path, "empty.xlsx", empty)
        == "empty.xlsx: is empty: there is nothing to import"
    )
    monkeypatch.setattr(sources, "MOST_UNPACKED", 1_000)
    assert "bytes unpacked: this is not a workbook" in refused(begin, tmp_path, "bomb.xlsx", good)


def test_a_draft_is_a_mapping_that_takes_its_file(begin, taken, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("Record ID,Company name,Rating\n900,Adatum,A\n", encoding="utf-8")
    text = draft_mapping(path)
    assert "# ? = \"Rating\"  # such as 'A'" in text
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    assert isinstance(load_mapping(tmp_path / "map.toml"), MappingFile)
    assert taken("list.csv", path.read_bytes(), mapping=tmp_path / "map.toml").changes == 1


@pytest.mark.parametrize(
    "captions",
    [
        "Kundennummer;Firma;Straße;Ort;PLZ;E-Mail",
        "Codice cliente;Ragione sociale;Via;Città;CAP;Email",
        "Customer No.;Customer Name;Street;City;Post Code;E-mail",
    ],
)
def test_a_plain_list_of_customers_comes_in_by_its_draft(begin, taken, tmp_path, captions):
    """As an office keeps it: no program wrote its captions."""
    path = tmp_path / "customers.csv"
    path.write_text(f"{captions}\nK1;Möller KG;Ring 2;Wien;1010;a@x.example\n", encoding="utf-8")
    (tmp_path / "map.toml").write_text(draft_mapping(path), encoding="utf-8")
    taken(path.name, path.read_bytes(), mapping=tmp_path / "map.toml")
    with begin.read() as work:
        contact = work.contacts.get("K1")
    assert (contact.name, contact.address, contact.city) == ("Möller KG", "Ring 2", "Wien")


@pytest.mark.parametrize(
    ("captions", "row", "fields"),
    [
        ("Nome,Azienda,E-mail,Telefono", "Anna,Rossi,Anna@x.example,02 1", ("Anna", "02 1")),
        ("Name,E-Mail,Telefon,Ort", "Anna,anna@X.example,02 1,Rom", ("Anna", "02 1")),
        ("Name,Email,Phone,Rating", "Anna,anna@x.example,02 1,A", ("Anna", "02 1")),
    ],
)
def test_a_list_without_numbers_comes_in_by_its_draft(
    begin, taken, tmp_path, captions, row, fields
):
    """The address names a contact then; who is here already with it is found."""
    path = tmp_path / "list.csv"
    path.write_text(f"{captions}\n{row}\n", encoding="utf-8")
    (tmp_path / "map.toml").write_text(draft_mapping(path), encoding="utf-8")
    text = path.read_bytes()
    assert taken("list.csv", text, mapping=tmp_path / "map.toml").total.created == 1
    assert taken("list.csv", text, mapping=tmp_path / "map.toml").changes == 0
    draft = (tmp_path / "map.toml").read_text(encoding="utf-8")
    (tmp_path / "other.toml").write_text(
        draft.replace('source = "list"', 'source = "other"'), encoding="utf-8"
    )
    assert taken("list.csv", text, mapping=tmp_path / "other.toml").total.unchanged == 1
    with begin.read() as work:
        (contact,) = work.contacts.all()
        assert (contact.no, contact.name, contact.phone_no) == ("C000001", *fields)


@pytest.mark.parametrize("part", ['dates = "%d/%m/%Y"', 'ignore = "Rating"', 'files = "list"'])
def test_one_text_is_a_list_of_one(tmp_path, part):
    head = 'name = "x"\ntarget = "contact"\n'
    name, _, text = part.partition(" = ")
    assert getattr(mapping_of(tomllib.loads(head + part)), name) == (text.strip('"'),)
    with pytest.raises(UsageError, match=rf"\$\.{name}"):
        mapping_of(tomllib.loads(f"{head}{name} = [1]"))


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        *(
            (f"columns = {{ no = {{ from = 'No', {name} = {value} }} }}", "must be true or false")
            for name in ("required", "repeated")
            for value in ("'false'", "'no'", "0", "[]", "{}")
        ),
        *(
            (text.replace("7", value), "must be a whole number")
            for text in ("source.header = 7", "columns = { no = { from = 'No', cut = 7 } }")
            for value in ("1.5", "true", "'7'", "[7]", "nan")
        ),
        ("columns = { no = { from = { caption = 'No' } } }", "must be a text or a list of texts"),
        ("ignore = { caption = 'No' }", "must be a text or a list of texts"),
        ("source.encoding = '\\u0000'", "encoding"),
    ],
)
def test_a_part_of_another_type_is_refused_with_its_place(part, reason):
    text = f'name = "x"\ntarget = "contact"\n{part}'.replace("'", '"')
    with pytest.raises(UsageError, match=rf"{reason}.* @ \$\.(columns|source|ignore)"):
        mapping_of(tomllib.loads(text))


def test_a_contact_is_matched_by_what_reaches_it_only():
    key = {"from": "ID", "source": "x", "match": "name"}
    with pytest.raises(UsageError, match=r"\$\.key"):
        mapping_of({"name": "x", "target": "contact", "key": key})


def refused_columns(work, path, mapping):
    """Import a file; return the columns that were missing, ``None`` where the mapping cannot be."""
    try:
        import_tables(work, path, mapping=mapping)
    except TablesRejectedError as error:
        return [each.column for each in error.problems if "no column" in each.reason]
    except UsageError:
        return None
    return []


TARGETS = {table.name: entity for entity, table in TABLES.items()} | ENTITIES


@pytest.mark.parametrize("target", TARGETS)
def test_a_mapping_that_leaves_out_what_a_record_needs_is_refused(tmp_path, target):
    fields = attrs.fields(TARGETS[target])
    needed = {each.name for each in fields if each.default is attrs.NOTHING}
    (tmp_path / "list.csv").write_text("Said,ID\nsomething,7\n", encoding="utf-8")
    for key in ({}, {"key": {"from": "ID", "source": "crm"}}):
        for field in fields:
            mapping = mapping_of(
                {"name": "own", "target": target, "columns": {field.name: "Said"}, **key}
            )
            with il.MemoryStore() as store, store.begin(user_id="MARIA") as work:
                problems = refused_columns(work, tmp_path / "list.csv", mapping)
            computed = {"no", "entry_no", "recorded_at"} if key else set()
            assert problems is None or {*problems} | computed >= needed - {field.name}


def test_a_mapping_that_says_something_unknown_is_refused_with_the_place(tmp_path):
    (tmp_path / "map.toml").write_text(
        'name = "x"\ntarget = "contact"\ncolour = 1\n', encoding="utf-8"
    )
    with pytest.raises(UsageError, match="colour"):
        load_mapping(tmp_path / "map.toml")
    with pytest.raises(UsageError, match="neither a file nor one of the mappings bc-number-series"):
        load_mapping("nothing")


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"columns": {"no": "No.", "naem": "Name"}}, "naem: is not a field of contact.*is name"),
        ({"fixed": {"e_mial": "x"}}, "e_mial: is not a field of contact, the nearest is e_mail"),
        (
            {"columns": {"no": "No.", "type": {"const": "Firm"}}},
            "own: type = 'Firm' must be one of",
        ),
        ({"fixed": {"name": "x" * 101}}, "own: name = 'x+' must have at most 100"),
        (
            {"fixed": {"language_code": "x" * 11}},
            "language_code must have 1 to 10 characters, has 11",
        ),
        ({"fixed": {"name": ["x"]}}, r"must be one text: \['x'\] @ \$.fixed\['name'\]"),
        ({"columns": {"no": "No.", "name": {}}}, r"needs from or const @ \$.columns\['name'\]"),
        ({"columns": {"no": {"from": "No.", "cut": 0}}}, "'cut' must be >= 1"),
        ({"columns": {"no": {"from": "No.", "split": ""}}}, "Length of 'split' must be >= 1"),
        ({"columns": {"no": {"from": "No.", "unknown": "skip"}}}, "'unknown' must be in"),
        ({"on_error": "maybe"}, r"'on_error' must be in \('stop', 'reject'\)"),
        ({"source": {"delimiter": ";;"}}, "'delimiter' must match"),
        ({"source": {"delimiter": ""}}, "'delimiter' must match"),
        ({"source": {"delimiter": "\n"}}, "'delimiter' must match"),
        ({"source": {"header": 0}}, "'header' must be >= 1"),
        ({"source": {"header": 7}}, "row 7, which header of the mapping own names, is not among"),
        ({"source": {"dates": ["%Q"]}}, "dates of own: '%Q': 'Q' is a bad directive"),
        ({"source": {"dates": "%d/%m"}}, "dates of own: '%d/%m' needs day, month and year"),
        ({"source": {"dates": ["d/m/Y"]}}, "dates of own: 'd/m/Y' needs day, month and year"),
    ],
)
def test_a_mapping_that_would_lose_or_change_something_is_refused_before_a_row_is_read(
    begin, taken, part, reason
):
    whole = {"name": "own", "target": "contact", "columns": {"no": "No."}, **part}
    with pytest.raises((UsageError, TablesRejectedError), match=reason):
        taken("list.csv", "No.,Name\nK9,Anna\n", mapping=mapping_of(whole))
    with begin.read() as work:
        assert work.contacts.find("K9") is None


def test_fixed_values_may_be_written_as_toml_has_them(begin, taken):
    fixed = {"privacy_blocked": True, "type": "Person", "name": 7}
    whole = {"name": "own", "target": "contact", "columns": {"no": "No."}, "fixed": fixed}
    taken("list.csv", "No.\nK9\n", mapping=mapping_of(whole))
    with begin.read() as work:
        contact = work.contacts.get("K9")
    assert (contact.privacy_blocked, contact.name) == (True, "7")


@pytest.mark.parametrize("target", TARGETS)
def test_a_field_that_is_none_is_refused_for_every_target(begin, taken, target):
    whole = {"name": "own", "target": target, "columns": {"nonesuch": "Said"}}
    with pytest.raises((UsageError, TablesRejectedError)) as refused:
        taken("list.csv", "Said\nsomething\n", mapping=mapping_of(whole))
    if isinstance(refused.value, TablesRejectedError):
        reasons = {each.column: each.reason for each in refused.value.problems}
        assert f"is not a field of {target}" in reasons["nonesuch"]


def test_a_fact_is_added_by_an_import_and_never_changed(begin, taken):
    with begin() as work:
        work.contacts.put(il.Contact(no="K1", company_no="K1"))
        il.Consents(work).put_purpose(il.privacy.Purpose(code="NEWS"))
        fact = il.Consents(work).record("K1", "mail", "NEWS", given=False)
    captions = "entry_no,contact_no,channel,purpose_code,given,date,recorded_at"
    columns = {caption: caption for caption in captions.split(",")}
    own = mapping_of({"name": "own", "target": "consent", "columns": columns})

    def take(no, purpose):
        row = f"{no},K1,mail,{purpose},yes,2024-01-31,2024-01-31 10:00"
        return taken("facts.csv", f"{captions}\n{row}\n", mapping=own)

    with pytest.raises(TablesRejectedError, match=r"with another .*given.* never changed"):
        take(fact.entry_no, "NEWS")
    with pytest.raises(TablesRejectedError, match="purpose TIPS does not exist"):
        take(fact.entry_no + 1, "TIPS")
    assert take(fact.entry_no + 1, "NEWS").total.created == 1
    assert take(fact.entry_no + 1, "NEWS").changes == 0
    with begin.read() as work:
        assert [each.given for each in il.Consents(work).history("K1")] == [True, False]
        assert not il.Consents(work).current("K1", "mail", "NEWS").allowed


@pytest.mark.every_store
def test_what_is_recorded_after_an_import_is_numbered_above_it_and_counts(begin, taken):
    """Of two facts of one day the one with the higher number is the newer."""
    with begin() as work:
        work.contacts.put(il.Contact(no="K1", company_no="K1"))
        il.Consents(work).put_purpose(il.privacy.Purpose(code="NEWS"))
    captions = "entry_no,contact_no,channel,purpose_code,given,date,recorded_at"
    columns = {caption: caption for caption in captions.split(",")}
    own = mapping_of({"name": "own", "target": "consent", "columns": columns})
    with begin.read() as work:
        today = work.clock.work_date()
    highest = 10**6 + 2 * 10**4  # further than a sequence is raised by drawing
    rows = "".join(
        f"{no},K1,mail,NEWS,yes,{today},{today} 09:00\n" for no in (highest, highest - 5)
    )
    assert taken("facts.csv", f"{captions}\n{rows}", mapping=own).total.created == 2
    with begin() as work:
        fact = il.Consents(work).record("K1", "mail", "NEWS", given=False)
        assert fact.entry_no > highest
        assert not il.Consents(work).current("K1", "mail", "NEWS").allowed


@pytest.mark.parametrize("target", ["segment", "interaction_template"])
def test_a_purpose_that_does_not_exist_is_refused(begin, taken, target):
    with begin() as work:
        work.interaction_groups.put(il.InteractionGroup(code="G"))
    key = "no" if target == "segment" else "code"
    fixed = {} if target == "segment" else {"interaction_group_code": "G"}
    columns = {key: "Key", "description": "Text", "purpose_code": "Purpose"}
    own = mapping_of({"name": "own", "target": target, "columns": columns, "fixed": fixed})
    with pytest.raises(TablesRejectedError, match="purpose TIPS does not exist"):
        taken("list.csv", "Key,Text,Purpose\nX1,Some,TIPS\n", mapping=own)


def test_an_address_book_is_no_list_of_business_central(begin, taken):
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:ROSSI\nN:ROSSI;ANNA\nEMAIL:anna@x.example\nEND:VCARD\n"
    assert taken("contacts.vcf", card).total.created == 1  # ``N`` is a number in Italian
    with begin.read() as work:
        (contact,) = work.contacts.all()
    assert (contact.name, contact.type) == ("ROSSI", il.ContactType.PERSON)
    with pytest.raises(TablesRejectedError, match="column FN: is missing"):
        taken("contacts.vcf", "BEGIN:VCARD\nVERSION:4.0\nN:ROSSI;ANNA\nEND:VCARD\n")


def test_an_extra_that_is_missing_is_named(begin, tmp_path, monkeypatch):
    import sys

    content = workbook(tmp_path / "a.xlsx", {"Contact": [["No."], ["C1"]]})
    (tmp_path / "b.xlsx").write_bytes(content)
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with begin() as work, pytest.raises(UsageError, match=r"pip install 'interactionlog\[xlsx\]'"):
        import_tables(work, tmp_path / "b.xlsx")


def test_address_books_come_in(begin, taken):
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nN:Rossi;Anna;;;\r\nFN:Anna Rossi\r\nEMAIL;TYPE=work:anna@x.example\r\nTEL;TYPE=CELL:+39 333 1\r\nTEL;TYPE=WORK:+39 02 2\r\nADR;TYPE=WORK:;;Via Po 1;Torino;TO;10100;Italy\r\nEND:VCARD\r\n"
    for _ in range(2):
        report = taken("book.vcf", card)
    assert report.changes == 0
    with begin.read() as work:
        (contact,) = work.contacts.all()
        assert (contact.name, contact.city, contact.phone_no) == (
            "Anna Rossi",
            "Torino",
            "+39 02 2",
        )
        assert contact.mobile_phone_no == "+39 333 1"


def test_every_mapping_that_ships_has_a_name_of_its_own_and_a_target():
    names = [each.name for each in shipped()]
    assert len(set(names)) == len(names)
    for each in shipped():
        for column in each.columns.values():
            assert column.captions or column.const is not None


def test_a_row_with_several_faults_is_rejected_once(begin, taken, tmp_path):
    text = "No.,Type,Name,Company No.,Minor\nC1,Firm,x,C1,maybe\nC2,Company,y,C2,No\n"
    with (tmp_path / "bad.csv").open("w+", encoding="utf-8", newline="") as rejects:
        report = taken("contacts.csv", text, rejects=rejects)
        rejects.seek(0)
        _, line = rejects.read().splitlines()
    assert report.total.created == 1
    assert line.endswith('2,"must be one of Company, Person; must be Yes or No"')


def test_a_folder_of_another_crm_is_taken_in_the_order_of_its_tables(begin, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    for name, text in CONTACT_FILES["hubspot"].items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "notes.txt").write_text("nothing of interest\n", encoding="utf-8")
    with begin() as work:
        report = import_tables(work, folder)
        assert list(report.tables) == ["companies.csv", "contacts.csv", "calls.csv"]
        assert [notice.file for notice in report.notices if notice.code == "unknown-file"] == [
            "notes.txt"
        ]
        assert work.contacts.get("901").company_no == "900"
        assert il.Statistics(work).of_contact("900").interactions == 1


def test_a_mapping_may_begin_with_a_mark_and_must_be_in_utf_8(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('name = "Größe"\ntarget = "contact"\n', encoding="utf-8-sig")
    assert load_mapping(path).name == "Größe"
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("cp1252"))
    with pytest.raises(UsageError, match=r"own\.toml is not in UTF-8: save it so$"):
        load_mapping(path)


def test_a_caption_that_comes_again_with_another_meaning_fills_nothing(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_text(
        "No.,Type,Name,Company No.,Salesperson Code,Name\nK1,Company,,K1,,Helena Ray\n", "utf-8"
    )
    with il.MemoryStore().begin(user_id="T") as work:
        import_tables(work, path)
        assert work.contacts.get("K1").name == ""
