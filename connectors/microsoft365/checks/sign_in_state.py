"""What Graph tells of how people sign in, list by list: registrations, policies, roles, and who is in them.

Follows https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-userregistrationdetails and
https://learn.microsoft.com/graph/api/resources/directoryrole
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.microsoft365.checks.conditional_access import PATH, AskingPolicy, Ids, Members, asking_policies
from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.graph import path_with, quoted
from toolkit.errors import BadAnswer, NotFound, Refused, ServiceError
from toolkit.sdk.check import seen_once
from toolkit.sdk.shapes import flag
from toolkit.values import Body

_REPORT = "/reports/authenticationMethods/userRegistrationDetails"
_DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"
_ROLES = "/directoryRoles"
_SYNC = "d29b2b05-8046-44ba-8758-1e26182fcf32"  # the role of the account that synchronises the directory
_USER, _GROUP = "#microsoft.graph.user", "#microsoft.graph.group"
_MEMBER = "id,userPrincipalName,mail,accountEnabled"
_UNLICENSED, _PLAN = "NonPremiumTenant", "AADPremiumService"
_SEES_PLANS = "Organization.Read.All"
_IN_A_FILTER = 15  # ids that Graph takes in one
Rows = Sequence[Body] | ServiceError


class SignInState:
    """The lists of one tenant, each read once and when it is first needed."""

    def __init__(self, via: Microsoft365) -> None:
        self._graph = via.graph
        self._lists = seen_once(self._read_lists)
        self._roles = seen_once(self._read_roles)
        self._groups = seen_once(self._read_groups)
        self.security_defaults = seen_once(self._read_defaults)
        self.licensed = seen_once(self._read_licence)

    def registrations(self) -> Mapping[str, bool]:
        """Say of each person whether they have registered a method that the school lets count."""
        rows = _rows(self._lists()[0])
        if not all(isinstance(row.get("isMfaCapable"), bool) for row in rows):
            raise BadAnswer(f"GET {_REPORT}: the answer does not say of everybody whether they have registered")
        return {str(row["id"]): row["isMfaCapable"] is True for row in rows}

    def policies(self) -> Sequence[AskingPolicy]:
        """List the policies of Conditional Access that ask for a second factor."""
        return asking_policies(_rows(self._lists()[1]))

    def members(self) -> Members:
        """Give who is in the groups and roles that the policies name."""
        roles, groups = self._roles(), {key: _ids(rows) for key, rows in self._groups().items()}
        if isinstance(roles, ServiceError):
            return Members(groups, roles)
        return Members(groups, {template: _ids(self._people(rows)) for template, rows in roles.items()})

    def administrators(self) -> Sequence[Body]:
        """List the live accounts that have a role, but for the one that synchronises the directory."""
        roles = self._roles()
        if isinstance(roles, ServiceError):
            raise roles
        held = [row for template, rows in roles.items() if template != _SYNC for row in _rows(self._people(rows))]
        found = {str(row["id"]): row for row in held}
        return [row for row in found.values() if flag(row.get("accountEnabled"), missing=True)]

    def _people(self, rows: Rows) -> Rows:
        """Put in the place of a group that has a role those who are in it; an app has no second factor."""
        if isinstance(rows, ServiceError):
            return rows
        people = [row for row in rows if row.get("@odata.type") == _USER]
        for group in _groups_among(rows):
            inside = self._groups()[group]
            if isinstance(inside, ServiceError):
                return inside
            people += [row for row in inside if row.get("@odata.type") == _USER]
        return people

    def _read_lists(self) -> Sequence[Rows]:
        report = path_with(_REPORT, {"select": "id,isMfaCapable", "top": "999"})
        return self._graph.lists([report, PATH, path_with(_ROLES, {"select": "id,roleTemplateId"})])

    def _read_defaults(self) -> bool:
        enabled = self._graph.get(_DEFAULTS).get("isEnabled")
        if not isinstance(enabled, bool):
            raise BadAnswer(f"GET {_DEFAULTS}: the answer does not say whether they are on")
        return enabled

    def _read_licence(self) -> bool:
        """Ask whether a licence includes the report: to an app that may not see licences Graph says that none does.

        To an app that may see no more than the name of the organisation it shows null where the plans should be.
        """
        refusal = self._lists()[0]
        if not (isinstance(refusal, Refused) and _UNLICENSED in str(refusal)):
            return True
        plans = [row.get("assignedPlans") for row in self._graph.pages("/organization", select="assignedPlans")]
        if not plans or None in plans:
            text = f"whether a licence includes it is shown to nobody without {_SEES_PLANS}: {refusal}"
            raise Refused(text, missing=_SEES_PLANS)
        return _PLAN in str(plans)

    def _read_roles(self) -> Mapping[str, Rows] | ServiceError:
        """Read who has each role, by the id of its template."""
        listed = self._lists()[2]
        if isinstance(listed, ServiceError):
            return listed
        roles = {str(row["id"]): str(row["roleTemplateId"]) for row in listed}
        paths = [path_with(f"{_ROLES}/{key}/members", {"select": _MEMBER}) for key in roles]
        return dict(zip(roles.values(), self._graph.lists(paths), strict=True))

    def _read_groups(self) -> Mapping[str, Rows]:
        """Read who is in the groups that policies name, and in those that have a role."""
        listed, roles = self._lists()[1], self._roles()
        policies = () if isinstance(listed, ServiceError) else asking_policies(listed)
        given = () if isinstance(roles, ServiceError) else roles.values()
        named = [group for policy in policies for group in policy.groups]
        named += [group for rows in given if not isinstance(rows, ServiceError) for group in _groups_among(rows)]
        keys = list(dict.fromkeys(named))
        paths = [path_with(f"/groups/{key}/transitiveMembers", {"select": _MEMBER, "top": "999"}) for key in keys]
        answers = self._graph.lists([*paths, *map(_asked_of, _parts(keys))])
        about = answers[len(keys) :]
        return {key: _whole(key, rows, about) for key, rows in zip(keys, answers, strict=False)}


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _IN_A_FILTER] for start in range(0, len(keys), _IN_A_FILTER))


def _asked_of(keys: Sequence[str]) -> str:
    """Ask whether the members of groups are hidden: Graph leaves such members out without a word."""
    wanted = ",".join(map(quoted, keys))
    return path_with("/groups", {"filter": f"id in ({wanted})", "select": "id,visibility"})


def _whole(key: str, rows: Rows, about: Sequence[Rows]) -> Rows:
    """Give the members of a group where all of them are seen; nobody is in a group that is gone."""
    if isinstance(rows, ServiceError):
        return () if isinstance(rows, NotFound) else rows
    for told in about:
        if isinstance(told, ServiceError):
            return told
        if any(one["id"] == key and one.get("visibility") == "HiddenMembership" for one in told):
            return Refused(f"the members of the group {key} are hidden from this app", missing="Member.Read.Hidden")
    return rows


def _rows(rows: Rows) -> Sequence[Body]:
    if isinstance(rows, ServiceError):
        raise rows
    return rows


def _ids(rows: Rows) -> Ids:
    return rows if isinstance(rows, ServiceError) else frozenset(str(row["id"]) for row in rows)


def _groups_among(rows: Sequence[Body]) -> Sequence[str]:
    return [str(row["id"]) for row in rows if row.get("@odata.type") == _GROUP]
