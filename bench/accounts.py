"""Measure log-in and reading the profile through the API, beside the password hash of a log-in.

Run by `bench/atlas.py` on its database; prints one line for each. Requests come one at a time, since
the time that a person waits is measured. Most of a log-in is Argon2, which is slow on purpose.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import requests
from atlas_requests import SERVER, wait_for
from django.contrib.auth.hashers import check_password

from users.models import User

LOG_INS, PROFILES = 60, 400
EMAIL, PASSWORD = "diver@example.org", "an anemone under the pier"


def main() -> None:
    user = User.objects.create_user(EMAIL, "diver", PASSWORD)
    user.mark_email_verified()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # so that each log-in comes from elsewhere: no throttle
    environment = os.environ | {"TRUSTED_PROXIES": "127.0.0.1"}
    with subprocess.Popen([*SERVER, "--port", str(port)], env=environment) as server:
        try:
            wait_for(port)
            front_end = FrontEnd(f"http://127.0.0.1:{port}/api/v1/auth/")
            tell("one Argon2 hash", LOG_INS, lambda _: check_password(PASSWORD, user.password))
            tell("log-in", LOG_INS, front_end.log_in)
            tell("own profile", PROFILES, front_end.profile)
        finally:
            server.terminate()
    user.delete()


class FrontEnd:
    """A browser with its cookies, which requests the CSRF token once."""

    def __init__(self, auth: str) -> None:
        self.auth, self.browser = auth, requests.Session()
        self.browser.headers["X-CSRFToken"] = self.browser.get(f"{auth}csrf/").json()["csrfToken"]

    def log_in(self, number: int) -> None:
        body, hop = (
            {"email": EMAIL, "password": PASSWORD},
            {"X-Forwarded-For": f"198.51.100.{number}"},
        )
        self.browser.post(f"{self.auth}login/", json=body, headers=hop).raise_for_status()

    def profile(self, number: int) -> None:
        self.browser.get(f"{self.auth}profiles/me/").raise_for_status()


def tell(name: str, times: int, act: Callable[[int], object]) -> None:
    """Print the median and the 95th percentile of a time, in milliseconds."""
    taken = []
    for number in range(times):
        started = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - started) * 1_000)
    print(
        f"{name:44}{quantiles(taken, n=20)[9]:>8.1f} ms{quantiles(taken, n=20)[18]:>10.1f} ms p95",
        flush=True,
    )


if __name__ == "__main__":
    main()
