"""The documentation names what exists, and everything that operators and users need is in it."""

import re
import tomllib
from itertools import chain
from pathlib import Path

from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from config.setup.variables import read_variables
from species.filters import PARAMETERS, SELECTION
from species.terms import FLAG_NAMES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if "_build" not in path.parts and path.name != "CHANGELOG.md"  # which names what has gone, too
)
TEXT = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in PAGES}
FENCE = re.compile(r"^ *(`{3,})(.*?)\n(.*?)^ *\1", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<![`}])`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
NOT_OURS = re.compile(r"/(srv|var|etc|usr|run)/")  # paths of machines


def code_of(text):
    """Return the code of a page: its blocks, and the spans outside of them."""
    blocks = [body for _, _, body in FENCE.findall(text)]
    return [
        *chain.from_iterable(block.splitlines() for block in blocks),
        *SPAN.findall(FENCE.sub("", text)),
    ]


CODE = {page: code_of(text) for page, text in TEXT.items()}
ALL_CODE = "\n".join(chain.from_iterable(CODE.values()))


def targets():
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands():
    """Return the names of the portal's own management commands."""
    return {path.stem for path in ROOT.glob("*/management/commands/*.py")} - {"__init__"}


def test_every_target_of_make_is_documented_and_exists():
    assert set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)", ALL_CODE)) == targets()


def test_every_command_is_documented():
    listed = re.findall(r"`(\w+)`", (ROOT / "docs/operate/commands.md").read_text())
    assert commands() <= set(listed)


def test_every_command_that_is_named_exists():
    named = set(re.findall(r"manage\.py ([a-z]\w+)", ALL_CODE))
    assert len(named) > 10
    assert named <= get_commands().keys()


def options_of(command):
    """Return the options of a management command, those of every command included."""
    parser = load_command_class(get_commands()[command], command).create_parser(
        "manage.py", command
    )
    return {option for action in parser._actions for option in action.option_strings}


def test_the_options_of_commands_that_are_named_exist():
    calls = re.findall(r"manage\.py ([a-z]\w+)((?: \S+)*)", ALL_CODE.replace("\\\n", " "))
    named = {
        (command, option)
        for command, rest in calls
        for option in re.findall(r"(--[a-z-]+)", rest.partition("#")[0])
    }
    assert len(named) > 10
    assert [
        (command, option) for command, option in named if option not in options_of(command)
    ] == []


def test_the_table_of_options_of_the_refresh_is_complete():
    rows = re.findall(r"^\| (`--.*?) \|", TEXT["docs/operate/refresh.md"], re.MULTILINE)
    listed = {option for row in rows for option in re.findall(r"--[a-z-]+", row)}
    assert listed == options_of("refresh_obis_data") - options_of("tidy_accounts")


def test_the_table_of_filters_has_every_parameter_and_no_other():
    rows = re.findall(r"^\| (`.*?) \|", TEXT["docs/use/filters.md"], re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(listed) == sorted([*PARAMETERS, SELECTION])


def test_the_page_of_the_ogc_api_names_every_property_to_filter_by():
    properties = {name for parameter in PARAMETERS.values() for name in parameter.queryables()}
    assert len(properties) > 10
    assert properties - {"geometry"} <= set(CODE["docs/api/ogc.md"])


def test_the_settings_page_has_every_variable_and_no_other():
    documented = re.findall(
        r"^:::\{setting\} (\w+)$", TEXT["docs/operate/settings.md"], re.MULTILINE
    )
    assert len(documented) == len(set(documented))
    assert set(documented) == read_variables().keys()


def test_computed_defaults_are_described_and_others_are_not_repeated():
    page = TEXT["docs/operate/settings.md"]
    described = set(re.findall(r"^:::\{setting\} (\w+)\n:default:", page, re.MULTILINE))
    assert described == {
        name for name, variable in read_variables().items() if variable.default is None
    }


def test_settings_that_pages_mention_exist():
    mentioned = {span for text in TEXT.values() for span in SPAN.findall(FENCE.sub("", text))}
    names = {span for span in mentioned if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", span)} - {*FLAG_NAMES}
    others = {
        "SCRIPT_NAME",
        "RULE_SET_VERSION",
        "COMPOSE_FILE",
        "BUILD_TARGET",
    } | compose_variables()
    assert len(names) > 50
    assert names - others <= read_variables().keys()


def compose_variables():
    """Return the variables of Compose itself, which the portal does not read."""
    files = [
        (ROOT / name).read_text() for name in ("docker-compose.yml", "docker-compose.override.yml")
    ]
    return set(re.findall(r"\$\{(\w+):-", "".join(files))) - read_variables().keys()


def test_the_variables_of_compose_are_documented_with_their_defaults():
    compose, used = (ROOT / "docker-compose.yml").read_text(), compose_variables()
    page = TEXT["docs/operate/containers.md"]
    rows = re.findall(r"^\| (`[A-Z].*?) \| (.*?) \|", page, re.MULTILINE)
    defaults = {
        name: default
        for names, values in rows
        for name, default in zip(
            re.findall(r"`(\w+)`", names), re.findall(r"`(.*?)`", values), strict=False
        )
    }
    assert used <= defaults.keys() | {"COMPOSE_FILE"}
    for name in used - {"BUILD_TARGET"}:
        assert f"${{{name}:-{defaults[name]}}}" in compose, name


PORTAL = re.compile(r"https?://(?:localhost:8000|portal\.example(?:\.org)?)(/[^\s'\"`,;]*)")
AUTH = "/api/v1/auth/"
KEY, HASH = "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00", "0123456789abcdef0123"
PLACEHOLDERS = {
    **{"<id>": KEY, "KEY": KEY, "{id}": KEY, "<name>": HASH, "<username>": "ada"},
    **{"<AphiaID>": "137094", "<number>": "1", "<z>": "3", "<x>": "4", "<y>": "2"},
    **{"{z}": "3", "{x}": "4", "{y}": "2"},
}
PREFIXES = {"/api/v1/", AUTH, "/accounts/"}  # of addresses, shown by themselves


def addresses():
    """Return (page, path) of each address of the portal that a page shows."""
    for page, code in CODE.items():
        for line in code:
            yield from ((page, path) for path in PORTAL.findall(line))
            yield from ((page, AUTH + path) for path in re.findall(r"\$AUTH/([a-z/-]+)", line))
            if re.fullmatch(r"/[^/ ].*", line) and not NOT_OURS.match(line):
                yield page, line
            if page.endswith("authentication.md") and re.fullmatch(r"[a-z-]+/[a-z/{}-]*", line):
                yield page, AUTH + line


def is_served(address):
    """Return whether a view answers at an address, whose placeholders are filled in."""
    path = re.split(r"[?#]", address)[0].replace("...", HASH + "/").replace("//", "/")
    for placeholder, value in PLACEHOLDERS.items():
        path = path.replace(placeholder, value)
    return any(full in PREFIXES or has_view(full) for full in (path, f"{path}/"))


def has_view(path):
    """Return whether a named route leads there; those that answer 404 for any other path have no
    name.
    """
    try:
        return resolve(path).url_name is not None
    except Resolver404:
        return False


def test_every_address_that_is_shown_is_served():
    shown = sorted(set(addresses()))
    assert len(shown) > 80
    assert [(page, address) for page, address in shown if not is_served(address)] == []


def test_an_address_that_is_not_served_is_noticed():
    assert is_served("/observations/<id>/")
    assert not is_served("/observation/<id>/")
    assert not is_served("/api/v1/observation/")


def test_links_between_files_lead_somewhere():
    for page, text in TEXT.items():
        for target in LINK.findall(text):
            file = target.partition("#")[0]
            if file and "://" not in file and not file.startswith("mailto:"):
                assert ((ROOT / page).parent / file).exists(), (page, target)


TO_BE_WRITTEN = {"species/filters/sex.py", "tests/species/filters/test_sex.py"}  # by a walk-through


def test_files_that_are_named_exist():
    folders = {
        path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")
    }
    named = {
        (page, word)
        for page, code in CODE.items()
        for line in code
        for word in re.findall(r"(?<![\w./*-])[\w.-]+/[\w./-]+", line)
        if word.split("/")[0] in folders - {"staticfiles"} and "_build" not in word
    }
    assert len(named) > 30
    assert [
        (page, word)
        for page, word in sorted(named)
        if not (ROOT / word).exists() and word not in TO_BE_WRITTEN
    ] == []


def test_the_readme_is_short_and_shows_the_portal():
    readme = TEXT["README.md"]
    assert len(readme.splitlines()) <= 150
    assert "docs/map.png" in readme


def test_the_packages_of_the_documentation_are_an_optional_group():
    group = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["poetry"]["group"]["docs"]
    assert group["optional"] is True
    assert {"sphinx", "myst-parser", "furo"} <= group["dependencies"].keys()
