"""Files as programs and people leave them: taken as they are meant, or refused with place and advice."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import struct
import zipfile
from datetime import date, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

import interactionlog as il
from interactionlog.errors import UsageError
from interactionlog.interchange import (
    TablesRejectedError,
    draft_mapping,
    export_tables,
    import_tables,
)
from interactionlog.interchange.cells import Form, reader_of
from interactionlog.interchange.sources import MOST_COLUMNS, MOST_FLAWS

H = "No.,Name,Phone No.\n"


@pytest.fixture
def take(tmp_path):
    """Give a function that imports one file into an empty store: its report and the contacts."""

    def call(content, name="contacts.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with il.MemoryStore() as store, store.begin(user_id="MARIA") as work:
            report = import_tables(work, path, **options)
            return report, work.contacts.all()

    return call


@pytest.fixture
def refused(take):
    """Give a function that imports one file and returns what is said against it, line by line."""

    def call(content, name="contacts.csv", **options):
        with pytest.raises((TablesRejectedError, UsageError)) as error:
            take(content, name, **options)
        return list(map(str, getattr(error.value, "problems", [error.value])))

    return call


@pytest.mark.parametrize(
    ("content", "contacts"),
    [
        ("\ufeff\ufeff" + H + "C1,One,\n", [("C1", "One", "")]),
        (b"No.,Name\r\nC1,One\nC2,Two\rC3,Three\r\n", [("C1", "One", ""), ("C2", "Two", ""), ("C3", "Three", "")]),
        (b"No.,Name\rC1,One\rC2,Two\r", [("C1", "One", ""), ("C2", "Two", "")]),
        (H + 'C1,One "the" first,\nC2,"Two ""2""",\n', [("C1", 'One "the" first', ""), ("C2", 'Two "2"', "")]),
        ("No.,,Name,\nC1,,One,\n", [("C1", "One", "")]),
        ("No.,Name\nC1,One,,,\n", [("C1", "One", "")]),
        ("No.\u00a0,\u00a0Name\n\u00a0C1,One\u00a0\n", [("C1", "One", "")]),
        (H + "C1,One,39021234567.0\n", [("C1", "One", "39021234567")]),
        (H + "C1,'t Hooft,'+39 02 1\nC2,'=One,\n", [("C1", "'t Hooft", "+39 02 1"), ("C2", "=One", "")]),
        ("No.,Name\nC1,One" + "," * 20_000 + "\n", [("C1", "One", "")]),
    ],
    ids=["two marks", "mixed line ends", "old line ends", "quotes in the middle", "columns without anything",
         "separators at the end", "hard blanks", "a phone number as an amount", "protected cells", "thousands of empty columns"],
)  # fmt: skip
def test_a_file_is_taken_as_it_is_meant(take, content, contacts):
    report, found = take(content)
    assert [(each.no, each.name, each.phone_no) for each in found] == contacts
    assert report.notices == ()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("No.,Name\nC1,One,x\n", "contacts.csv, line 2: must have 2 fields, has 3"),
        (H + 'C1,"One,\nC2,Two,\n', "contacts.csv, line 2: is no delimited text: a quotation mark opens a text here and none closes it"),
        (H + 'C1,"One"x,\n', "contacts.csv, line 2: is no delimited text: ',' expected after '\"'"),
        (H + "C1,One,3.9021E+10\n", "contacts.csv, line 2, column Phone No.: lost its last digits in a workbook: export it again as text: '3.9021E+10'"),
        (H + "C1\u200b,One,\n", "contacts.csv, line 2, column No.: must not contain control or invisible characters: 'C1\\u200b'"),
        (H + "C1," + "x" * 2**24 + "x,\n", "contacts.csv, line 2: is no delimited text: field larger than field limit (16777216)"),
        (H[:-1] + ",x" * MOST_COLUMNS + "\nC1,One,\n", "contacts.csv, line 1: has 16,387 columns, at most 16,384"),
        (H + "C1,O\0ne,\n", "contacts.csv: is neither a text nor a workbook: save it as CSV or XLSX"),
        (b"SQLite format 3\0" + bytes(4_000), "contacts.csv: is a SQLite database: export its tables as CSV"),
        (b"%PDF-1.4\n\0\1\2", "contacts.csv: is neither a text nor a workbook: save it as CSV or XLSX"),
        (b"\xd0\xcf\x11\xe0\0\0", "contacts.csv: is an old workbook, or has a password: save it as XLSX without one"),
        (b"", "contacts.csv: is empty: there is nothing to import"),
        (b"\xef\xbb\xbf\n\n", "contacts.csv: is empty: there is nothing to import"),
        ("<?xml version='1.0'?><a><b>1</b></a>", "contacts.csv: is XML and holds no table of a configuration package"),
        (gzip.compress(b"No.,Name\n"), "contacts.csv: is no configuration package: syntax error: line 1, column 0"),
        (b"PK\x03\x04 and no more", "contacts.csv: is a damaged archive"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_refused_with_its_place(refused, content, problem):
    assert refused(content) == [problem]


@pytest.mark.parametrize(
    ("encoding", "wrong", "said"),
    [
        ("utf-8", b"\xe9", "UTF-8"),
        ("utf-16", b"\x00\xd8", "UTF-16"),
        ("utf-16-le", b"\x00\xd8", "UTF-16-LE"),
    ],
)
@pytest.mark.parametrize("before", [5, 40_000])
def test_a_wrong_byte_is_refused_with_its_line_in_every_encoding(
    refused, encoding, wrong, said, before
):
    rows = "No.,Name\r\n" + "".join(f"C{number},Müller {number}\r\n" for number in range(before))
    content = (rows + "C,").encode(encoding) + wrong + "\r\nD,One\r\n".encode(encoding)[-14:]
    problem = refused(content, on_error="reject")[-1]
    assert f"contacts.csv, line {before + 2}: is not {said} from here on" in problem


@pytest.mark.parametrize("names", [["Mö", "M\udcfcller", "Zoë"], ["M\udcfcller", "One", "Zoë"]])
def test_a_wrong_line_is_refused_wherever_the_right_ones_are(refused, names):
    rows = [f"C{place},{name},\n" for place, name in enumerate(names)]
    text = (H + "".join(rows)).encode("utf-8", "surrogateescape")
    wrong = next(place for place, name in enumerate(names) if "\udcfc" in name)
    (problem,) = refused(text)
    assert f"line {wrong + 2}" in problem


def test_a_column_without_caption_that_holds_something_is_reported(take):
    report, _ = take("No.,,Name\nC1,,One\nC2,x,Two\n")
    assert [str(each) for each in report.notices] == [
        "contacts.csv, line 1: column 2 has no caption and was left out"
    ]


def test_a_caption_that_may_come_again_is_told_and_its_first_column_counts(take):
    report, (contact,) = take("No.,Name,Name\nC1,One,Two\n")
    assert contact.name == "One"
    assert [(each.code, str(each)) for each in report.notices] == [
        ("repeated-column", "contacts.csv, column Name: is there twice: the first counts")
    ]


def archive_of(**parts):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/"), text)
    return packed.getvalue()


def workbook_of(fill):
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        sheet = book.add_worksheet("Contact")
        sheet.write_row(1, 0, ["No.", "Name", "Phone No."])
        fill(book, sheet)
    return packed.getvalue()


def test_cells_of_a_workbook_are_read_as_they_look(take):
    def fill(_, sheet):
        sheet.merge_range("A1:C1", "a title")
        sheet.write_row(2, 0, [4711, "One", 39021234567.0])
        sheet.write_row(4, 0, ["4712", "One", 999_999_999_999_999])
        sheet.write_row(3, 0, ["0042", "1e-7", 1e-7])

    _, contacts = take(workbook_of(fill), "a.xlsx")
    assert [(each.no, each.phone_no) for each in contacts] == [
        ("0042", "0.0000001"),
        ("4711", "39021234567"),
        ("4712", "999999999999999"),
    ]


@pytest.mark.parametrize(
    ("fill", "problems"),
    [
        (lambda _, sheet: sheet.merge_range("A3:A4", "C1"), [
            "a.xlsx, sheet Contact, line 3, column No.: A3:A4 is merged: undo that, and fill in each cell",
        ]),
        (lambda _, sheet: sheet.write_formula("B3", "=A1"), ["a.xlsx, sheet Contact, line 3, column Name: B3 holds a formula: copy the sheet as values first"]),
        *((lambda _, sheet, number=number: sheet.write_row(2, 0, ["C1", "One", number]), ["a.xlsx, sheet Contact, line 3, column Phone No.: is a number of more than 15 digits, of which a workbook keeps 15: export it as text"])
          for number in (1234567890123456789, 1e15, -1e15)),
        (lambda _, sheet: sheet.write_row(2, 0, [1e16, "One", ""]), ["a.xlsx, sheet Contact, line 3, column No.: is a number of more than 15 digits, of which a workbook keeps 15: export it as text"]),
        (lambda _, sheet: sheet.write(1_000_000, 16_000, "x"), [
            "a.xlsx: has 1,000,001 rows and 16,001 columns, at most 10,000,000 cells are read from a sheet: delete what lies outside the table, or save it as CSV"
        ]),
        (lambda _, sheet: [sheet.write_formula(n, 3, "=A1") for n in range(MOST_FLAWS + 1)], ["a.xlsx: has more than 10,000 rows with formulas or merged cells"]),
    ],
)  # fmt: skip
def test_a_sheet_whose_cells_mean_something_else_is_refused(refused, fill, problems):
    assert refused(workbook_of(fill), "a.xlsx") == problems


def with_values_only(packed):
    """Return a workbook whose formulas were replaced by what they gave, as a paste of values does."""
    unpacked, again = zipfile.ZipFile(io.BytesIO(packed)), io.BytesIO()
    with zipfile.ZipFile(again, "w") as archive:
        for name in unpacked.namelist():
            archive.writestr(name, re.sub(rb"<f>.*?</f>", b"", unpacked.read(name)))
    return again.getvalue()


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!"])
def test_an_error_in_a_workbook_is_no_empty_cell(take, refused, error):
    """The phone number of a contact that was here was taken away."""

    def fill(_, sheet):
        sheet.write_row(1, 0, ["No.", "Name", "Phone No.", "Remark"])
        sheet.write_row(2, 0, ["C1", "One"])
        sheet.write_formula("C3", "=A1/0", None, error)

    def beside(_, sheet):
        sheet.write_row(1, 0, ["No.", "Name", "Phone No.", "Remark"])
        sheet.write_row(2, 0, ["C1", "One", "+39 1"])
        sheet.write_formula("D3", "=A1/0", None, error)

    (said,) = refused(with_values_only(workbook_of(fill)), "a.xlsx")
    assert said.startswith("a.xlsx, sheet Contact, line 3, column Phone No.: is an error such as ")
    _, (contact,) = take(with_values_only(workbook_of(beside)), "a.xlsx")  # nobody takes that one
    assert contact.phone_no == "+39 1"


def test_a_number_that_was_cut_does_no_harm_in_a_column_that_is_not_taken(take):
    def fill(_, sheet):
        sheet.write_row(1, 0, ["No.", "Name", "Phone No.", "timestamp"])
        sheet.write_row(2, 0, ["C1", "One", "", 2.0**60])

    assert len(take(workbook_of(fill), "a.xlsx")[1]) == 1


def test_a_formula_in_a_sheet_that_is_not_taken_does_no_harm(take):
    def fill(book, sheet):
        sheet.write_row(2, 0, ["C1", "One", ""])
        book.add_worksheet("Sums").write_formula("A1", "=1+1")

    assert len(take(workbook_of(fill), "a.xlsx")[1]) == 1


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"xl__workbook.xml": "<a/>", "xl__worksheets__sheet1.xml": " " * 2**27}, "bytes unpacked: this is not a workbook"),
        ({"contacts.csv": H}, "is an archive and no XLSX workbook: unpack it first"),
        ({"xl__workbook.xml": "<a"}, "is a damaged archive"),
    ],
)  # fmt: skip
def test_an_archive_in_place_of_a_workbook_is_refused(refused, parts, reason):
    (problem,) = refused(archive_of(**parts), "a.xlsx")
    assert reason in problem


RECORDS = [{"No.": f"C{number}", "Name": "One"} for number in range(3)]


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (6, 0xFF, "zip file version"),
        (8, 0x01, "is encrypted, password required"),
        (8, 0x20, "compressed patched data"),
        (10, 12, "Invalid data stream"),
        (10, 99, "compression method is not supported"),
    ],
)
def test_a_workbook_that_cannot_be_unpacked_is_refused(refused, place, value, reason):
    with io.BytesIO() as file:
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            book.add_worksheet("contacts").write_row(0, 0, ["No.", "Name"])
        content = bytearray(file.getvalue())
    start = -1
    while (start := content.find(b"PK\x01\x02", start + 1)) >= 0:  # what each part is said to be
        content[start + place] = value
        (local,) = struct.unpack_from("<I", content, start + 42)
        content[local + place - 2] = value
    (problem,) = refused(bytes(content), "contacts.xlsx")
    assert problem.startswith("contacts.xlsx: cannot be unpacked: ")
    assert reason in problem


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        "\ufeff\n" + json.dumps(RECORDS, indent=1),
        json.dumps({"@odata.context": "x", "n": 3, "value": RECORDS, "@odata.nextLink": "y"}),
        json.dumps({"value": RECORDS}, indent=1),
        json.dumps({"d": {"value": [1]}, "value": RECORDS}, indent=1),
        "\n".join(map(json.dumps, RECORDS)),
    ],
)
def test_records_in_json_are_taken_in_every_form(take, text):
    assert [each.no for each in take(text, "contacts.json")[1]] == ["C0", "C1", "C2"]


NEXT = {"@odata.nextLink": "https://x.example/contacts?$skip=3"}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    ("page", "follow"),
    [
        ({"@odata.context": "x", "value": RECORDS, **NEXT}, True),
        ({**NEXT, "value": RECORDS}, True),
        ({"value": RECORDS, "odata.nextLink": "y"}, True),
        ({"value": [*RECORDS, {"No.": "C9", "Name": "ü" * 99, "City": "x" * 900_000}], **NEXT}, True),
        ({"value": RECORDS, "@odata.nextLink": None}, False),
        ({"value": RECORDS}, False),
        ({"value": [{**RECORDS[0], "Lines@odata.nextLink": "y", "City": json.dumps(NEXT)}]}, False),
        (RECORDS, False),
    ],
)  # fmt: skip
def test_a_page_that_links_to_a_next_one_says_that_more_records_follow(take, page, indent, follow):
    report, _ = take(json.dumps(page, indent=indent), on_error="reject")
    notices = [each for each in report.notices if each.code == "more-pages"]
    assert len(notices) == follow
    assert all("nextLink" in str(each) for each in notices)


def test_records_in_json_are_read_one_at_a_time(take, refused):
    records = [{"No.": f"C{number}", "Name": "One\n" + "ü" * 90} for number in range(5_000)]
    report, contacts = take(json.dumps(records), "contacts.json", on_error="reject")
    assert (len(contacts), report.rejected_count) == (0, 5_000)
    records[-1] = {"No.": "C1", "Name": "Last"}
    assert [each.name for each in take(json.dumps(records), "c.json", on_error="reject")[1]] == [
        "Last"
    ]
    short = json.dumps(records).replace("One\\n" + "\\u00fc" * 90, "One")
    assert "line 1: is not JSON" in refused(short[:-3], "contacts.json")[-1]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[{"No.": "C1"},\n {"No.": "C2" "Name": "y"}]', "line 2: is not JSON: Expecting ',' delimiter"),
        (json.dumps(RECORDS, indent=1)[:-9], "line 12: is not JSON: "),
        (json.dumps(RECORDS) + "\n[]", "line 1: is not JSON: more follows after its end"),
        ('{"No.": "C1",\n"Name": "x"}\n{}', "line 1: is not JSON: more follows after its end"),
        ("[1, 2]", "contacts.json: must hold records, each with its fields by name"),
        ("[" * 100_000, "contacts.json: is nested too deeply to hold records"),
        ('[{"No.":' + "[" * 100_000, "contacts.json: is nested too deeply to hold records"),
        (b'[{"No.": "C1"},\n{"No.": "\xe9"}]', "line 2: is not UTF-8 from here on, and JSON is"),
        ('{"No.": "C1"}\n{"No.": }\n', "line 2: is not JSON: "),
        ('{"No.": "C1"}\n5\n', "line 2: must hold records, each with its fields by name"),
        (b'{"No.": "C1"}\n{"No.": "\xe9"}', "line 2: is not UTF-8 from here on, and JSON is"),
        ('{"No.": "C1"}\n{"No.": "C2", "Phone No.": NaN}\n', "line 2: has NaN, which is no value in JSON: write null"),
        ('[{"No.": "C1", "Phone No.": -Infinity}]', "has -Infinity, which is no value in JSON: write null"),
        ('{"No.": "C1",\n"Phone No.": NaN}', "has NaN, which is no value in JSON: write null"),
        ('{"No.": "C1"}\n{"No.": "\\ud800"}', "line 2: holds half of a sign: '\\ud800'"),
        ('{"No.": "C1", "\\udc00": "x"}', "line 1: holds half of a sign: '\\udc00'"),
        ('[{"No.": "C1", "Name": "\\ud83e"}]', "contacts.json: holds half of a sign: '\\ud83e'"),
    ],
)  # fmt: skip
def test_json_that_cannot_be_read_is_refused_with_its_line(refused, content, problem):
    (said,) = refused(content, "contacts.json")
    assert problem in said


CARD = "BEGIN:VCARD\r\nVERSION:{}\r\n{}\r\nEND:VCARD\r\n"


@pytest.mark.parametrize(
    ("version", "lines"),
    [
        ("2.1", "N:Weiss;Anna\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Anna Wei=C3=9F\nTEL;CELL:+39-333-1\nEMAIL;INTERNET:a@x.example"),
        ("3.0", "N:Weiß;Anna;;;\nFN:Anna\n  Weiß\nitem1.TEL;TYPE=CELL,VOICE:+39-333-1\nEMAIL:a@x.example\nPHOTO;ENCODING=b:AAAA"),
        ("4.0", 'N:Weiß;Anna;;;\nFN:Anna Weiß\nTEL;VALUE=uri;TYPE="voice,cell":tel:+39-333-1\nEMAIL:a@x.example'),
    ],
)  # fmt: skip
def test_cards_of_every_version_are_taken(take, version, lines):
    card = CARD.format(version, lines.replace("\n", "\r\n"))
    nameless = CARD.format("3.0", "N:;;;;\r\nFN:Nobody's")
    _, found = take(card + nameless, "book.vcf")
    anna = next(each for each in found if each.e_mail)
    assert (anna.name, anna.mobile_phone_no) == ("Anna Weiß", "+39-333-1")
    assert len(found) == 2


@pytest.mark.parametrize(
    ("card", "place"),
    [
        (CARD.format("2.1", "FN;ENCODING=QUOTED-PRINTABLE:M=F6ller").encode(), 2),
        (CARD.format("2.1", "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=OWN:M=F6ller").encode(), 2),
        (CARD.format("2.1", "FN:Anna\r\nPHOTO;ENCODING=b:AAA").encode(), 2),
        (CARD.format("2.1", "FN:Anna\r\nUID;ENCODING=BASE64:\u00e9").encode(), 2),
        (CARD.format("3.0", "FN:One\r\nGEO").encode(), 2),
        (CARD.format("3.0", "FN:One").encode()[:-12], 2),
    ],
    ids=[
        "letters of no encoding",
        "an encoding of its own",
        "no photo",
        "no letter",
        "half a line",
        "cut",
    ],
)
def test_a_card_that_cannot_be_read_is_refused_with_its_place(refused, card, place):
    good = CARD.format("3.0", "FN:One\r\nEMAIL:a@x.example").encode()
    (*_, said) = refused(good + card, "book.vcf")
    assert said.startswith(f"book.vcf, line {place}: is no vCard: ")
    assert said.endswith(": export it as version 3.0 or 4.0")


def test_a_card_within_a_card_is_left_out_with_a_notice(take):
    agent = CARD.format("2.1", "FN:Her agent")
    report, found = take(CARD.format("2.1", f"FN:Anna\r\n{agent}EMAIL:a@x.example"), "book.vcf")
    assert [(each.name, each.e_mail) for each in found] == [("Anna", "a@x.example")]
    assert "VCARD" in [each.column for each in report.notices]


PACKAGE = "<DataList><ContactList>{}</ContactList></DataList>"


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"<DataList/>" * 1_000)[:-30] + b"\0" * 30,
        gzip.compress(PACKAGE.format("<Contact/>" * 999).encode())[:40] + bytes(9),
        '<?xml version="1.0" encoding="nope"?><DataList/>',
        '<?xml version="1.0" encoding="shift_jis"?><DataList/>',
        '<?xml version="1.0" encoding="rot13"?><DataList/>',
    ],
)
def test_a_package_that_is_damaged_or_in_no_encoding_is_refused(refused, content):
    (said,) = refused(content, "crm.rapidstart")
    assert "crm.rapidstart: is no configuration package: " in said


@pytest.mark.parametrize(
    "pieces",
    [
        [b" " * 2**20] * 100,
        [b"<Contact><Name>", *[b"A" * 2**20] * 100],
        [b"<a>" * 30_000],
        [b"<Contact>", b"<a/>" * 30_000],
    ],
)
def test_a_package_that_would_burst_is_refused_before_it_does(refused, pieces):
    head = b'<?xml version="1.0"?><DataList><ContactList>'
    bomb = gzip.compress(head + b"".join(pieces))
    assert len(bomb) < 2**20
    (said,) = refused(bomb, "crm.rapidstart")
    assert "more than 16,384 elements or 67,108,864 bytes hold no record" in said


@pytest.mark.parametrize("said", ["", "x", "9" * 5_000])
def test_a_table_of_a_package_that_says_no_number_is_known_by_its_name(take, said):
    record = "<Contact><No>C1</No><Name>One</Name></Contact>"
    content = f'<?xml version="1.0"?>{PACKAGE.format(f"<TableID>{said}</TableID>{record}")}'
    _, (contact,) = take(content, "crm.xml")
    assert (contact.no, contact.name) == ("C1", "One")


@pytest.mark.parametrize(
    ("kind", "form", "text", "reason"),
    [
        (date, Form(), "45000", "is the number of a day in a workbook"),
        (date, Form(), "31-Jan-2026", "must be a date such as"),
        (date, Form(), "9999-12-31T23:59:59-23:00", "is no day of the calendar"),
        (int, Form(), "1.5", "must be a whole number"),
        (Decimal, Form(decimal=","), "1 234.567,5", "decimal sign"),
    ],
)
def test_a_value_that_may_mean_something_else_is_refused(kind, form, text, reason):
    with pytest.raises(ValueError, match=reason):
        reader_of(kind, form)(text)


def test_numbers_are_read_as_spreadsheets_write_them():
    assert reader_of(int)("5.0") == 5
    for blank in " \u00a0\u202f'":
        text = f"1{blank}234{blank}567,50"
        assert reader_of(Decimal, Form(decimal=","))(text) == Decimal("1234567.50")


def test_what_cannot_be_opened_or_read_twice_is_refused(tmp_path):
    (tmp_path / "contacts.csv").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    with il.MemoryStore() as store, store.begin(user_id="MARIA") as work:
        with pytest.raises(UsageError, match="cannot be read twice, as a pipe"):
            import_tables(work, tmp_path / "pipe.csv")
        with pytest.raises(TablesRejectedError) as error:
            import_tables(work, tmp_path)
    assert (
        str(error.value.problems[0]) == "contacts.csv: cannot be opened: No such file or directory"
    )


def test_a_file_of_empty_lines_has_nothing_to_draft_a_mapping_for(tmp_path):
    (tmp_path / "blank.csv").write_text("\n,,\n\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is empty: there is nothing to draft"):
        draft_mapping(tmp_path / "blank.csv")


def test_rejected_rows_of_an_own_export_come_in_when_they_are_mended(tmp_path):
    """Texts that look like formulas are protected there, and come out as they were."""
    with il.MemoryStore() as store, store.begin(user_id="MARIA") as work:
        for no, name in {"C1": "=1+1", "C2": "'quoted", "C3": "One", "C4": "@home"}.items():
            told = {"company_name": name, "phone_no": "+39 02", "city": "-x", "minor": True}
            work.contacts.put(il.Contact(no=no, company_no=no, name=name, **told))
        before = work.contacts.all()
        export_tables(work, tmp_path / "all")
    file = tmp_path / "all" / "contact.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace(",COMPANY,", ",no type,").replace("+39 02", "+" * 99), encoding="utf-8"
    )
    with (
        (tmp_path / "bad.csv").open("w", encoding="utf-8", newline="") as rejects,
        il.MemoryStore() as store,
        store.begin(user_id="MARIA") as work,
    ):
        report = import_tables(work, file, rejects=rejects)
        assert (report.total.created, report.rejected_count > 3) == (0, True)
    bad = (tmp_path / "bad.csv").read_text(encoding="utf-8")
    assert len(bad.splitlines()) == 5
    mended = tmp_path / "contact.csv"
    bad = bad.replace("+" * 99, "+39 02").replace(",no type,", ",COMPANY,")
    mended.write_text(bad, encoding="utf-8")
    with il.MemoryStore() as store, store.begin(user_id="MARIA") as work:
        assert import_tables(work, mended).total.created == 4
        assert work.contacts.all() == before


def test_rejected_rows_hold_no_formula_and_come_in_when_they_are_mended(take, tmp_path):
    text = 'No.,Name,Phone No.,E-Mail\nC1,=1+1,+39,"x\ny"\n'
    with (tmp_path / "bad.csv").open("w+", encoding="utf-8", newline="") as rejects:
        take(text, rejects=rejects)
        rejects.seek(0)
        bad = rejects.read()
    assert "C1,'=1+1,'+39," in bad
    _, (contact,) = take(bad.replace("x\ny", "x"), "bad.csv")
    assert (contact.name, contact.phone_no, contact.e_mail) == ("=1+1", "+39", "x")


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("contacts.csv", "No.,Name\nC1,One\nc1,Two\n", "give it as [key] of a mapping"),
        ("salespeople.csv", "Code,Name\nA,One\na,Two\n", "leave one out, or give it another code"),
        ("campaigns.csv", "No.,Description\nA,One\na,Two\n", "leave one out, or give it another code"),
    ],
)  # fmt: skip
def test_codes_that_differ_by_case_only_are_refused_with_advice_that_helps(
    refused, name, text, advice
):
    (said,) = refused(text, name)
    assert f"by case only, and numbers are upper case: {advice}: " in said


@pytest.mark.parametrize("columns", ["Code,Description", "Code,Description,E-Mail"])
def test_rejected_rows_of_two_tables_are_not_taken_for_one(tmp_path, columns):
    """The second table became salespeople, its captions too."""
    folder, bad = tmp_path / "office", tmp_path / "salespeople.csv"
    folder.mkdir()
    (folder / "salespeople.csv").write_text("Code,Name\n,Ann\n", encoding="utf-8")
    (folder / "campaign_statuses.csv").write_text("Code,Description\n,Open\n", encoding="utf-8")
    with il.MemoryStore() as store, store.begin(user_id="MARIA") as work:
        with bad.open("w", encoding="utf-8", newline="") as rejects:
            assert import_tables(work, folder, rejects=rejects).rejected_count == 2
        both = bad.read_text(encoding="utf-8").replace(",Ann", "ANN,Ann").replace(",Open", "O,Open")
        bad.write_text(both.replace("Code,Description", columns), encoding="utf-8")
        with pytest.raises(TablesRejectedError, match="line 3: captions of another table begin"):
            import_tables(work, bad)
        assert work.salespeople.all() == []
        one = "\n".join(both.splitlines()[:2])
        bad.write_text(one, encoding="utf-8")
        assert import_tables(work, bad).changes == 1


TEXTS = {
    "cp1251": "Иванов Москва Сергей Петрова Киев Анна Ленина",
    "cp1253": "Γεώργιος Αθήνα Παπαδόπουλος Θεσσαλονίκη Μαρία Οδός",
    "cp1252": "Müller Café Señor Società Größe François Høgh",
    "cp1250": "Łódź Kraków Dvořák Škoda Győr Šárka Wałęsa",
    "cp1254": "Şişli İstanbul Çağlar Güneş Çankaya Beşiktaş",
    "cp1257": "Žemaitija Rīga Šiauliai Jānis Kaunas Ģirts",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_an_encoding_that_nothing_says_is_told(take, encoding):
    words = TEXTS[encoding].split()
    names = [f"{first} {second}" for first in words for second in words]
    rows = "".join(f"C{n},{name},\n" for n, name in enumerate(names, 1))
    report, contacts = take((H + rows).encode(encoding))
    (notice,) = report.notices
    assert (notice.code, notice.file, notice.line) == ("encoding-guessed", "contacts.csv", None)
    assert "is read as cp125" in notice.reason
    if encoding in {"cp1251", "cp1253"}:  # which Latin letters they are is a guess
        assert [each.name for each in sorted(contacts, key=lambda c: int(c.no[1:]))] == names


@pytest.mark.parametrize("first", ["Möller", "Génoise", "Dell\u2019Acqua", "Öl für 5 €"])
def test_letters_far_behind_the_begin_are_those_of_the_likeliest_encoding(take, first):
    """Where the begin is the same in two encodings the less likely one was taken for all."""
    rows = "".join(f"C{n},Azienda {n} S.r.l.,\n" for n in range(2, 15_000))
    _, contacts = take((f"{H}C1,{first},\n{rows}C0,Nicolò è più già così,\n").encode("cp1252"))
    names = {each.no: each.name for each in contacts}
    assert (names["C1"], names["C0"]) == (first, "Nicolò è più già così")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_an_encoding_that_the_text_says_is_not_told(take, encoding):
    report, _ = take((H + "C1,Müller,\n").encode(encoding))
    assert report.notices == ()


def mapped(path, columns, more=""):
    """A mapping for contacts with these columns."""
    path.write_text(f'name = "x"\ntarget = "contact"\n{more}\n[columns]\n{columns}\n', "utf-8")
    return path


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ('no = "No."\nname = { from = "Name", const = "x" }', "takes const alone"),
        ('no = "No."\nname = { const = "x", values = { x = "y" } }', "takes const alone"),
        ('no = "No."\nminor = { const = "1", scale = "1/60" }', "takes const alone"),
        ('no = "No."\nname = { from = "Name", scale = "0" }', "scale must be a number"),
        ('no = "No."\nname = { from = "Name", scale = "1/0" }', "scale must be a number"),
        (
            'no = "No."\nminor = { from = "Name", cut = 1 }',
            "x, minor: lookup, split and cut are for texts",
        ),
        (
            'no = "No."\ntype = { from = "Name", split = ";" }',
            "x, type: lookup, split and cut are for texts",
        ),
        ('no = "No."\ncity = { from = "Name", cut = 1, scale = "1/60" }', "scale is for numbers"),
        ('no = { from = "No.", lookup = "contact", scale = "1" }', "scale is for numbers"),
    ],
)
def test_options_of_a_column_that_do_nothing_are_refused(refused, tmp_path, columns, told):
    (said,) = refused(H + "C1,1,\n", mapping=mapped(tmp_path / "m.toml", columns))
    assert told in said


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('encoding = "utf-16"', "line 1: is not UTF-16 from here on"),
        ('encoding = "utf-32"', "line 1: is not UTF-32 from here on"),
        ('encoding = "own"', "own is not an encoding"),
        ('zone = "Europe"', "zone of x is not known: 'Europe'"),
        ('zone = "Europe/Nowhere"', "zone of x is not known: 'Europe/Nowhere'"),
    ],
)
def test_a_source_that_is_said_wrongly_is_refused(refused, tmp_path, source, told):
    path = mapped(tmp_path / "m.toml", 'no = "No."\nname = "Name"', f"[source]\n{source}")
    (said,) = refused(H + "C1,One,\n", mapping=path)
    assert told in said


def test_a_column_of_another_system_does_not_say_which_cells_are_protected(take):
    rows = "C1,'s-Hertogenbosch,no\nC2,'t Hof,yes\nC3,''t Hof,'\n"
    _, contacts = take("No.,Name,Protected\n" + rows)
    assert [each.name for each in contacts] == ["'s-Hertogenbosch", "'t Hof", "'t Hof"]


def test_what_only_an_export_says_is_no_option_of_a_mapping(refused, tmp_path):
    path = mapped(tmp_path / "m.toml", 'no = "No."\nname = "Name"', "restore = true")
    (said,) = refused(H + "C1,One,\n", mapping=path)
    assert "restore" in said
    assert "cannot be read" in said


def test_a_sheet_that_is_not_there_is_named(refused, tmp_path):
    path = mapped(tmp_path / "m.toml", 'no = "No."\nname = "Name"', "[source]\nsheet = 'nope'")
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for name in ("First", "Second"):
            book.add_worksheet(name).write_row(0, 0, ["No.", "Name"])
    (said,) = refused(content.getvalue(), "contacts.xlsx", mapping=path)
    assert "has no sheet 'nope', which the mapping names: it has First, Second" in said


def test_records_that_name_their_own_columns_have_no_line_of_captions(refused):
    (said, *_) = refused('[{"No.": "C1", "No. ": "C2"}]', "contacts.json")
    assert "line 0" not in said
    (said, *_) = refused('[{"Name": "One", "City": "Turin"}]', "contacts.json")
    assert "line 0" not in said


def test_a_caption_in_brackets_makes_no_json(take):
    _, (contact,) = take("[No.],Name\nC1,One\n")
    assert (contact.no, contact.name) == ("C1", "One")


@pytest.mark.parametrize("kind", ["FAX", "WORK,FAX", "PAGER"])
def test_a_number_that_nobody_answers_is_no_phone_number(take, kind):
    lines = f"N:Rossi;Anna;;;\nFN:Anna Rossi\nTEL;TYPE={kind}:999\nTEL;TYPE=WORK:02 1"
    report, (contact,) = take(CARD.format("3.0", lines), "contacts.vcf")
    assert (contact.phone_no, contact.mobile_phone_no) == ("02 1", "")
    assert [notice.code for notice in report.notices if notice.column] == ["unknown-column"]


@pytest.mark.parametrize(
    ("pattern", "text", "day", "clock"),
    [
        ("%d/%m/%Y %H:%M %z", "05/03/2024 23:30 +0500", date(2024, 3, 5), time(19, 30)),
        ("%d/%m/%Y %H:%M %z", "05/03/2024 23:30 -0500", date(2024, 3, 6), time(5, 30)),
        ("%d/%m/%Y %X", "05/03/2024 23:30:00", date(2024, 3, 5), time(23, 30)),
    ],
)
def test_a_moment_in_a_form_of_the_mapping_is_that_of_the_clock_here(pattern, text, day, clock):
    form = Form(dates=(pattern,), zone=ZoneInfo("Europe/Rome"))
    assert (form.date(text), form.time(text)) == (day, clock)


def test_a_constant_is_written_as_the_table_is(tmp_path):
    path = mapped(
        tmp_path / "m.toml",
        'code = "Code"\ninteraction_group_code = { const = "G" }\nunit_cost_lcy = { const = "1,5" }',
        'decimal = ","',
    )
    path.write_text(path.read_text("utf-8").replace('"contact"', '"interaction_template"'), "utf-8")
    file = tmp_path / "templates.csv"
    file.write_text("Code\nT1\n", "utf-8")
    with il.MemoryStore() as store, store.begin(user_id="MARIA") as work:
        work.interaction_groups.put(il.InteractionGroup(code="G"))
        import_tables(work, file, mapping=path)
        assert work.templates.get("T1").unit_cost_lcy == Decimal("1.5")


def test_rejected_rows_keep_each_cell_under_its_caption(take, refused, tmp_path):
    """Also when a spreadsheet has filled up all rows since."""
    text = "No.,Name,City\n1,Rossi\n2,Bianchi,Roma,Via Po\n3,Verdi,Bari\n"
    with (tmp_path / "bad.csv").open("w+", encoding="utf-8", newline="") as rejects:
        take(text, rejects=rejects)
        rejects.seek(0)
        rows = list(csv.reader(rejects))
    assert rows == [
        ["No.", "Name", "City", "import line", "import reason"],
        ["1", "Rossi", "", "2", "must have 3 fields, has 2"],
        ["2", "Bianchi", "Roma", "3", "must have 3 fields, has 4", "Via Po"],
    ]
    filled = "\n".join(",".join(f'"{cell}"' for cell in [*row, ""][:6]) for row in rows)
    (problem,) = refused(filled, "contacts.csv")
    assert problem == "contacts.csv, line 3: must have 5 fields, has 6"
    mended = filled.replace("Roma", "Roma (Via Po)").replace(',"Via Po"', "")
    _, found = take(mended, "contacts.csv")
    assert [each.city for each in found] == ["", "Roma (Via Po)"]
