"""The cmdlets that are emulated: each module here has its own in CMDLETS."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from connectors.emulator.microsoft365.exchange.cmdlet import Cmdlet

# Who may read retention at all, as Microsoft365DSC asks for it.
READERS = frozenset({"Global Reader"})


@cache
def found() -> Mapping[str, Cmdlet]:
    """Find every cmdlet by its name in lower case."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    cmdlets: list[Cmdlet] = [cmdlet for module in modules for cmdlet in module.CMDLETS]
    return {cmdlet.name.lower(): cmdlet for cmdlet in sorted(cmdlets, key=lambda cmdlet: cmdlet.name)}
