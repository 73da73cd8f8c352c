"""What a session may do, what the application hears of it, and whose it is."""

from __future__ import annotations

import json
import re
import time
from urllib.parse import unquote

import jwt
import pytest

from support.installation import ADA, GLOBEX, MIA, OTTO, SHARED
from support.stage import Stage, heard, who

SESSION = "__Host-gatehouse"


# --- what a session may do -------------------------------------------------------------------------------------------


def test_a_missing_role_is_refused_with_a_page_that_says_so(acme: Stage) -> None:
    """`/admin/` without the role: 403, reason code and request id; with it: the application."""
    refused = acme.signed_in(MIA).get("/admin/x")
    assert refused.status == 403
    assert "role-missing" in refused.text
    assert refused.header("X-Request-ID") and refused.header("X-Request-ID") in refused.text
    assert heard(acme.signed_in(ADA), "/admin/x")["x-user-email"] == [ADA.email]


def test_the_application_hears_the_identity_and_no_cookie_of_ours(acme: Stage) -> None:
    """Tenant, id, address, name, roles, factors, handle; the gateway's cookies stay out, the application's come."""
    visitor = acme.signed_in(ADA)
    cookies = visitor.jar.header("acme.example.org") + "; connect.sid=kept"
    headers = heard(visitor, cookies=cookies)
    assert headers["x-tenant-id"] == ["acme"]
    assert headers["x-user-id"] == [acme.member(ADA).id]
    assert headers["x-user-email"] == [ADA.email]
    assert [unquote(name) for name in headers["x-user-name"]] == [ADA.name]
    assert sorted(headers["x-user-roles"][0].split(",")) == ["admin", "auditor", "user"]
    assert headers["x-auth-factors"] == ["password"]
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-session-id"][0])
    assert headers["cookie"] == ["connect.sid=kept"]
    token = visitor.jar.value("acme.example.org", SESSION)
    assert token.split(".")[1] not in json.dumps(headers)


SPOOFS = {
    "X-Tenant-ID": "globex", "X-User-ID": "spoof", "X-User-Email": "spoof@evil.example", "X-User-Name": "Spoof",
    "X-User-Roles": "admin,spoof", "X-Auth-Factors": "spoof", "X-Session-ID": "spoof", "X-User-External-ID": "spoof",
    "X-Gatehouse-Assertion": "spoof.spoof.spoof", "X_Tenant_ID": "spoof", "x.user.id": "spoof",
    "Remote-User": "spoof", "X-Forwarded-User": "spoof", "X-Forwarded-Email": "spoof", "X-Auth-Request-User": "spoof",
}


@pytest.mark.parametrize("target", ["/app/x", "/optional/x", "/public/x"])
def test_a_spoofed_identity_never_arrives(acme: Stage, target: str) -> None:
    """Whatever the client claims to be: the application hears the session's identity alone, or none at all."""
    spoofs = tuple(SPOOFS.items())
    headers = heard(acme.signed_in(MIA), target, fields=spoofs)
    assert "spoof" not in json.dumps(headers).lower()
    assert "globex" not in json.dumps(headers)
    assert headers.get("x-tenant-id") == (None if target == "/public/x" else ["acme"])
    if target != "/app/x":
        nobody = heard(acme.visitor(), target, fields=spoofs)
        assert "spoof" not in json.dumps(nobody).lower()
        assert not {"x-tenant-id", "x-user-id", "x-user-roles", "x-gatehouse-assertion"} & set(nobody)


def test_the_assertion_verifies_against_the_published_keys(acme: Stage) -> None:
    """ES256 by a key of jwks.json; issuer, audience, at most 60 s, subject, tenant, roles, factors, session."""
    visitor = acme.signed_in(ADA)
    headers = heard(visitor)
    keys = acme.visitor().get("/.gatehouse/jwks.json", accept="application/json")
    assert keys.status == 200
    assert keys.header("Content-Type").split(";")[0] in ("application/json", "application/jwk-set+json")
    published = json.loads(keys.body)["keys"]
    assert all("d" not in key for key in published), "no private part"
    token = headers["x-gatehouse-assertion"][0]
    head = jwt.get_unverified_header(token)
    assert head["alg"] == "ES256"
    key, = [jwt.PyJWK(key) for key in published if key["kid"] == head["kid"]]
    claims = jwt.decode(
        token, key, algorithms=["ES256"], audience="echo-application", issuer="https://app.example.org:8443",
        options={"require": ["iss", "aud", "iat", "exp", "sub"]})
    assert 0 < claims["exp"] - claims["iat"] <= 60
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["sub"] == acme.member(ADA).id
    assert claims["tenant"] == "acme"
    assert claims["email"] == ADA.email
    assert sorted(claims["roles"]) == ["admin", "auditor", "user"]
    assert claims["amr"]
    assert claims["sid"] == headers["x-session-id"][0]
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, algorithms=["ES256"], audience="another-application")
    body = token.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        forged = ".".join([body[0], body[1], "A" * len(body[2])])
        jwt.decode(forged, key, algorithms=["ES256"], audience="echo-application")


def test_each_application_gets_an_assertion_of_its_own(acme: Stage) -> None:
    """Two requests of one session within its time carry the same one: it is signed once."""
    visitor = acme.signed_in(MIA)
    assertions = {heard(visitor, f"/app/{number}")["x-gatehouse-assertion"][0] for number in range(3)}
    assert len(assertions) <= 2


def test_whoami_tells_the_session_s_identity_and_401_without_one(acme: Stage) -> None:
    """JSON of tenant, user, email, roles, factors; 401 as a problem for nobody."""
    told = who(acme.signed_in(ADA))
    assert told is not None
    assert (told["tenant"], told["user"], told["email"]) == ("acme", acme.member(ADA).id, ADA.email)
    assert sorted(told["roles"]) == ["admin", "auditor", "user"]  # type: ignore[arg-type]
    assert told["factors"] == ["password"]
    nobody = acme.visitor().get("/.gatehouse/whoami", accept="application/json")
    assert nobody.status == 401
    assert nobody.header("Content-Type").startswith("application/problem+json")


# --- whose session ---------------------------------------------------------------------------------------------------


def test_a_session_of_another_tenant_counts_as_none(acme: Stage) -> None:
    """Otto's cookie of globex, put into a browser in front of acme: the sign-in, and no identity."""
    otto = acme.signed_in(OTTO)
    token = otto.jar.value(GLOBEX, SESSION)
    thief = acme.visitor()
    thief.jar.put("acme.example.org", SESSION, token)
    assert thief.get("/app/x").status == 302
    assert who(thief) is None
    assert "x-tenant-id" not in heard(thief, "/optional/x")
    assert who(otto) is not None, "where it belongs it holds"


@pytest.mark.parametrize(
    "value",
    [
        "", "acme", "acme.", "acme." + "A" * 43, "acme." + "A" * 42, "acme." + "A" * 44, "." + "A" * 43, "A" * 43,
        "ACME." + "A" * 43, "globex." + "A" * 43, "acme.acme." + "A" * 43, "acme." + "=" * 43, "umbrella." + "A" * 43,
        "../acme." + "A" * 43, "x" * 4000,
    ])
def test_a_forged_session_counts_as_none(acme: Stage, value: str) -> None:
    """Whatever stands in the cookie: the sign-in, no error."""
    visitor = acme.visitor()
    assert visitor.get("/app/x", cookies=f"{SESSION}={value}").status == 302
    assert visitor.get("/.gatehouse/whoami", cookies=f"{SESSION}={value}", accept="application/json").status == 401


def test_a_token_with_one_bit_changed_or_another_tenant_s_name_counts_as_none(acme: Stage) -> None:
    """Near misses of a real token."""
    visitor = acme.signed_in(MIA)
    token = visitor.jar.value("acme.example.org", SESSION)
    secret = token.split(".")[1]
    other = "B" if secret[0] == "A" else "A"
    near = (f"acme.{other}{secret[1:]}", f"globex.{secret}", f"acme.{secret.swapcase()}", token + "A", token[:-1])
    for forged in near:
        for host in ("acme.example.org", GLOBEX, SHARED):
            assert visitor.get("/app/x", host=host, cookies=f"{SESSION}={forged}").status == 302, (forged, host)
    assert visitor.get("/app/x").status == 200


def test_two_session_cookies_count_as_none(acme: Stage) -> None:
    """A second cookie of the name, from a sibling host say, never chooses the session: none is taken."""
    visitor = acme.signed_in(MIA)
    token = visitor.jar.value("acme.example.org", SESSION)
    for cookies in (f"{SESSION}={token}; {SESSION}=other", f"{SESSION}=other; {SESSION}={token}",
                    f"{SESSION}={token}; {SESSION}={token}"):
        assert visitor.get("/app/x", cookies=cookies).status == 302
    assert visitor.get("/app/x", cookies=f"a=1; {SESSION}={token}; b=2").status == 200
