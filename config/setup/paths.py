"""Paths of the set-up in the checkout."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCAL = CHECKOUT / ".local"
ENV_FILE = LOCAL / "env"  # read by config/settings.py when DATABASE_URL is not in the environment
TESTS_ENV_FILE = LOCAL / "tests-env"
DEMO_ACCOUNTS = LOCAL / "demo-accounts.txt"
DEMO_UNFINISHED = LOCAL / "demo-data-unfinished"  # stands while demonstration data are being loaded
SECRET_KEY_FILE = LOCAL / "secret-key"
LOGS = LOCAL / "log"
CRON_ENV_FILE = LOCAL / "cron-env"
