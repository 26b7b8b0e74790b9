"""
Writes what an installation contains as a CycloneDX document: ``python .ci/sbom.py > sbom.json``.

It begins with the library and follows what its metadata and that of the installed packages require.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution


def requirements(name: str, extras: set[str]) -> list[str]:
    """Return the names that a package requires, with these extras."""
    found = []
    for text in distribution(name).requires or []:
        required, _, marker = text.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)", marker)
        if extra is None or extra[1] in extras:
            found.append(re.split(r"[\s\[<>=!~(;]", required.strip())[0])
    return found


def components(root: str, extras: set[str]) -> dict[str, dict[str, str]]:
    """Return the installed packages below the root, by name."""
    found: dict[str, dict[str, str]] = {}
    waiting = [(root, extras)]
    while waiting:
        name, wanted = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        try:
            version = distribution(name).version
        except PackageNotFoundError:  # a marker says that it is not needed here
            continue
        purl = f"pkg:pypi/{key}@{version}"
        found[key] = {
            "type": "library",
            "name": key,
            "version": version,
            "purl": purl,
            "bom-ref": purl,
        }
        waiting += [(each, set()) for each in requirements(name, wanted)]
    return found


def document(extras: set[str]) -> dict[str, object]:
    """Return the document."""
    found = components("interactionlog", extras)
    root = found.pop("interactionlog")
    listed = [found[name] for name in sorted(found)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**root, "type": "application"}},
        "components": listed,
        "dependencies": [{"ref": root["purl"], "dependsOn": [each["purl"] for each in listed]}],
    }


if __name__ == "__main__":
    print(json.dumps(document(set(sys.argv[1:])), indent=2))
