"""Read settings from the environment; wrong values raise ImproperlyConfigured.

The private cluster that `make db` starts writes its settings to `.local/env` in the checkout. They
count only without a DATABASE_URL in the environment, so a deployed portal never reads them.
"""

import importlib.util
import os
import re
from collections.abc import Callable
from ipaddress import IPv6Address, ip_network
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Only what needs no escaping in links, cookie paths and the proxy's configuration.
SITE = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{LABEL}(?:\.{LABEL})*|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{{1,5}}))?"
    r"(?P<prefix>(?:/[A-Za-z0-9._~-]+)*)/?",
    re.ASCII,
)
DEFAULT_PORTS = {"http": 80, "https": 443}
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def read_private_environment(path: Path) -> bool:
    """Add the private cluster's KEY=VALUE lines to the environment, which takes precedence.

    Return whether the portal runs on the private cluster.
    """
    if "DATABASE_URL" in os.environ or not path.is_file():
        return False
    for line in path.read_text("utf-8").splitlines():
        key, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            os.environ.setdefault(key.strip(), value.strip())
    return True


def text(name: str, default: str | None = None) -> str:
    """Return the variable's text; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"The environment variable {name} must be set.")
    return value


def secret(name: str) -> str:
    """Return the variable's text, or that of the file named by NAME_FILE (a container's secret)."""
    path = os.environ.get(f"{name}_FILE")
    if name in os.environ or path is None:
        return text(name)
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}.") from None


def flag(name: str, default: bool = False) -> bool:
    """Return a boolean: 1/0, true/false, yes/no or on/off."""
    value = os.environ.get(name, str(default)).strip().lower()
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def number(name: str, default: T, kind: Callable[[str], T], low: float = 0) -> T:
    """Return a number of the given type (int or float), at least `low`."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        value = kind(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {raw!r}.") from None
    if not float(value) >= low:  # type: ignore[arg-type]  # NaN fails too
        raise ImproperlyConfigured(f"{name} must be at least {low}, not {raw}.")
    return value


def choice(name: str, *choices: str) -> str:
    """Return one of the words, by default the first."""
    value = text(name, choices[0]).strip().capitalize()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return the members of a comma-separated list, without empty ones."""
    return [word for word in (part.strip() for part in text(name, default).split(",")) if word]


def tile_url(name: str) -> str:
    """Return the address of raster tiles with {z}, {x} and {y}, "" if the variable is not set."""
    url = text(name, "")
    parts = urlsplit(url)
    has_places = all(part in url for part in ("{z}", "{x}", "{y}"))
    is_address = parts.scheme in {"http", "https"} and parts.hostname and has_places
    if url and not is_address:
        raise ImproperlyConfigured(
            f"{name} must be like https://tiles.example.org/{{z}}/{{x}}/{{y}}.png, not {url!r}."
        )
    return url


def origins(url: str) -> list[str]:
    """Return a list with the origin of the address, as the CSP needs it; empty without an address."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if url else []


class Site(NamedTuple):
    """A public address: scheme://host[:port], the bare host, and the path prefix ("" at the root)."""

    origin: str = ""
    host: str = ""
    prefix: str = ""


def site(name: str) -> Site:
    """Return the site whose address the variable holds, or an empty one without a value.

    Scheme and host come back in lower case, and the scheme's own port is left out, as browsers do
    in the Origin header. Raises ImproperlyConfigured.
    """
    raw = text(name, "").strip()
    if not raw:
        return Site()
    scheme, separator, rest = raw.partition("://")
    authority, slash, path = rest.partition("/")
    match = SITE.fullmatch(f"{scheme}{separator}{authority}".lower() + slash + path)
    if (
        match is None
        or not _is_host(match["host"])
        or {".", ".."} & set(match["prefix"].split("/"))
    ):
        raise ImproperlyConfigured(
            f"{name} must be like https://portal.example.org or https://example.org/portal, not {raw!r}: "
            "scheme, host name (ASCII) and, if the portal lives below a path, that path."
        )
    default_port = DEFAULT_PORTS[match["scheme"]]
    port = int(match["port"] or default_port)
    if not 0 < port < 65_536:
        raise ImproperlyConfigured(f"{name}: {port} is not a port number.")
    shown_port = "" if port == default_port else f":{port}"
    return Site(f"{match['scheme']}://{match['host']}{shown_port}", match["host"], match["prefix"])


def _is_host(host: str) -> bool:
    """Return False for brackets around anything but an IPv6 address."""
    if not host.startswith("["):
        return len(host) <= 253
    try:
        IPv6Address(host[1:-1])
    except ValueError:
        return False
    return True


def networks(name: str) -> list[str]:
    """Return a comma-separated list of IP addresses and networks, such as 10.0.0.0/8."""
    for word in (found := words(name)):
        try:
            ip_network(word, strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"{name}: {word!r} is no IP address or network.") from None
    return found


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for postgis://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgis", "postgres", "postgresql"} or not name:
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgis://user:password@host:5432/name."
        )
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("The port in DATABASE_URL is not a number.") from None
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def library(variable: str, package: str, pattern: str) -> str | None:
    """Return a geospatial library's file: from the variable, from a wheel, or None (the system's)."""
    if variable in os.environ:
        return os.environ[variable]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    found = sorted((Path(spec.origin).parent.parent / f"{package}.libs").glob(pattern))
    return str(found[0]) if found else None
