"""The pages on which templates, number series and salespeople are set up, and who may do it."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings

import interactionlog as il
from embedding import django_site
from embedding.test_django_admin import (  # noqa: F401  # fixtures
    SEGMENTS,
    _responses_tell_their_context,
    customer,
    helena,
    leo,
    send,
    shown,
    site,
)
from interactionlog.contrib.django import work
from interactionlog.contrib.django.models import MODELS

GROUPS = "/interactionlog/interactiongroup/"
TEMPLATES = "/interactionlog/interactiontemplate/"
SERIES = "/interactionlog/noseries/"
SALESPEOPLE = "/interactionlog/salesperson/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def own_salespeople():
    with override_settings(INTERACTIONLOG_SALESPEOPLE=None):
        yield


def test_a_group_and_a_template_are_created_changed_and_deleted(helena):  # noqa: F811
    response = send(helena, f"{GROUPS}add/", code="visit", description="Visits")
    assert response.context["form"]["description"].value() == "Visits"
    response = send(
        helena,
        f"{TEMPLATES}add/",
        code="visit",
        interaction_group_code="VISIT",
        description="A visit",
        unit_cost_lcy="12.5",
        information_flow="OUTBOUND",
    )
    assert "Interaction template VISIT" in shown(response)
    path = f"{TEMPLATES}VISIT/change/"
    assert "was changed" in shown(send(helena, path, unit_duration_min="30"))
    with work(user_id="helena") as unit:
        template = unit.templates.get("VISIT")
    assert (str(template.unit_cost_lcy), template.unit_duration_min) == ("12.5", 30)
    assert template.information_flow is il.InformationFlow.OUTBOUND
    assert "is used by template VISIT" in shown(send(helena, f"{GROUPS}VISIT/change/", "delete"))
    assert "was deleted" in shown(send(helena, path, "delete"))
    assert "was deleted" in shown(send(helena, f"{GROUPS}VISIT/change/", "delete"))


def test_what_is_there_already_is_not_written_over(helena, own_salespeople):  # noqa: F811
    for path in (f"{GROUPS}add/", f"{TEMPLATES}add/", f"{SERIES}add/", f"{SALESPEOPLE}add/"):
        values = {"code": "SAME", "interaction_group_code": "PHONE", "description": "First"}
        send(helena, path, **values, name="First")
        assert "exists already" in shown(
            send(helena, path, **{**values, "description": "Second"}, name="Second")
        )
    for name in ("interaction_group", "interaction_template", "no_series"):
        assert MODELS[name].objects.get(code="SAME").description == "First"
    assert MODELS["salesperson"].objects.get(code="SAME").name == "First"


def test_a_template_in_use_or_without_group_says_so(helena):  # noqa: F811
    with work(user_id="helena") as unit:
        il.SegmentService(unit).create("Spring", interaction_template_code="LETTER")
    assert "is used by segment" in shown(send(helena, f"{TEMPLATES}LETTER/change/", "delete"))
    assert MODELS["interaction_template"].objects.filter(code="LETTER").exists()
    text = shown(send(helena, f"{TEMPLATES}add/", code="NEW"))
    assert "This field is required." in text
    assert not MODELS["interaction_template"].objects.filter(code="NEW").exists()
    text = shown(
        send(helena, f"{TEMPLATES}add/", code="TOO LONG A CODE", interaction_group_code="PHONE")
    )
    assert "1 to 10 characters" in text


def test_a_series_is_created_gets_a_line_and_numbers_segments(helena):  # noqa: F811
    response = send(
        helena,
        f"{SERIES}add/",
        code="new",
        description="Letters",
        starting_no="L-001",
        segment_nos="on",
    )
    assert "The next number is L-001." in shown(response)
    assert "Segment L-001" in shown(send(helena, f"{SEGMENTS}add/", description="Summer"))
    path = f"{SERIES}NEW/change/"
    text = shown(send(helena, path, starting_no="M-001", starting_date="2027-01-01"))
    assert "the beginning L-001 L-001" in text
    assert "M-001 none yet" in text
    assert "The next number is L-002." in text
    assert MODELS["no_series_line"].objects.filter(series_code="NEW").count() == 2
    assert "change that first" in shown(send(helena, path, "delete"))


@pytest.mark.parametrize("name", ["interaction_group", "interaction_template", "no_series"])
def test_what_cannot_be_created_stays_in_the_form_with_the_reason(helena, name):  # noqa: F811
    path = {"no_series": SERIES, "interaction_group": GROUPS}.get(name, TEMPLATES)
    wrong = {"starting_no": "SM", "interaction_group_code": "NONE"}
    if name == "interaction_group":
        wrong = {"code": "WITH\u200bIN"}
    values = {"code": "NEW", "description": "Letters of spring", **wrong}
    response = send(helena, f"{path}add/", **values)
    text = shown(response)
    assert response.context["form"]["description"].value() == "Letters of spring"
    assert "Create" in text
    assert MODELS[name].objects.filter(description="Letters of spring").count() == 0
    reasons = ("holds no digit", "Select a valid choice", "invisible characters")
    assert any(reason in text for reason in reasons), text


def test_a_page_that_is_wrong_changes_nothing(helena):  # noqa: F811
    text = shown(send(helena, f"{SERIES}SEGM/change/", description="Other", starting_no="X"))
    assert "X" in text
    assert MODELS["no_series"].objects.get(code="SEGM").description == ""
    assert helena.get(f"{SERIES}NOBODY/change/").status_code == 404
    assert helena.get(f"{TEMPLATES}NOBODY/change/").status_code == 404


def test_salespeople_are_set_up_where_the_library_keeps_them(helena, own_salespeople):  # noqa: F811
    assert "Salesperson JO" in shown(send(helena, f"{SALESPEOPLE}add/", code="jo", name="Jo"))
    send(helena, f"{SALESPEOPLE}JO/change/", e_mail="jo@example.org", blocked="on")
    person = MODELS["salesperson"].objects.get()
    assert (person.name, person.e_mail, person.blocked) == ("Jo", "jo@example.org", True)
    deleting = {"do_delete": "", "sure": ""}
    assert "is not deleted" in shown(helena.post(f"{SALESPEOPLE}JO/change/", deleting))


def test_salespeople_of_the_host_have_no_page_here(helena):  # noqa: F811
    assert "Salespeople" not in shown(helena.get("/interactionlog/"))
    for path in (SALESPEOPLE, f"{SALESPEOPLE}add/", f"{SALESPEOPLE}HR/change/"):
        assert helena.get(path).status_code in {403, 404}


def test_who_may_only_look_sets_nothing_up(helena, leo, own_salespeople):  # noqa: F811
    send(helena, f"{SALESPEOPLE}add/", code="jo", name="Jo")
    for path in (f"{GROUPS}PHONE", f"{TEMPLATES}LETTER", f"{SERIES}SEGM", f"{SALESPEOPLE}JO"):
        page = leo.get(f"{path}/change/")
        assert page.status_code == 200
        assert "do_" not in page.content.decode()
        for button in ("do_save", "do_delete"):
            data = {button: "", "description": "Mine", "name": "Mine"}
            assert leo.post(f"{path}/change/", data).status_code == 403
    for path in (GROUPS, TEMPLATES, SERIES, SALESPEOPLE):
        assert leo.get(path).status_code == 200
        assert leo.get(f"{path}add/").status_code == 403
        assert leo.post(f"{path}add/", {"code": "X", "do_save": ""}).status_code == 403
    assert MODELS["interaction_group"].objects.count() == 2


def test_texts_of_set_up_are_shown_as_text(helena, own_salespeople):  # noqa: F811
    send(helena, f"{GROUPS}add/", code="E", description=EVIL)
    send(helena, f"{TEMPLATES}add/", code="E", interaction_group_code="E", description=EVIL)
    send(helena, f"{SERIES}add/", code="E", description=EVIL)
    send(helena, f"{SALESPEOPLE}add/", code="E", name=EVIL)
    for path in (GROUPS, TEMPLATES, SERIES, SALESPEOPLE):
        for page in (path, f"{path}E/change/", f"{path}add/"):
            response = helena.get(page)
            assert response.status_code == 200
            assert EVIL not in response.content.decode()


def test_two_tenants_in_one_database_see_only_their_own(helena):  # noqa: F811
    no = f"{SEGMENTS}SM00001/change/"
    send(helena, f"{SEGMENTS}add/", description="Ours")
    with override_settings(INTERACTIONLOG_TENANT="OTHER"):
        assert helena.get(no).status_code == 404
        for path in (GROUPS, TEMPLATES, SERIES, SEGMENTS, "/interactionlog/interactionlogentry/"):
            assert helena.get(path).context["cl"].result_count == 0
        send(helena, f"{SERIES}add/", code="SEGM", starting_no="SM00001", segment_nos="on")
        send(helena, f"{SEGMENTS}add/", description="Theirs")
        assert "Theirs" in shown(helena.get(no))
        assert "Ours" not in shown(helena.get(SEGMENTS))
    assert "Ours" in shown(helena.get(no))


def test_the_pages_work_on_a_second_database(tmp_path):
    """Users and sessions lie in the first database, customers and the log in the second."""
    from django.contrib.auth.models import User

    from django_example.crm.models import Customer

    class Router:
        def db_for_read(self, model, **_):
            return "second" if model._meta.app_label in {"crm", "interactionlog"} else None

        db_for_write = db_for_read

    (tmp_path / "other").mkdir()
    with (
        override_settings(
            INTERACTIONLOG_DATABASE="second",
            INTERACTIONLOG_SALESPEOPLE=None,
            DATABASE_ROUTERS=[Router()],
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ),
        django_site.site("sqlite", tmp_path),
        django_site.site("sqlite", tmp_path / "other", alias="second"),
    ):
        User.objects.create_superuser("helena", password="helena")
        Customer.objects.create(name="Ada Byron")
        client = Client()
        assert client.login(username="helena", password="helena")
        send(client, f"{SALESPEOPLE}add/", code="HR", name="Helena Ray")
        send(client, f"{GROUPS}add/", code="LETTERS")
        send(client, f"{TEMPLATES}add/", code="LETTER", interaction_group_code="LETTERS")
        send(client, f"{SERIES}add/", code="SEGM", starting_no="SM00001", segment_nos="on")
        chosen = {
            "action": "add_to_segment",
            "_selected_action": ["1"],
            "do_add": "",
            "segment": "",
        }
        assert "1 added" in shown(client.post("/crm/customer/", chosen, follow=True))
        send(
            client,
            f"{SEGMENTS}SM00001/change/",
            interaction_template_code="LETTER",
            salesperson_code="HR",
        )
        path = f"{SEGMENTS}SM00001/log/"
        token = client.get(path).context["plan"].token
        text = shown(client.post(path, {"token": token, "do_log": ""}))
        assert "Segment SM00001: has no description" in text
        send(client, f"{SEGMENTS}SM00001/change/", description="Spring")
        token = client.get(path).context["plan"].token
        assert "was logged" in shown(client.post(path, {"token": token, "do_log": ""}, follow=True))
        assert "LETTER" in shown(client.get("/crm/customer/1/change/"))
        assert MODELS["log_entry"].objects.using("default").count() == 0
