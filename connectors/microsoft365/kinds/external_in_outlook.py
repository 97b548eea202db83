"""The mark that Outlook itself shows on mail from outside: one setting for the whole organisation."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, NoReturn

from pydantic import Field

from connectors.microsoft365.audit_log import in_exchange
from connectors.microsoft365.permissions import EXCHANGE, administrator, global_reader
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk.endpoint import Wanted
from toolkit.sdk.form import ADDRESSES, FLAG
from toolkit.sdk.kind import Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Remote
from toolkit.sdk.spec import Join, Listed, Setting, Spec
from toolkit.values import Body

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365

ONLY = "organisation"


class ExternalInOutlook(Spec):
    """Whether Outlook marks mail from outside, and whose it does not; Outlook shows changes within two days."""

    enabled: Annotated[bool, Setting(FLAG)] = Field(
        default=False, description="Says whether Outlook shows a mark on mail from outside.", examples=[True]
    )
    allow_list: Annotated[Listed | None, Setting(ADDRESSES, at_least=True, join=Join.UNION)] = Field(
        default=None,
        description="Lists domains and addresses whose mail gets no mark, at most 200; entries of others stay.",
        examples=[["localauthority.example"]],
    )


class _OneSetting:
    """Get-ExternalInOutlook and Set-ExternalInOutlook, which know of one object only and give it no name."""

    def read(self, via: "Microsoft365", wanted: Wanted) -> Iterable[Remote]:  # noqa: ARG002 - there is but one
        rows = via.exchange.get("Get-ExternalInOutlook", {})
        if len(rows) != 1:
            raise BadAnswer(f"Get-ExternalInOutlook answered with {len(rows)} settings, where there is one")
        return [Remote(str(rows[0].get("Identity") or ONLY), ONLY, rows[0])]

    def create(self, via: "Microsoft365", name: str, body: Body) -> NoReturn:  # noqa: ARG002 - Endpoint's
        raise Rejected(f"there is no external_in_outlook named {name!r}; the one there is is called {ONLY!r}")

    def update(self, via: "Microsoft365", remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - likewise
        via.exchange.change("Set-ExternalInOutlook", body)

    def delete(self, via: "Microsoft365", remote: Remote) -> NoReturn:  # noqa: ARG002 - likewise
        raise Rejected("external_in_outlook is switched off, never deleted")


KIND = Kind(
    name="external_in_outlook",
    title="mark on mail from outside",
    spec=ExternalInOutlook,
    endpoint=_OneSetting(),
    reference="https://learn.microsoft.com/powershell/module/exchange/set-externalinoutlook",
    permissions=Permissions(
        read=global_reader("View-Only Configuration"),
        write=administrator(EXCHANGE, "Organization Configuration"),
    ),
    settles=10.0,
    fixed=True,
    only=ONLY,
    logged=in_exchange("ExternalInOutlook"),
    sample="""\
- microsoft365.external_in_outlook:
  enabled: true
  allow_list: [localauthority.example]
""",
)
