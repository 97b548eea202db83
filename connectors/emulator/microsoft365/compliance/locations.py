"""Where a retention policy keeps: mailboxes, sites and groups, by name or all of them, as objects."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.emulator.microsoft365.exchange.cmdlet import Request, identified
from connectors.emulator.microsoft365.exchange.cmdlets.mailboxes import NAMES
from connectors.emulator.microsoft365.exchange.parameters import BadParameters, Refused
from connectors.emulator.microsoft365.retention_rules import listed
from connectors.emulator.wire import Body, Json

ALL = "All"
_SITES = ("SharePoint", "OneDrive")
_TEAMS = ("TeamsChannel", "TeamsChat")
_DEFAULT = ("Exchange", "SharePoint", "OneDrive", "ModernGroup", "PublicFolder", "Skype")
LOCATIONS = tuple(f"{place}Location" for place in (*_DEFAULT, *_TEAMS))
EXCEPTIONS = tuple(f"{name}Exception" for name in LOCATIONS if name != "PublicFolderLocation")
PROPERTIES = (*LOCATIONS, *EXCEPTIONS)


def given(request: Request) -> dict[str, Json]:
    """Read the locations of a new policy; raises Refused, Missing or BadParameters."""
    found = {name: _joined(name, (), _asked(request, name)) for name in PROPERTIES}
    _check_family(name for name in PROPERTIES if found[name])
    return dict(found)


def changed(request: Request, before: Body) -> dict[str, Json]:
    """Apply what is taken away and added to the locations of a policy; raises Refused, Missing or BadParameters."""
    after: dict[str, Sequence[Json]] = {}
    for name in PROPERTIES:
        gone = {str(one.get("Name")).lower() for one in _asked(request, f"Remove{name}")}
        left = [one for one in listed(before.get(name)) if _name(one) not in gone]
        after[name] = _joined(name, left, _asked(request, f"Add{name}"))
    _check_family(name for name in PROPERTIES if after[name])
    return dict(after)


def narrows(request: Request) -> bool:
    """Tell whether a change would keep less than before."""
    lesser = (*(f"Remove{name}" for name in LOCATIONS), *(f"Add{name}" for name in EXCEPTIONS))
    return any(request.parameters.get(name) for name in lesser)


def teams(policy: Body) -> bool:
    """Tell whether a policy keeps what is said in Teams, and nothing else."""
    return any(policy.get(f"{place}Location") for place in _TEAMS)


def _asked(request: Request, parameter: str) -> list[Body]:
    return [_resolved(request, parameter, str(one)) for one in listed(request.parameters.get(parameter))]


def _resolved(request: Request, parameter: str, name: str) -> Body:
    if name.lower() == ALL.lower():
        return {"Name": ALL, "DisplayName": ALL}
    place = parameter.removeprefix("Add").removeprefix("Remove").partition("Location")[0]
    if place == "PublicFolder":
        raise Refused(f"The only value that {parameter} takes is All.")
    if place in _SITES:
        if not name.lower().startswith("https://"):
            raise Refused(f"'{name}' isn't the address of a site, which {parameter} needs.")
        return {"Name": name, "DisplayName": name}
    recipient = identified(request.all("exchange.recipients"), name, NAMES)
    return {
        "Name": recipient["PrimarySmtpAddress"],
        "DisplayName": recipient["DisplayName"],
        "ImmutableIdentity": recipient["ExternalDirectoryObjectId"],
    }


def _joined(name: str, before: Sequence[Json], more: Sequence[Body]) -> Sequence[Json]:
    known = {_name(one) for one in before}
    together = [*before, *(one for one in more if _name(one) not in known)]
    if len(together) > 1 and any(_name(one) == ALL.lower() for one in together):
        raise Refused(f"All can't be combined with other values in {name}.")
    return together


def _name(one: Json) -> str:
    return str(one.get("Name")).lower() if isinstance(one, Mapping) else ""


def _check_family(names: Iterator[str]) -> None:
    families = {name.startswith(_TEAMS) for name in names}
    if len(families) > 1:
        raise BadParameters(
            "Parameter set cannot be resolved using the specified named parameters. Teams locations can't be combined "
            "with other locations in one policy."
        )
