"""The root package: every public name is there, listed once, and loaded on first use."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import interactionlog as il

STUB = ast.parse(Path(il.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))


def test_what_the_stub_imports_is_what_is_public():
    imported = [a.name for n in STUB.body if isinstance(n, ast.ImportFrom) for a in n.names]
    (listed,) = [ast.literal_eval(node.value) for node in STUB.body if isinstance(node, ast.Assign)]
    assert sorted(imported) == listed == il.__all__
    assert len(set(imported)) == len(imported)


def test_every_public_name_can_be_used():
    assert [name for name in il.__all__ if getattr(il, name) is None] == []
    assert set(il.__all__) <= set(dir(il))


def test_a_name_that_is_not_public_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'Manager'"):
        _ = il.Manager


def test_importing_the_package_loads_neither_cattrs_nor_a_database_client():
    code = "import sys, interactionlog; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "interactionlog" in loaded
    assert not {"cattrs", "psycopg", "sqlalchemy", "django", "rich"} & set(loaded)
