"""The discovery documents that Google publishes inside its client library; they are read as data."""

import json
from functools import lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body, Json

_PLACE = ("googleapiclient", "discovery_cache", "documents")


@lru_cache(maxsize=16)
def document(name: str, version: str) -> Body | None:
    """Read the document of an API; None where the library has none."""
    if not (name + version).replace("_", "").replace("-", "").isalnum():
        return None
    file = files(_PLACE[0]).joinpath(*_PLACE[1:], f"{name}.{version}.json")
    if not file.is_file():
        return None
    found: Body = json.loads(file.read_bytes())
    return found


def served(found: Body, base: str) -> Body:
    """Show a document to a client that came by a base address: whatever it asks next, it asks here."""
    kept = {key: value for key, value in found.items() if key != "mtlsRootUrl"}
    host, root = urlsplit(base), text(found["rootUrl"])
    if not host.path:
        return kept  # it came by the vendor's own name, and goes on by it
    here = f"https://{host.netloc}/{urlsplit(root).netloc}/"
    moved: dict[str, Json] = {
        key: here + text(kept[key]).removeprefix(root) for key in ("rootUrl", "baseUrl") if key in kept
    }
    return {**kept, **moved}


def listed(found: Body, base: str) -> Body:
    """Show an API as the list of all APIs does."""
    name, version = text(found["name"]), text(found["version"])
    return {
        "kind": "discovery#directoryItem",
        "id": f"{name}:{version}",
        "name": name,
        "version": version,
        "title": found.get("title"),
        "description": found.get("description"),
        "discoveryRestUrl": f"{base}/discovery/v1/apis/{name}/{version}/rest",
        "documentationLink": found.get("documentationLink"),
        "preferred": True,
    }
