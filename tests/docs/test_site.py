"""The site has a page for every public name and leads to every page; Sphinx itself runs in `.ci/run`."""

from __future__ import annotations

import inspect
import re
import runpy
from collections import Counter
from pathlib import Path

import made_pages
import pytest

import interactionlog as il

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def site():
    return runpy.run_path(str(DOCS / "conf.py"))


def test_every_public_name_has_its_place_in_the_reference(site):
    found = Counter()
    for text in site["reference_pages"]().values():
        namespace = (re.findall(r"currentmodule:: (\S+)", text) or [""])[0]
        names = re.findall(r"^\.\. (?:auto\w+|py:data):: (\w+)", text, re.MULTILINE)
        found.update((namespace, name) for name in names)
    inner = {name for name in il.__all__ if inspect.ismodule(getattr(il, name))}
    public = {("interactionlog", name) for name in set(il.__all__) - inner}
    for name in inner:
        namespace = getattr(il, name)
        public |= {(namespace.__name__, each) for each in namespace.__all__}
    assert public <= set(found)
    assert set(found.values()) == {1}


def test_the_navigation_leads_to_every_page_once(site):
    source = [(DOCS / "index.md").read_text(encoding="utf-8")]
    site["add_navigation"](None, "index", source)
    trees = re.findall(r"```{toctree}\n(.*?)```", source[0], re.DOTALL)
    listed = Counter(line for tree in trees for line in tree.split() if not line.startswith(":"))
    pages = {str(page.relative_to(DOCS).with_suffix("")) for page in DOCS.rglob("*.md")}
    generated = {f"reference/api/{name}" for name in site["reference_pages"]()}
    assert (pages - {"index"}) | generated <= set(listed)


@pytest.mark.parametrize("name", made_pages.PAGES)
def test_a_page_that_is_made_is_what_the_source_says(name):
    written = (made_pages.FOLDER / name).read_text(encoding="utf-8")
    assert written == made_pages.PAGES[name](), "python tests/docs/made_pages.py writes it anew"


def test_the_picture_is_what_its_script_draws():
    drawn = runpy.run_path(str(DOCS / "pictures" / "overview.py"))
    assert drawn["FILE"].read_text(encoding="utf-8") == drawn["svg"]()


def test_fields_that_share_their_words_have_them_each(site):
    text = """Counts.

Attributes:
    cost, minutes: Of all
        of them.
    no: Its number.

Raises:
    KeyError, ValueError: Never."""
    lines = text.splitlines()
    site["explain_each"](None, "class", "x", None, None, lines)
    assert lines[3:8] == [
        *("    cost: Of all", "        of them.", "    minutes: Of all", "        of them."),
        "    no: Its number.",
    ]
    assert lines[-1] == "    KeyError, ValueError: Never."
    place = ["Alias for field number 3"]
    site["explain_each"](None, "attribute", "x", None, None, place)
    assert place == []
