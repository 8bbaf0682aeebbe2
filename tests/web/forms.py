"""The forms of a page, read from its HTML as a browser reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Field:
    """One control. `options` are the values of a select or of radio buttons."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """Where it goes, and its controls by name."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        """What a browser posts when nothing was typed."""
        posted = {}
        for one in self.fields.values():
            if one.kind in ("file", "button") or (one.kind in ("checkbox", "radio") and not one.value):
                continue
            posted[one.name] = one.value
        return posted


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.open: Form | None = None
        self.select: Field | None = None
        self.area: Field | None = None
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms, controls, ids."""
        at = {k: v or "" for k, v in attrs}
        if "id" in at:
            self.ids.add(at["id"])
        if tag == "form":
            action = at.get("action") or self.url
            self.open = Form(action, at.get("method", "get").lower())
            self.forms.append(self.open)
            self.by_id[at.get("id", "")] = self.open
            return
        form = self.by_id.get(at["form"]) if "form" in at else self.open
        name = at.get("name", "")
        if tag == "option" and self.select is not None:
            self.select.options.append(at.get("value", ""))
            if "selected" in at or len(self.select.options) == 1:
                self.select.value = at.get("value", "")
        if tag == "button" and form is not None and "formaction" in at:
            sibling = Form(at["formaction"], form.method, form.fields)
            if all(f.action != sibling.action for f in self.forms):
                self.forms.append(sibling)
        if form is None or not name or name == "csrfmiddlewaretoken":
            return
        kind = {"textarea": "text", "select": "select", "button": "button"}.get(tag, at.get("type", "text"))
        if tag not in ("input", "textarea", "select", "button"):
            return
        found = form.fields.setdefault(name, Field(name, kind))
        if tag == "select":
            self.select = found
        elif tag == "textarea":
            self.area = found
        elif kind in ("radio", "checkbox", "button"):
            found.options.append(at.get("value", "on"))
            if "checked" in at:
                found.value = at.get("value", "on")
        else:
            found.value = at.get("value", "")

    def handle_data(self, data: str) -> None:
        """What stands in a textarea."""
        if self.area is not None:
            self.area.value += data

    def handle_endtag(self, tag: str) -> None:
        """The end of a form or control."""
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


def forms_of(html: str, url: str) -> list[Form]:
    """Every form of the page."""
    reader = _Reader(url)
    reader.feed(html)
    return reader.forms


def ids_of(html: str) -> set[str]:
    """Every id of the page."""
    reader = _Reader("")
    reader.feed(html)
    return reader.ids
