"""The named texts that are statements, each with what comes after its further conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from interactionlog.adapters.sql.statements import assigning


def whole_statements(texts: Mapping[str, str], mark: str) -> dict[str, str]:
    """Return whole statements by name; those that set columns set the tenant."""
    ends = {
        "kinds_of_lines": "by_kind",
        "write_logged_lines": "end_logged_lines",
        "write_lines": "end_lines",
    }
    ends |= {name: name.replace("figures_", "") for name in texts if "figures_" in name}
    ends |= {name: name.replace("add_", "end_") for name in texts if name.startswith("add_entries")}
    return {
        name: "\n".join(
            [assigning(text, ("tenant",), mark), texts[ends[name]] if name in ends else ""]
        )
        for name, text in texts.items()
        if re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH)\b", text) and name != "lines_matched"
    }
