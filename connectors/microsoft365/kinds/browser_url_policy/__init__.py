"""Policies of the settings catalogue that say which addresses Edge and Chrome open on Windows."""

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar, TypeAlias

from pydantic import AfterValidator

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES
from connectors.microsoft365.intune.assignments import NESTING, reaches
from connectors.microsoft365.intune.policy import Policy, check_name, is_ours
from connectors.microsoft365.kinds.browser_url_policy.endpoint import (
    DEFINITIONS,
    MOST,
    PROPERTIES,
    BrowserUrlPolicies,
    conflicts_of,
    doubts,
    other_policies,
    shown_lists,
    unread_settings,
)
from connectors.microsoft365.permissions import INTUNE_COMPUTERS
from toolkit.catalogue.guard import covered
from toolkit.sdk.form import PATTERNS
from toolkit.sdk.kind import Kind, NameRules, OtherObjects
from toolkit.sdk.properties import Properties, UnknownProperty
from toolkit.sdk.spec import Join, Lacks, Listed, Setting, Within, declare, written_entries
from toolkit.sdk.targets import Scale
from toolkit.values import Body

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
        return "is no address that browsers take; write one as example.com or https://example.com/path"
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


class BrowserUrlPolicy(Policy):
    """A policy of the settings catalogue with up to four lists; entries and settings of others stay in it."""

    beside = Policy.beside | frozenset(DEFINITIONS)
    properties: ClassVar[Properties] = PROPERTIES

    @classmethod
    def shown(cls, row: Body) -> Body:
        """Give the lists too."""
        return {**super().shown(row), **shown_lists(row)}

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """List what is not compared, and the settings that are none of the lists."""
        return [*super().unknown(body), *unread_settings(body)]

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


KIND = Kind(
    name="browser_url_policy",
    title="browser URL policy",
    plural="browser URL policies",
    spec=BrowserUrlPolicy,
    endpoint=BrowserUrlPolicies(),
    reference="https://learn.microsoft.com/graph/api/resources/intune-deviceconfigv2-devicemanagementconfigurationpolicy"
    "?view=graph-rest-beta",
    permissions=INTUNE_COMPUTERS,
    settles=SETTLES,
    logged=INTUNE,
    sample="""\
- microsoft365.browser_url_policy: Chat in browsers
  edge_url_blocklist: [web.whatsapp.com]
  chrome_url_blocklist: [web.whatsapp.com]
  assigned_to: [all-staff@example-primary.example]
""",
    reach=Scale.GROUP,
    targets=reaches,
    nesting=NESTING,
    is_ours=is_ours,
    doubts=doubts,
    conflicts=conflicts_of,
    names=NameRules(check=check_name),
    others=OtherObjects("settings-catalogue policies", other_policies),
)
