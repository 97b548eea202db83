"""A parameter of a cmdlet as data, and the errors of parameters and cmdlets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from connectors.emulator.wire import Json


class CmdletError(Exception):
    """A cmdlet that does not run, with the .NET type and the words that tell why."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


class BadParameters(CmdletError):
    """Parameters that the cmdlet does not have, or lacks."""

    def __init__(self, text: str) -> None:
        super().__init__("Microsoft.Exchange.AdminApi.CommandInvocation.AmbiguousParameterSetException", text)


class UnknownParameter(BadParameters):
    """A parameter that the cmdlet does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "Parameter set cannot be resolved using the specified named parameters. "
            f"Invalid cmdlet parameters specified. {name}"
        )


class BadValue(CmdletError):
    """A value that its parameter cannot take."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(
            "Microsoft.Exchange.AdminApi.CommandInvocation.ParameterTransformationException",
            f"Cannot process argument transformation on parameter '{parameter}'. {reason}",
        )


class Refused(CmdletError):
    """The cmdlet began and says no."""

    def __init__(self, text: str, kind: str = "System.ArgumentException") -> None:
        super().__init__(kind, text)


class Missing(CmdletError):
    """No object has that identity."""

    def __init__(self, identity: str) -> None:
        super().__init__(
            "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException",
            f"The operation couldn't be performed because object '{identity}' couldn't be found on "
            "'DB1PR01A001DC01.EURPR01A001.PROD.OUTLOOK.COM'.",
        )


class Denied(Exception):
    """The caller may not run the cmdlet, or there is none of that name: the service does not tell which."""


class NotEmulated(Exception):
    """Exchange Online has it, this emulator does not."""


class Role(StrEnum):
    """What a parameter is to its object."""

    CONDITION = "condition"
    EXCEPTION = "exception"
    ACTION = "action"
    SETTING = "setting"
    IDENTITY = "identity"
    COMMON = "common"


class Reach(StrEnum):
    """How far a parameter reaches in Exchange Online."""

    WORKS = "works"
    IGNORED = "on-premises only, accepted and ignored"
    RESERVED = "reserved to Microsoft, accepted and ignored"
    UNSET = "works, and is best left alone"
    ABSENT = "on-premises only, unknown here"
    ELSEWHERE = "works in Exchange Online and is not emulated"


@dataclass(frozen=True, slots=True)
class CmdletParameter:
    """One parameter, with the limits that the service holds it to."""

    name: str
    kind: str  # PowerShell's name of the type; [] stands for a list
    entry: str = "String"  # type of the entries, where the kind is MultiValuedProperty
    role: Role = Role.SETTING
    reach: Reach = Reach.WORKS
    needs: tuple[str, ...] = ()  # parameters without which this one means nothing
    default: Json = None  # what the service fills in
    unset: Json = None  # what Get shows when nothing is set, and what null sets
    nullable: bool = True
    longest: int | None = None  # characters of one value
    most: int | None = None  # values of a list
    lowest: int | None = None
    highest: int | None = None
    shown_as: str | None = None  # property in Get, where its name is another
    required: bool = False

    @property
    def shown(self) -> str:
        return self.shown_as or self.name

    @property
    def kept(self) -> bool:
        """Whether what is sent is stored, rather than ignored."""
        return self.reach in {Reach.WORKS, Reach.UNSET}


Parameters: TypeAlias = Mapping[str, CmdletParameter]  # by name in lower case: PowerShell does not tell cases apart


def by_name(*groups: Iterable[CmdletParameter]) -> Parameters:
    """Join tables of parameters into one that is looked up without regard to case."""
    return {parameter.name.lower(): parameter for group in groups for parameter in group}


def elsewhere(*names: str) -> tuple[CmdletParameter, ...]:
    """Name parameters that work in Exchange Online and are not emulated."""
    return tuple(CmdletParameter(name, "Object", reach=Reach.ELSEWHERE) for name in names)


IDENTITY = CmdletParameter("Identity", "String", role=Role.IDENTITY, required=True, nullable=False)
WHICH = CmdletParameter("Identity", "String", role=Role.IDENTITY)  # of Get: null means every object
RESULT_SIZE = CmdletParameter("ResultSize", "Unlimited", default="1000")
FILTER = CmdletParameter("Filter", "String")

# Of every cmdlet (about_CommonParameters); the service takes them and nothing changes.
EVERYWHERE = tuple(
    CmdletParameter(name, "Object", role=Role.COMMON, reach=Reach.IGNORED)
    for name in (
        "Debug",
        "ErrorAction",
        "ErrorVariable",
        "InformationAction",
        "InformationVariable",
        "OutBuffer",
        "OutVariable",
        "PipelineVariable",
        "Verbose",
        "WarningAction",
        "WarningVariable",
    )
)
REHEARSAL = (
    CmdletParameter("Confirm", "SwitchParameter", role=Role.COMMON, unset=False),
    CmdletParameter("WhatIf", "SwitchParameter", role=Role.COMMON, unset=False),
)
