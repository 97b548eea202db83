"""Backs up Entra policies with IntuneCD's own modules, in IntuneCD's Python.

The command for this backup needs a person's sign-in for the portal. These modules read only Graph.
"""

import os
import sys
from importlib import import_module

from IntuneCD.intunecdlib.get_accesstoken import obtain_accesstoken_app  # type: ignore[import-not-found]

_MODULES = ("AuthenticationFlows", "AuthenticationMethods", "AuthorizationPolicy", "DeviceRegistration", "Domains",
            "GroupSettings", "SecurityDefaults")  # fmt: skip


def main() -> None:
    """Write the policies into the directory that the command line names."""
    token = obtain_accesstoken_app(*(os.environ[name] for name in ("TENANT_NAME", "CLIENT_ID", "CLIENT_SECRET")))
    shared = {"token": token, "azure_token": None, "path": sys.argv[1], "filetype": "json", "exclude": ["assignments"]}
    for name in _MODULES:
        module = import_module(f"IntuneCD.backup.Entra.{name}")
        classes = [
            kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == module.__name__
        ]
        classes[0](**shared).main()


if __name__ == "__main__":
    main()
