"""Chromium without a window, in front of one gateway: it believes to be at public_url's port, and meets nobody else."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from .visitor import PUBLIC_PORT

PATIENCE_SECONDS = 20
NARROWEST = 320
"""Pixels of the narrowest window that a page has to fit in (WCAG 2.2, 1.4.10)."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""WCAG 2.2, levels A and AA, as axe-core names them."""


class Browser:
    """What a person does with it."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, host: str, target: str) -> None:
        """Types an address."""
        self.driver.get(f"https://{host}:{PUBLIC_PORT}{target}")

    def forget(self) -> None:
        """Clears every cookie, of every host."""
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def field(self, name: str) -> WebElement:
        """The field of this name, as soon as it can be seen."""
        return self._await(lambda: self.driver.find_element(By.NAME, name), f"a field {name}")

    def has_field(self, name: str) -> bool:
        """True where the page shows such a field."""
        return any(each.is_displayed() for each in self.driver.find_elements(By.NAME, name))

    def type_and_enter(self, name: str, text: str) -> None:
        """Fills in a field and presses return; comes back when the next page is there."""
        field = self.field(name)
        field.clear()
        field.send_keys(text)
        page = self.driver.find_element(By.TAG_NAME, "html")
        field.send_keys(Keys.RETURN)
        self._await_gone(page)

    def type_into_and_enter(self, selector: str, text: str) -> None:
        """The same for the field that a selector finds, where several have one name."""
        field = self._await(lambda: self._seen(selector), selector)
        page = self.driver.find_element(By.TAG_NAME, "html")
        field.send_keys(text + Keys.RETURN)
        self._await_gone(page)

    def press(self, words: str) -> None:
        """Presses the one button with these words, or with no others; comes back when the next page is there."""
        buttons = [each for each in self.driver.find_elements(By.TAG_NAME, "button") if words in each.text]
        buttons = [each for each in buttons if each.text == words] or buttons
        assert len(buttons) == 1, f"{len(buttons)} buttons {words!r}: {self.text}"
        page = self.driver.find_element(By.TAG_NAME, "html")
        buttons[0].click()
        self._await_gone(page)

    def click(self, selector: str) -> None:
        """Clicks what the selector finds, as soon as it can be seen; comes back when the next page is there."""
        found = self._await(lambda: self._seen(selector), selector)
        page = self.driver.find_element(By.TAG_NAME, "html")
        found.click()
        self._await_gone(page)

    def click_in_vain(self, selector: str) -> str:
        """The same where no next page comes; what this one says against it, as soon as it does."""
        self._await(lambda: self._seen(selector), selector).click()
        return str(self._await(lambda: self._seen("[role=alert]"), "words against it").text)

    def await_path(self, beginning: str) -> None:
        """Waits until the address line's path begins so."""
        self._await(lambda: self.path.startswith(beginning) or None, f"a path {beginning}")

    def await_address(self, part: str) -> None:
        """Waits until the page at an address with this in it is complete: others may lead there by themselves."""
        self._await(
            lambda: (part in self.driver.current_url
                     and self.driver.execute_script("return document.readyState") == "complete") or None,
            f"an address with {part}")

    def can_see(self, selector: str) -> bool:
        """True where the selector finds something that is seen."""
        return any(each.is_displayed() for each in self.driver.find_elements(By.CSS_SELECTOR, selector))

    def _seen(self, selector: str) -> WebElement:
        return next(each for each in self.driver.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed())

    # --- passkeys --------------------------------------------------------------------------------------------------

    def plug_in(self) -> None:
        """A device that keeps passkeys and verifies whoever holds it (Web Authentication Level 3 §11)."""
        self.driver.add_virtual_authenticator(VirtualAuthenticatorOptions(
            protocol="ctap2", transport="internal", has_resident_key=True, has_user_verification=True,
            is_user_verified=True))

    def verify_user(self, does: bool) -> None:
        """Whether the device recognises who holds it from now on."""
        self.driver.set_user_verified(does)

    @property
    def passkeys(self) -> list[str]:
        """The relying parties of the passkeys that it keeps."""
        return [str(each.rp_id) for each in self.driver.get_credentials()]

    def forget_passkeys(self) -> None:
        """As on a device that was set up anew."""
        self.driver.remove_all_credentials()

    def offer_no_passkeys(self) -> None:
        """From the next page on the browser does not offer passkeys by itself: its virtual device would be used at
        once, before anybody can press a button."""
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
            "source": "delete PublicKeyCredential.isConditionalMediationAvailable"})

    def follow(self, words: str) -> None:
        """Follows the first link with these words; comes back when the next page is there."""
        links = [each for each in self.driver.find_elements(By.TAG_NAME, "a") if words == each.text]
        assert links, f"no link {words!r}: {self.text}"
        page = self.driver.find_element(By.TAG_NAME, "html")
        links[0].click()
        self._await_gone(page)

    def adopt(self, host: str, name: str, value: str) -> None:
        """Takes a cookie over that somebody else was given there."""
        self.driver.execute_cdp_cmd("Network.setCookie", {
            "name": name, "value": value, "url": f"https://{host}:{PUBLIC_PORT}/", "secure": True, "httpOnly": True,
            "sameSite": "Lax"})

    def tab_through(self, count: int) -> list[str]:
        """Presses the tab key so often from the page's top; what has the focus each time: its words or name, and how
        that is shown."""
        self.driver.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
        seen: list[str] = []
        for _ in range(count):
            webdriver.ActionChains(self.driver).send_keys(Keys.TAB).perform()
            seen.append(str(self.driver.execute_script(
                "const one = document.activeElement;"
                "return (one.textContent.trim() || one.name) + '|' + getComputedStyle(one).outlineStyle")))
        return seen

    def sign_in(self, host: str, email: str, password: str, target: str = "/app/start") -> None:
        """The whole walk."""
        self.open(host, target)
        self.type_and_enter("email", email)
        self.type_and_enter("password", password)

    @property
    def text(self) -> str:
        """What can be read."""
        return str(self.driver.find_element(By.TAG_NAME, "body").text)

    @property
    def path(self) -> str:
        """The address line, from the path on."""
        return "/" + str(self.driver.current_url).split("/", 3)[3]

    @property
    def language(self) -> str:
        """The page's language, as it says itself."""
        return str(self.driver.find_element(By.TAG_NAME, "html").get_attribute("lang"))

    def complaints(self) -> list[str]:
        """What the browser said against the page since the last time: scripts, policies, missing resources.

        That a page has come with an error's status is no complaint.
        """
        said = [str(entry["message"]) for entry in self.driver.get_log("browser")]
        return [words for words in said if "the server responded with a status of 4" not in words]

    def look(self, width: int, scheme: str) -> None:
        """Sees the page in a window of this width, in light or dark."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    @property
    def is_wider_than_its_window(self) -> bool:
        """True where somebody has to scroll sideways (WCAG 2.2, 1.4.10)."""
        return bool(self.driver.execute_script(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA."""
        if not self.driver.execute_script("return 'axe' in window"):
            self.driver.execute_script(axe_core())
        found: dict[str, Any] = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, { runOnly: { type: 'tag', values: arguments[0] } })"
            ".then(done, fault => done({ fault: String(fault) }));",
            RULES)
        assert "violations" in found, found
        assert found["passes"], "axe-core found nothing to look at"
        return [
            f"{each['id']} ({each['impact']}): {node['html']}"
            for each in found["violations"] for node in each["nodes"]
        ]

    def drawn(self, name: str, reports: str = "", schemes: tuple[str, ...] = ("light", "dark")) -> list[str]:
        """What is wrong with how the page looks: what axe-core finds on a phone in these schemes, and whether somebody
        has to scroll sideways at 320 pixels.  Where a folder for reports is given, every look is judged and
        photographed."""
        faults: list[str] = []
        for width in (360, 1280) if reports else (360,):
            for scheme in ("light", "dark") if reports else schemes:
                self.look(width, scheme)
                if reports:
                    self.photograph(Path(reports) / "screenshots" / f"{name}-{self.language}-{width}-{scheme}.png")
                if width == 360:
                    faults += [f"{name}, {scheme}: {each}" for each in self.violations()]
        self.look(NARROWEST, "light")
        if self.is_wider_than_its_window:
            faults.append(f"{name} is wider than {NARROWEST} pixels")
        return faults

    def photograph(self, file: Path) -> None:
        """A picture of the page, from top to bottom."""
        file.parent.mkdir(parents=True, exist_ok=True)
        taken = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
        file.write_bytes(base64.b64decode(taken["data"]))

    def _await(self, found: Any, what: str) -> WebElement:
        element: WebElement = WebDriverWait(
            self.driver, PATIENCE_SECONDS, poll_frequency=0.02, ignored_exceptions=(Exception,)
        ).until(lambda _: found(), f"{what} on {self.driver.current_url}")
        return element

    def _await_gone(self, page: WebElement) -> None:
        def is_another(driver: webdriver.Chrome) -> bool:
            try:
                now = driver.find_element(By.TAG_NAME, "html")
                return bool(now != page and driver.execute_script("return document.readyState") == "complete")
            except Exception:  # noqa: BLE001 — between two pages there is none.
                return False

        WebDriverWait(self.driver, PATIENCE_SECONDS, poll_frequency=0.02).until(is_another, "the next page")


def axe_core() -> str:
    """The source of axe-core, as a package of Python carries it."""
    files = importlib.metadata.files("axe-playwright-python") or []
    file, = [each for each in files if each.name == "axe.min.js"]
    return file.read_text()


def pin(chain: Path) -> str:
    """The digest of a certificate's key, as Chromium wants it."""
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


@contextmanager
def chromium(
    port: int, chain: Path, language: str = "en", scripts: bool = True, cookies: bool = True,
    beside: tuple[Path, ...] = (),
) -> Iterator[Browser]:
    """Starts it in front of the gateway's port; it trusts that certificate's key, and those of `beside` for servers on
    localhost, which it meets where there are any."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert binary and driver, "Debian's packages chromium and chromium-driver are needed; deploy/test installs them"
    pins = ",".join(pin(each) for each in (chain, *beside))
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
        f"--lang={language}", f"--accept-lang={language}", f"--ignore-certificate-errors-spki-list={pins}",
        # Port 443 as well: there browsers look for the origins that are related to a passkey's.
        f"--host-resolver-rules=MAP *.example.org:{PUBLIC_PORT} 127.0.0.1:{port}, "
        f"MAP *.example.org:443 127.0.0.1:{port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        + (", EXCLUDE localhost" if beside else ""),
        "--window-size=1280,900",
    ):
        options.add_argument(argument)
    preferences: dict[str, Any] = {"intl.accept_languages": language, "credentials_enable_service": False}
    if not scripts:
        preferences["profile.managed_default_content_settings.javascript"] = 2
    if not cookies:
        preferences["profile.default_content_setting_values.cookies"] = 2
    options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    started.set_page_load_timeout(PATIENCE_SECONDS)
    started.set_script_timeout(PATIENCE_SECONDS)
    try:
        yield Browser(started)
    finally:
        started.quit()
