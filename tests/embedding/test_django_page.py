"""The page about Django is followed to the letter, in a fresh project: from startproject to the timeline."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "join-django.md"
TEXT = PAGE.read_text(encoding="utf-8")
FILES = re.findall(r"```python\n# (\S+)\n(.*?)```", TEXT, re.DOTALL)
FIRST, SECOND = (
    block.splitlines() for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
)
OWN = ("shop/settings.py", "crm/contacts.py", "crm/admin.py")
"""What the log needs; everything else a project has anyway."""

CLICKS = """
import re
from django.contrib.auth.models import User
from django.test import Client, override_settings
from crm.by_hand import letters
from crm.models import Company, Customer, Tag

vip = Tag.objects.create(code="VIP")
for name in ("Ada", "Grace", "Sofia"):
    Customer.objects.create(
        name=name, company=Company.objects.create(name=name + " Ltd"), opted_out=name == "Sofia"
    ).tags.add(vip)
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.get(username="helena"))

def post(path, **data):
    response = client.post(path, data, follow=True)
    assert response.status_code == 200, response
    return response.content.decode()

log = "/admin/interactionlog/"
post(log + "salesperson/add/", code="HR", name="Helena Ray")
post(log + "interactiongroup/add/", code="LETTERS")
post(log + "interactiontemplate/add/", code="SPRING", interaction_group_code="LETTERS",
     description="Spring letter", unit_cost_lcy="0", unit_duration_min="0")
post(log + "noseries/add/", code="SEGM", starting_no="SM00001", segment_nos="on")
segment = log + "segment/SM00001/"
post("/admin/crm/customer/", action="add_to_segment", _selected_action=["1", "2", "3"], do_add="",
     segment="", description="Spring")
post(segment + "change/", do_save="", description="Spring", interaction_template_code="SPRING",
     salesperson_code="HR", unit_cost_lcy="0", unit_duration_min="0", date="2026-01-26")
plan = client.get(segment + "log/").content.decode()
button = re.search('value="(Log [^"]*)"', plan)[1]
token = re.search('name="token" value="([^"]*)"', plan)[1]
assert "was logged" in post(segment + "log/", do_log="", token=token)
timeline = client.get("/admin/crm/customer/1/change/").content.decode()
assert ">SPRING<" in timeline and "1 interaction, cost 0" in timeline
from crm.views import call
from django.test import RequestFactory
for request, status in ((RequestFactory().get("/"), 405), (RequestFactory().post("/"), 200)):
    request.user = User.objects.get(username="helena")
    assert call(request, 1).status_code == status
print(button, letters("1"), letters("3"))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a function that runs a command of the page in the project that it makes."""
    folder = tmp_path_factory.mktemp("shop")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DJANGO_SUPERUSER_PASSWORD": "helena",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)

    def run(command, given=None):
        done = subprocess.run(  # noqa: S602
            command, shell=True, cwd=folder, env=environment, input=given,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    for command in FIRST[1:]:
        run(command)
    for name, text in FILES:
        path = folder / name
        before = path.read_text(encoding="utf-8") if name.endswith("settings.py") else ""
        path.write_text(before + text, encoding="utf-8")
    for command in SECOND[:-1]:
        flags = " --noinput --username helena --email h@example.org" * ("superuser" in command)
        run(command + flags)
    return run


def test_the_first_command_installs_the_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert FIRST[0] == "pip install 'interactionlog[django]'"
    assert "django" in extras
    assert SECOND[-1] == "python manage.py runserver"


def test_at_most_25_lines_are_the_users_own():
    own = [line for name, text in FILES if name in OWN for line in text.splitlines()]
    assert len([line for line in own if line and not re.match(r"from|import", line)]) <= 25
    settings = dict(FILES)["shop/settings.py"].strip().splitlines()
    assert len(settings) <= 5


def test_a_segment_is_logged_and_a_timeline_shown(project):
    done = project("python -W error manage.py shell -v 0", CLICKS)
    assert done.strip() == "Log 2 interactions 2 0"


def test_the_project_is_in_order_and_its_rules_are_tested_without_a_database(project):
    assert "no issues" in project("python manage.py check")
    assert "No changes" in project("python manage.py makemigrations --check --dry-run")
    project("python manage.py test crm")


def test_the_page_ends_the_first_part_with_a_picture():
    (picture,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXT)
    assert (PAGE.parent / picture).is_file()
