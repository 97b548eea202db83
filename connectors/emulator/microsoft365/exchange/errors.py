"""What a cmdlet refuses, and how.

CmdletError           a cmdlet that does not run, with the .NET type and the words that tell why
  BadParameters         parameters that the cmdlet does not have, or lacks
  BadValue              a value that its parameter cannot take
  Refused               the cmdlet began and says no
  Missing               no object has that identity
Denied                403: the caller may not run it, or nobody can
NotEmulated           501: Exchange Online has it, this emulator does not
"""


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
