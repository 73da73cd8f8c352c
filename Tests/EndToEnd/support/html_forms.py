"""Reads the forms of a page as a browser without scripts does: hidden fields are kept, buttons carry values."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

UNSEEN = {"hidden", "submit", "button", "image", "reset"}
VOID = {"input", "meta", "link", "br", "hr", "img"}


@dataclass
class Control:
    """A field or a button."""

    kind: str
    name: str
    value: str
    attributes: dict[str, str]
    words: str = ""
    """A button's text."""


@dataclass
class Form:
    """One form."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """True where it has such a field, hidden or not."""
        return any(control.name == name for control in self.controls)

    def asks_for(self, name: str) -> bool:
        """True where people see such a field."""
        return any(control.name == name and control.kind not in UNSEEN for control in self.controls)

    def value(self, name: str) -> str:
        """What stands in a field."""
        found = [control.value for control in self.controls if control.name == name]
        assert len(found) == 1, f"{len(found)} fields {name}"
        return found[0]

    @property
    def buttons(self) -> list[Control]:
        """What submits it."""
        return [each for each in self.controls if each.kind in ("submit", "image")]

    def filled(self, button: str = "", **values: str) -> list[tuple[str, str]]:
        """Name and value of everything that is sent, where these fields are filled in and this button is pressed.

        `button` is a part of its words; the first one is pressed where none is named, as the return key does.
        """
        for name in values:
            assert self.has(name), f"the form has no field {name}"
        pressed = [each for each in self.buttons if button in each.words] or []
        assert pressed or not button, f"no button {button!r} among {[each.words for each in self.buttons]}"
        sent: list[tuple[str, str]] = []
        for control in self.controls:
            if not control.name or "disabled" in control.attributes:
                continue
            if control.kind in ("submit", "image", "button", "reset"):
                if pressed and control is pressed[0]:
                    sent.append((control.name, control.value))
            elif control.kind in ("radio", "checkbox"):
                chosen = values.get(control.name)
                if control.value == chosen if chosen is not None else "checked" in control.attributes:
                    sent.append((control.name, control.value))
            else:
                sent.append((control.name, values.get(control.name, control.value)))
        return sent


@dataclass
class ReadPage:
    """What a reader finds on a page."""

    language: str = ""
    title: str = ""
    words: str = ""
    """Everything that is text."""
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    """Target and words of each link."""
    resources: list[str] = field(default_factory=list)
    """What a browser loads for it: style sheets, images, scripts, frames."""
    inline: list[str] = field(default_factory=list)
    """What a policy without `unsafe-inline` refuses, unless it lists it by hash: elements and attributes."""
    embedded: list[tuple[str, str]] = field(default_factory=list)
    """Name and content of each style and script that stands in the page."""


def read_page(text: str) -> ReadPage:
    """Reads a page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.page.words = " ".join(" ".join(reader.texts).split())
    reader.page.title = " ".join(reader.page.title.split())
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = ReadPage()
        self.texts: list[str] = []
        self._open: list[str] = []
        self._button: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        self.page.inline += [f"{tag} {name}" for name in attributes if name.startswith("on") or name == "style"]
        if tag == "html":
            self.page.language = attributes.get("lang", "")
        elif tag == "form":
            self.page.forms.append(
                Form(attributes.get("action", ""), attributes.get("method", "get").lower(), attributes=attributes))
        elif tag == "a":
            self.page.links.append((attributes.get("href", ""), ""))
        elif tag in ("script", "img", "iframe", "link", "source", "embed", "object"):
            if tag == "script" and "src" not in attributes:
                self.page.inline.append("script")
                self.page.embedded.append((tag, ""))
            if (tag != "link" or attributes.get("rel") != "canonical") and (tag != "script" or "src" in attributes):
                self.page.resources.append(attributes.get("src") or attributes.get("href") or "")
        elif tag == "style":
            self.page.inline.append("style")
            self.page.embedded.append((tag, ""))
        elif tag in ("input", "button", "select", "textarea") and self.page.forms:
            kind = attributes.get("type", "submit" if tag == "button" else "text").lower()
            words = attributes.get("value", "") if tag == "input" else ""
            control = Control(kind, attributes.get("name", ""), attributes.get("value", ""), attributes, words)
            self.page.forms[-1].controls.append(control)
            self._button = control if tag == "button" else self._button

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.page.title += data
        elif "script" not in self._open and "style" not in self._open:
            self.texts.append(data)
        elif self.page.embedded and self._open[-1] in ("script", "style"):
            element, text = self.page.embedded[-1]
            self.page.embedded[-1] = (element, text + data)
        if self._button is not None:
            self._button.words += data
        if "a" in self._open and self.page.links:
            target, words = self.page.links[-1]
            self.page.links[-1] = (target, words + data)
