"""Public names: listed once, loaded on first use, documented, and each on a page of the reference."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

import interactionlog as il
from interactionlog._names import defined

ROOT = Path(__file__).parents[2]
NAMESPACES = {
    "interactionlog": il,
    **{
        f"interactionlog.{name}": getattr(il, name)
        for name in (
            "delivery",
            "numbering",
            "events",
            "hooks",
            "ports",
            "privacy",
            "results",
            "testing",
        )
    },
}
PUBLIC = [
    (place, name)
    for place, namespace in NAMESPACES.items()
    for name in namespace.__all__
    if not inspect.ismodule(getattr(namespace, name))
]
ROOMS = {
    "interchange": (),
    "contrib.django": (),
    "contrib.sqlalchemy": (),
    "contrib.alembic": (),
    "testing.strategies": (),
    "testing.plugin": ("interaction_clock", "interaction_store", "interaction_work"),
    "adapters.sql.schema": ("distribute", "statements"),
    "values": ("checked",),
    "segments.inheritance": ("personal_field_names",),
}
"""Modules that are no attributes of the package, with their public names where these are not all."""
CLEAN = {"cattrs", "psycopg", "sqlite3", "sqlalchemy", "django", "rich", "importlib.resources"}


def run(code: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, **environment
    ).stdout


def test_a_name_has_one_home():
    names = [name for _, name in PUBLIC]
    assert {name for name in names if names.count(name) > 1} == set()


def test_the_root_names_what_an_application_begins_with():
    assert len([name for place, name in PUBLIC if place == "interactionlog"]) <= 100
    namespaces = {place.rpartition(".")[2] for place in NAMESPACES} - {"interactionlog"}
    assert namespaces <= set(il.__all__)


@pytest.mark.parametrize("place", NAMESPACES)
def test_every_public_name_can_be_used(place):
    namespace = NAMESPACES[place]
    assert list(namespace.__all__) == sorted(set(namespace.__all__), key=namespace.__all__.index)
    assert set(namespace.__all__) <= set(dir(namespace))
    assert [name for name in namespace.__all__ if getattr(namespace, name) is None] == []


@pytest.mark.parametrize("place", ["interactionlog", "interactionlog.numbering"])
def test_a_name_that_is_not_public_is_no_attribute(place):
    with pytest.raises(AttributeError, match=f"{place!r} has no attribute 'Manager'"):
        _ = NAMESPACES[place].Manager


def undocumented(name, thing):
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return
    if not inspect.getdoc(thing):
        yield name
    for method in dir(thing) if inspect.isclass(thing) else ():
        homes = [base for base in thing.__mro__ if method in vars(base)]
        ours = homes and homes[0].__module__.startswith("interactionlog")
        if not ours or method.startswith(("_", "test_")):
            continue
        found = vars(homes[0])[method]
        if not (inspect.isfunction(found) or isinstance(found, property | classmethod)):
            continue
        if not any(inspect.getdoc(vars(home)[method]) for home in homes):
            yield f"{name}.{method}"


def test_every_public_name_and_method_says_what_it_does():
    things = [(name, getattr(NAMESPACES[place], name)) for place, name in PUBLIC]
    assert [found for name, thing in things for found in undocumented(name, thing)] == []


def test_every_public_name_stands_on_the_page_of_names_in_its_namespace():
    text = (ROOT / "docs" / "reference" / "names.md").read_text(encoding="utf-8")
    place, rows = "", []
    for line in text.splitlines():
        place = line.removeprefix("## ") if line.startswith("## ") else place
        rows += [(place, name) for name in re.findall(r"^\| `(\w+)` \| .+ \|$", line)]
    assert sorted(rows) == sorted(PUBLIC + list(names_of_rooms()))


def names_of_rooms():
    for room, names in ROOMS.items():
        module = import_module(f"interactionlog.{room}")
        listed = getattr(module, "__all__", None) or [
            name
            for name in defined(vars(module))
            if inspect.isclass(each := getattr(module, name)) or inspect.isfunction(each)
        ]
        for name in names or listed:
            assert name in dir(module), (room, name)
            yield module.__name__, name


def test_importing_the_package_loads_neither_codecs_nor_a_database_client():
    loaded = set(run("import sys, interactionlog; print(*sys.modules)").split())
    assert "interactionlog" in loaded
    assert loaded & CLEAN == set()
    assert {name for name in loaded if name.startswith("interactionlog.")} == {
        "interactionlog._names"
    }


def test_the_package_works_from_a_zip_file(tmp_path):
    package = Path(il.__file__).parent
    archive = tmp_path / "interactionlog.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                file.write(path, path.relative_to(package.parent))
    said = run(
        f"""
import sys
sys.path[:] = [{str(archive)!r}, *(place for place in sys.path if {str(package.parent)!r} != place)]
sys.meta_path[:] = [each for each in sys.meta_path if "editable" not in repr(each)]
import interactionlog as il
assert {str(archive)!r} in il.__file__, il.__file__
for store in (il.MemoryStore(), il.SqliteStore("crm.db")):
    with store, store.begin(user_id="HELENA") as work:
        il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="SEGM"))
        print(il.SegmentService(work).create("Letter", no="SM1").no, len(il.ports.__all__) > 9)
""",
        cwd=tmp_path,
        env={"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert said.splitlines() == ["SM1 True"] * 2
