"""Parameters of cmdlets, from `cmdlets.json`, and the errors of parameters and cmdlets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import TypeAdapter, with_config

from connectors.emulator.data_files import STRICT, read_data


class CmdletError(Exception):
    """The error of a cmdlet that does not run, with the .NET type and the message."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


class BadParameters(CmdletError):
    """Raised for parameters that the cmdlet does not have, or for missing parameters."""

    def __init__(self, text: str) -> None:
        super().__init__("Microsoft.Exchange.AdminApi.CommandInvocation.AmbiguousParameterSetException", text)


class UnknownParameter(BadParameters):
    """Raised for a parameter that the cmdlet does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "Parameter set cannot be resolved using the specified named parameters. "
            f"Invalid cmdlet parameters specified. {name}"
        )


class BadValue(CmdletError):
    """Raised for a value that its parameter does not accept."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(
            "Microsoft.Exchange.AdminApi.CommandInvocation.ParameterTransformationException",
            f"Cannot process argument transformation on parameter '{parameter}'. {reason}",
        )


class Refused(CmdletError):
    """Raised if the cmdlet starts and then refuses the change."""

    def __init__(self, text: str, kind: str = "System.ArgumentException") -> None:
        super().__init__(kind, text)


class Missing(CmdletError):
    """Raised if no object has the given identity."""

    def __init__(self, identity: str) -> None:
        super().__init__(
            "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException",
            f"The operation couldn't be performed because object '{identity}' couldn't be found on "
            "'DB1PR01A001DC01.EURPR01A001.PROD.OUTLOOK.COM'.",
        )


class Denied(Exception):
    """Raised if the caller may not run the cmdlet, or if it does not exist. The service does not reveal which."""


class NotEmulated(Exception):
    """Raised for a cmdlet of Exchange Online that the emulator does not have."""


class Role(StrEnum):
    """The role that a parameter has in its object, such as a condition or an action."""

    CONDITION = "condition"
    EXCEPTION = "exception"
    ACTION = "action"
    SETTING = "setting"
    IDENTITY = "identity"
    COMMON = "common"


class Reach(StrEnum):
    """The effect of a parameter, in the service and in the emulator."""

    WORKS = "works"
    IGNORED = "on-premises only, accepted and ignored"
    RESERVED = "reserved to Microsoft, accepted and ignored"
    UNSET = "works, and is best left alone"
    ABSENT = "on-premises only, unknown here"
    ELSEWHERE = "works in Exchange Online and is not emulated"


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class CmdletParameter:
    """One parameter, with the limits that the service enforces."""

    name: str
    kind: str  # PowerShell's name of the type; [] stands for a list
    entry: str = "String"  # type of the entries, if the kind is MultiValuedProperty
    role: Role = Role.SETTING
    reach: Reach = Reach.WORKS
    needs: tuple[str, ...] = ()  # parameters without which this one means nothing
    default: Any = None  # the service's own value
    unset: Any = None  # the value that Get shows if nothing is set, and that null sets
    nullable: bool = True
    longest: int | None = None  # maximum number of characters in a value
    most: int | None = None  # values of a list
    lowest: int | None = None
    highest: int | None = None
    shown_as: str | None = None  # property in Get, if it has another name
    required: bool = False

    @property
    def property_name(self) -> str:
        return self.shown_as or self.name

    @property
    def is_stored(self) -> bool:
        """Return whether Exchange stores a value that is sent for this parameter, and does not ignore it."""
        return self.reach in {Reach.WORKS, Reach.UNSET}


Parameters: TypeAlias = Mapping[str, CmdletParameter]  # by name in lower case: PowerShell does not tell cases apart


def index_by_name(*groups: Iterable[CmdletParameter]) -> Parameters:
    """Return a table of parameters by their names in lower case, from several groups of parameters."""
    return {parameter.name.lower(): parameter for group in groups for parameter in group}


_TABLE = Path(__file__).parent / "cmdlets.json"
_ROW = TypeAdapter(CmdletParameter)


@cache
def shared_parameters(name: str) -> tuple[CmdletParameter, ...]:
    """Return a named group of parameters that several cmdlets share. The exceptions are made from the conditions."""
    if name == "exceptions":
        return tuple(_as_exception(condition) for condition in shared_parameters("conditions"))
    return tuple(_ROW.validate_python(row) for row in read_data(_TABLE)["shared"][name])


def _as_exception(condition: CmdletParameter) -> CmdletParameter:
    name, needs = f"ExceptIf{condition.name}", tuple(f"ExceptIf{needed}" for needed in condition.needs)
    return replace(condition, name=name, role=Role.EXCEPTION, needs=needs)


def read_parameters(row: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a cmdlet from its row of the table, by name. A row may name shared parameters."""
    groups = [
        shared_parameters(parameter) if isinstance(parameter, str) else (_ROW.validate_python(parameter),)
        for parameter in row["parameters"]
    ]
    others = (("elsewhere", Reach.ELSEWHERE), ("absent", Reach.ABSENT))
    named = [CmdletParameter(name, "Object", reach=reach) for column, reach in others for name in row.get(column, ())]
    return index_by_name(*groups, named)
