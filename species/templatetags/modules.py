"""Module scripts in pages, with everything that they import asked for at once instead of file after
file.
"""

import posixpath
import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

IMPORT = re.compile(r'^import [^"]*"(\.[^"]+)";', re.MULTILINE)

register = template.Library()


@register.simple_tag
def modules(*names: str) -> SafeString:
    """The script elements of `names` (paths below static/), and a preload for each module that they
    import.
    """
    entries = format_html_join(
        "\n", '<script type="module" src="{}"></script>', ((static(name),) for name in names)
    )
    needed = dict.fromkeys(
        found for name in names for found in imported(name) if found not in names
    )
    links = format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((static(name),) for name in needed)
    )
    return format_html("{}\n{}", links, entries)


@cache
def imported(name: str) -> tuple[str, ...]:
    """What a module imports, and what that imports; raises FileNotFoundError for a file that is not
    there.
    """
    path = finders.find(name)
    if not path:
        raise FileNotFoundError(f"No static file {name}.")
    folder = posixpath.dirname(name)
    direct = [
        posixpath.normpath(posixpath.join(folder, found))
        for found in IMPORT.findall(Path(path).read_text("utf-8"))
    ]
    return tuple(dict.fromkeys(found for other in direct for found in (other, *imported(other))))
