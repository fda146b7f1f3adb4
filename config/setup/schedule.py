"""Puts the schedule into this user's crontab on a server without containers, or takes it out."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import time

from config.setup.console import SetupError, plain_errors, say
from config.setup.envfile import write_private
from config.setup.install import install
from config.setup.manage import manage
from config.setup.paths import CHECKOUT, CRON_ENV_FILE
from config.setup.variables import SETTINGS, read_variables

# What the system's programs and libraries read, beside the portal's own settings.
SYSTEM_VARIABLES = {
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "no_proxy",
}
SYSTEM_VARIABLES |= {"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}


def settings_variables() -> set[str]:
    """Return the names of the environment variables that the settings read."""
    return set(read_variables(SETTINGS))


def cron_environment(environment: dict[str, str]) -> str:
    """Return a shell script that gives a job the portal's settings as they stand here; cron itself
    gives it none.
    """
    wanted = sorted((settings_variables() | SYSTEM_VARIABLES) & environment.keys())
    return "".join(f"export {name}={shlex.quote(environment[name])}\n" for name in wanted)


def add() -> None:
    """Write the environment file and the crontab; raises SetupError where cron could not run the
    jobs.
    """
    if not shutil.which("crontab"):
        raise SetupError(
            "cron is not installed: sudo apt-get install -y --no-install-recommends cron"
        )
    if re.search(r"[^\w/.+-]", str(CHECKOUT)):
        raise SetupError(
            f"cron cannot run from {CHECKOUT}: move the checkout to a path of letters, digits, / . + - _"
        )
    install()
    write_private(CRON_ENV_FILE, cron_environment(dict(os.environ)))
    manage("crontab", "add")
    manage("crontab", "show")
    if not os.environ.get("DATABASE_URL"):
        say(
            "The jobs use the private database: keep it running (`make db`), also after a restart of the machine"
        )
    if time.timezone or time.daylight:
        say(
            f"Cron reads these times as this machine's local time ({time.tzname[0]}); the defaults are meant as UTC"
        )


def remove() -> None:
    manage("crontab", "remove")
    CRON_ENV_FILE.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m config.setup.schedule", description=__doc__)
    parser.add_argument("action", choices=["add", "remove"])
    add() if parser.parse_args().action == "add" else remove()


if __name__ == "__main__":
    with plain_errors():
        main()
