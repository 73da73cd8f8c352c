"""`gatehouse doctor`: everything passes on a gateway as it should be, and each check fails where its matter is spoilt."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.certificates import Authority
from support.installation import ACME, GLOBEX, SHARED, installation
from support.mail_server import mail_server
from support.running import Running
from support.stand_in import COOKIE, HEALTH, POLICY, Manners, StandIn

DONE, USAGE, BAD_DATA, UNAVAILABLE, BAD_CONFIGURATION = 0, 64, 65, 69, 78
YEAR = datetime.timedelta(days=365, minutes=5)
HOST = "app.example.org"
NAMES = [
    "tls-1.0", "tls-1.1", "tls-1.2", "tls-1.3", "certificate-trust", "certificate-days", "certificate-names",
    "login-page", "login-cookies", "content-security-policy", "no-store", "unknown-host", "trace",
    "ambiguous-framing", "operations-not-public", "identity-headers", "login-throttle", "second-factors",
    "single-sign-on", "mail", "clock",
]
PATIENCE_SECONDS = 60

Doctor = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def doctor(binary: Path, tmp_path: Path) -> Doctor:
    """Runs `gatehouse doctor ARGUMENTS…`."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binary, "doctor", *map(str, arguments)], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    return run


def at(port: int, authority: Path, host: str = HOST) -> tuple[object, ...]:
    """The arguments that lead to a server on this machine."""
    return ("--url", f"https://{host}:{port}/", "--resolve", f"{host}:{port}:127.0.0.1", "--ca-file", authority)


def verdicts(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Verdict by name, from JSON."""
    return {check["name"]: check["verdict"] for check in json.loads(done.stdout)["checks"]}


def finding(done: subprocess.CompletedProcess[str], name: str) -> dict[str, str]:
    """One check, from JSON."""
    return next(check for check in json.loads(done.stdout)["checks"] if check["name"] == name)


# --- a gateway as it should be ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gateway:
    """A running gateway whose certificate lasts a year and whose root tells headers back."""

    server: Running
    authority: Authority
    configuration: Path


@pytest.fixture(scope="module")
def gateway(binary: Path) -> Iterator[Gateway]:
    """Starts it once for all tests of this file."""
    with installation(binary) as site, mail_server() as post:
        with site.configuration.open("a") as text:
            text.write(f'mail: {{ smtp_url: "smtp://127.0.0.1:{post.port}", from: no-reply@example.org }}\n')
        site.authority.issue(
            [ACME, GLOBEX, SHARED], site.folder / "tls/chain.pem", site.folder / "tls/key.pem", lifetime=YEAR)
        with site.running() as server:
            yield Gateway(server, site.authority, site.configuration)


def test_everything_passes_on_a_gateway_as_it_should_be(doctor: Doctor, gateway: Gateway) -> None:
    done = doctor(*at(gateway.server.port, gateway.authority.file), "--config", gateway.configuration, "--json")
    assert verdicts(done) == dict.fromkeys(NAMES, "pass"), done.stdout
    assert done.returncode == DONE, done.stderr
    said = json.loads(done.stdout)
    assert (said["pass"], said["warn"], said["fail"], said["info"]) == (len(NAMES), 0, 0, 0)
    assert said["url"] == f"https://{HOST}:{gateway.server.port}/"


def test_the_table_has_a_line_for_each_check_and_a_sum(doctor: Doctor, gateway: Gateway) -> None:
    done = doctor(*at(gateway.server.port, gateway.authority.file, ACME), "--config", gateway.configuration)
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == NAMES, done.stdout
    assert lines[-1].endswith(f"/: {len(NAMES)} pass, 0 warn, 0 fail, 0 info"), done.stdout
    assert done.returncode == DONE, done.stderr


def test_what_no_answer_tells_is_information_and_no_pass(doctor: Doctor, gateway: Gateway) -> None:
    done = doctor(*at(gateway.server.port, gateway.authority.file), "--json")
    seen = verdicts(done)
    assert {name for name, verdict in seen.items() if verdict != "pass"} == {
        "identity-headers", "login-throttle", "second-factors", "single-sign-on", "mail"}
    assert seen["identity-headers"] == seen["login-throttle"] == seen["mail"] == "info"
    assert "not checkable" in finding(done, "identity-headers")["seen"]
    assert "--config" in finding(done, "login-throttle")["mend"]
    assert done.returncode == DONE


def test_a_throttle_that_throttles_nobody_fails(doctor: Doctor, gateway: Gateway) -> None:
    text = gateway.configuration.read_text()
    loose = gateway.configuration.with_name("loose.yaml")
    loose.write_text(text.replace("login: {  }", "login: { throttle: { per_address: { failures: 5000 } } }"))
    assert loose.read_text() != text
    done = doctor(*at(gateway.server.port, gateway.authority.file), "--config", loose, "--json")
    assert [name for name, verdict in verdicts(done).items() if verdict == "fail"] == ["login-throttle"], done.stdout
    assert done.returncode == BAD_DATA


def test_an_authority_that_did_not_sign_is_a_failure_and_the_rest_is_seen(
    doctor: Doctor, gateway: Gateway, tmp_path: Path
) -> None:
    foreign = Authority(tmp_path / "foreign.pem", "Somebody else")
    done = doctor(*at(gateway.server.port, foreign.file), "--config", gateway.configuration, "--json")
    assert [name for name, verdict in verdicts(done).items() if verdict != "pass"] == ["certificate-trust"], done.stdout
    assert done.returncode == BAD_DATA


# --- one thing spoilt at a time ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spoilt:
    """What a stand-in does wrong, and what comes of it."""

    manners: Manners
    check: str
    verdict: str
    words: str


SPOILT = {
    "TLS 1.1 accepted": Spoilt(Manners(lowest=ssl.TLSVersion.TLSv1_1), "tls-1.1", "fail", "accepted"),
    "TLS 1.3 refused": Spoilt(Manners(highest=ssl.TLSVersion.TLSv1_2), "tls-1.3", "fail", "refused"),
    "TLS 1.2 refused": Spoilt(Manners(lowest=ssl.TLSVersion.TLSv1_3), "tls-1.2", "warn", "refused"),
    "no cookie": Spoilt(Manners(cookies=()), "login-cookies", "fail", "sets no cookie"),
    "not Secure": Spoilt(
        Manners(cookies=(COOKIE.replace("; Secure", ""),)), "login-cookies", "fail", "is not Secure"),
    "not HttpOnly": Spoilt(
        Manners(cookies=(COOKIE.replace("; HttpOnly", ""),)), "login-cookies", "fail", "is not HttpOnly"),
    "SameSite=None": Spoilt(
        Manners(cookies=(COOKIE.replace("Lax", "None"),)), "login-cookies", "fail", "is not SameSite=Lax"),
    "a narrower path": Spoilt(
        Manners(cookies=(COOKIE.replace("Path=/", "Path=/app"),)), "login-cookies", "fail", "is not Path=/"),
    "a domain": Spoilt(
        Manners(cookies=(COOKIE + "; Domain=example.org",)), "login-cookies", "fail", "has a Domain"),
    "a second cookie without the prefix": Spoilt(
        Manners(cookies=(COOKIE, COOKIE.replace("__Host-", ""))), "login-cookies", "fail", "does not begin with"),
    "no policy": Spoilt(Manners(policy=""), "content-security-policy", "fail", "has none"),
    "inline scripts": Spoilt(
        Manners(policy=POLICY + "; script-src 'self' 'unsafe-inline'"), "content-security-policy", "fail", "scripts"),
    "framed by all": Spoilt(
        Manners(policy=POLICY.replace("frame-ancestors 'none'", "")), "content-security-policy", "fail", "frame"),
    "cached": Spoilt(Manners(caching="private, max-age=60"), "no-store", "fail", "the login page"),
    "any host": Spoilt(Manners(unknown_host_status=200), "unknown-host", "fail", "200 instead of 421"),
    "TRACE": Spoilt(Manners(echoes_trace=True), "trace", "fail", "tells the request back"),
    "two lengths": Spoilt(Manners(ambiguous_status=403), "ambiguous-framing", "warn", "403, not 400"),
    "probes in public": Spoilt(
        Manners(pages={"/readyz": HEALTH}), "operations-not-public", "fail", "/readyz"),
    "metrics in public": Spoilt(
        Manners(pages={"/metrics": "# TYPE a counter\ngatehouse_requests_total 1\n"}), "operations-not-public", "fail",
        "/metrics"),
    "an application's metrics": Spoilt(
        Manners(pages={"/metrics": "# TYPE http_total counter\nhttp_total 1\n"}), "operations-not-public", "warn",
        "/metrics"),
    "headers passed on": Spoilt(Manners(hides_identity=False), "identity-headers", "fail", "x-user-id"),
    "ten seconds ahead": Spoilt(Manners(seconds_ahead=10), "clock", "warn", "ahead"),
    "two minutes behind": Spoilt(Manners(seconds_ahead=-120), "clock", "fail", "behind"),
}


@dataclass(frozen=True)
class Pair:
    """A certificate that is right, and who signed it."""

    authority: Authority
    chain: Path
    key: Path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """For all stand-ins whose certificate is not the matter."""
    folder = tmp_path_factory.mktemp("pair")
    made = Pair(Authority(folder / "authority.pem"), folder / "chain.pem", folder / "key.pem")
    made.authority.issue([HOST], made.chain, made.key, lifetime=YEAR)
    return made


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_spoilt_is_found_and_nothing_else(doctor: Doctor, pair: Pair, name: str) -> None:
    spoilt = SPOILT[name]
    with StandIn(pair.chain, pair.key, HOST, spoilt.manners) as server:
        done = doctor(*at(server.port, pair.authority.file), "--json")
    seen = {check: verdict for check, verdict in verdicts(done).items() if verdict not in ("pass", "info")}
    assert seen == {spoilt.check: spoilt.verdict}, done.stdout
    found = finding(done, spoilt.check)
    assert spoilt.words in found["seen"], found
    assert found["mend"], found
    assert done.returncode == (BAD_DATA if spoilt.verdict == "fail" else DONE), done.stderr


def test_a_stand_in_with_good_manners_passes(doctor: Doctor, pair: Pair) -> None:
    with StandIn(pair.chain, pair.key, HOST, Manners()) as server:
        done = doctor(*at(server.port, pair.authority.file), "--json")
    assert {check: verdict for check, verdict in verdicts(done).items() if verdict != "pass"} == {
        "login-throttle": "info", "second-factors": "info", "single-sign-on": "info", "mail": "info"}, done.stdout


def test_tls_1_0_is_found_too(doctor: Doctor, pair: Pair) -> None:
    with StandIn(pair.chain, pair.key, HOST, Manners(lowest=ssl.TLSVersion.TLSv1)) as server:
        done = doctor(*at(server.port, pair.authority.file))
    assert "fail  tls-1.0" in done.stdout and "fail  tls-1.1" in done.stdout, done.stdout
    assert "→ switch it off" in done.stdout
    assert done.returncode == BAD_DATA


def test_a_login_page_that_is_none_fails_and_its_matters_are_unseen(doctor: Doctor, pair: Pair) -> None:
    with StandIn(pair.chain, pair.key, HOST, Manners(login_status=404)) as server:
        done = doctor(*at(server.port, pair.authority.file), "--json")
    seen = verdicts(done)
    assert seen["login-page"] == "fail"
    assert seen["login-cookies"] == seen["content-security-policy"] == "info"
    assert done.returncode == BAD_DATA


@pytest.mark.parametrize(("days", "found", "words"), [
    (-1, {"certificate-trust": "fail", "certificate-days": "fail"}, "ended"),
    (3, {"certificate-days": "fail"}, "3 days left"),
    (20, {"certificate-days": "warn"}, "20 days left"),
])
def test_a_certificate_that_ends_is_found(
    doctor: Doctor, tmp_path: Path, days: int, found: dict[str, str], words: str
) -> None:
    authority = Authority(tmp_path / "authority.pem")
    lifetime = datetime.timedelta(days=days, minutes=5)
    authority.issue([HOST], tmp_path / "chain.pem", tmp_path / "key.pem", lifetime=lifetime)
    with StandIn(tmp_path / "chain.pem", tmp_path / "key.pem", HOST, Manners()) as server:
        done = doctor(*at(server.port, authority.file), "--json")
    seen = {check: verdict for check, verdict in verdicts(done).items() if verdict not in ("pass", "info")}
    assert seen == found, done.stdout
    assert words in finding(done, "certificate-days")["seen"]


def test_a_certificate_of_another_host_is_found(doctor: Doctor, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority.pem")
    authority.issue(["other.example.org"], tmp_path / "chain.pem", tmp_path / "key.pem", lifetime=YEAR)
    with StandIn(tmp_path / "chain.pem", tmp_path / "key.pem", HOST, Manners()) as server:
        done = doctor(*at(server.port, authority.file), "--json")
    seen = {check: verdict for check, verdict in verdicts(done).items() if verdict not in ("pass", "info")}
    assert seen == {"certificate-trust": "fail", "certificate-names": "fail"}, done.stdout
    assert "other.example.org" in finding(done, "certificate-names")["seen"]


# --- nobody to look at ------------------------------------------------------------------------------------------------


def test_nobody_listening_is_69(doctor: Doctor, pair: Pair) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = doctor(*at(taken.getsockname()[1], pair.authority.file))
    assert done.returncode == UNAVAILABLE
    assert "cannot be reached" in done.stderr and done.stdout == ""


def test_a_name_that_leads_nowhere_is_69(doctor: Doctor) -> None:
    done = doctor("--url", "https://nowhere.invalid/")
    assert done.returncode == UNAVAILABLE
    assert "nowhere.invalid" in done.stderr


def test_a_port_that_speaks_no_tls_is_69(doctor: Doctor, gateway: Gateway) -> None:
    done = doctor(*at(gateway.server.operations_port, gateway.authority.file))
    assert done.returncode == UNAVAILABLE, done.stdout


def test_proxies_of_the_environment_are_not_asked(doctor: Doctor, gateway: Gateway) -> None:
    proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")
    done = doctor(*at(gateway.server.port, gateway.authority.file), **proxies)
    assert done.returncode == DONE, done.stderr


def test_authorities_that_cannot_be_read_are_65(doctor: Doctor, gateway: Gateway, tmp_path: Path) -> None:
    done = doctor(*at(gateway.server.port, tmp_path / "absent.pem"))
    assert done.returncode == BAD_DATA
    assert "absent.pem" in done.stderr and done.stdout == ""


def test_a_faulty_configuration_is_78(doctor: Doctor, gateway: Gateway) -> None:
    done = doctor(*at(gateway.server.port, gateway.authority.file), GATEHOUSE_CONFIG="absent.yaml")
    assert done.returncode == BAD_CONFIGURATION
    assert "absent.yaml" in done.stderr


@pytest.mark.parametrize("arguments", [
    [], ["--url", "http://app.example.org/"], ["--url", "https://app.example.org/app"], ["--url", "https://a@b/"],
    ["--url", "https://app.example.org/", "--resolve", "app.example.org:443"],
])
def test_arguments_that_mean_nothing_are_64(doctor: Doctor, arguments: list[str]) -> None:
    done = doctor(*arguments)
    assert done.returncode == USAGE
    assert done.stdout == ""
