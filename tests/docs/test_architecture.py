"""The page about the architecture names files and identifiers that exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import interactionlog

ROOT = Path(__file__).parents[2]
PACKAGE = Path(interactionlog.__file__).parent
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
TREE = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1]
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in (PACKAGE, ROOT / "tests")
    for path in folder.rglob("*")
    if path.suffix in {".py", ".pyi", ".sql"}
)


def rows_of_tree():
    """Give the path of each line of the tree; a name that ends in a slash is a folder."""
    folders = []
    for line in TREE.splitlines()[1:]:
        bars, names = re.match(r"([│├└─ ]*)(\S.*?)(?:  |$)", line).groups()
        depth = len(bars) // 4
        name, _, endings = names.partition(" (")
        named = [
            each + ending for each in name.split(", ") for ending in endings.strip(")").split(", ")
        ]
        folders[depth - 1 :] = [named[0]]
        yield from ("".join([*folders[: depth - 1], each]) for each in named)


def test_the_tree_is_that_of_the_package():
    listed = set(rows_of_tree())
    assert {row for row in listed if not (PACKAGE / row).exists()} == set()
    private = {"__main__.py", "_names.py", "py.typed"}
    there = {
        path.name + ("/" if path.is_dir() else "")
        for path in PACKAGE.iterdir()
        if path.name != "__pycache__"
    }
    assert there - private - listed == set()
    assert {"segments/selection/", "segments/logging/", "adapters/sql/"} <= listed


def test_every_path_on_the_page_exists():
    paths = set(re.findall(r"`((?:[\w-]+/)+[\w.-]*|[\w-]+\.(?:py|pyi|sql|toml))`", PAGE))
    places = (ROOT, PACKAGE, PACKAGE / "adapters" / "sql" / "queries")
    assert len(paths) > 25
    assert {path for path in paths if not any((place / path).exists() for place in places)} == set()


def test_every_identifier_on_the_page_exists():
    spans = re.findall(r"`([^`]+)`", PAGE.replace(f"```text\n{TREE}```", ""))
    spans = [span for span in spans if "/" not in span and not span.endswith((".py", ".sql"))]
    words = {word for span in spans for word in re.findall(r"[A-Za-z_]{4,}", span)}
    outside = {"pyproject", "toml", "tool", "importlinter", "lint", "imports", "TheClass", "name"}
    unknown = {word for word in words - outside if not re.search(rf"\b{word}\b", SOURCE)}
    assert unknown == set()


def test_the_layers_on_the_page_are_those_of_the_import_contract():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {each["id"]: each for each in config["tool"]["importlinter"]["contracts"]}
    layers = [set(re.findall(r"\w+", layer)) for layer in contracts["rooms"]["layers"]]
    rows = re.findall(r"^\| \d+ \| ([^:|]+)", PAGE, re.MULTILINE)
    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == layers
