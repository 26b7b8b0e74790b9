"""The pages of the admin, without a browser: what each button does, and who may press it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Cast
from django.test import Client, override_settings
from django.test.utils import setup_test_environment, teardown_test_environment

import interactionlog as il
from embedding import django_site
from interactionlog.contrib.django import ModelContacts, work
from interactionlog.contrib.django.models import MODELS

CLOCK = il.FixedClock("2026-01-26T09:30")
FAST = "django.contrib.auth.hashers.MD5PasswordHasher"
LOG = "/interactionlog/interactionlogentry/"
SEGMENTS = "/interactionlog/segment/"
LOGGED = "/interactionlog/loggedsegment/"


@pytest.fixture(scope="module", autouse=True)
def _responses_tell_their_context():
    setup_test_environment()
    yield
    teardown_test_environment()


@pytest.fixture(params=django_site.SITES)
def site(request, tmp_path):
    from django_example.crm.sample import fill

    with (
        override_settings(INTERACTIONLOG_CLOCK=CLOCK, PASSWORD_HASHERS=[FAST]),
        django_site.site(request.param, tmp_path) as connection,
    ):
        fill()
        yield connection


@pytest.fixture
def helena(site):
    client = Client()
    assert client.login(username="helena", password="helena")
    return client


@pytest.fixture
def leo(site):
    client = Client()
    assert client.login(username="leo", password="leo")
    return client


def customer(name):
    from django_example.crm.models import Customer

    return Customer.objects.get(name=name)


def page_of(customer):
    return f"/crm/customer/{customer.pk}/change/"


def shown(response):
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def as_shown(client, path):
    """Return what a browser sends of a form that nobody changed."""
    page = client.get(path)
    form = page.context["form"]
    data = {name: field.value() for name, field in zip(form.fields, form, strict=True)}
    data = {name: value for name, value in data.items() if value is not None and value is not False}
    filled = re.findall(r'name="(initial-[^"]+)"(?: value="([^"]*)")?', page.content.decode())
    return data | {name: html.unescape(value) for name, value in filled}


def send(client, path, button="save", **values):
    """Send a form as it is shown, with other values and a yes to what is asked; return what follows."""
    data = as_shown(client, path)
    response = client.post(path, {**data, **values, f"do_{button}": "1"}, follow=True)
    sent = response.context.get("sent")
    return client.post(path, {**dict(sent), "sure": ""}, follow=True) if sent else response


def new(no, template="OUTGOING"):
    return f"{LOG}new/{no}/?template={template}"


def entries():
    return MODELS["log_entry"].objects


def found_in(text, start):
    """Return the address in a page that begins so."""
    return re.search(re.escape(start) + '[^"]*', text)[0]


def a_segment(*customers):
    with work(user_id="helena") as unit:
        segment = il.SegmentService(unit).create(
            "Spring letter", interaction_template_code="LETTER", salesperson_code="HR"
        )
        for each in customers:
            il.SegmentService(unit).add_line(segment.no, str(each.pk))
    return segment.no


def test_an_interaction_is_postponed_found_resumed_and_finished(helena):
    ada = customer("Ada Byron")
    assert "Create interaction" in shown(helena.get(page_of(ada)))
    response = send(
        helena,
        new(ada.pk),
        "postpone",
        template="OUTGOING",
        description="The mill",
        next=page_of(ada),
    )
    assert response.redirect_chain[0][0] == page_of(ada)
    text = shown(response)
    assert "was postponed" in text
    assert "The mill" in text
    entry = entries().get()
    assert entry.postponed
    assert "Ada Byron" in shown(helena.get(f"{LOG}?postponed__exact=1"))
    response = send(
        helena, f"{LOG}{entry.pk}/resume/", "finish", evaluation="POSITIVE", comment="Good"
    )
    assert "was logged" in shown(response)
    entry.refresh_from_db()
    assert not entry.postponed
    assert (entry.description, entry.get_evaluation_display()) == ("The mill", "Positive")
    assert "Good" in shown(helena.get(f"{LOG}{entry.pk}/change/"))
    assert "Positive" in shown(helena.get(page_of(ada)))


def test_a_postponed_interaction_that_somebody_changed_is_not_written_over(helena):
    send(helena, new(customer("Ada Byron").pk), "postpone", template="OUTGOING")
    path = f"{LOG}{entries().get().pk}/resume/"
    state = helena.get(path).context["draft"].resumed_state
    send(helena, path, "postpone", description="Changed meanwhile")
    response = send(helena, path, "finish", state=state)
    assert "changed" in shown(response)
    assert entries().get().postponed


def test_only_what_the_user_changed_is_personal(helena):
    send(helena, new(customer("Ada Byron").pk), "finish", template="OUTGOING")
    entry = entries().get()
    assert (str(entry.cost_lcy), entry.duration_min, entry.salesperson_code) == ("8", 15, "HR")
    send(helena, new(customer("Ada Byron").pk), "finish", template="OUTGOING", cost_lcy="9.5")
    assert str(entries().get(pk=entry.pk + 1).cost_lcy) == "9.5"


@pytest.mark.parametrize("button", ["finish", "postpone"])
def test_a_form_that_is_sent_twice_is_one_interaction(helena, button):
    for _ in range(2):
        assert send(helena, new(1), button, template="OUTGOING", key="K1").status_code == 200
    assert entries().count() == 1


def test_what_is_wrong_is_said_above_the_form(helena):
    response = send(
        helena,
        new(customer("Ada Byron").pk),
        "finish",
        template="OUTGOING",
        salesperson_code="NOBODY",
    )
    assert "Salesperson NOBODY does not exist" in shown(response)
    assert response.context["form"]["salesperson_code"].value() == "NOBODY"
    response = send(
        helena,
        new(customer("Ada Byron").pk),
        "finish",
        template="OUTGOING",
        date="soon",
        cost_lcy="-1",
    )
    assert "Enter a valid date." in shown(response)
    response = helena.get(new(customer("Sofia Kovalevskaya").pk), follow=True)
    assert "blocked for privacy" in shown(response)
    assert entries().count() == 0


def test_a_form_that_nobody_was_shown_does_nothing(helena):
    send(helena, new(1), "finish", template="OUTGOING")
    path = f"{LOG}{entries().get().pk}/change/"
    for data in ({"do_evaluate": "", "evaluation": "x"}, {"do_comment": ""}, {"do_nothing": ""}):
        assert helena.post(path, data, follow=True).status_code == 200
    no = a_segment(customer("Ada Byron"))
    helena.post(f"{SEGMENTS}{no}/change/", {"do_remove": "", "line": ["x"]})
    assert "is no token of a plan" in shown(helena.post(f"{SEGMENTS}{no}/log/", {"do_log": ""}))
    assert MODELS["segment_line"].objects.count() == 1
    assert entries().get().evaluation is None
    assert MODELS["log_comment"].objects.count() == 0


def test_an_entry_is_evaluated_commented_and_canceled(helena):
    send(helena, new(customer("Ada Byron").pk), "finish", template="OUTGOING")
    path = f"{LOG}{entries().get().pk}/change/"
    helena.post(path, {"do_evaluate": "", "evaluation": "NEGATIVE"})
    helena.post(path, {"do_comment": "", "comment": "Too late"})
    assert "Outgoing call - by Helena Ray" in shown(
        helena.post(path, {"do_cancel": ""}, follow=True)
    )
    entry = entries().get()
    assert (entry.get_evaluation_display(), entry.cancel_state) == ("Negative", 1)
    assert "Too late" in shown(helena.get(path))
    helena.post(path, {"do_uncancel": ""})
    assert entries().get().cancel_state == 0


def test_an_entry_that_nobody_evaluated_looks_so(helena):
    send(helena, new(customer("Ada Byron").pk), "finish", template="OUTGOING")
    path, none = f"{LOG}{entries().get().pk}/change/", '<option value="">-</option>'
    assert none in helena.get(path).content.decode()
    helena.post(path, {"do_evaluate": "", "evaluation": "VERY_NEGATIVE"})
    page = helena.get(path).content.decode()
    assert none not in page
    assert '<option value="VERY_NEGATIVE" selected>' in page


def test_a_postponed_interaction_is_deleted(helena):
    send(helena, new(customer("Ada Byron").pk), "postpone", template="OUTGOING")
    path, sure = f"{LOG}{entries().get().pk}/change/", {"do_delete": "", "sure": ""}
    response = helena.post(path, sure, follow=True)
    assert "was deleted" in shown(response)
    assert entries().count() == 0


def test_customers_are_added_to_a_new_segment_and_to_an_open_one(helena):
    chosen = {"action": "add_to_segment", "_selected_action": ["1", "2", "4"]}
    assert "3 customers chosen" in shown(helena.post("/crm/customer/", chosen))
    response = helena.post(
        "/crm/customer/", {**chosen, "do_add": "", "segment": "", "description": "New"}, follow=True
    )
    text = shown(response)
    assert (
        "2 added to segment SM00001; 1 not: there already, excluded, blocked or no contact." in text
    )
    again = {**chosen, "_selected_action": ["3"], "do_add": "", "segment": "SM00001"}
    text = shown(helena.post("/crm/customer/", again, follow=True))
    assert "1 added to segment SM00001." in text
    assert "Emmy Noether" in text
    assert "1 Ada Byron Analytical Engines" in text
    assert MODELS["segment_line"].objects.count() == 3


def test_chosen_customers_without_a_number_are_counted_among_those_left_out(helena):
    from django_example.crm.models import Customer

    number = Case(When(name="Ada Byron", then=Value(None)), default=Cast("id", CharField()))
    mapping = ModelContacts(Customer, no=number, name="name")
    adding = {"action": "add_to_segment", "do_add": "", "description": "New"}
    with override_settings(INTERACTIONLOG_CONTACTS=mapping):
        ada, grace = customer("Ada Byron").pk, customer("Grace Hopper").pk
        for chosen, said in (
            ([ada], "None of the chosen customers has a number as a contact"),
            ([ada, grace], "1 added to segment SM00001; 1 not: .* or no contact"),
        ):
            data = {**adding, "_selected_action": chosen}
            assert re.search(said, shown(helena.post("/crm/customer/", data, follow=True)))
    assert MODELS["segment"].objects.count() == 1


def test_a_segment_is_created_changed_and_deleted(helena):
    response = send(helena, f"{SEGMENTS}add/", description="Summer", salesperson_code="HR")
    assert "Segment SM00001 Summer" in shown(response)
    path = f"{SEGMENTS}SM00001/change/"
    assert "was changed" in shown(send(helena, path, interaction_template_code="LETTER"))
    segment = MODELS["segment"].objects.get()
    assert (segment.interaction_template_code, str(segment.unit_cost_lcy)) == ("LETTER", "1.5")
    assert "NOBODY" in shown(send(helena, path, salesperson_code="NOBODY"))
    helena.post(path, {"do_delete": "", "sure": ""})
    assert MODELS["segment"].objects.count() == 0


@pytest.mark.parametrize("used", [True, False])
def test_pages_show_instants_in_the_time_of_the_site(helena, used):
    send(helena, new(customer("Ada Byron").pk), "finish", template="OUTGOING")
    with override_settings(USE_TZ=used, TIME_ZONE="America/New_York"):
        page = shown(helena.get(f"{LOG}{entries().get().pk}/change/"))
    assert "Jan. 26, 2026, 4:30 a.m. by" in page


def test_what_another_changed_since_a_form_was_shown_stays(helena):
    no = a_segment(customer("Ada Byron"), customer("Emmy Noether"))
    for path, amount, record in (
        (f"{SEGMENTS}{no}/change/", "unit_cost_lcy", MODELS["segment"].objects.filter(no=no)),
        (
            f"{SEGMENTS}{no}/line/10000/",
            "cost_lcy",
            MODELS["segment_line"].objects.filter(segment_no=no, line_no=10000),
        ),
        (
            "/interactionlog/interactiontemplate/LETTER/change/",
            "unit_cost_lcy",
            MODELS["interaction_template"].objects.filter(code="LETTER"),
        ),
    ):
        shown_before = as_shown(helena, path)
        send(helena, path, description="What the other wrote")
        helena.post(path, {**shown_before, amount: "x", "do_save": ""})  # with the errors: again
        helena.post(path, {**shown_before, amount: "7.5", "do_save": ""})
        found = record.values("description", amount).get()
        assert (found["description"], str(found[amount])) == ("What the other wrote", "7.5")
        mine = f"My {amount}"
        helena.post(path, {**shown_before, "description": mine, "do_save": ""})
        assert record.get().description == mine


def test_a_line_is_personalised_removed_and_brought_back(helena):
    no = a_segment(customer("Ada Byron"), customer("Grace Hopper"))
    path = f"{SEGMENTS}{no}/line/10000/"
    text = shown(send(helena, path, interaction_template_code="OUTGOING"))
    assert "Line 10000 was given: template." in text
    line = MODELS["segment_line"].objects.get(line_no=10_000)
    assert (line.interaction_template_code, str(line.cost_lcy)) == ("OUTGOING", "8")
    assert helena.get(f"{SEGMENTS}{no}/line/15000/").status_code == 404
    page = f"{SEGMENTS}{no}/change/"
    helena.post(page, {"do_remove": "", "line": ["10000"]})
    assert MODELS["segment_line"].objects.count() == 1
    html = helena.get(page).content.decode()
    (shown_steps,) = re.findall(r'name="do_go_back" value="(\d+)"', html)
    for other in ("", str(int(shown_steps) - 1)):  # of a page that was shown before
        response = helena.post(page, {"do_go_back": other}, follow=True)
        assert "took other steps since its page was shown" in shown(response)
        kept = response.context["form"]["description"].value()  # no header that looks emptied
        assert kept == MODELS["segment"].objects.get(no=no).description != ""
        assert not response.context["form"].errors
        assert MODELS["segment_line"].objects.count() == 1
    helena.post(page, {"do_go_back": shown_steps})
    assert (
        MODELS["segment_line"].objects.get(line_no=10_000).interaction_template_code == "OUTGOING"
    )


def plan(client, no):
    return client.get(f"{SEGMENTS}{no}/log/")


def test_the_plan_is_confirmed_and_the_segment_logged_with_a_follow_up(helena):
    sofia = customer("Ada Byron"), customer("Sofia Kovalevskaya")
    sofia[1].opted_out = False
    sofia[1].save()
    no = a_segment(*sofia)
    sofia[1].opted_out = True
    sofia[1].save()
    text = shown(plan(helena, no))
    assert "Sofia Kovalevskaya Leave-out contact 4 is blocked for privacy" in text
    token = plan(helena, no).context["plan"].token
    response = helena.post(
        f"{SEGMENTS}{no}/log/", {"token": token, "do_log": "", "follow_up": "on"}, follow=True
    )
    text = shown(response)
    assert f"Segment {no} was logged." in text
    assert "Left out 1" in text
    assert "Sofia Kovalevskaya" in text
    assert "SM00002" in text
    assert entries().get().contact_no == "1"


def test_an_outdated_plan_is_shown_anew_and_nothing_is_logged(helena):
    no = a_segment(customer("Ada Byron"))
    token = plan(helena, no).context["plan"].token
    with work(user_id="leo") as unit:
        il.SegmentService(unit).add_line(no, "2")
    response = helena.post(
        f"{SEGMENTS}{no}/log/", {"token": token, "do_log": "", "follow_up": "on"}, follow=True
    )
    text = shown(response)
    assert "this is the new plan. Nothing was logged." in text
    assert "Log 2 interactions" in response.content.decode()
    assert 'name="follow_up" checked' in response.content.decode()
    assert entries().count() == 0
    token = response.context["plan"].token
    helena.post(f"{SEGMENTS}{no}/log/", {"token": token, "do_log": ""})
    assert entries().count() == 2


def logged(client):
    no = a_segment(customer("Ada Byron"), customer("Grace Hopper"))
    token = plan(client, no).context["plan"].token
    client.post(f"{SEGMENTS}{no}/log/", {"token": token, "do_log": ""})
    return f"{LOGGED}{MODELS['logged_segment'].objects.get().pk}/change/"


def test_a_logging_is_followed_up_by_outcome_and_undone(helena):
    path = logged(helena)
    first = entries().order_by("entry_no").first()
    helena.post(f"{LOG}{first.pk}/change/", {"do_evaluate": "", "evaluation": "NEGATIVE"})
    response = helena.post(
        path, {"do_follow_up": "", "evaluation": ["NEGATIVE"], "attempt_failed": ""}, follow=True
    )
    assert "Ada Byron" in shown(response)
    assert "Grace Hopper" not in shown(response)
    assert "undo" in shown(helena.post(path, {"do_undo": "", "sure": ""}, follow=True)).lower()
    assert MODELS["logged_segment"].objects.get().state == 2
    response = helena.post(path, {"do_undo": "", "force": "on", "sure": ""}, follow=True)
    assert "is open again" in shown(response)
    assert entries().filter(cancel_state=0).count() == 0


def test_a_logging_is_followed_up_whatever_the_evaluation_where_none_is_ticked(helena):
    path = logged(helena)
    first = entries().order_by("entry_no").first()
    helena.post(f"{LOG}{first.pk}/change/", {"do_evaluate": "", "evaluation": "NEGATIVE"})
    response = helena.post(path, {"do_follow_up": "", "attempt_failed": "no"}, follow=True)
    assert "Ada Byron" in shown(response)
    assert "Grace Hopper" in shown(response)


@pytest.mark.parametrize("button", ["delete entry", "delete segment", "undo", "delete group"])
def test_what_nothing_takes_back_is_asked_for_first(helena, button):
    send(helena, new(customer("Ada Byron").pk), "postpone", template="OUTGOING")
    pages = {
        "delete entry": f"{LOG}{entries().get().pk}/change/",
        "delete segment": f"{SEGMENTS}{a_segment(customer('Ada Byron'))}/change/",
        "undo": logged(helena),
        "delete group": "/interactionlog/interactiongroup/PHONE/change/",
    }
    before = [sorted(model.objects.values_list()) for model in MODELS.values()]
    sent = {f"do_{button.partition(' ')[0]}": "", "force": "on", "description": 'a "b"'}
    response = helena.post(pages[button], sent)
    assert response.context["title"].endswith("?")
    assert [sorted(model.objects.values_list()) for model in MODELS.values()] == before
    fields = dict(response.context["sent"])
    assert {name: fields[name] for name in sent} == sent
    text = response.content.decode()
    assert 'name="description" value="a &quot;b&quot;"' in text
    assert f'href="{pages[button]}"' in text


def test_a_logged_segment_is_canceled_and_live_again(helena):
    path = logged(helena)
    helena.post(path, {"do_cancel": ""})
    assert entries().filter(cancel_state=0).count() == 0
    helena.post(path, {"do_uncancel": ""})
    assert entries().filter(cancel_state=0).count() == 2


def test_figures_are_split_and_limited_by_date(helena):
    logged(helena)
    text = shown(helena.get(f"{LOG}figures/"))
    assert "LETTER 2 3 10" in text
    assert "2026-01 2 3 10" in text
    assert "Nothing was logged." in shown(helena.get(f"{LOG}figures/?since=2026-02-01"))


def test_who_may_only_look_sees_everything_and_changes_nothing(helena, leo):
    path = logged(helena)
    no = a_segment(customer("Ada Byron"))
    entry = entries().first()
    for page in (page_of(customer("Ada Byron")), LOG, f"{LOG}{entry.pk}/change/", f"{LOG}figures/"):
        text = leo.get(page).content.decode()
        for button in ("Create interaction", "do_evaluate", "do_cancel", "do_comment"):
            assert button not in text
    assert "do_undo" not in leo.get(path).content.decode()
    assert "Personalise" not in leo.get(f"{SEGMENTS}{no}/change/").content.decode()
    refused = [
        leo.get(new(1)),
        leo.post(new(1), {"do_finish": ""}),
        leo.get(f"{SEGMENTS}add/"),
        leo.get(f"{SEGMENTS}{no}/log/"),
        leo.get(f"{SEGMENTS}{no}/line/10000/"),
        *(leo.post(path, {f"do_{verb}": ""}) for verb in ("undo", "cancel", "follow_up")),
        *(
            leo.post(f"{LOG}{entry.pk}/change/", {f"do_{verb}": ""})
            for verb in ("cancel", "evaluate", "comment", "delete")
        ),
        *(leo.post(f"{SEGMENTS}{no}/change/", {f"do_{verb}": ""}) for verb in ("remove", "save")),
    ]
    assert {response.status_code for response in refused} == {403}
    chosen = {"action": "add_to_segment", "_selected_action": ["1"], "do_add": "", "segment": no}
    leo.post("/crm/customer/", chosen)
    assert MODELS["segment_line"].objects.count() == 1
    assert MODELS["log_entry"].objects.count() == 2
    Client().get(LOG)
    assert "/login/" in Client().get(LOG)["Location"]


def test_the_permission_of_a_verb_is_enough_for_it(helena, leo):
    from django.contrib.auth.models import Permission, User

    path, user = logged(helena), User.objects.get(username="leo")
    entry = f"{LOG}{entries().latest('pk').pk}/change/"
    no = a_segment(customer("Ada Byron"), customer("Emmy Noether"))
    segment, setup = f"{SEGMENTS}{no}/change/", "/interactionlog/"
    plan = {"token": helena.get(f"{SEGMENTS}{no}/log/").context["plan"].token}
    series = {"code": "CALLS", "starting_no": "C001"}
    template = {"code": "CALL", "interaction_group_code": "CALLS"}
    chosen = {"action": "add_to_segment", "_selected_action": [customer("Grace Hopper").pk]}
    for permission, page, button, values in (
        ("comment_interaction", entry, "comment", {"comment": "Good"}),
        ("evaluate_interaction", entry, "evaluate", {"evaluation": "POSITIVE"}),
        ("cancel_interaction", entry, "cancel", {}),
        ("cancel_interaction", entry, "uncancel", {}),
        ("log_interaction", new(1), "finish", as_shown(helena, new(1))),
        ("log_interaction", new(1), "postpone", as_shown(helena, new(1))),
        ("create_segment", f"{SEGMENTS}add/", "save", {"description": "Another"}),
        ("change_segment", segment, "save", {"description": "Changed"}),
        ("change_segment", f"{SEGMENTS}{no}/line/10000/", "save", {"description": "Own"}),
        ("change_segment", "/crm/customer/", "add", {**chosen, "segment": no}),
        ("log_segment", f"{SEGMENTS}{no}/log/", "log", plan),
        ("follow_up_loggedsegment", path, "follow_up", {}),
        ("cancel_loggedsegment", path, "cancel", {}),
        ("cancel_loggedsegment", path, "uncancel", {}),
        ("undo_loggedsegment", path, "undo", {"force": "1"}),
        ("set_up_interactiongroup", f"{setup}interactiongroup/add/", "save", {"code": "CALLS"}),
        ("set_up_interactiontemplate", f"{setup}interactiontemplate/add/", "save", template),
        ("set_up_noseries", f"{setup}noseries/add/", "save", series),
        ("set_up_noseries", f"{setup}noseries/SEGM/change/", "save", {"description": "S"}),
    ):
        views = {"view_customer", *(f"view_{each._meta.model_name}" for each in MODELS.values())}
        names = {permission, *views}
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        response = leo.post(page, {**values, f"do_{button}": ""})
        assert response.status_code < 400, (permission, button)


def test_who_may_not_see_the_log_sees_no_panel(site, leo):
    from django.contrib.auth.models import Permission, User

    seen = Permission.objects.filter(content_type__app_label="crm")
    User.objects.get(username="leo").user_permissions.set(seen)
    assert "Timeline" not in shown(leo.get(page_of(customer("Ada Byron"))))
    assert leo.get(LOG).status_code == 403


def test_pages_of_the_host_stay_when_the_log_refuses_who_works(site, helena):
    from django.contrib.auth.models import User

    send(helena, new(customer("Ada Byron").pk), "finish", template="OUTGOING")
    User.objects.filter(username="helena").update(username="h" * 90)
    chosen = {"action": "add_to_segment", "_selected_action": ["1"]}
    for response in (
        helena.get(page_of(customer("Ada Byron"))),
        helena.get(LOG),
        helena.post("/crm/customer/", chosen, follow=True),
    ):
        assert "INTERACTIONLOG_USER" in shown(response)


def test_pages_of_the_host_stay_when_the_mapping_is_wrong(site, helena):
    from django_example.crm.models import Customer

    wrong = ModelContacts(Customer, no="id", name="nome")
    chosen = {"action": "add_to_segment", "_selected_action": ["1"]}
    with override_settings(INTERACTIONLOG_CONTACTS=wrong):
        assert "nome" in shown(helena.get(page_of(customer("Ada Byron"))))
        assert "nome" in shown(helena.post("/crm/customer/", chosen, follow=True))


def test_a_page_of_another_model_has_no_timeline_of_the_customer_with_its_key(site, helena):
    from django.contrib.auth.models import User
    from django.db import models
    from django.test.utils import isolate_apps

    from django_example.crm.models import Customer

    with isolate_apps("django_example.crm"):

        class Regular(Customer):
            class Meta:
                app_label, proxy = "crm", True

        class Large(Customer):
            rank = models.IntegerField()

            class Meta:
                app_label = "crm"

    mapping = ModelContacts(Customer, no="id", name="name")
    with pytest.raises(il.UsageError, match=r"auth.User is no crm.Customer"):
        mapping.nos(User.objects.all())
    known = mapping.nos(Customer.objects.all())
    assert mapping.nos(Regular.objects.all()) == known
    assert ModelContacts(Regular, no="id", name="name").nos(Customer.objects.all()) == known
    assert mapping.nos(Large.objects.none()) == []


def test_numbers_that_are_sent_back_are_not_written_for_the_eye(site, helena, monkeypatch):
    monkeypatch.setattr("interactionlog.contrib.django._pages.PAGE", 1)
    no = a_segment(customer("Ada Byron"), customer("Grace Hopper"))
    page = f"{SEGMENTS}{no}/change/"
    with override_settings(USE_THOUSAND_SEPARATOR=True, LANGUAGE_CODE="de"):
        text = helena.get(page).content.decode()
        assert 'name="line" value="10000"' in text
        assert "Ada Byron" not in helena.get(f"{page}{found_in(text, '?after=')}").content.decode()
        helena.post(page, {"do_remove": "", "line": ["10000"]})
    assert [line.line_no for line in MODELS["segment_line"].objects.all()] == [20000]


def test_no_number_stands_in_an_address_as_it_is_shown():
    from interactionlog.contrib import django as package

    templates = Path(package.__file__).parent.glob("templates/**/*.html")
    sent = r'[?&]\w+={{ [\w.]+ }}|value="{{ [\w.]*_no }}"'
    assert not [each for path in templates for each in re.findall(sent, path.read_text())]


def test_texts_of_others_are_shown_as_text(helena):
    evil = "<script>alert(1)</script>"
    ada = customer("Ada Byron")
    ada.name = evil
    ada.save()
    send(helena, new(ada.pk), "finish", template="OUTGOING", description=evil, comment=evil)
    no = a_segment(ada)
    with work(user_id="helena") as unit:
        il.SegmentService(unit).change(no, description=evil)
    pages = [
        page_of(ada),
        LOG,
        f"{LOG}{entries().get().pk}/change/",
        new(ada.pk),
        SEGMENTS,
        f"{SEGMENTS}{no}/change/",
        f"{SEGMENTS}{no}/line/10000/",
        f"{SEGMENTS}{no}/log/",
    ]
    for page in pages:
        assert evil not in helena.get(page).content.decode()
    helena.post(
        f"{SEGMENTS}{no}/log/", {"token": plan(helena, no).context["plan"].token, "do_log": ""}
    )
    assert evil not in helena.get(LOGGED).content.decode()
    assert (
        evil
        not in helena.get(
            f"{LOGGED}{MODELS['logged_segment'].objects.get().pk}/change/"
        ).content.decode()
    )


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "home"])
def test_only_pages_of_this_site_are_gone_back_to(helena, target):
    ada = new(customer("Ada Byron").pk)
    response = send(helena, ada, "finish", template="OUTGOING", next=target)
    assert response.redirect_chain[0][0].startswith(LOG)


def test_a_record_that_is_not_there_is_not_found(helena):
    for path in (
        f"{LOG}99/change/",
        f"{LOG}x/change/",
        f"{LOG}{'9' * 30}/change/",
        f"{SEGMENTS}SM9/change/",
        new("99"),
        f"{SEGMENTS}SM9/log/",
    ):
        assert helena.get(path).status_code == 404


def test_a_customer_that_is_gone_leaves_its_entries_readable(helena):
    send(helena, new(customer("Ada Byron").pk), "finish", template="OUTGOING")
    customer("Ada Byron").delete()
    assert "Outgoing call" in shown(helena.get(LOG))
    assert "Outgoing call" in shown(helena.get(f"{LOG}{entries().get().pk}/change/"))
