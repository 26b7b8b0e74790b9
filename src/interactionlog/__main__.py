"""``python -m interactionlog``: the same as the command ``interactionlog``."""

from __future__ import annotations

import sys

from interactionlog.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
