"""The library's command line on the database of the project."""

from __future__ import annotations

import sys
from argparse import REMAINDER
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError

from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.cli.main import main
from interactionlog.contrib.django import conf
from interactionlog.contrib.django.unit_of_work import work
from interactionlog.errors import UsageError

T = TypeVar("T")


class _Store:
    """The project's database in the place of a store that commands open."""

    def begin(self, *, user_id: str) -> AbstractContextManager[StoreUnitOfWork]:
        return work(user_id=user_id)

    read = begin

    def run(self, action: Callable[[StoreUnitOfWork], T], *, user_id: str) -> T:
        with work(user_id=user_id) as unit:
            return action(unit)


@contextmanager
def _opened(*, tenant: str) -> Iterator[Any]:
    if tenant not in {"", conf.tenant()}:
        raise UsageError("the tenant is that of the settings: leave --tenant out")
    yield _Store()


class Command(BaseCommand):
    """``manage.py interactionlog segment list``: what ``interactionlog`` does, without ``--db``."""

    help = "Run the command line of interactionlog on the database of this project."

    def run_from_argv(self, argv: list[str]) -> None:
        """Run it and end with its status; the arguments are the library's and not Django's."""
        sys.exit(main(argv[2:], _opened))

    def add_arguments(self, parser: Any) -> None:
        """Take everything, for ``call_command("interactionlog", "segment", "list")``."""
        parser.add_argument("arguments", nargs=REMAINDER)

    def handle(self, *_: object, arguments: list[str], **__: object) -> None:
        """Run it; any status but 0 is a ``CommandError`` with it as ``returncode``."""
        status = main(arguments, _opened)
        if status:
            raise CommandError(f"interactionlog ended with status {status}", returncode=status)
