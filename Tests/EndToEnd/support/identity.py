"""Which fields say who somebody is, who the corpus signs in, and which values only the gateway may have set.

Names are compared in lower case with every character that is no letter or digit read as `-`: CGI, WSGI, PHP and
many frameworks cannot tell `X_User_ID` from `X-User-ID`.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import unquote

from .readers import ReadRequest

MARKER = re.compile(rb"spoof|203\.0\.113\.66")
"""What every attacking value of the corpus contains."""

IDENTITY_NAMES = {
    "x-tenant-id", "x-user-id", "x-user-external-id", "x-user-email", "x-user-name", "x-user-roles",
    "x-auth-factors", "x-session-id", "x-request-id",
    "remote-user", "remote-groups", "remote-name", "remote-email",
    "x-forwarded-user", "x-forwarded-email", "x-forwarded-groups", "x-forwarded-preferred-username",
    "x-forwarded-access-token",
}
IDENTITY_PREFIXES = ("x-gatehouse-", "x-auth-request-", "x-pomerium-")
DELETED_NAMES = {
    "x-original-url", "x-rewrite-url", "x-original-host", "x-host", "x-http-method-override", "x-http-method",
    "x-method-override", "proxy", "x-real-ip", "true-client-ip", "cf-connecting-ip", "forwarded",
    "x-middleware-subrequest", "x-client-cert", "x-ssl-client-cert", "ssl-client-cert", "x-forwarded-client-cert",
    "x-ssl-client-verify", "x-ssl-client-s-dn", "client-cert", "client-cert-chain",
}
REBUILT = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded", "x-real-ip"}
SESSION_COOKIE = "__Host-gatehouse"
GATEWAY_COOKIE = re.compile(rb"(?:^|[;,])[ \t]*=?__Host-gatehouse(?:-(?:login|sso|device|lang))?[ \t]*=")


def folded(name: str) -> str:
    """The name as the most generous server compares it."""
    return re.sub(r"[^a-z0-9]", "-", name.lower())


def is_identity(name: str) -> bool:
    """True where some application takes a field of this name for an identity."""
    return folded(name) in IDENTITY_NAMES or folded(name).startswith(IDENTITY_PREFIXES)


def is_deleted(name: str) -> bool:
    """True where a client's own value of this field must never arrive."""
    return is_identity(name) or folded(name) in DELETED_NAMES or folded(name).startswith("x-forwarded-")


@dataclass(frozen=True)
class Person:
    """A signed-in member, as the seeded sessions know them."""

    tenant: str
    user: str
    email: str
    name: str
    roles: tuple[str, ...]
    handle: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    factors: tuple[str, ...] = ("password",)

    def seed(self) -> dict[str, object]:
        """The entry of the sessions file."""
        return {
            "token": self.token, "tenant": self.tenant, "user": self.user, "email": self.email, "name": self.name,
            "roles": list(self.roles), "factors": list(self.factors), "handle": self.handle,
        }


def people() -> dict[str, Person]:
    """The members that the corpus signs in, each with a fresh token."""
    return {
        "member": Person(
            "acme", "0b9f5a52-6c0e-4b39-8d6e-3f1f54a7c001", "mia@acme.example", "Mia Member", ("user",), "h-member",
        ),
        "administrator": Person(
            "acme", "0b9f5a52-6c0e-4b39-8d6e-3f1f54a7c002", "ada@acme.example", "Ada Admin", ("user", "admin"),
            "h-administrator",
        ),
        "umlaut": Person(
            "acme", "0b9f5a52-6c0e-4b39-8d6e-3f1f54a7c003", "zoe@acme.example", "Zo\u00eb 100%, M\u00fcller", ("user",),
            "h-umlaut",
        ),
        "outsider": Person(
            "globex", "0b9f5a52-6c0e-4b39-8d6e-3f1f54a7c004", "otto@globex.example", "Otto Outsider", ("user", "admin"),
            "h-outsider",
        ),
    }


def spoofed_fields(request: ReadRequest, person: Person | None, shared_secret: str) -> list[str]:
    """What is wrong with the identity of a request that reached the application; empty where nothing is."""
    faults: list[str] = []
    counts: dict[str, int] = {}
    for name, value in request.fields:
        if is_deleted(name) and MARKER.search(value):
            faults.append(f"{name} carries the client's own value")
        elif is_identity(name):
            counts[folded(name)] = counts.get(folded(name), 0) + 1
            fault = _identity_fault(folded(name), value.decode("latin-1"), person, shared_secret)
            if fault:
                faults.append(f"{name} {fault}")
            if "_" in name or "." in name:
                faults.append(f"{name} is a spelling that the gateway does not use")
        elif folded(name) in DELETED_NAMES and folded(name) not in REBUILT:
            faults.append(f"{name} should have been deleted")
    faults += [f"{name} arrives {count} times" for name, count in counts.items() if count > 1]
    faults += [f"trailer {name}" for name, _ in request.trailers if is_deleted(name)]
    if person is not None:
        for name in ("x-tenant-id", "x-user-id", "x-user-email", "x-user-name", "x-user-roles", "x-session-id"):
            if name not in counts:
                faults.append(f"{name} of the session is missing")
    if "x-gatehouse-secret" not in counts:
        faults.append("x-gatehouse-secret of the upstream is missing")
    return faults


def _identity_fault(name: str, value: str, person: Person | None, shared_secret: str) -> str | None:
    if name == "x-gatehouse-secret":
        return None if value == shared_secret else "is not the upstream's secret"
    if name == "x-request-id":
        return None if value else "is empty"
    if person is None:
        return "arrives without a session"
    expected = {
        "x-tenant-id": [person.tenant],
        "x-user-id": [person.user],
        "x-user-email": [person.email],
        "x-user-name": [person.name],
        "x-auth-factors": list(person.factors),
        "x-session-id": [person.handle],
    }
    if name == "x-user-roles":
        return None if sorted(value.split(",")) == sorted(person.roles) else f"is {value!r}"
    if name == "x-gatehouse-assertion":
        return assertion_fault(value, person)
    if name in expected:
        return None if unquote(value) in expected[name] else f"is {value!r}, not {expected[name][0]!r}"
    if name == "x-user-external-id" and not value:
        return None
    return "is not a field that the gateway sets here"


def assertion_fault(value: str, person: Person) -> str | None:
    """What is wrong with a signed assertion, its signature left aside; None where nothing is."""
    parts = value.split(".")
    if len(parts) != 3:
        return "is no JWT"
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return "has unreadable claims"
    if claims.get("sub") != person.user or claims.get("tenant") != person.tenant:
        return "speaks of somebody else"
    return None
