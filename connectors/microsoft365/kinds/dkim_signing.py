"""DKIM signing of mail from the tenant's domains. Exchange starts to sign when the DNS has both records of the keys."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Annotated, ClassVar

from connectors.microsoft365.builtin_objects import HYGIENE, READ_BY_SECURITY_READERS, exchange_kind
from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from connectors.microsoft365.sending_domains import SigningDomain
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, RequestFailed
from toolkit.sdk import (
    FLAG,
    Desired,
    Doubt,
    Effect,
    FixedObjects,
    Lifecycle,
    Properties,
    ReadScope,
    Remote,
    Setting,
    Spec,
    Unreadable,
    declare_effects,
    switch,
    switches_off,
    text,
)
from toolkit.values import Body, Json

_SIGNS = "SignsWhenPublished"
_KEY_BITS = 2048
_KEYS = "A property of the keys, which Exchange creates and changes."


class DkimSigning(Spec):
    """The DKIM keys of a domain. Exchange signs mail with them when the DNS has both records."""

    effects = declare_effects({"signs_when_published": Effect("mail from {name} is no longer signed", switches_off)})

    properties: ClassVar[Properties] = Properties(
        ignored={
            **IGNORED,
            "Domain": "The name of the domain.",
            "Enabled": "Whether the domain signs now. The comparison also uses the DNS records.",
            "Status": "Exchange's last result from DNS. toolkit reads DNS itself.",
            **dict.fromkeys(
                (f"Selector{n}{what}" for n in (1, 2) for what in ("CNAME", "KeySize", "PublicKey")), _KEYS
            ),
            **dict.fromkeys(
                ("KeyCreationTime", "LastChecked", "RotateOnDate", "Algorithm", "BodyCanonicalization"), _KEYS
            ),
            **dict.fromkeys(
                ("SelectorBeforeRotateOnDate", "SelectorAfterRotateOnDate", "HeaderCanonicalization"), _KEYS
            ),
            **dict.fromkeys(("IncludeSignatureCreationTime", "IncludeKeyExpiration", "NumberOfBytesToSign"), _KEYS),
            "IsDefault": "Whether the domain is the tenant's initial domain.",
        },
        defaults=DEFAULTS,
        narrowing=frozenset(),
    )

    signs_when_published: Annotated[bool, Setting(FLAG, wire=_SIGNS)] = switch(
        "Creates the keys, and turns on signing when DNS has both records. Until then the plan prints the records."
    )


class _SigningDomains(FixedObjects):
    none_created = "{name!r} is not a domain of this tenant that sends mail"
    none_deleted = "toolkit does not delete the keys of {name!r}"

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        return selection.select_from(map(_to_remote, via.sending_domains.read().values()))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:
        """Create the keys of a domain, then turn signing on if the DNS has both records of the keys."""
        present = via.sending_domains.last().get(name)
        config = present.config if present else None
        if not body.get(_SIGNS):
            if config is not None:
                via.exchange.change("Set-DkimSigningConfig", {"Identity": remote.id, "Enabled": False})
            return
        if config is None:
            config = self._create_keys(via, name)
        domain = via.sending_domains.to_signing_domain(name, config)
        if isinstance(domain.published, RequestFailed):
            raise domain.published
        if domain.published:
            via.exchange.change("Set-DkimSigningConfig", {"Identity": name, "Enabled": True})

    def _create_keys(self, via: Microsoft365, name: str) -> Body:
        def find_existing() -> Body | None:
            rows = via.exchange.get("Get-DkimSigningConfig", {})
            return next((row for row in rows if text(row.get("Domain")).lower() == name), None)

        sent: dict[str, Json] = {"DomainName": name, "KeySize": _KEY_BITS, "Enabled": False}
        config = (
            via.exchange.create("New-DkimSigningConfig", sent, find_existing, settles=KIND.settles) or find_existing()
        )
        if config is None:
            raise BadAnswer(f"New-DkimSigningConfig: Exchange does not return the new keys of {name}")
        return config


def _to_remote(domain: SigningDomain) -> Remote | Unreadable:
    if isinstance(domain.published, RequestFailed):
        return Unreadable(
            domain.name,
            domain.name,
            f"toolkit does not know whether its DKIM records are published: {domain.published}",
        )
    return Remote(domain.name, domain.name, {**(domain.config or {}), _SIGNS: domain.signs or domain.waits})


def _report_missing_records(
    via: Microsoft365, desired: Sequence[Desired], _deleted_ids: Collection[str]
) -> Iterator[Doubt]:
    """Yield a doubt with the DNS records that a person must publish before a domain can sign."""
    domains = via.sending_domains.last()
    for entry in desired:
        domain = domains.get(entry.address.name)
        if domain is None or not entry.settings.get("signs_when_published"):
            continue
        if domain.waits:
            lines = " and ".join(domain.lines)
            remark = (
                f"the domain does not sign yet. By hand, publish in the DNS: {lines}. The next apply then turns on "
                "signing"
            )
            yield Doubt(domain.name, "signs_when_published", remark, is_remark=True)
        elif domain.config is None:
            remark = "apply creates the keys, and the next plan prints the DNS records to add"
            yield Doubt(domain.name, "signs_when_published", remark, is_remark=True)


KIND = exchange_kind(
    "DkimSigningConfig",
    HYGIENE,
    READ_BY_SECURITY_READERS,
    name="dkim_signing",
    title="DKIM signature of a domain",
    plural="domains",
    spec=DkimSigning,
    endpoint=_SigningDomains(),
    conflicts=_report_missing_records,
    lifecycle=Lifecycle(
        only_where_there=True, residue="the keys of a domain that does not sign, which no cmdlet removes"
    ),
    sample="""\
- microsoft365.dkim_signing: example-primary.example
  signs_when_published: true
""",
)
