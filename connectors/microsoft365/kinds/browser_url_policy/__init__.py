"""Policies of the settings catalogue that say which addresses Edge and Chrome open on Windows."""

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from connectors.microsoft365.intune.catalogue import CataloguePolicy, catalogue_kind
from connectors.microsoft365.kinds.browser_url_policy.endpoint import (
    LISTS,
    MOST,
    BrowserUrlPolicies,
    doubts,
    other_policies,
)
from toolkit.catalogue.guard import covered
from toolkit.sdk.form import PATTERNS
from toolkit.sdk.kind import OtherObjects
from toolkit.sdk.spec import Join, Lacks, Listed, Setting, Within, declare, written_entries

_PATTERN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://|\*://)?(?P<host>[^/:?]*)(:(\d{1,5}|\*))?(/[^\s]*)?(\?[^\s]*)?")


def _takes(written: Listed | None) -> Listed | None:
    listed = written_entries(written)
    for entry in listed:
        if wrong := _wrong(entry):
            raise ValueError(f"{entry!r} {wrong}")
    if len(listed) > MOST:
        raise ValueError(f"{len(listed):,} entries are too many: browsers take {MOST:,} in a list")
    return written


def _wrong(entry: str) -> str | None:
    """Say what browsers would not take. https://learn.microsoft.com/deployedge/edge-learnmmore-url-list-filter%20format"""
    if not entry or any(sign.isspace() or sign in ",;" for sign in entry):
        return "is not one address; write each as an entry of its own"
    found = _PATTERN.fullmatch(entry)
    if not found:
        return "is not an address that browsers take; write one as example.com or https://example.com/path"
    if found["host"] != "*" and "*" in found["host"]:
        return "has a * where browsers take none; a host includes all below it"
    return None


def _guarded(written: Listed | None) -> Listed | None:
    for entry in [] if isinstance(written, Lacks) else written_entries(written):
        if need := covered(entry):
            raise ValueError(f"{entry} would block {need}, which has to stay open")
    return written


_LIST = Setting(PATTERNS, at_least=True, join=Join.UNION)
_MOST = Within(f"at most {MOST:,} addresses as browsers take them: example.com, https://example.com/path")
_Blocked: TypeAlias = Annotated[Listed | None, AfterValidator(_takes), AfterValidator(_guarded), _MOST, _LIST]
_Open: TypeAlias = Annotated[Listed | None, AfterValidator(_takes), _MOST, _LIST]


class BrowserUrlPolicy(CataloguePolicy):
    """A policy of the settings catalogue with up to four lists; entries and settings of others stay in it."""

    beside = CataloguePolicy.beside | frozenset(LISTS)
    catalogue = LISTS
    takes_rest = True

    edge_url_blocklist: _Blocked = declare(
        "Lists what Edge does not open; a host includes everything below it.", ["web.whatsapp.com"]
    )
    edge_url_allowlist: _Open = declare(
        "Lists what Edge opens although a wider entry blocks it.", ["help.whatsapp.com"]
    )
    chrome_url_blocklist: _Blocked = declare(
        "Lists what Chrome does not open; a host includes everything below it.", ["web.whatsapp.com"]
    )
    chrome_url_allowlist: _Open = declare(
        "Lists what Chrome opens although a wider entry blocks it.", ["help.whatsapp.com"]
    )


KIND = catalogue_kind(
    "browser_url_policy",
    title="browser URL policy",
    plural="browser URL policies",
    endpoint=BrowserUrlPolicies(spec=BrowserUrlPolicy),
    sample="""\
- microsoft365.browser_url_policy: Chat in browsers
  edge_url_blocklist: [web.whatsapp.com]
  chrome_url_blocklist: [web.whatsapp.com]
  assigned_to: [all-staff@example-primary.example]
""",
    doubts=doubts,
    other_policies=OtherObjects("settings-catalogue policies", other_policies),
)
