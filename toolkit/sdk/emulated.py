"""What the emulator's ready line says of one provider's tenants."""

from collections.abc import Mapping, Sequence

from toolkit.errors import UsageError
from toolkit.values import Body


def described(ready: Body, provider: str, key: str, identifier: str) -> Body:
    """Find the description of a tenant by its id, which stands under `key`.

    One that the emulator does not have leads to its first, as credentials lead to whichever tenant they are of: the
    run's first request then shows that it is another school's.
    """
    found = _mappings([tenant.get(provider) for tenant in _mappings(ready.get("tenants"))])
    if not found:
        raise UsageError(f"the emulator has no {provider} tenant; `toolkit emulator reset` makes one")
    return next((one for one in found if one[key] == identifier), found[0])


def _mappings(value: object) -> Sequence[Body]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
