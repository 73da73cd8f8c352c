"""One account guessed from many addresses, and the mode that only counts."""

from __future__ import annotations

from pathlib import Path

from support.installation import MIA, installation
from support.running import metric_in

WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
SESSION = "__Host-gatehouse"
SLOWDOWN_SECONDS = 2


def test_guessing_from_many_addresses_makes_strangers_wait_and_nobody_is_locked_out(binary: Path) -> None:
    """Three failures from three addresses; then a stranger waits, the member's own browser does not, both get in."""
    login = f"throttle: {{ per_account: {{ failures: 3, per: 1h, slowdown: {SLOWDOWN_SECONDS}s }} }}"
    with installation(binary, login) as site:
        site.add(MIA)
        with site.running() as server:
            known = site.visitor(server)
            known.sign_in(MIA.email, MIA.password)
            known.jar.drop("acme.example.org", SESSION)
            for _ in range(3):
                assert site.visitor(server).try_sign_in(MIA.email, WRONG_PASSWORD).status == 422
            slowed = "gatehouse_login_throttle_slowed_total"
            assert metric_in(server.operations("/metrics")[1], slowed) == 0
            assert site.visitor(server).try_sign_in(MIA.email, WRONG_PASSWORD).status == 422
            stranger = site.visitor(server)
            stranger.sign_in(MIA.email, MIA.password)
            assert stranger.is_signed_in, "an account alone is never locked"
            assert metric_in(server.operations("/metrics")[1], slowed) == 2, "each of the two waited"
            known.sign_in(MIA.email, MIA.password)
            assert known.is_signed_in
            assert metric_in(server.operations("/metrics")[1], slowed) == 2, "a known device does not wait"
            listed, = [each for each in site.listed("throttle", "list") if each["kind"] == "slowed"]
            assert (listed["subject"], listed["failures_left"]) == (f"acme {MIA.email}", 0)
            site.done("throttle", "clear", "--all")
            assert site.listed("throttle", "list") == []


def test_monitoring_refuses_nobody_and_counts(binary: Path) -> None:
    """What would have been 429 goes on; `check` says what that means."""
    login = "throttle: { per_account_and_address: { failures: 2, per: 1h }, mode: monitor }"
    with installation(binary, login) as site:
        site.add(MIA)
        warned = site.command("check")
        assert warned.returncode == 0 and "no login is refused for its failures" in warned.stdout
        with site.running() as server:
            visitor = site.visitor(server)
            page = visitor.to_password(MIA.email)
            for _ in range(4):
                page = visitor.give_password(page, WRONG_PASSWORD)
                assert page.status == 422
            visitor.sign_in(MIA.email, MIA.password)
            metrics = server.operations("/metrics")[1]
            assert metric_in(metrics, "gatehouse_login_throttle_monitored_total") == 3
            assert metric_in(metrics, "gatehouse_login_throttle_refusals_total") == 0
