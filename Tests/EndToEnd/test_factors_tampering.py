"""Passkeys from a software authenticator whose browser and device lie, one lie at a time: each is refused in words,
nothing is stored and nobody is signed in; the same walk without the lie succeeds."""

from __future__ import annotations

import json
import secrets
import struct
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fido2 import cbor

from support.factors import (
    LOGIN, MODEL, SESSION, Gate, alerts, enrolment_code, gate, give_enrolment_code, go_on, has_session,
    recovery_codes_on, reload_tenant, to_enrolment,
)
from support.installation import ACME, GLOBEX, Member
from support.passkeys import (
    BACKED_UP, BACKUP_ELIGIBLE, COUNTER_AT, CREDENTIAL_AT, FLAGS_AT, HAS_CREDENTIAL, HAS_EXTENSIONS, USER_PRESENT,
    USER_VERIFIED, Authenticator, Changed, Maker, has_passkey_form, options, origin, passkey_form, sha256, text,
)
from support.stage import heard
from support.visitor import Page, Visitor

HOME = origin(GLOBEX)
TELLERS = 8
"""Lies that are told at once."""


@pytest.fixture(scope="module")
def here(binary: Path) -> Iterator[Gate]:
    """One installation for every lie; nobody's guesses run out."""
    with gate(binary, "throttle: { second_factor: { failures: 50, per: 1m } }") as made:
        yield made


def factors(gate: Gate, member: Member) -> dict[str, int]:
    """What the operator sees of the member's factors: count by kind."""
    shown = json.loads(gate.site.done("user", "show", "--tenant", member.tenant, member.email, "--json"))
    return {str(kind): int(count) for kind, count in shown["factors"].items()}


@dataclass
class Holder:
    """A member with a passkey and an app."""

    member: Member
    authenticator: Authenticator
    visitor: Visitor

    def second_step(self, gate: Gate) -> tuple[Visitor, Page]:
        """A browser that has given the password and is asked for the passkey."""
        visitor = gate.visitor(f"{self.member.tenant}.example.org")
        page = visitor.try_sign_in(self.member.email, self.member.password)
        assert page.status == 200 and has_passkey_form(page, "get"), f"{page.status} {page.text[-3000:]}"
        return visitor, page


def register(visitor: Visitor, page: Page, authenticator: Authenticator, at: str = HOME, **lies: Any) -> Page:
    """The answer to a new passkey."""
    form = passkey_form(page, "create")
    return visitor.submit(page, form, passkey=authenticator.create(form, at, **lies))


def prove(visitor: Visitor, page: Page, authenticator: Authenticator, at: str = HOME, **lies: Changed) -> Page:
    """The answer to a passkey that is there."""
    form = passkey_form(page, "get")
    return visitor.submit(page, form, passkey=authenticator.get(form, at, **lies))


def holder(gate: Gate, name: str, tenant: str = "globex", **device: Any) -> Holder:
    """A newcomer who has made a passkey at the first sign-in."""
    member = gate.newcomer(name, tenant)
    visitor = gate.visitor(f"{tenant}.example.org")
    authenticator = Authenticator(**device)
    page = register(visitor, to_enrolment(visitor, gate, member), authenticator, origin(f"{tenant}.example.org"))
    page = visitor.follow(page)
    assert len(recovery_codes_on(page)) == 10, f"{page.status} {alerts(page)} {page.text[-3000:]}"
    assert go_on(visitor, page).status == 200
    return Holder(member, authenticator, visitor)


Told = tuple[Visitor, Page]
"""Whose browser told a lie, and what was answered."""


def told_at_once(visitor: Visitor, tell: Callable[[Visitor, str], Page], lies: Iterable[str]) -> dict[str, Told]:
    """Tells every lie in a browser that has the visitor's cookies, several at once."""
    def one(lie: str) -> Told:
        teller = deepcopy(visitor)
        return teller, tell(teller, lie)

    with ThreadPoolExecutor(TELLERS) as pool:
        return dict(zip(lies, pool.map(one, lies), strict=True))


def is_refused(page: Page) -> bool:
    """True for the page again with words, or for a refusal's page with its reason."""
    if page.status == 422:
        return bool(alerts(page).strip())
    return page.status in (400, 403, 413) and "html" in page.header("Content-Type")


# --- honest ----------------------------------------------------------------------------------------------------------


def test_a_passkey_is_made_and_proves_its_member(here: Gate) -> None:
    """At the first sign-in, as a second factor, and alone; the application hears which."""
    mine = holder(here, "hana-honest")
    assert factors(here, mine.member)["passkey"] == 1
    assert heard(mine.visitor)["x-auth-factors"] == ["password,passkey"]
    visitor, page = mine.second_step(here)
    assert not has_session(visitor)
    assert prove(visitor, page, mine.authenticator).status == 303
    assert heard(visitor)["x-auth-factors"] == ["password,passkey"]
    alone = here.visitor(GLOBEX)
    done = prove(alone, alone.open("/app/alone"), mine.authenticator)
    assert (done.status, done.header("Location")) == (303, "/app/alone"), done.text[:2000]
    assert heard(alone)["x-auth-factors"] == ["passkey"]
    assert heard(alone, "/vault/x")["x-user-email"] == [mine.member.email]


def test_a_device_that_does_not_verify_its_user_is_a_second_factor_and_no_more(here: Gate) -> None:
    """After the password it does; alone it does not."""
    mine = holder(here, "petra-present", verifies=False)
    visitor, page = mine.second_step(here)
    assert prove(visitor, page, mine.authenticator).status == 303
    alone = here.visitor(GLOBEX)
    page = alone.open("/app/alone")
    assert options(passkey_form(page, "get"))["userVerification"] == "required"
    refused = prove(alone, page, mine.authenticator)
    assert is_refused(refused) and not has_session(alone)


def test_what_the_browser_is_asked_for(here: Gate) -> None:
    """Relying party, algorithms in order, no attestation, a handle that tells nothing; 32 bytes of challenge, each time
    others."""
    member = here.newcomer("otto-options", "globex")
    visitor = here.visitor(GLOBEX)
    asked = options(passkey_form(to_enrolment(visitor, here, member), "create"))
    assert asked["rp"]["id"] == GLOBEX and asked["rp"]["name"] == "Globex Corporation"
    assert [each["alg"] for each in asked["pubKeyCredParams"]] == [-7, -8, -35, -257]
    assert {each["type"] for each in asked["pubKeyCredParams"]} == {"public-key"}
    assert asked.get("attestation", "none") == "none"
    assert len(asked["user"]["id"]) == 32 and asked["user"]["name"] == member.email
    assert member.id.replace("-", "") not in asked["user"]["id"].hex()
    challenges = {
        options(passkey_form(here.visitor(GLOBEX).open("/app/x"), "get"))["challenge"] for _ in range(3)}
    assert len(challenges) == 3 and {len(each) for each in challenges} == {32}
    alone = options(passkey_form(here.visitor(GLOBEX).open("/app/x"), "get"))
    assert alone["rpId"] == GLOBEX and not alone.get("allowCredentials")


# --- lies at registration --------------------------------------------------------------------------------------------


def member_of(name: str, value: Any) -> Changed:
    """Client data or a JSON text with another member."""
    return lambda made: made | {name: value}


def without(name: str) -> Changed:
    """The same without one."""
    return lambda made: {key: value for key, value in made.items() if key != name}


def flags(setting: int = 0, clearing: int = 0) -> Changed:
    """Authenticator data with other flags."""

    def change(data: bytearray) -> bytearray:
        data[FLAGS_AT] = (data[FLAGS_AT] | setting) & ~clearing & 0xFF
        return data

    return change


def relying_party(name: str) -> Changed:
    """Authenticator data for another relying party."""
    return lambda data: bytearray(sha256(name.encode())) + data[32:]


def credential(id: bytes, key: bytes | None = None, aaguid: bytes = bytes(16)) -> Changed:
    """Authenticator data with another credential id, and another key."""

    def change(data: bytearray) -> bytearray:
        length, = struct.unpack(">H", data[CREDENTIAL_AT + 16:CREDENTIAL_AT + 18])
        own = data[CREDENTIAL_AT + 18 + length:] if key is None else key
        return data[:CREDENTIAL_AT] + aaguid + struct.pack(">H", len(id) & 0xFFFF) + id + own

    return change


def key_of(**members: Any) -> bytes:
    """A COSE key (RFC 9052 §7)."""
    return bytes(cbor.encode({int(name[1:].replace("m", "-")): value for name, value in members.items()}))


def ec2(crv: int = 1, alg: int = -7, kty: int = 2, y: bytes | None = None) -> bytes:
    """A key of P-256, or one that is none."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    own = numbers.y.to_bytes(32)
    return key_of(_1=kty, _3=alg, _m1=crv, _m2=numbers.x.to_bytes(32), _m3=own if y is None else y)


def small_rsa() -> bytes:
    """A key of 1,024 bits."""
    numbers = rsa.generate_private_key(65537, 1024).public_key().public_numbers()  # noqa: S505
    return key_of(_1=3, _3=-257, _m1=numbers.n.to_bytes(128), _m2=b"\x01\x00\x01")


DEEP = b"\x81" * 9000 + b"\x00"
Lies = dict[str, Changed]
ORIGINS = [
    "https://evil.example", "http://globex.example.org:8443", "https://globex.example.org", f"{HOME}/",
    "https://globex.example.org:8444", "https://acme.example.org:8443", "https://evil.globex.example.org:8443",
    "https://globex.example.org.evil.example:8443", HOME.upper(), "null", "", "android:apk-key-hash:AAAA",
]
REGISTRATIONS: dict[str, Lies] = {
    "another type": {"client": member_of("type", "webauthn.get")},
    "no type": {"client": without("type")},
    "another challenge": {"client": member_of("challenge", text(bytes(32)))},
    "no challenge": {"client": without("challenge")},
    "a challenge of no text": {"client": member_of("challenge", 7)},
    "a challenge with padding": {"client": lambda made: made | {"challenge": made["challenge"] + "="}},
    "no origin": {"client": without("origin")},
    "in a frame of another site": {"client": member_of("crossOrigin", True)},
    "client data that is no JSON": {"client": lambda _: b"{"},
    "client data that is a list": {"client": lambda _: b"[]"},
    "client data without an end": {"client": lambda _: b"[" * 4000},
    "client data that is no UTF-8": {"client": lambda made: json.dumps(made).encode()[:-1] + b',"x":"\xff"}'},
    "another relying party": {"data": relying_party("evil.example")},
    "the relying party of another tenant": {"data": relying_party(ACME)},
    "nobody was present": {"data": flags(clearing=USER_PRESENT)},
    "no credential": {"data": lambda data: flags(clearing=HAS_CREDENTIAL)(data)[:37]},
    "a credential without its flag": {"data": flags(clearing=HAS_CREDENTIAL)},
    "backed up, but not eligible": {"data": flags(setting=BACKED_UP)},
    "extensions that are none": {"data": flags(setting=HAS_EXTENSIONS)},
    "something behind its end": {"data": lambda data: data + b"\x00"},
    "36 bytes": {"data": lambda data: data[:36]},
    "nothing": {"data": lambda data: b""},
    "a credential id of 1,024 bytes": {"data": credential(bytes(1024))},
    "a credential id without a byte": {"data": credential(b"")},
    "a credential id longer than all": {
        "data": lambda data: data[:CREDENTIAL_AT + 16] + b"\xff\xff" + data[CREDENTIAL_AT + 18:]},
    "an algorithm that was not offered": {"data": credential(secrets.token_bytes(32), ec2(alg=-36))},
    "an algorithm of another kind of key": {"data": credential(secrets.token_bytes(32), ec2(alg=-8))},
    "a key of another curve": {"data": credential(secrets.token_bytes(32), ec2(crv=2))},
    "a point off the curve": {"data": credential(secrets.token_bytes(32), ec2(y=bytes(31) + b"\x01"))},
    "a coordinate of 31 bytes": {"data": credential(secrets.token_bytes(32), ec2(y=bytes(31)))},
    "a symmetric key": {"data": credential(secrets.token_bytes(32), key_of(_1=4, _3=-7, _m1=bytes(32)))},
    "RSA of 1,024 bits": {"data": credential(secrets.token_bytes(32), small_rsa())},
    "a key that is no map": {"data": credential(secrets.token_bytes(32), b"\x80")},
    "a key with a member twice": {
        "data": credential(secrets.token_bytes(32), b"\xa3\x01\x02\x01\x02\x03\x26")},
    "an attestation of an unknown kind without a statement": {"attestation": without("attStmt")},
    "none with a statement": {"attestation": member_of("attStmt", {"sig": b"x"})},
    "packed with a signature of nobody": {
        "attestation": lambda made: made | {"fmt": "packed", "attStmt": {"alg": -7, "sig": bytes(70)}}},
    "packed with a certificate that is none": {
        "attestation": lambda made: made | {
            "fmt": "packed", "attStmt": {"alg": -7, "sig": bytes(70), "x5c": [b"\x30\x00"]}}},
    "an attestation without data": {"attestation": without("authData")},
    "a huge attestation": {
        "attestation": lambda made: made | {"fmt": "packed", "attStmt": {"x5c": [bytes(60_000)]}}},
    "CBOR: nothing": {"attestation": lambda _: b""},
    "CBOR: noise": {"attestation": lambda _: secrets.token_bytes(200)},
    "CBOR: deeper than anybody reads": {"attestation": lambda _: DEEP},
    "CBOR: longer than it is": {"attestation": lambda _: b"\xa3\x63fmt\x7b" + b"\xff" * 8},
    "CBOR: a map without its end": {"attestation": lambda _: b"\xbf" * 200},
    "CBOR: two billion members": {"attestation": lambda _: b"\xba\x7f\xff\xff\xff"},
    "CBOR: something behind it": {"attestation": lambda made: bytes(cbor.encode(made)) + b"\x00"},
    "CBOR: a member twice": {
        "attestation": lambda made: b"\xa4\x63fmt\x64none" + bytes(cbor.encode(made))[1:]},
    "no attestation": {"answer": without("attestationObject")},
    "bytes that are no base64url": {"answer": member_of("attestationObject", "+/==")},
    "a number for bytes": {"answer": member_of("clientDataJSON", 7)},
} | {f"from {each or 'nowhere'}": {"client": member_of("origin", each)} for each in ORIGINS}
"""Everything else is as it should be."""


@pytest.fixture(scope="module")
def newcomer(here: Gate) -> tuple[Member, Visitor, Page]:
    """Somebody at the page on which a passkey is made."""
    member = here.newcomer("rita-registers", "globex")
    visitor = here.visitor(GLOBEX)
    return member, visitor, to_enrolment(visitor, here, member)


@pytest.fixture(scope="module")
def told_at_registration(newcomer: tuple[Member, Visitor, Page]) -> dict[str, Told]:
    """Every lie, told on that page, several at once: each answer is held back."""
    _, visitor, page = newcomer
    return told_at_once(visitor, lambda teller, lie: register(teller, page, Authenticator(), **REGISTRATIONS[lie]),
                        REGISTRATIONS)


@pytest.mark.parametrize("lie", REGISTRATIONS)
def test_a_registration_with_a_lie_is_refused(told_at_registration: dict[str, Told], lie: str) -> None:
    """In words, and nothing of it is stored."""
    teller, answer = told_at_registration[lie]
    assert is_refused(answer), f"{answer.status} {answer.text[-2000:]}"
    assert not has_session(teller) and not recovery_codes_on(answer)


@pytest.mark.parametrize(
    "field", ["", "{}", "[]", "null", "7", "{", '{"id":', "\u0000", "{}" * 20_000, "[" * 5000],
    ids=["empty", "object", "list", "null", "number", "open", "cut", "NUL", "long", "deep"])
def test_a_field_that_is_no_passkey_is_refused(here: Gate, newcomer: tuple[Member, Visitor, Page], field: str) -> None:
    """Whatever stands in it."""
    _, visitor, page = newcomer
    answer = visitor.submit(page, passkey_form(page, "create"), passkey=field)
    assert is_refused(answer) and not has_session(visitor), f"{answer.status}"


def test_after_all_those_lies_nothing_is_stored_and_the_truth_does(
    here: Gate, told_at_registration: dict[str, Told], newcomer: tuple[Member, Visitor, Page]
) -> None:
    """On the very page that was lied to."""
    member, visitor, page = newcomer
    assert sum(factors(here, member).values()) == 0
    shown = visitor.follow(register(visitor, page, Authenticator()))
    assert len(recovery_codes_on(shown)) == 10, f"{shown.status} {alerts(shown)}"
    assert factors(here, member)["passkey"] == 1


def test_a_credential_id_of_1023_bytes_is_the_longest(here: Gate) -> None:
    """The standard's own bound (§7.1)."""
    member = here.newcomer("lisa-longest", "globex")
    visitor = here.visitor(GLOBEX)
    authenticator = Authenticator()
    longest = secrets.token_bytes(1023)
    shown = visitor.follow(register(
        visitor, to_enrolment(visitor, here, member), authenticator, data=credential(longest),
        answer=member_of("id", text(longest))))
    assert len(recovery_codes_on(shown)) == 10, f"{shown.status} {alerts(shown)}"


def test_a_credential_belongs_to_one_member(here: Gate) -> None:
    """The same id for somebody else is refused, whoever has its key."""
    first = holder(here, "fia-first")
    member = here.newcomer("siri-second", "globex")
    visitor = here.visitor(GLOBEX)
    page = to_enrolment(visitor, here, member)
    answer = register(
        visitor, page, Authenticator(), data=credential(first.authenticator.credential_id),
        answer=member_of("id", text(first.authenticator.credential_id)))
    assert is_refused(answer) and sum(factors(here, member).values()) == 0
    visitor, page = first.second_step(here)
    assert prove(visitor, page, first.authenticator).status == 303


def test_a_tenant_can_demand_a_model_that_its_maker_attests(here: Gate) -> None:
    """`webauthn: { attestation: attested, aaguids: … }`: no attestation, another model, another maker's signature, a
    certificate that is for something else or is not there: refused; the right one is taken."""
    model, other = bytes.fromhex(MODEL.replace("-", "")), secrets.token_bytes(16)
    member = here.newcomer("wilma-wayne", "wayne")
    visitor = here.visitor("wayne.example.org")
    page = to_enrolment(visitor, here, member)
    at = origin(visitor.host)
    asked = options(passkey_form(page, "create"))
    assert asked["attestation"] == "direct"
    lies: list[dict[str, Any]] = [
        {}, {"data": lambda data: data[:CREDENTIAL_AT] + model + data[CREDENTIAL_AT + 16:]}, {"maker": Maker(other)},
        {"maker": Maker(model), "signer": Maker(model)}, {"maker": Maker(model, unit="Something Else")},
        {"maker": Maker(model), "attestation": lambda made: made | {
            "attStmt": {name: value for name, value in made["attStmt"].items() if name != "x5c"}}},
        {"maker": Maker(other), "attestation": lambda made: made | {
            "authData": made["authData"][:CREDENTIAL_AT] + model + made["authData"][CREDENTIAL_AT + 16:]}},
    ]
    for number, lie in enumerate(lies):
        answer = register(visitor, page, Authenticator(), at, **lie)
        assert is_refused(answer) and not has_session(visitor), f"{number}: {answer.status}"
    assert sum(factors(here, member).values()) == 0
    shown = visitor.follow(register(visitor, page, Authenticator(), at, maker=Maker(model)))
    assert len(recovery_codes_on(shown)) == 10, f"{shown.status} {alerts(shown)}"


def test_a_registration_is_worth_nothing_on_another_page(here: Gate) -> None:
    """Recorded in one sign-in and played into another: its challenge is another one."""
    member = here.newcomer("rex-replay", "globex")
    visitor = here.visitor(GLOBEX)
    page = to_enrolment(visitor, here, member)
    recorded = Authenticator().create(passkey_form(page, "create"), HOME)
    again = visitor.try_sign_in(member.email, member.password)
    if not has_passkey_form(again, "create"):
        again = to_enrolment_again(visitor, here, member, again)
    answer = visitor.submit(again, passkey_form(again, "create"), passkey=recorded)
    assert is_refused(answer) and sum(factors(here, member).values()) == 0


def to_enrolment_again(visitor: Visitor, gate: Gate, member: Member, page: Page) -> Page:
    """The page on which a factor is added, with another code of the operator's."""
    code = enrolment_code(gate.site.done("user", "reset-mfa", "--tenant", "globex", member.email, "--print-code"))
    return give_enrolment_code(visitor, visitor.try_sign_in(member.email, member.password), code)


# --- lies at the sign-in ---------------------------------------------------------------------------------------------


ASSERTIONS: dict[str, Lies] = {
    "another type": {"client": member_of("type", "webauthn.create")},
    "another challenge": {"client": member_of("challenge", text(bytes(32)))},
    "no challenge": {"client": without("challenge")},
    "in a frame of another site": {"client": member_of("crossOrigin", True)},
    "client data that is no JSON": {"client": lambda _: b"{"},
    "another relying party": {"data": relying_party("evil.example")},
    "nobody was present": {"data": flags(clearing=USER_PRESENT)},
    "eligible for a backup all of a sudden": {"data": flags(setting=BACKUP_ELIGIBLE)},
    "backed up, but not eligible": {"data": flags(setting=BACKED_UP)},
    "something behind its end": {"data": lambda data: data + b"\x00"},
    "36 bytes": {"data": lambda data: data[:36]},
    "extensions that are none": {"data": flags(setting=HAS_EXTENSIONS)},
    "a signature that is none": {"signature": lambda _: b"\x30\x06\x02\x01\x01\x02\x01\x01"},
    "a signature with one bit changed": {"signature": lambda made: made[:-1] + bytes([made[-1] ^ 1])},
    "no signature": {"signature": lambda _: b""},
    "a long signature": {"signature": lambda made: made + bytes(3000)},
    "another credential": {"answer": member_of("id", text(secrets.token_bytes(32)))},
    "no credential": {"answer": without("id")},
    "the handle of somebody else": {"answer": member_of("userHandle", text(bytes(32)))},
    "a handle of no bytes": {"answer": member_of("userHandle", 7)},
    "no authenticator data": {"answer": without("authenticatorData")},
} | {f"from {each or 'nowhere'}": {"client": member_of("origin", each)} for each in ORIGINS}


@pytest.fixture(scope="module")
def mine(here: Gate) -> Holder:
    """Whose passkey every assertion is made by."""
    return holder(here, "alma-asserts")


@pytest.fixture(scope="module")
def step(here: Gate, mine: Holder) -> tuple[Visitor, Page]:
    """The page behind the password."""
    return mine.second_step(here)


@pytest.fixture(scope="module")
def first_page(here: Gate) -> tuple[Visitor, Page]:
    """The sign-in's first page, where a passkey stands alone."""
    visitor = here.visitor(GLOBEX)
    return visitor, visitor.open("/app/alone")


@pytest.fixture(scope="module")
def told_at_sign_in(
    here: Gate, mine: Holder, step: tuple[Visitor, Page], first_page: tuple[Visitor, Page]
) -> list[dict[str, Told]]:
    """Every lie, told on both pages; the failures are forgotten afterwards."""
    told = []
    for visitor, page in (step, first_page):
        told.append(told_at_once(
            visitor, lambda teller, lie, page=page: prove(teller, page, mine.authenticator, **ASSERTIONS[lie]),
            ASSERTIONS))
        here.site.done("throttle", "clear", "--all")
    return told


@pytest.mark.parametrize("lie", ASSERTIONS)
def test_an_assertion_with_a_lie_is_refused(told_at_sign_in: list[dict[str, Told]], lie: str) -> None:
    """Behind the password and alone."""
    for told in told_at_sign_in:
        teller, answer = told[lie]
        assert is_refused(answer) and not has_session(teller), f"{answer.status} {answer.text[-2000:]}"


def test_after_all_those_lies_the_truth_does(
    here: Gate, mine: Holder, told_at_sign_in: list[dict[str, Told]], step: tuple[Visitor, Page],
    first_page: tuple[Visitor, Page]
) -> None:
    """On the very pages that were lied to."""
    for visitor, page in (step, first_page):
        assert prove(visitor, page, mine.authenticator).status == 303
        assert has_session(visitor)
    assert factors(here, mine.member)["passkey"] == 1


def test_a_passkey_alone_without_verification_of_its_user_is_refused(here: Gate) -> None:
    """The flag is what counts, not what the page asked for."""
    mine = holder(here, "uta-unverified")
    visitor = here.visitor(GLOBEX)
    page = visitor.open("/app/alone")
    answer = prove(visitor, page, mine.authenticator, data=flags(clearing=USER_VERIFIED))
    assert is_refused(answer) and not has_session(visitor)
    assert prove(visitor, page, mine.authenticator).status == 303


def test_somebody_else_s_passkey_is_no_second_factor(here: Gate) -> None:
    """A thief with Vera's password and a passkey of their own."""
    vera, thief = holder(here, "vera-victim"), holder(here, "theo-thief")
    visitor, page = vera.second_step(here)
    for answer in (
        prove(visitor, page, thief.authenticator),
        prove(visitor, page, thief.authenticator, answer=member_of("userHandle", text(
            bytes(vera.authenticator.user_handle)))),
        prove(visitor, page, thief.authenticator, answer=member_of("id", text(vera.authenticator.credential_id))),
    ):
        assert is_refused(answer) and not has_session(visitor)


def test_a_passkey_of_another_tenant_opens_nothing(here: Gate) -> None:
    """Neither behind the password of a member with the same address, nor alone, whatever origin is told."""
    email = "carl-cross@partner.example"
    made = [here.site.add(Member(tenant, email, "Carl Cross")) for tenant in ("tyrell", "globex")]
    devices = []
    for member in made:
        visitor = here.visitor(f"{member.tenant}.example.org")
        page = to_enrolment(visitor, here, member)
        device = Authenticator()
        shown = visitor.follow(register(visitor, page, device, origin(visitor.host)))
        assert len(recovery_codes_on(shown)) == 10
        devices.append(device)
    visitor, page = Holder(made[1], devices[1], visitor).second_step(here)
    for at in (HOME, origin("tyrell.example.org")):
        for lies in ({}, {"data": relying_party(GLOBEX)}):
            answer = prove(visitor, page, devices[0], at, **lies)
            assert is_refused(answer) and not has_session(visitor)
            alone = here.visitor(GLOBEX)
            assert is_refused(prove(alone, alone.open("/app/x"), devices[0], at, **lies)) and not has_session(alone)
    assert prove(visitor, page, devices[1]).status == 303


def test_an_assertion_is_used_once(here: Gate) -> None:
    """Recorded, it opens neither another page nor the same one again."""
    mine = holder(here, "rene-replay")
    visitor, page = mine.second_step(here)
    form = passkey_form(page, "get")
    recorded = mine.authenticator.get(form, HOME)
    assert visitor.submit(page, form, passkey=recorded).status == 303
    visitor.jar.drop(GLOBEX, SESSION)
    again = visitor.submit(page, form, passkey=recorded)
    assert again.status == 303 and again.header("Location").startswith(LOGIN) and not has_session(visitor)
    thief, other = mine.second_step(here)
    assert is_refused(thief.submit(other, passkey_form(other, "get"), passkey=recorded)) and not has_session(thief)
    alone = here.visitor(GLOBEX)
    first = alone.open("/app/x")
    assert is_refused(alone.submit(first, passkey_form(first, "get"), passkey=recorded)) and not has_session(alone)


@pytest.mark.parametrize("alone", [False, True], ids=["behind the password", "alone"])
def test_a_counter_that_does_not_grow_betrays_a_copy(here: Gate, alone: bool) -> None:
    """The same count again, or a smaller one; one that never counts is no copy."""
    mine = holder(here, f"cleo-copied-{int(alone)}", count=100)

    def attempt() -> tuple[Visitor, Page]:
        if not alone:
            return mine.second_step(here)
        visitor = here.visitor(GLOBEX)
        return visitor, visitor.open("/app/x")

    visitor, page = attempt()
    assert prove(visitor, page, mine.authenticator).status == 303
    for count in (mine.authenticator.count, 50, 0):
        mine.authenticator.count = count - 1
        visitor, page = attempt()
        assert is_refused(prove(visitor, page, mine.authenticator)) and not has_session(visitor)
    mine.authenticator.count = 500
    visitor, page = attempt()
    assert prove(visitor, page, mine.authenticator).status == 303


def test_a_device_without_a_counter_is_borne(here: Gate) -> None:
    """Zero every time, as synced passkeys have it."""
    mine = holder(here, "zita-zero")

    def zero(data: bytearray) -> bytearray:
        return data[:COUNTER_AT] + bytes(4) + data[COUNTER_AT + 4:]

    for _ in range(2):
        visitor, page = mine.second_step(here)
        assert prove(visitor, page, mine.authenticator, data=zero).status == 303


def test_a_removed_passkey_is_nobody_s(here: Gate) -> None:
    """After a reset it opens nothing, alone or behind the password."""
    mine = holder(here, "remo-removed")
    visitor, page = mine.second_step(here)
    first = here.visitor(GLOBEX)
    alone = first.open("/app/x")
    here.site.done("user", "reset-mfa", "--tenant", "globex", mine.member.email)
    assert not has_session(visitor)
    prove(visitor, page, mine.authenticator)
    assert is_refused(prove(first, alone, mine.authenticator)) and not has_session(first) and not has_session(visitor)


def test_a_disabled_member_s_passkey_is_refused_like_one_that_is_not_there(here: Gate) -> None:
    """The same page for both."""
    mine = holder(here, "dora-disabled")
    here.site.done("user", "disable", "--tenant", "globex", mine.member.email)
    pages = []
    stranger = Authenticator()
    stranger.rp_id, stranger.user_handle = GLOBEX, bytes(32)
    for device in (mine.authenticator, stranger):
        visitor = here.visitor(GLOBEX)
        answer = prove(visitor, visitor.open("/app/x"), device)
        assert is_refused(answer) and not has_session(visitor)
        pages.append((answer.status, alerts(answer)))
    assert pages[0] == pages[1]


def test_only_where_passkeys_count_is_one_offered(here: Gate) -> None:
    """A tenant whose methods name passwords alone has no such form, and takes none that is sent all the same."""
    mine = holder(here, "tara-taken", "tyrell")
    visitor = here.visitor("tyrell.example.org")
    before = passkey_form(visitor.open("/app/x"), "get")
    reload_tenant(here, "tyrell", more="sign_in: { methods: [ password ] }")
    page = visitor.open("/app/x")
    assert not has_passkey_form(page, "get")
    answer = visitor.submit(page, before, passkey=mine.authenticator.get(before, origin(visitor.host)))
    assert not has_session(visitor) and (is_refused(answer) or answer.header("Location").startswith(LOGIN))
    reload_tenant(here, "tyrell", more="sign_in: { methods: [ password, passkey ] }")
    assert prove(visitor, visitor.open("/app/x"), mine.authenticator, origin(visitor.host)).status == 303
