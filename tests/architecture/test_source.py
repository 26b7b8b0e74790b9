"""What the source promises about itself: sizes, names, no SQL and no clock where they do not belong."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import interactionlog

ROOT = Path(interactionlog.__file__).parent
FILES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
TREES = {path: ast.parse((ROOT / path).read_text(encoding="utf-8")) for path in FILES}

WIDE_CLASSES = {
    # one public method for each promise of a documented port
    "unit_of_work.py": {"UnitOfWork"},
    "adapters/records.py": {"StoredSegments"},
    "adapters/sql/records.py": {"SqlRecords"},
    "adapters/sql/session.py": {"SqlSession"},
    "interactions/repository.py": {"InteractionLogRepository"},
    "adapters/memory/interactions.py": {"MemoryInteractionLog"},
    "adapters/sql/interactions.py": {"SqlInteractionLog"},
    "segments/segment.py": {"SegmentRepository"},
    "segments/logging/logged_segments.py": {"LoggedSegmentRepository"},
    "adapters/memory/segments.py": {"MemorySegments"},
    "adapters/sql/segments.py": {"SqlSegments"},
}
"""Classes that may have more than 12 public methods: ports, and the adapters that keep them."""

SQL_TEXT = {
    # the schema, and how it is distributed, are made from the description of the tables
    "adapters/sql/schema.py": {
        " ALTER COLUMN tenant SET STATISTICS 0",
        "CREATE ",
        "CREATE TABLE {prefix}",
        "DROP TABLE {prefix}",
        "INSERT INTO ",
        "SELECT ",
        "SELECT 1 FROM pg_dist_partition WHERE logicalrelid = '",
    },
    # columns and tables of a host are its own code
    "adapters/sql/relations.py": {"SELECT ", "SELECT 1 FROM ", "SELECT interactionlog_folded('')"},
    # names of schemas cannot be parameters; bulk writing is derived from the named statement
    "adapters/postgresql/store.py": {
        'CREATE SCHEMA IF NOT EXISTS "',
        r"INSERT INTO (\S+) \((.*?)\)\s*VALUES",
    },
}
"""SQL that stands in Python, and why."""

SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|MERGE|WITH|TRUNCATE)\s")
TRANSACTIONS = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET)\b")
CLOCK = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("time", "sleep"),
    ("time", "localtime"),
    ("time", "gmtime"),
}


def files(check):
    """Make one test of a check that says what is wrong with one file."""

    @functools.wraps(check)
    def test():
        wrong = {path.as_posix(): found for path in FILES if (found := check(path))}
        assert wrong == {}

    del test.__wrapped__  # pytest would ask for the check's parameter
    return test


def nodes(path, *kinds):
    return [node for node in ast.walk(TREES[path]) if isinstance(node, kinds)]


def is_adapter(path):
    return path.parts[0] == "adapters"


@files
def test_a_module_has_at_most_600_lines(path):
    lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    return lines if lines > 600 else 0


@files
def test_a_function_has_at_most_60_lines(path):
    return {
        node.name: node.end_lineno - node.lineno + 1
        for node in nodes(path, ast.FunctionDef, ast.AsyncFunctionDef)
        if node.end_lineno - node.lineno >= 60
    }


@files
def test_a_class_has_at_most_12_public_methods(path):
    allowed = WIDE_CLASSES.get(path.as_posix(), set())
    contracts = path.parts[:2] == ("testing", "contracts")  # a test for each promise
    wide = {
        node.name: len(public)
        for node in nodes(path, ast.ClassDef)
        if len(
            public := {  # an overload is no further method
                each.name
                for each in node.body
                if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")
            }
        )
        > 12
    }
    return set() if contracts else {name for name in wide if name not in allowed}


@files
def test_no_class_is_named_after_its_layer(path):
    return [
        node.name
        for node in nodes(path, ast.ClassDef)
        if node.name.endswith(("Manager", "Helper", "Util", "Utils", "Impl", "Handler"))
    ]


@files
def test_public_classes_and_functions_say_what_they_do(path):
    return [
        node.name
        for node in TREES[path].body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]


@files
def test_annotations_are_not_evaluated(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    return len(TREES[path].body) > 1 and "from __future__ import annotations" not in text


def texts(path):
    """Return the string literals of a module that are not docstrings."""
    documented = nodes(path, ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in documented
        if node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in nodes(path, ast.Constant)
        if isinstance(node.value, str) and id(node) not in docstrings
    ]


@files
def test_statements_of_sql_lie_in_sql_files(path):
    found = {text for text in texts(path) if SQL.match(text)}
    return found - SQL_TEXT.get(path.as_posix(), set())


@files
def test_transactions_are_the_affair_of_adapters(path):
    found = [text for text in texts(path) if TRANSACTIONS.match(text)]
    return [] if is_adapter(path) else found


@files
def test_time_comes_from_the_clock(path):
    asked = [
        ast.unparse(node)
        for node in nodes(path, ast.Attribute)
        if (ast.unparse(node.value).rpartition(".")[2], node.attr) in CLOCK
    ]
    return [] if is_adapter(path) or path.name == "clock.py" else asked


@files
def test_the_library_reads_no_environment_and_sets_up_no_logging(path):
    imported = {
        name.name if isinstance(node, ast.Import) else f"{node.module}.{name.name}"
        for node in nodes(path, ast.Import, ast.ImportFrom)
        for name in node.names
    }
    asked = {ast.unparse(node) for node in nodes(path, ast.Attribute)}
    return (imported | asked) & {"logging", "os.environ", "os.getenv"}


def loaded_by(statement):
    script = f"{statement}\nimport sys; print(*sys.modules, sep='\\n')"
    return set(
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_the_library_loads_no_codec_no_server_client_and_no_extra():
    loaded = loaded_by("import interactionlog")
    unwanted = {"cattrs", "psycopg", "psycopg2", "django", "sqlalchemy", "trytond", "click", "rich"}
    assert loaded & (unwanted | {"pytest", "hypothesis", "interactionlog.testing"}) == set()


def test_everything_public_is_listed_once_and_in_order():
    assert sorted(set(interactionlog.__all__)) == sorted(interactionlog.__all__)
    assert all(hasattr(interactionlog, name) for name in interactionlog.__all__)


def test_no_test_is_named_by_the_bytes_of_a_file(request):
    """What was packed names the second of its packing: two processes would have different tests."""
    named = [
        item.nodeid
        for item in request.session.items
        for value in getattr(getattr(item, "callspec", None), "params", {}).values()
        if isinstance(value, bytes) and len(value) > 4 and ascii(value)[2:-1] in item.nodeid
    ]
    assert not named
