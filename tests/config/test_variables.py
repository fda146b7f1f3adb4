"""The environment variables that the documentation, Compose and the crontab know are those that the
settings read.
"""

import ast
import re

from config.setup.variables import SETTINGS, read_variables


def test_every_name_that_is_passed_to_env_is_found():
    text = "".join(path.read_text() for path in SETTINGS)
    named = set(re.findall(r"""\benv\.[a-z_]+\(\s*["']([A-Z_]+)["']""", text))
    assert len(named) > 60
    assert named | {"SCHEDULE_FULL", "SECRET_KEY_FILE"} <= read_variables(SETTINGS).keys()


def test_numbers_have_the_default_of_the_settings():
    variables = read_variables()
    for name, value in (
        ("SEARCH_BOUND", 20_000),
        ("EMAIL_TIMEOUT", 10.0),
        ("AUDIT_KEEP_DAYS", 365),
    ):
        assert ast.literal_eval(variables[name].default) == value
    assert variables["EMAIL_TIMEOUT"].type == "A number, at least 0.1."
    assert variables["SEARCH_BOUND"].type == "A whole number, at least 1."


def test_defaults_are_written_as_in_the_environment():
    variables = read_variables()
    assert variables["DEBUG"].default == "off"
    assert variables["SIGNUP_OPEN"].default == "on"
    assert variables["ALLOWED_HOSTS"].default == "localhost,127.0.0.1,[::1]"
    assert variables["AUTH_COOKIE_SAMESITE"].default == "Strict"
    assert variables["AUTH_COOKIE_SAMESITE"].type == "One of `Strict`, `Lax`, `None`."
    assert variables["TRUSTED_PROXIES"].default == ""
    assert variables["SCHEDULE_FULL"].default == "0 4 1 1,7 *"


def test_required_and_computed_defaults_are_none():
    variables = read_variables()
    assert variables["DATABASE_URL"].default is None
    assert variables["STATIC_ROOT"].default is None
    assert variables["STAFF_NEEDS_TWO_FACTOR"].default is None
