"""
The documentation as a site: ``sphinx-build -W docs build/site``.

The pages are plain Markdown and say nothing of Sphinx. Navigation follows the lists of `index.md`;
the reference of names follows the tables of `reference/names.md` and is made anew for each build.
"""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent / "src"))

import interactionlog  # noqa: E402

project = "interactionlog"
copyright = "the authors of interactionlog"  # noqa: A001  # Sphinx's name for it
release = version = interactionlog.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click"]
html_theme = "furo"
html_title = f"interactionlog {release}"
html_static_path = ["pictures"]
exclude_patterns = ["pictures"]
myst_heading_anchors = 4
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    "inherited-members": "Exception,tuple,list,object,Enum,int",
}
autodoc_typehints_format = "short"
napoleon_use_ivar = True
python_maximum_signature_line_length = 80
toc_object_entries = False  # every name has a heading
suppress_warnings = [
    "misc.highlighting_failure",  # not every fence has a lexer
    "ref.python",  # a field that several classes have
]

GENERATED = DOCS / "reference" / "api"
NAMES = DOCS / "reference" / "names.md"
COMMAND_LINE = """
Command line
============

.. click:: interactionlog.cli.program:program
   :prog: interactionlog
   :nested: full
"""
_ROW = re.compile(r"^\| `(\w+)` \| (.*) \|$")
_IN_A_PROJECT = {"TimelineAdmin"}
"""Classes that only a running project of the host can import: the site has their words alone."""


@cache
def groups_of_names() -> dict[tuple[str, str], dict[str, str]]:
    """Return the public names and their words by namespace and heading, as their page does."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    namespace = heading = ""
    for line in NAMES.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            namespace = heading = line[3:]
        elif line.startswith("### "):
            heading = line[4:]
        elif row := _ROW.match(line):
            found.setdefault((namespace, heading), {})[row[1]] = row[2]
    return found


def reference_pages() -> dict[str, str]:
    """Return the pages of the reference by name: one for each group, and the command line."""
    pages = {"command-line": COMMAND_LINE}
    for (namespace, heading), names in groups_of_names().items():
        title = heading if heading == namespace else f"{namespace}: {heading.lower()}"
        lines = [title, "=" * len(title), "", f".. currentmodule:: {namespace}", ""]
        for name, words in names.items():
            room = import_module(namespace)
            what = "py:class" if name in _IN_A_PROJECT else directive(getattr(room, name))
            text = words if what.startswith("py:") else ""
            lines += [name, "-" * len(name), "", f".. {what}:: {name}", "", f"   {text}", ""]
        slug = re.sub(r"\W+", "-", title.lower()).strip("-")
        pages[slug] = "\n".join(lines)
    return pages


def directive(thing: object) -> str:
    """Return the directive that documents a public name."""
    if inspect.isclass(thing):
        return "autoexception" if issubclass(thing, Exception) else "autoclass"
    return "autofunction" if inspect.isfunction(thing) else "py:data"


def write_reference(app: Any) -> None:
    """Write the pages of the reference before sources are read."""
    GENERATED.mkdir(exist_ok=True)
    pages = reference_pages()
    for path in GENERATED.glob("*.rst"):
        if path.stem not in pages:
            path.unlink()
    for name, text in pages.items():
        path = GENERATED / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def add_navigation(app: Any, name: str, source: list[str]) -> None:
    """Give the first page the navigation that its lists of links say."""
    if name != "index":
        return
    for section in re.split(r"^## ", source[0], flags=re.MULTILINE)[1:]:
        pages = re.findall(r"\]\(([\w/-]+)\.md\)", section)
        caption = section.splitlines()[0]
        if caption == "Reference":
            pages += [f"reference/api/{page}" for page in reference_pages()]
        listed = "\n".join(dict.fromkeys(pages))
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n"


def leave_out_signature(app: Any, what: str, name: str, thing: Any, *_: Any) -> Any:
    """Return no signature for what nobody calls: protocols, enumerations."""
    called = what != "class" or not issubclass(thing, Protocol | tuple)  # type: ignore[arg-type]
    return None if called else ("", None)


def explain_each(
    app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Give each field the words that it shares with others, and none that say its place only."""
    if lines and lines[0].startswith("Alias for field number"):
        lines.clear()
    section, found = "", list[list[str]]()
    for line in lines:
        section = line if re.match(r"\w", line) else section
        named = re.match(r"    ((?:\w+, )+\w+)(: .*)", line)
        if named and section in {"Args:", "Attributes:"}:
            found.append([f"    {each}{named[2]}" for each in named[1].split(", ")])
        elif found and len(found[-1]) > 1 and line.startswith(" " * 5):
            found[-1] = [f"{each}\n{line}" for each in found[-1]]
        else:
            found.append([line])
    lines[:] = [line for several in found for each in several for line in each.split("\n")]


def name_values(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Say which values a method takes by name."""
    for annotation in getattr(thing, "__annotations__", {}).values():
        found = re.fullmatch(r"Unpack\[(\w+)\]", str(annotation))
        values = found and vars(import_module(thing.__module__)).get(found[1])
        if values:
            names = ", ".join(f"``{each}``" for each in values.__annotations__)
            lines += ["", f"By name: {names}.", ""]


def find_by_name(app: Any, env: Any, node: Any, content: Any) -> Any:
    """Resolve a bare name of any namespace."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or "interactionlog" in target:
        return None
    domain, name = env.get_domain("py"), target.partition(".")[0]
    for (namespace, _), names in groups_of_names().items():
        if name in names:
            full = f"{namespace}.{target}"
            return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", full, node, content)
    return None


def setup(app: Any) -> None:
    """Connect the functions above."""
    app.connect("builder-inited", write_reference)
    app.connect("source-read", add_navigation)
    app.connect("autodoc-process-signature", leave_out_signature)
    app.connect("autodoc-process-docstring", explain_each, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", name_values)
    app.connect("missing-reference", find_by_name)
