"""The adapters on the page about certifying pass the contracts, in a pytest of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "certify-an-adapter.md"
FILE = re.compile(r"^`(\w+\.py)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_adapters_of_the_page_are_certified(tmp_path):
    files = dict(FILE.findall(PAGE.read_text(encoding="utf-8")))
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    plugin = ["-p", "interactionlog.testing.plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--rootdir", tmp_path, *plugin, *files],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) > 30
    assert "failed" not in done.stdout


def test_the_plugin_is_loaded_only_when_it_is_asked_for(pytestconfig: pytest.Config):
    assert not pytestconfig.pluginmanager.has_plugin("interactionlog.testing.plugin")


def test_the_page_names_every_contract():
    from interactionlog import testing

    text = PAGE.read_text(encoding="utf-8")
    contracts = {name for name in testing.__all__ if name.endswith("Contract")}
    told = {name for name in contracts if f"`{name}`" in text}
    assert contracts - told == {
        "ConsentDirectoryContract",
        "SalespersonDirectoryContract",
        "UserDirectoryContract",
    }
