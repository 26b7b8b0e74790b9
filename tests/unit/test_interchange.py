"""Taking a folder of tables: all of it or nothing, and never twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

import interactionlog as il
from cronus import cronus_folder
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.contacts.contact import Contact, Membership, ReferenceCode, User
from interactionlog.errors import UsageError
from interactionlog.interchange import (
    TableCounts,
    TablesRejectedError,
    export_tables,
    import_tables,
)
from interactionlog.interchange.mapping import shipped
from interactionlog.numbering.service import NumberSeries
from interactionlog.segments.logging.logger import SegmentLogger
from interactionlog.segments.service import SegmentService
from interactionlog.values import (
    ContactType,
    CorrespondenceType,
    InformationFlow,
    MembershipKind,
    NumberingPolicy,
    ReferenceKind,
)

pytestmark = pytest.mark.every_store  # statements that no contract runs

CONTACTS = """No.,Type,Name,Company No.,Salesperson Code,E-Mail,Exclude from Segment
P1,Person,"Zahn, Ulrike",C1,,p1@x.example,true
C1,Company,Löwenzahn,C1,SP,c1@x.example,No
P2,Person,Nobody's,,,,
"""
TEMPLATES = """Code,Description,Interaction Group Code,Unit Cost (LCY),Information Flow,Language Code (Default),Correspondence Type (Default)
BUS,Letter,LETTER,7.50,Outbound,ENU,Hard Copy
"""
SEGMENTS = {
    "interaction_templates": TEMPLATES,
    "contacts": CONTACTS,
    "business_relations": "Code,Description\nCUST,Customer\n",
    "contact_business_relations": "Contact No.,Business Relation Code\nC1,CUST\n",
    "segment_headers": "No.,Description,Interaction Template Code,Date\nS1,Spring,BUS,2026-03-01\n",
    "segment_criteria": "Action,Segment No.,Business Relation Code,Contact No.\nAdd,S1,CUST,\nReduce,S1,,P1\n",
}


@pytest.fixture
def folder(tmp_path):
    """Give a function that writes tables into a folder and returns it."""

    def write(encoding: str = "utf-8", **tables: str) -> Path:
        path = tmp_path / "tables"
        path.mkdir(exist_ok=True)
        for name, text in tables.items():
            (path / f"{name}.csv").write_text(text, encoding=encoding)
        return path

    return write


def taken(begin, path, **options):
    with begin() as work:
        return import_tables(work, path, **options)


def problems_of(begin, path):
    with begin() as work, pytest.raises(TablesRejectedError) as refused:
        import_tables(work, path)
    assert refused.value.count == len(refused.value.problems)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_contacts_come_with_or_without_a_byte_order_mark(begin, folder, encoding):
    report = taken(begin, folder(encoding, contacts=CONTACTS))
    assert report.tables == {"contacts.csv": TableCounts(created=3)}
    with begin.read() as work:
        assert work.contacts.get("P1") == Contact(
            no="P1",
            type=ContactType.PERSON,
            name="Zahn, Ulrike",
            company_no="C1",
            company_name="Löwenzahn",  # its company stands behind it in the file
            e_mail="p1@x.example",
            exclude_from_segment=True,
        )
        assert work.contacts.get("P2").company_no is None


def test_the_same_folder_again_changes_nothing(begin, folder):
    path = folder(**SEGMENTS)
    first = taken(begin, path)
    again = taken(begin, path)
    assert first.changes == first.total.created == 9
    assert again.changes == 0
    assert again.total.unchanged == 9


def test_a_changed_row_changes_its_record_in_the_columns_of_the_file_only(begin, folder):
    taken(begin, folder(contacts=CONTACTS))
    renamed = "No.,Type,Name,Company No.\nC1,Company,Pusteblume,C1\n"
    report = taken(begin, folder(contacts=renamed))
    assert report.total == TableCounts(changed=1)
    with begin.read() as work:
        assert work.contacts.get("C1").e_mail == "c1@x.example"
        assert work.contacts.get("P1").company_name == "Pusteblume"


def test_persons_of_any_block_get_the_name_that_their_company_has_now(begin, folder):
    head, count = "No.,Type,Name,Company No.\n", 1_300

    def rows(word, kind):
        letter, company = kind[0], "C{0}" if kind == "Person" else ""
        row = f"{letter}{{0}},{kind},{word} {{0}},{company}\n"
        return "".join(row.format(number) for number in range(count))

    taken(begin, folder(contacts=head + rows("Before", "Company") + rows("Somebody", "Person")))
    moved = "P1,Person,Somebody 1,C2\n"  # in the block in which both companies get their name
    report = taken(begin, folder(contacts=head + moved + rows("After", "Company")))
    assert report.total == TableCounts(changed=count + 1)
    with begin.read() as work:
        names = {no: work.contacts.get(f"P{no}").company_name for no in range(count)}
    assert names == {no: f"After {2 if no == 1 else no}" for no in range(count)}


def test_an_empty_field_means_not_set(begin, folder):
    campaigns = "No.,Description,Starting Date\nCP1,Spring,1.3.2026\n"
    taken(begin, folder(campaigns=campaigns))
    taken(begin, folder(campaigns=campaigns.replace("1.3.2026", "")))
    with begin.read() as work:
        assert work.campaigns.get("CP1").starting_date is None


def test_templates_take_amounts_and_options_and_a_language_without_its_row(begin, folder):
    taken(begin, folder(interaction_templates=TEMPLATES))
    with begin.read() as work:
        template = work.templates.get("BUS")
    assert template.unit_cost_lcy == Decimal("7.5")
    assert template.information_flow is InformationFlow.OUTBOUND
    assert template.correspondence_type_default is CorrespondenceType.HARD_COPY
    assert template.language_code_default == "ENU"


def test_memberships_and_questionnaires_are_taken_by_kind(begin, folder):
    taken(
        begin,
        folder(
            contacts=CONTACTS,
            contact_profile_answers="Contact No.,Profile Questionnaire Code,Line No.,"
            "Profile Questionnaire Priority,Answer Priority\nP1,COMPANY,20000,2,3\n",
            contact_job_responsibilities="Contact No.,Job Responsibility Code\nP1,SALE\n",
            profile_questionnaire_lines="Profile Questionnaire Code,Line No.,Type,Description,"
            "Multiple Answers,Priority\nCOMPANY,20000,Answer,1..99,Yes,2\n",
        ),
    )
    with begin.read() as work:
        assert work.contacts.memberships("P1") == [
            Membership(contact_no="P1", kind=MembershipKind.JOB_RESPONSIBILITY, code="SALE"),
            Membership(
                contact_no="P1",
                kind=MembershipKind.PROFILE_ANSWER,
                code="COMPANY",
                line_no=20_000,
                questionnaire_priority=2,
                answer_priority=3,
            ),
        ]
        assert work.reference_codes.all() == [
            ReferenceCode(
                kind=ReferenceKind.QUESTIONNAIRE,
                code="COMPANY",
                line_no=20_000,
                description="1..99",
                line_type="Answer",
                multiple_answers=True,
                priority=2,
            )
        ]


def test_alternative_addresses_come_with_their_periods(begin, folder):
    taken(
        begin,
        folder(
            contacts=CONTACTS,
            contact_alternative_addresses="Contact No.,Code,City,E-Mail\nP1,SUMMER,Rimini,\n",
            contact_alternative_address_periods="Contact No.,Contact Alt. Address Code,"
            "Starting Date,Ending Date\nP1,SUMMER,2026-06-01,2026-08-31\n",
        ),
    )
    with begin.read() as work:
        assert work.contacts.active_addresses(["P1"], date(2026, 7, 1)) == {"P1": "SUMMER"}


PARTS_OF_CONTACTS = {
    "contact_business_relations": ("Contact No.,Business Relation Code", "C{0},CUST"),
    "contact_mailing_groups": ("Contact No.,Mailing Group Code", "C{0},NEWS"),
    "contact_alternative_addresses": ("Contact No.,Code,City", "C{0},SUMMER,Rimini"),
    "contact_alternative_address_periods": (
        "Contact No.,Contact Alt. Address Code,Starting Date",
        "C{0},SUMMER,2026-06-01",
    ),
    "business_relations": ("Code,Description", "R{0},Relation"),
    "contacts": ("No.,Name,Phone No.", "C{0},One,{0}"),
}


def statements_for(path, count, name):
    """Import a number of rows twice; return the statements that the second time takes."""
    head, row = PARTS_OF_CONTACTS[name]
    seen = []
    with SqliteStore(path / f"{count}.db") as store, store.begin(user_id="TESTER") as work:
        for number in range(count):
            no = f"C{number}"
            work.contacts.put(Contact(no=no, company_no=no, name="One", phone_no=str(number)))
        file = path / f"{name}.csv"
        file.write_text("\n".join([head, *map(row.format, range(count))]), encoding="utf-8")
        import_tables(work, file)
        work.session.connection.set_trace_callback(seen.append)
        assert import_tables(work, file).total == TableCounts(unchanged=count)
    return len(seen)


@pytest.mark.parametrize("name", PARTS_OF_CONTACTS)
def test_rows_of_a_block_are_looked_up_together(tmp_path, name):
    assert statements_for(tmp_path, 200, name) == statements_for(tmp_path, 20, name)


SERIES = (
    "Code,Description,Default Nos.,Manual Nos.,Date Order,Line No.,Starting Date,Starting No.,"
    "Ending No.,Warning No.,Last No. Used,Increment-by No.,Allow Gaps in Nos.\n"
)


def test_a_number_series_comes_with_its_lines_and_counters(begin, folder):
    rows = "SEG,Segments,Yes,No,No,10000,,S1,S250,S200,S041,1,Yes\nSEG,Segments,Yes,No,No,20000,2027-01-01,T1,,,,5,No\n"
    assert taken(begin, folder(number_series=SERIES + rows)).total == TableCounts(created=2)
    with begin() as work:
        first, second = work.numbers.lines.all("SEG")
        assert (first.policy, first.last_allowed) == (NumberingPolicy.GAPS_ALLOWED, 250)
        assert (second.policy, second.step) == (NumberingPolicy.GAPLESS, 5)
        assert NumberSeries(work).next("SEG").no == "S042"
    assert taken(begin, folder(number_series=SERIES + rows)).changes == 0
    with begin() as work:
        assert NumberSeries(work).next("SEG").no == "S043"


def test_a_counter_goes_ahead_with_the_file_and_a_line_changes_with_it(begin, folder):
    row = "SEG,Segments,Yes,No,No,10000,,S001,S250,,S041,1,No\n"
    taken(begin, folder(number_series=SERIES + row.replace("S041", "")))
    assert taken(begin, folder(number_series=SERIES + row)).total == TableCounts(changed=1)
    later = row.replace("S041", "S060").replace("S250", "S300").replace("Segments", "Segs")
    assert taken(begin, folder(number_series=SERIES + later)).total == TableCounts(changed=1)
    with begin() as work:
        assert NumberSeries(work).next("SEG").no == "S061"
        assert work.numbers.lines.get("SEG", 10_000).last_allowed == 300
        assert work.numbers.series.get("SEG").description == "Segs"


def test_a_series_is_said_once_and_its_numbers_must_be_usable(begin, folder):
    rows = "A,One,Yes,No,No,10000,,A1,,,,1,No\nA,Two,Yes,No,No,20000,,B1,,,,1,No\nB,B,Yes,No,No,10000,,NONE,,,,1,No\nC,C,Yes,No,No,,,,,,,1,No\n"
    first, second = problems_of(begin, folder(number_series=SERIES + rows))
    assert "line 3: number series A: an earlier line of the file says something else" in first
    assert "line 4" in second
    assert "NONE holds no digit" in second


def test_setups_are_read_by_caption(begin, folder):
    report = taken(
        begin,
        folder(
            marketing_setup="Setup Field,Value\nTo-do Nos.,TASK\nDef. Company Salutation Code,COMPANY\n"
            "Default Correspondence Type,Hard Copy\nDuplicate Search,x\nSegment Nos.,\n",
            interaction_templates=TEMPLATES,
            interaction_template_setup="Setup Field,Interaction Template Code\nSales Blnkt. Ord,BUS\nE-Mails,\n",
        ),
    )
    with begin.read() as work:
        setup = work.marketing_setup.get()
        assert (setup.to_do_nos, setup.segment_nos) == ("TASK", None)
        assert setup.def_company_salutation_code == "COMPANY"
        assert setup.default_correspondence_type is CorrespondenceType.HARD_COPY
        assert work.template_setup.get("sales_blnkt_ord").interaction_template_code == "BUS"
    assert [str(notice) for notice in report.notices] == [
        "marketing_setup.csv, line 5, column Setup Field: is not known and was left out"
    ]


def test_an_emptied_purpose_has_no_template_any_more(begin, folder):
    setup = "Setup Field,Interaction Template Code\nE-Mails,BUS\n"
    path = folder(interaction_templates=TEMPLATES, interaction_template_setup=setup)
    taken(begin, path)
    assert taken(begin, path).changes == 0
    emptied = folder(interaction_template_setup=setup.replace("BUS", ""))
    assert taken(begin, emptied).total.changed == 1
    with begin.read() as work:
        assert work.template_setup.all() == []


def test_wrong_setups_are_rejected(begin, folder):
    assert problems_of(
        begin,
        folder(
            marketing_setup="Setup Field,Value\nDefault Correspondence Type,Fax\n",
            interaction_template_setup="Setup Field,Interaction Template Code\nE-Mails,NONE\n",
        ),
    ) == [
        "marketing_setup.csv, line 2, column Value: must be one of Hard Copy, Email: 'Fax'",
        "interaction_template_setup.csv, line 2, column Interaction Template Code: interaction template NONE does not exist: 'NONE'",
    ]


def test_every_rejected_row_is_reported_and_nothing_is_imported(begin, folder):
    path = folder(
        salespeople="Code,Name\nSP,Sam\n,Nameless\n",
        contacts="No.,Type,Name,Company No.,Minor\n"
        'C1,Firm,"two\nlines",C1,maybe\n'
        "C2,Company,Fine,C2,No\n"
        "C2,Company,Again,C2,No\n"
        "P1,Person,Orphan,C9,No\n"
        "C4,Company\n"
        "\n"
        f"C5,Company,{'n' * 101},C6,No\n",
        contact_mailing_groups="Contact No.,Mailing Group Code\nC8,XMAS\n",
    )
    assert problems_of(begin, path) == [
        "salespeople.csv, line 3, column Code: must be filled",
        "contacts.csv, line 2, column Type: must be one of Company, Person: 'Firm'",
        "contacts.csv, line 2, column Name: must not contain control characters: 'two\\nlines'",
        "contacts.csv, line 2, column Minor: must be Yes or No: 'maybe'",
        "contacts.csv, line 5, column No.: is the record of line 4 again: 'C2'",
        "contacts.csv, line 6, column Company No.: contact C9 does not exist: import it first: 'C9'",
        "contacts.csv, line 7: must have 5 fields, has 2",
        f"contacts.csv, line 9, column Name: must have at most 100 characters, has 101: '{'n' * 101}'",
        "contacts.csv, line 9, column Company No.: of a company must be its own number C5: 'C6'",
        "contact_mailing_groups.csv, line 2, column Contact No.: contact C8 does not exist: import it first: 'C8'",
    ]
    with begin.read() as work:
        assert work.contacts.all() == []
        assert work.salespeople.all() == []


def test_the_first_thousand_problems_are_kept_and_all_are_counted(begin, folder):
    path = folder(interaction_groups="Code,Description\n" + ",x\n" * 1_200)
    with begin() as work, pytest.raises(TablesRejectedError, match="and 1199 more") as refused:
        import_tables(work, path)
    assert (refused.value.count, len(refused.value.problems)) == (1_200, 1_000)
    assert refused.value.code == "tables-rejected"


def test_a_refused_import_leaves_the_unit_of_work_usable(begin, folder):
    with begin() as work:
        with pytest.raises(TablesRejectedError):
            import_tables(
                work, folder(contacts=CONTACTS, salespeople="Code\n,\nTOO-LONG-A-CODE-TO-BE-ONE\n")
            )
        import_tables(work, folder(contacts=CONTACTS, salespeople="Code\nSP\n"))
    with begin.read() as work:
        assert len(work.contacts.all()) == 3


def test_missing_and_repeated_columns_are_rejected(begin, folder):
    path = folder(
        contacts="Type;Name\nCompany;One\n",
        campaigns="No.,Description,Description\nCP1,x,y\n",
        mailing_groups="",
    )
    assert problems_of(begin, path) == [
        "mailing_groups.csv: is empty: there is nothing to import",
        (
            "contacts.csv, line 1, column No.: is missing: name a column so, or draft a mapping "
            "(interactionlog import draft)"
        ),
        "campaigns.csv, line 1, column Description: is there twice",
    ]


def test_a_file_that_is_no_utf_8_or_no_csv_is_rejected(begin, folder):
    path = folder(contacts=CONTACTS, interaction_groups='Code,Description\nA,"x"y\n')
    told = "Code,Name\nSP,Jörg\nJR,Jens".encode() + "\nJO,Jörg\n".encode("latin-1")
    (path / "salespeople.csv").write_bytes(b"\xef\xbb\xbf" + told)
    first, second = problems_of(begin, path)
    assert first.startswith("salespeople.csv, line 4: is not UTF-8 from here on")
    assert second.startswith("interaction_groups.csv, line 2: is no delimited text")


def test_unknown_files_and_columns_are_noticed_and_left_out(begin, folder):
    path = folder(
        salespeople="Code,Commission %\nSP,5\n",
        contacts="No.,Company No.,Company Name\nC1,C1,of no use\n",
        opportunities="No.\nOP1\n",
    )
    (path / "README.md").touch()
    report = taken(begin, path)
    assert [str(notice) for notice in report.notices] == [
        "opportunities.csv: is no known table and was left out",
        "salespeople.csv, column Commission %: is not known and was left out",
    ]


def test_the_folder_must_be_one_and_hold_a_table(begin, tmp_path):
    with begin() as work:
        with pytest.raises(UsageError, match="does not exist"):
            import_tables(work, tmp_path / "nowhere")
        with pytest.raises(UsageError, match="holds no known table"):
            import_tables(work, tmp_path)


def test_a_work_that_only_reads_imports_nothing(store, folder):
    with store.read() as work, pytest.raises(UsageError):
        import_tables(work, folder(contacts=CONTACTS))


def test_another_kind_of_store_is_refused(folder):
    with pytest.raises(UsageError, match="stores that ship"):
        import_tables(SimpleNamespace(atomic=None), folder(contacts=CONTACTS))  # type: ignore[arg-type]


def test_progress_is_told_by_file(begin, folder):
    told = []
    rows = "".join(f"G{number}\n" for number in range(2_500))
    path = folder(interaction_groups="Code\n" + rows, salespeople="Code\nSP\n")
    taken(begin, path, on_progress=lambda *step: told.append(step))
    assert told == [
        ("salespeople.csv", 1),
        ("interaction_groups.csv", 1_000),
        ("interaction_groups.csv", 2_000),
        ("interaction_groups.csv", 2_500),
    ]


def test_segments_are_created_with_the_values_of_their_template_and_their_steps_taken(
    begin, folder
):
    report = taken(begin, folder(**SEGMENTS))
    assert report.tables["segment_criteria.csv"] == TableCounts(created=2)
    with begin.read() as work:
        segment = work.segments.get("S1")
        assert (segment.date, segment.unit_cost_lcy) == (date(2026, 3, 1), Decimal("7.5"))
        assert segment.interaction_group_code == "LETTER"
        assert [line.contact_no for line in work.segments.lines_after("S1", 0)] == ["C1"]
        added, reduced = work.segments.steps("S1")
        assert (added.lines_added, reduced.lines_removed) == (1, 0)


def test_options_and_answers_of_a_step_are_taken(begin, folder):
    answers = "Contact No.,Profile Questionnaire Code,Line No.\nP1,COMPANY,20000\n"
    criteria = (
        "Action,Segment No.,Profile Questionnaire Code,Profile Questionnaire Line Filter,"
        "Ignore Exclusion,Allow Company with Persons,Salesperson Code,Entire Companies\n"
        "Add,S1,COMPANY,10000|20000,Yes,Yes,,\nAdd,S1,COMPANY,,,,,\nReduce,S1,,,,,SP,Yes\n"
    )
    tables = {**SEGMENTS, "segment_criteria": criteria, "contact_profile_answers": answers}
    taken(begin, folder(**tables))
    with begin.read() as work:
        first, second, third = work.segments.steps("S1")
        assert first.filter.profile_answers == (("COMPANY", (10_000, 20_000)),)
        assert (first.ignore_exclusion, first.lines_added) == (True, 2)
        assert second.filter.profile_answers == (("COMPANY", ()),)
        assert (third.entire_companies, third.lines_removed) == (True, 2)


def test_a_refining_step_keeps_who_matches(begin, folder):
    criteria = "Action,Segment No.,Business Relation Code,Contact No.,Expand Contact\nAdd,S1,CUST,,Yes\nRefine,S1,,C1|C2,\n"
    taken(begin, folder(**{**SEGMENTS, "segment_criteria": criteria}))
    with begin.read() as work:
        assert [line.contact_no for line in work.segments.lines_after("S1", 0)] == ["C1"]
        assert work.segments.steps("S1")[0].widening.persons_of_matched_companies


def test_a_filter_with_a_code_that_cannot_be_one_is_rejected(begin, folder):
    criteria = f"Action,Segment No.,Contact No.\nAdd,S1,{'C' * 37}\n"
    (problem,) = problems_of(begin, folder(**{**SEGMENTS, "segment_criteria": criteria}))
    assert problem.startswith("segment_criteria.csv, line 2: must have 1 to 36 characters")


STEPS = "Action,Segment No.,Business Relation Code,Value Entry Posting Date Filter,Budget,Profile Questionnaire Line Filter\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Reduce,S1,,010101..,,", "a filter on Value Entry Posting Date Filter cannot be applied"),
        ("Add,S1,CUST,,100,", "a filter on Budget cannot be applied"),
        ("Add,S1,C*,,,", "the filter 'C*' cannot be read, only values with | between them are"),
        ("Add,S1,,,,10000", "a filter on answers needs a questionnaire"),
        ("Add,S1,,,,1..2", "the filter '1..2' cannot be read"),
        ("Add,S1,,,,", "it has no filter that is read here, which would mean everybody"),
    ],
)
def test_a_step_that_cannot_be_read_is_left_out_whole_and_noticed(begin, folder, row, reason):
    tables = {**SEGMENTS, "segment_criteria": f"{STEPS}Add,S1,CUST,,,\n{row}\n"}
    report = taken(begin, folder(**tables))
    assert report.tables["segment_criteria.csv"] == TableCounts(created=1, left_out=1)
    notice = report.notices[-1]
    assert (notice.code, notice.line) == ("step-left-out", 3)
    assert notice.reason.startswith("this step of segment S1 was left out whole: ")
    assert reason in notice.reason
    with begin.read() as work:
        assert len(work.segments.steps("S1")) == 1


def test_a_segment_that_is_there_is_compared_and_its_lines_are_left_alone(begin, folder):
    path = folder(**SEGMENTS)
    taken(begin, path)
    with begin() as work:
        SegmentService(work).add_line("S1", "P2")
    changed = folder(segment_headers=SEGMENTS["segment_headers"].replace("Spring", "Summer"))
    report = taken(begin, changed)
    assert report.changes == 0
    assert str(report.notices[-1]) == (
        "segment_headers.csv, line 2, column Description: segment S1 is here already with another "
        "value and was left alone"
    )
    with begin.read() as work:
        assert work.segments.get("S1").description == "Spring"
        assert work.segments.totals("S1").lines == 2


def test_a_segment_that_was_logged_is_reported_and_not_created_again(begin, folder):
    path = folder(**SEGMENTS, salespeople="Code\nSP\n")
    taken(begin, path)
    with begin() as work:
        SegmentLogger(work).log("S1")
    report = taken(begin, path)
    assert report.changes == 0
    assert [notice.code for notice in report.notices] == ["segment-logged"]
    assert "as logged segment 1: not created again" in report.notices[0].reason
    with begin.read() as work:
        assert work.segments.find("S1") is None


def test_segments_and_steps_that_cannot_be_are_rejected(begin, folder):
    tables = {
        **SEGMENTS,
        "salespeople": "Code,Blocked\nOLD,Yes\n",
        "segment_headers": "No.,Description,Campaign No.,Salesperson Code,Interaction Template Code\n"
        "S1,One,CP9,NO,GONE\nS2,Two,,OLD,BUS\n",
        "segment_criteria": "Action,Segment No.,Business Relation Code\nAdd,S9,CUST\nTwist,S1,CUST\n",
    }
    problems = problems_of(begin, folder(**tables))
    assert problems == [
        "segment_headers.csv, line 2, column Campaign No.: campaign CP9 does not exist: import it first: 'CP9'",
        "segment_headers.csv, line 2, column Salesperson Code: salesperson NO does not exist: import it first: 'NO'",
        "segment_headers.csv, line 2, column Interaction Template Code: interaction template GONE does not exist: import it first: 'GONE'",
        "segment_headers.csv, line 3: salesperson OLD is blocked",
        "segment_criteria.csv, line 2: segment S9 does not exist",
        "segment_criteria.csv, line 3, column Action: must be one of Add, Reduce, Refine: 'Twist'",
    ]


def test_the_page_on_imports_names_every_file():
    page = Path(__file__).parents[2] / "docs" / "how-to" / "import-tables.md"
    text = page.read_text(encoding="utf-8")
    assert [
        table.name
        for table in shipped()
        if table.name.startswith("bc-") and f"`{table.files[0]}.csv`" not in text
    ] == []


def test_contacts_of_a_host_are_not_imported(begin, folder):
    class Directory:
        """Reads only, like a host's."""

    with begin() as work:
        work.__dict__["contacts"] = Directory()
        with pytest.raises(UsageError, match="the host keeps its own contacts"):
            import_tables(work, folder(contacts=CONTACTS))


@pytest.mark.parametrize(
    ("kept", "tables"),
    [
        ("contacts", ["contact", "contact_membership"]),
        ("salespeople", ["salesperson"]),
        ("users", ["user"]),
        ("consents", ["consent"]),
    ],
)
def test_what_a_host_keeps_is_neither_imported_nor_exported(begin, tmp_path, kept, tables):
    """A refusal that is imported where nobody asks for it would be lost."""
    with il.MemoryStore() as other:
        with other.begin(user_id="HELENA") as work:
            work.salespeople.put(il.Salesperson(code="HR"))
            work.users.put(User(user_id="HELENA"))
            work.contacts.put(il.Contact(no="C1", company_no="C1"))
            group = il.MembershipKind.MAILING_GROUP
            work.contacts.put_membership(Membership(contact_no="C1", kind=group, code="NEWS"))
            il.Consents(work).record("C1", given=False)
        with other.read() as work:
            export_tables(work, tmp_path / "all")
    with begin() as work:
        work.__dict__[kept] = object()
        for table in tables:
            with pytest.raises(UsageError, match=f"the host keeps its own {kept}"):
                import_tables(work, tmp_path / "all" / f"{table}.csv")
        assert not {*export_tables(work, tmp_path / "ours")}.intersection(tables)


def test_the_tables_of_cronus_are_taken_and_a_second_time_change_nothing(begin):
    path = cronus_folder()
    report = taken(begin, path)
    assert len(report.tables) == 23
    assert report.tables["contacts.csv"] == TableCounts(created=529)
    assert report.tables["contact_profile_answers.csv"] == TableCounts(created=1_597)
    (left_out,) = (notice for notice in report.notices if notice.code == "step-left-out")
    assert (left_out.file, left_out.line) == ("segment_criteria.csv", 3)
    assert "Value Entry Posting Date Filter" in left_out.reason
    with begin.read() as work:
        lines = {each.no: work.segments.totals(each.no).lines for each in work.segments.all()}
    assert lines == {"SM10001": 162, "SM10002": 4, "SM10003": 13, "SM10004": 162}
    again = taken(begin, path)
    assert again.changes == 0
    assert again.total.unchanged == report.total.created
