"""Policies of Conditional Access, who may sign in from where and how: read, and never changed."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.permissions import graph
from toolkit.errors import BadAnswer
from toolkit.sdk.endpoint import Everything, NamedOnly, ReadOnlyObjects, Wanted
from toolkit.sdk.form import TEXT, WORDS
from toolkit.sdk.kind import Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Remote
from toolkit.sdk.shapes import flag, mapping, text
from toolkit.sdk.spec import Listed, Setting, Spec
from toolkit.values import Body, Json, Settings

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365

_PATH = "/identity/conditionalAccess/policies"
_WORDS = frozenset({"all", "none", "guestsorexternalusers", "office365", "microsoftadminportals"})
_WHO = (("Users", "user"), ("Groups", "group"), ("Roles", "role"))


class ConditionalAccessPolicy(Spec):
    """What a policy asks of whom; people, groups, roles and apps are counted, not named."""

    state: Annotated[Literal["enabled", "disabled", "enabledForReportingButNotEnforced"], Setting(TEXT)] = Field(
        default="enabled", description="Says whether it is on, off, or only recorded.", examples=["enabled"]
    )
    included: Annotated[Listed | None, Setting(WORDS)] = Field(
        default=None,
        description="Lists whom it is for: all, guestsorexternalusers, or numbers, as 2 groups.",
        examples=[["all"]],
    )
    excluded: Annotated[Listed | None, Setting(WORDS)] = Field(
        default=None,
        description="Lists in numbers who is left out, such as the accounts for emergencies.",
        examples=[["1 user"]],
    )
    apps: Annotated[Listed | None, Setting(WORDS)] = Field(
        default=None, description="Lists to which apps: all, office365, or a number, as 3 apps.", examples=[["all"]]
    )
    excluded_apps: Annotated[Listed | None, Setting(WORDS)] = Field(
        default=None, description="Lists which apps are left out, likewise.", examples=[["1 app"]]
    )
    client_apps: Annotated[Listed | None, Setting(WORDS)] = Field(
        default=None,
        description="Lists by which programs: all, browser, mobileappsanddesktopclients, exchangeactivesync, other.",
        examples=[["exchangeactivesync", "other"]],
    )
    grant_controls: Annotated[Listed | None, Setting(WORDS)] = Field(
        default=None,
        description="Lists what is asked: block, mfa, compliantdevice and other words of Microsoft's, authentication "
        "strength, or terms of use; of several one is enough unless there is all of them among them.",
        examples=[["mfa"]],
    )
    sign_in_frequency: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = Field(
        default=None,
        description="Says after how long people sign in again: 12 hours, or every time.",
        examples=["12 hours"],
    )

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read a policy as Graph shows it."""
        conditions, grants = _table(body, "conditions"), _table(body, "grantControls")
        users, apps = _table(conditions, "users"), _table(conditions, "applications")
        shown: Body = {
            "state": body.get("state"),
            "included": list(_who(users, "include")),
            "excluded": list(_who(users, "exclude")),
            "apps": list(_counted(apps.get("includeApplications"), "app")),
            "excluded_apps": list(_counted(apps.get("excludeApplications"), "app")),
            "client_apps": conditions.get("clientAppTypes"),
            "grant_controls": list(_grants(grants)),
            "sign_in_frequency": _frequency(_table(_table(body, "sessionControls"), "signInFrequency")),
        }
        return {name: setting.form.read(shown[name]) for name, setting in cls.table().items()}


class _ConditionalAccess(ReadOnlyObjects):
    """All policies; what differs is for a person to change."""

    def read(self, via: "Microsoft365", wanted: Wanted) -> Iterable[Remote]:
        """Read them in one list."""
        seen = [_seen(row) for row in via.graph.pages(_PATH)]
        match wanted:
            case Everything():
                return seen
            case NamedOnly(names):
                return [one for one in seen if one.name in names]

    def by_hand(self, name: str) -> str:
        return (
            f"{name}: toolkit never changes Conditional Access, since that can lock everybody out; do it in the Entra "
            "admin centre > Protection > Conditional Access"
        )


def _seen(row: Body) -> Remote:
    if not (row.get("id") and row.get("displayName")):
        raise BadAnswer(f"GET {_PATH}: the answer shows a policy that has no id or no name")
    return Remote(text(row["id"]), text(row["displayName"]), row)


def _table(body: Body, name: str) -> Body:
    return mapping(body.get(name))


def _who(users: Body, way: str) -> Iterator[str]:
    for name, one in _WHO:
        yield from _counted(users.get(way + name), one)
    if users.get(f"{way}GuestsOrExternalUsers"):
        yield "guestsorexternalusers"


def _counted(value: Json, one: str) -> Iterator[str]:
    """Give Microsoft's own words as they are, and how many others there are."""
    listed = [str(entry) for entry in value] if isinstance(value, list) else []
    words = [entry.lower() for entry in listed if entry.lower() in _WORDS]
    yield from words
    if number := len(listed) - len(words):
        yield f"{number} {one}{'' if number == 1 else 's'}"


def _grants(grants: Body) -> Iterator[str]:
    built_in = grants.get("builtInControls")
    asked = [str(one) for one in built_in] if isinstance(built_in, list) else []
    asked += ["authentication strength"] if grants.get("authenticationStrength") else []
    asked += ["terms of use"] if grants.get("termsOfUse") else []
    asked += ["custom control"] if grants.get("customAuthenticationFactors") else []
    yield from asked
    if len(asked) > 1 and grants.get("operator") == "AND":
        yield "all of them"


def _frequency(control: Body) -> str | None:
    if not flag(control.get("isEnabled")):
        return None
    if control.get("frequencyInterval") == "everyTime":
        return "every time"
    return f"{control.get('value')} {control.get('type')}"


KIND = Kind(
    name="conditional_access_policy",
    title="policy of Conditional Access",
    spec=ConditionalAccessPolicy,
    endpoint=_ConditionalAccess(),
    reference="https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy",
    permissions=Permissions(read=(graph("Policy.Read.All"),)),
    read_only=True,
    logged=DIRECTORY,
    sample="""\
- microsoft365.conditional_access_policy: Block legacy authentication
  state: enabled
  included: [all]
  grant_controls: [block]
""",
)
