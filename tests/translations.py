"""Reads what is to be translated (templates, Python, scripts) and what is translated (.po and .mo),
without gettext.
"""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

HOME = Path(__file__).parents[1]
CATALOGUES = HOME / "locale" / "de" / "LC_MESSAGES"
NAMES = {
    *("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"),
    *("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"),
}
LITERAL = r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(
    rf"(?<![\w.])({'|'.join(NAMES)})\(\s*u?({LITERAL})(?:\s*,\s*u?({LITERAL}))?", re.DOTALL
)
LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d)\])? )?(".*")')


def key(function: str, first: str, second: str | None) -> str:
    """The message as catalogues know it: behind its context, where it has one."""
    return f"{first}\x04{second}" if "pgettext" in function and second is not None else first


def in_python(path: Path) -> Iterator[str]:
    """The literal first arguments of calls that mark a text."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
            texts = [
                arg.value
                for arg in node.args
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            if texts:
                yield key(node.func.id, texts[0], texts[1] if len(texts) > 1 else None)


def in_text(text: str) -> Iterator[str]:
    for function, first, second in CALL.findall(text):
        yield key(function, ast.literal_eval(first), ast.literal_eval(second) if second else None)


def marked() -> set[str]:
    """Every text of pages, mails and messages that is marked for translation."""
    found: set[str] = set()
    for folder in ("config", "species", "users"):
        for path in (HOME / folder).rglob("*.py"):
            found |= set(in_python(path))
    for path in (
        path for path in (HOME / "templates").rglob("*") if path.suffix in {".html", ".txt"}
    ):
        found |= set(in_text(templatize(path.read_text(), origin=str(path))))
    return found


def marked_in_scripts() -> set[str]:
    return {
        text for path in (HOME / "static" / "js").glob("*.js") for text in in_text(path.read_text())
    }


def po(path: Path) -> dict[str, list[str]]:
    """Message: its translations, one for each plural form."""
    messages: dict[str, list[str]] = {}
    for block in re.split(r"\n\s*\n", path.read_text()):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if match := LINE.fullmatch(line):
                name = f"{match[1]}{match[2] or ''}" if match[1] else name
                fields[name] = fields.get(name, "") + ast.literal_eval(match[3])
        if "msgid" in fields:
            context = f"{fields['msgctxt']}\x04" if "msgctxt" in fields else ""
            messages[context + fields["msgid"]] = [
                fields[name] for name in sorted(fields) if name.startswith("msgstr")
            ]
    return messages


def mo(path: Path) -> dict[str, list[str]]:
    with path.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    messages: dict[str, list[str]] = {}
    for message, text in sorted(catalogue.items(), key=str):
        messages.setdefault(message if isinstance(message, str) else message[0], []).append(text)
    return messages
