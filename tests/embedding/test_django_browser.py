"""What a colleague clicks in a real browser: the life of an interaction and of a segment."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import django
import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread

import interactionlog as il
from embedding import django_site
from embedding.browser import HOW_TO_GET, Pages, browser, wanted
from interactionlog.contrib.django import work
from interactionlog.contrib.django.models import MODELS

pytestmark = pytest.mark.skipif(not wanted(), reason=HOW_TO_GET)

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "how-to" / "django-admin.png"
PAGES = ROOT / "src" / "interactionlog" / "contrib" / "django" / "templates" / "interactionlog"
SHOWN = ("segment.html", "page.html", "form.html", "style.html")
CLOCK = il.FixedClock("2026-01-26T09:30")
EVIL = "<b>About</b> <script>alert(1)</script> the mill"


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("browser")) as it:
        yield it


@pytest.fixture
def pages(request, tmp_path, driver):
    """Give what a user does, on a server of this process that has customers and templates."""
    from django_example.crm.sample import fill

    fast = "django.contrib.auth.hashers.MD5PasswordHasher"
    with (
        override_settings(
            INTERACTIONLOG_CLOCK=CLOCK, PASSWORD_HASHERS=[fast], DEBUG=False, ALLOWED_HOSTS=["*"]
        ),
        django_site.site(getattr(request, "param", "sqlite"), tmp_path),
    ):
        fill()
        server = LiveServerThread("127.0.0.1", StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        assert server.error is None, server.error
        yield Pages(driver, f"http://127.0.0.1:{server.port}")
        server.terminate()


def test_an_interaction_is_created_canceled_found_resumed_and_finished(pages):
    pages.log_in("helena")
    pages.go("/crm/customer/1/change/")
    pages.click("Create interaction")
    pages.fill("template", "OUTGOING Outgoing call")
    pages.click("Take its values")
    pages.fill("description", EVIL)
    pages.click("Cancel and postpone")
    assert EVIL in pages.text("#interactionlog-postponed")
    pages.go("/interactionlog/interactionlogentry/")
    pages.click("Postponed interactions")
    assert "Ada Byron" in pages.text("#result_list")
    pages.go("/crm/customer/1/change/")
    pages.click("Resume")
    pages.fill("evaluation", "Positive")
    pages.click("Finish")
    assert not pages.has("#interactionlog-postponed")
    timeline = pages.text("#interactionlog-timeline")
    assert EVIL in timeline  # text, not markup
    assert "Positive" in timeline
    assert "1 interaction, cost 8, 15 minutes" in timeline


def choose_all(pages):
    pages.go("/crm/customer/")
    pages.tick("#action-toggle")
    pages.fill("action", "Add to segment")
    pages.click("Go" if django.VERSION < (6, 1) else "Run")


def a_segment(pages):
    """Add all customers to a new segment, and give it a template."""
    pages.log_in("helena")
    choose_all(pages)
    pages.fill("description", "Spring letter")
    pages.click("Add")
    pages.fill("interaction_template_code", "LETTER Spring letter")
    pages.fill("salesperson_code", "HR")
    pages.click("Save")


@pytest.mark.parametrize("pages", django_site.SITES, indirect=True)
def test_customers_become_a_segment_that_is_planned_and_logged_with_a_follow_up(pages):
    from django_example.crm.models import Customer

    a_segment(pages)
    assert "4 lines, cost 6, 20 minutes" in pages.text()  # who has opted out was not added
    pages.click("Personalise")
    pages.fill("interaction_template_code", "OUTGOING Outgoing call")
    pages.click("Personalise")
    assert "4 lines, cost 12.5, 30 minutes" in pages.text()
    Customer.objects.filter(name="Hedy Lamarr").update(opted_out=True, name=f"Hedy {EVIL}"[:100])
    pages.click("Log")
    assert (pages.text("#planned-logged"), pages.text("#planned-left-out")) == ("3", "1")
    findings = pages.text("#findings")
    assert "blocked for privacy" in findings
    assert f"Hedy {EVIL}" in findings
    pages.tick("[name=follow_up]")
    pages.click("Log 3 interactions")
    assert "Segment SM00001 was logged." in pages.text()
    assert pages.text("#logged-entries") == "3"
    assert f"Hedy {EVIL}" in pages.text("#left-out")
    assert pages.text(".follow-up") == "SM00002"
    pages.click("SM00002")
    assert "3 lines" in pages.text()


def test_who_deletes_a_segment_is_asked_and_may_go_back(pages):
    a_segment(pages)
    pages.tick("summary")
    for answer, left in (("No, go back", 1), ("Yes, I am sure", 0)):
        pages.click("Delete the segment")
        assert "Delete segment SM00001 with its lines?" in pages.text()
        pages.click(answer)
        assert MODELS["segment"].objects.count() == left
        if left:
            pages.tick("summary")
    assert "Segment SM00001 was deleted." in pages.text()


def test_a_plan_that_somebody_else_outdated_is_shown_again_and_nothing_is_logged(pages):
    a_segment(pages)
    pages.click("Log")
    with work(user_id="leo") as unit:
        il.SegmentService(unit).remove_lines("SM00001", [10_000])
    pages.click("Log 4 interactions")
    assert "this is the new plan. Nothing was logged." in pages.text(".messagelist")
    assert pages.text("#planned-logged") == "3"
    assert MODELS["log_entry"].objects.count() == 0
    pages.click("Log 3 interactions")
    assert MODELS["log_entry"].objects.count() == 3


def test_a_template_and_a_number_series_are_set_up_by_clicking(pages):
    pages.log_in("helena")
    for kind, values in {
        "interaction group": {"code": "visit", "description": EVIL},
        "interaction template": {"code": "visit", "interaction_group_code": f"VISIT {EVIL}"},
        "number series": {"code": "visits", "starting_no": "V001"},
    }.items():
        pages.go("/interactionlog/")
        pages.click({"number series": kind.capitalize()}.get(kind, f"{kind.capitalize()}s"))
        pages.click(f"Add {kind}")
        for name, value in values.items():
            pages.fill(name, value)
        pages.click("Create")
        assert f"{kind.capitalize()} {values['code'].upper()} was created." in pages.text()
    pages.tick("[name=segment_nos]")
    pages.click("Save")
    pages.go("/interactionlog/segment/add/")
    pages.fill("description", "Visits")
    pages.fill("interaction_template_code", "VISIT")
    pages.click("Create")
    assert "Segment V001 Visits" in pages.text("#content")
    pages.log_in("leo")
    pages.go("/interactionlog/interactiongroup/VISIT/change/")
    assert EVIL in pages.driver.find_element("name", "description").get_attribute("value")
    assert not pages.has("[name=do_save]")


def test_breadcrumbs_look_as_on_pages_of_djangos_own(pages):
    """Django 6 draws others, and has no style for ours."""
    look = """
        const of = (name) => getComputedStyle(document.querySelector(name));
        const all = of('.breadcrumbs');
        return [all.backgroundColor, all.color, all.padding, of('.breadcrumbs a').color];
    """
    pages.log_in("helena")
    found = []
    for path in ("/interactionlog/segment/", "/interactionlog/segment/add/"):
        pages.go(path)
        found.append(pages.driver.execute_script(look))
    assert found[0] == found[1]


def test_a_user_without_the_permissions_looks_and_cannot_act(pages):
    a_segment(pages)
    pages.log_in("leo")
    pages.go("/crm/customer/1/change/")
    assert "Timeline" in pages.text("#interactionlog-timeline")
    assert "Create interaction" not in pages.text()
    pages.go("/interactionlog/segment/SM00001/change/")
    assert "Ada Byron" in pages.text()
    assert "Personalise" not in pages.text()
    for path in ("segment/SM00001/log/", "interactionlogentry/new/1/?template=OUTGOING"):
        pages.go(f"/interactionlog/{path}")
        assert "403" in pages.text()


def source_of_the_picture():
    """Return a digest of what the picture shows: it is made anew when that changes."""
    digest = hashlib.sha256()
    for name in SHOWN:
        digest.update((PAGES / name).read_bytes())
    return digest.hexdigest()[:16]


def test_the_picture_of_the_page_is_that_of_the_templates(pages):
    """With ``INTERACTIONLOG_PICTURE=1`` the picture is written anew."""
    a_segment(pages)
    pages.driver.set_window_size(1040, 860)
    pages.go("/interactionlog/segment/SM00001/change/")  # without the sidebar and messages
    hidden = (
        "document.querySelectorAll('#nav-sidebar, #toggle-nav-sidebar').forEach(e => e.remove())"
    )
    pages.driver.execute_script(hidden)
    stamp = PICTURE.with_suffix(".txt")
    if os.environ.get("INTERACTIONLOG_PICTURE"):
        pages.driver.save_screenshot(str(PICTURE))
        stamp.write_text(source_of_the_picture() + "\n", encoding="utf-8")
    assert PICTURE.stat().st_size < 100_000
    assert stamp.read_text(encoding="utf-8").strip() == source_of_the_picture(), (
        "the pages look different now: run this test with INTERACTIONLOG_PICTURE=1 and look at it"
    )
