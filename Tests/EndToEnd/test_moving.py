"""Members of another system move in: their hashes, their ids, their applications' own sessions, and their plans."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.fences import REPOSITORY, example
from support.installation import ADA, MIA, Installation, installation
from support.promises import await_effect
from support.running import Running
from support.session_application import COOKIE, SessionApplication
from support.stage import Stage, heard, stage, who
from support.visitor import Page, Visitor, blanked

DONE, BAD_DATA, BAD_CONFIGURATION = 0, 65, 78
ACME = "acme.example.org"
SESSION = "__Host-gatehouse"
MANY = 5000
MOST_KIB = 250 * 1024
"""What a command may take at most in memory, whatever the file."""
VECTORS = [
    line.split("\t") for line in (REPOSITORY / "Tests/Vectors/passwords/hashes.txt").read_text().splitlines()
    if not line.startswith("#")
]
FORMS = (
    "$2b$", "$2a$", "$2y$", "$pbkdf2-sha256$", "$pbkdf2-sha512$", "{PBKDF2-SHA256}", "$scrypt$", "$argon2id$",
    "pbkdf2_sha256$1000000$", "bcrypt_sha256$", "argon2$", "scrypt$", "AAAB", "AQAAAAE",
)


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """A running server without members."""
    with stage(binary, members=()) as made:
        yield made


def write(site: Installation, *lines: dict[str, object] | str) -> str:
    """A file with these lines; its name."""
    name = f"{uuid.uuid4()}.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    (site.folder / name).write_text("\n".join(texts) + "\n")
    return name


def imported(site: Installation, *lines: dict[str, object] | str, flags: tuple[str, ...] = ()) -> dict[str, object]:
    """What `--json` says of an import of these lines."""
    ended = site.command("user", "import", "--tenant", "acme", write(site, *lines), "--json", *flags)
    assert ended.returncode in (DONE, BAD_DATA), ended.stderr
    said = json.loads(ended.stdout)
    assert (ended.returncode == BAD_DATA) == (said["refused"] > 0)
    return said


# --- moving in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_password_that_was_brought_along_signs_in(acme: Stage, form: str) -> None:
    """With the id, roles and names of the file; a wrong one is refused; twice, the second time by our own hash."""
    password, hash_ = next((json.loads(each[1]), each[2]) for each in VECTORS if each[2].startswith(form))
    name, id_ = f"moved-{FORMS.index(form)}", str(uuid.uuid4())
    said = imported(acme.site, {
        "id": id_, "external_id": f"ext {name}", "email": f"{name}@acme.example", "name": "Möwe Moved",
        "roles": ["auditor"], "password_hash": hash_})
    assert (said["created"], said["unchanged"], said["refused"]) == (1, 0, 0)
    visitor = acme.visitor()
    assert visitor.try_sign_in(f"{name}@acme.example", password + "x").status == 422
    for _ in range(2):
        visitor = acme.visitor()
        visitor.sign_in(f"{name}@acme.example", password)
        told = heard(visitor)
        assert told["x-user-id"] == [id_] and told["x-user-external-id"] == [f"ext {name}"]
        assert sorted(told["x-user-roles"][0].split(",")) == ["auditor", "user"]


def test_a_refused_line_says_where_what_and_how_and_the_others_come_in(acme: Stage) -> None:
    """Every fault of the file at once, 65; mended and run again, who is there is unchanged."""
    good = {"email": "good@acme.example", "name": "Good", "id": str(uuid.uuid4())}
    later = {"email": "later@acme.example", "name": "Later"}
    name = write(
        acme.site, good, {**later, "roles": ["admn"]}, "", "{\"email\": ", {"email": "no-address", "name": "N"},
        {"email": "h@acme.example", "name": "H", "password_hash": "$2b$16$" + "a" * 53},
        {"email": "GOOD@acme.example", "name": "Again"})
    ended = acme.site.command("user", "import", "--tenant", "acme", name)
    assert ended.returncode == BAD_DATA
    assert ended.stdout.startswith("1 created, 0 unchanged, 5 refused; mend the refused lines"), ended.stdout
    lines = ended.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{name}:{number}" for number in (2, 4, 5, 6, 7)], ended.stderr
    assert 'roles: "admn" is neither' in lines[0] and lines[0].endswith('did you mean "admin"?')
    assert "the line cannot be read" in lines[1] and "email: " in lines[2]
    assert "bcrypt's cost: 16; allowed: 4 to 14; leave the hash out" in lines[3] and "a" * 20 not in lines[3]
    assert lines[4].endswith("email: the email stands in line 1 already; keep one of the two lines")
    assert imported(acme.site, good, {**later, "roles": ["admin"]}) == {
        "created": 1, "unchanged": 1, "refused": 0, "faults": []}
    assert imported(acme.site, good, later) == {"created": 0, "unchanged": 2, "refused": 0, "faults": []}


def test_a_dry_run_changes_nothing(acme: Stage) -> None:
    """It says what would come of the file; nobody is there afterwards."""
    line = {"email": "dry@acme.example", "name": "Dry"}
    assert imported(acme.site, line, flags=("--dry-run",))["created"] == 1
    assert "dry@acme.example" not in {each["email"] for each in acme.site.listed("user", "list", "--tenant", "acme")}
    assert imported(acme.site, line)["created"] == 1


def test_an_import_works_without_a_server_too(binary: Path) -> None:
    """In a process of its own; the server that starts afterwards lets them in."""
    password, hash_ = next((json.loads(each[1]), each[2]) for each in VECTORS if each[2].startswith("$2b$"))
    with installation(binary) as site:
        line = {"email": "early@acme.example", "name": "Early", "password_hash": hash_}
        assert imported(site, line)["created"] == 1
        with site.running() as server:
            visitor = site.visitor(server)
            visitor.sign_in("early@acme.example", password)
            assert visitor.is_signed_in


def test_thousands_move_in_within_bounded_memory_while_members_sign_in(binary: Path) -> None:
    """5,000 in one file; the command's memory does not grow with it, and a member signs in meanwhile."""
    with stage(binary, members=(MIA,)) as made:
        lines = [{"email": f"m{number}@acme.example", "name": f"Member {number}", "external_id": str(number)}
                 for number in range(MANY)]
        name = write(made.site, *lines)
        visitor = made.signed_in(MIA)
        with subprocess.Popen(
                [str(binary), "user", "import", "--tenant", "acme", name, "--config", str(made.site.configuration)],
                cwd=made.site.folder, env=made.site.environment, stdout=subprocess.PIPE, text=True) as command:
            assert command.stdout
            # Not what wait4 tells: that counts what the tests' own process had before the command was executed.
            peak = 0
            while found := re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{command.pid}/status").read_text()):
                peak = max(peak, int(found[1]))
                time.sleep(0.02)
            said = command.stdout.read()
            command.wait()
        assert (command.returncode, said) == (DONE, f"{MANY} created, 0 unchanged, 0 refused\n")
        assert 0 < peak < MOST_KIB
        assert visitor.is_signed_in
        again = made.site.done("user", "import", "--tenant", "acme", name)
        assert again == f"0 created, {MANY} unchanged, 0 refused\n"


ADA_S_LINE = (
    '{"email": "ada@acme.example", "name": "Ada Lovelace", "id": "3f0c9f2e-5f0b-4d7e-9f0a-2b8f5f6a1c11", "roles": ["admin"]}'
)


def test_the_file_and_the_commands_of_the_page_work(binary: Path) -> None:
    """Operations.md: its two members, by its commands; the one with a hash signs in with the password behind it."""
    members = example("Operations.md", ADA_S_LINE).text
    dry, real = example("Operations.md", "gatehouse user import --tenant acme members.jsonl --dry-run").lines
    with stage(binary, members=()) as made:
        (made.site.folder / "members.jsonl").write_text(members)
        assert made.site.done(*dry.split()[1:]) == "2 would be created, 0 unchanged, 0 refused\n"
        assert made.site.done(*real.split()[1:]) == "2 created, 0 unchanged, 0 refused\n"
        visitor = made.visitor()
        visitor.sign_in("bob@acme.example", "Seven-Herons_4-Breakfast")
        assert heard(visitor)["x-user-external-id"] == ["4711"]


# --- how a tenant's members sign in ---------------------------------------------------------------------------------


def reload_with(site: Installation, server: Running, tenant: str, count: int) -> None:
    """Gives acme's file further keys and has the server read them."""
    path = site.folder / "tenants/acme.yaml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith(("sign_in:", "plan:"))]
    path.write_text("\n".join([*kept, tenant]) + "\n")
    server.send_signal(signal.SIGHUP)
    server.await_event("reloaded", count)


def test_break_glass_accounts_alone_sign_in_where_passwords_are_left_out(binary: Path) -> None:
    """Mia's right password is refused as a wrong one is, by the same page; Ada gets in; the audit log knows why."""
    with stage(binary, members=(MIA, ADA)) as made:
        reload_with(made.site, made.server, f"sign_in: {{ methods: [], break_glass: [ {ADA.email} ] }}", 1)
        right = made.visitor().try_sign_in(MIA.email, MIA.password)
        wrong = made.visitor().try_sign_in(ADA.email, "Wrong-Herons_4-Breakfast")
        assert right.status == wrong.status == 422
        assert blanked(right, MIA.email) == blanked(wrong, ADA.email)
        assert made.signed_in(ADA).is_signed_in
        shown = json.loads(made.site.done("tenant", "show", "acme", "--json"))
        assert shown["sign_in"] == {
            "methods": [], "break_glass": [ADA.email], "sso_domains": "optional"}
        assert "acme.yaml" in shown["owned_by_file"]["sign_in"]
        reload_with(made.site, made.server, "sign_in: { methods: [ password ] }", 2)
        assert made.signed_in(MIA).is_signed_in


def test_what_a_plan_does_not_include_is_absent_and_says_so(binary: Path) -> None:
    """`check` names plan and what it leaves out; `tenant show` lists what there is; nobody signs in by password."""
    plans = "plans: { free: { sign_in: [], features: [] }, enterprise: {} }\n"
    with installation(binary) as site:
        site.add(MIA)
        site.configuration.write_text(site.configuration.read_text() + plans)
        path = site.folder / "tenants/acme.yaml"
        text = path.read_text()
        path.write_text(text + "plan: free\nsign_in: { methods: [ password ] }\n")
        ended = site.command("check")
        assert ended.returncode == BAD_CONFIGURATION
        said = ended.stdout + ended.stderr
        assert "the plan free does not include password" in said and "the plan free does not include own_roles" in said
        path.write_text(text + "plan: enterprize\n")
        said = site.command("check").stderr + site.command("check").stdout
        assert '"enterprize" is not a configured plan; plans: enterprise, free; did you mean "enterprise"?' in said
        path.write_text(text.replace("roles: [ auditor ]\n", "") + "plan: free\n")
        with site.running() as server:
            shown = site.done("tenant", "show", "acme")
            assert "plan_includes" not in shown, "nothing is included"
            assert site.visitor(server).try_sign_in(MIA.email, MIA.password).status == 422
            made = site.command("tenant", "create", "small", "--name", "Small", "--plan", "fre")
            assert made.returncode == BAD_DATA and 'did you mean "free"?' in made.stderr
            path.write_text(text + "plan: enterprise\n")
            server.send_signal(signal.SIGHUP)
            server.await_event("reloaded")
            shown = site.done("tenant", "show", "acme")
            assert "sign in by password, sign in by passkey, own_roles, allowed_networks" in shown
            visitor = site.visitor(server)
            visitor.sign_in(MIA.email, MIA.password)
            assert visitor.is_signed_in


# --- the application's own session ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(binary: Path) -> Iterator[Stage]:
    """An application with a session of its own, routed as Routes.md shows it."""
    with SessionApplication() as application, installation(binary) as site:
        routes = example("Routes.md", "routes:\n  - name: shop").text.removeprefix("routes:\n")
        text = site.configuration.read_text().replace(
            "upstreams:\n", f"upstreams:\n  app:\n    servers: [ \"http://127.0.0.1:{application.port}\" ]\n")
        site.configuration.write_text(text.replace("routes:\n", f"routes:\n{routes}"))
        made = [site.add(member) for member in (MIA, ADA)]
        with site.running() as server:
            yield Stage(site, server, {(each.tenant, each.email): each for each in made})


def asked(visitor: Visitor) -> dict[str, str]:
    """Whose session the application takes the visitor for."""
    page = visitor.get("/shop/", accept="application/json")
    assert page.status == 200, f"{page.status} {page.text[:500]}"
    told: dict[str, str] = json.loads(page.body)
    return told


def shown_cookie(page: Page) -> list[str]:
    """What the answer says of the application's cookie."""
    return [value for value in page.values("Set-Cookie") if value.startswith(COOKIE)]


def test_the_cookie_is_kept_for_this_host_at_every_path(shop: Stage) -> None:
    """The application's Domain and Path give way; what else it said stays."""
    page = shop.signed_in(MIA).get("/shop/")
    said, = shown_cookie(page)
    assert "domain" not in said.lower() and said.endswith("; HttpOnly; Path=/"), said


def test_a_member_who_signs_out_leaves_no_session_with_the_application(shop: Stage) -> None:
    """Mia signs out, Ada signs in: the application begins anew."""
    visitor = shop.signed_in(MIA)
    first = asked(visitor)
    assert first["owner"] == MIA.email and asked(visitor)["session"] == first["session"]
    page = visitor.open("/.gatehouse/logout")
    answer = visitor.submit(page, page.form("csrf"))
    assert shown_cookie(answer) == [f"{COOKIE}=; Path=/; Max-Age=0; Secure"]
    assert visitor.jar.value(ACME, COOKIE) == ""
    visitor.sign_in(ADA.email, ADA.password)
    second = asked(visitor)
    assert second["owner"] == second["asker"] == ADA.email


def test_a_member_who_signs_in_finds_nothing_of_whoever_was_there_before(shop: Stage) -> None:
    """Mia's session is revoked, and nobody signed out; Ada signs in on the same browser."""
    visitor = shop.signed_in(MIA)
    assert asked(visitor)["owner"] == MIA.email
    shop.site.done("session", "revoke", "--tenant", "acme", "--email", MIA.email)
    await_effect(lambda: who(visitor) is None, "a revoked session is nobody's")
    assert visitor.jar.value(ACME, COOKIE), "the browser still has it"
    visitor.sign_in(ADA.email, ADA.password)
    told = asked(visitor)
    assert told["owner"] == told["asker"] == ADA.email


def test_the_application_s_way_out_ends_the_member_s_session(shop: Stage) -> None:
    """An answer below 400 at `logout_path` does, one elsewhere or of another status does not."""
    visitor = shop.signed_in(MIA)
    assert visitor.get("/shop/broken").status == 500 and visitor.is_signed_in
    assert visitor.get("/shop/logouts").status == 200 and visitor.is_signed_in
    answer = visitor.get("/shop/logout")
    assert answer.status == 302 and answer.header("Location") == "/"
    assert shown_cookie(answer)[-1] == f"{COOKIE}=; Path=/; Max-Age=0; Secure"
    assert visitor.jar.value(ACME, SESSION) == "" and visitor.jar.value(ACME, COOKIE) == ""
    assert not visitor.is_signed_in
