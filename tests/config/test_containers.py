"""Dockerfile and docker-compose.yml say what the code expects: no engine runs where the tests run, so both are read."""

import os
import re
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from django.core.management import get_commands

from config.setup import packages
from config.setup.schedule import settings_variables

ROOT = Path(__file__).resolve().parents[2]
ENTRYPOINT = (ROOT / "config" / "docker" / "entrypoint.sh").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The Dockerfile's stages, each with its instructions in order, those of its parent stage first."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    found: dict[str, list[tuple[str, str]]] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            parent, _, name = rest.partition(" AS ")
            found[name] = list(found.get(parent, [("FROM", parent)]))
        elif not line.startswith("#") and found:
            found[name].append((word, rest))
    return found


STAGES = stages()


def last(stage: str, word: str) -> str:
    return [rest for instruction, rest in STAGES[stage] if instruction == word][-1]


def default(value: str) -> str:
    """A compose value with every ${NAME:-default} replaced by its default."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


@pytest.mark.parametrize("stage", ["dev", "production"])
def test_an_image_runs_as_an_ordinary_user_answers_on_8000_and_is_watched(stage):
    assert last(stage, "USER") == "app"
    assert last(stage, "EXPOSE") == "8000"
    assert any("useradd --uid ${UID}" in rest for word, rest in STAGES["base"])
    for instruction in ("HEALTHCHECK", "ENTRYPOINT"):
        script = re.findall(r'"(config/docker/[a-z.]+)"', last(stage, instruction))[0]
        assert (ROOT / script).is_file()
    assert last(stage, "CMD") == '["serve"]'


def test_production_is_the_default_and_carries_no_tools():
    assert list(STAGES)[-1] == "production"
    assert not any("poetry" in rest for word, rest in STAGES["production"] if word in ("RUN", "COPY"))
    assert any("poetry install --only main" in rest for word, rest in STAGES["build"])
    assert any(rest.startswith("poetry install --no-interaction") for word, rest in STAGES["dev"])
    assert STAGES["production"][0] == ("FROM", "python:3.11-slim-bookworm")


def test_static_files_are_collected_at_build_with_a_key_that_is_thrown_away():
    collect = next(rest for word, rest in STAGES["build"] if "collectstatic" in rest)
    assert "secrets.token_urlsafe" in collect
    for name in STAGES:
        assert not any(word in ("ENV", "ARG") and "SECRET_KEY" in rest for word, rest in STAGES[name])


def test_the_image_sets_only_variables_that_somebody_reads():
    own = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "TZ", "VIRTUAL_ENV", "PATH"}
    names = set(re.findall(r"(\w+)=", last("base", "ENV")))
    assert names - own <= settings_variables()


def test_the_tests_find_their_system_packages_in_the_image_too(monkeypatch):
    monkeypatch.setattr(packages, "find_browser", lambda: None)
    monkeypatch.setattr(packages, "_release", lambda: "debian 12")
    monkeypatch.setattr(packages.shutil, "which", lambda *words, **more: None)
    monkeypatch.setattr(Path, "glob", lambda *words: iter(()))
    installed = {word for _, rest in STAGES["dev"] if "apt-get install" in rest for word in rest.split()}
    wanted = {name for name in packages.missing(tests=True) if not name.startswith("postgresql")}
    assert {"chromium", "cron", "libatomic1"} <= wanted
    assert wanted <= installed


def test_both_poetry_versions_are_the_same():
    from config.setup.install import POETRY_PACKAGES

    install = next(rest for word, rest in STAGES["build"] if "pip install" in rest)
    assert all(name in install for name in POETRY_PACKAGES)


def test_nothing_private_is_sent_to_the_engine():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".local", ".venv", ".env"} <= set(ignored)


def test_the_database_has_its_development_defaults_and_publishes_no_port():
    db = SERVICES["db"]
    assert db["image"].startswith("postgis/postgis:")
    assert {name: default(value) for name, value in db["environment"].items()} == {
        "POSTGRES_DB": "marine_tracker",
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": "postgres",
        "TZ": "UTC",
    }
    assert "ports" not in db
    assert "pg_isready" in db["healthcheck"]["test"][1]


@pytest.mark.parametrize("service", ["backend", "cron"])
def test_the_portal_finds_the_database_under_the_same_defaults(service):
    url = default(SERVICES[service]["environment"]["DATABASE_URL"])
    assert url == "postgis://postgres:postgres@db:5432/marine_tracker"
    assert SERVICES[service]["build"]["target"] == "${BUILD_TARGET:-dev}"
    assert default(SERVICES[service]["build"]["target"]) in STAGES


@pytest.mark.parametrize("service", ["backend", "cron"])
def test_compose_sets_only_variables_that_the_settings_read(service):
    assert set(SERVICES[service]["environment"]) - {"TZ"} <= settings_variables()


def check(**variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with compose's environment, and these variables over it."""
    given = {name: default(value) for name, value in SERVICES["backend"]["environment"].items()}
    environment = {"PATH": os.environ["PATH"], **given, **variables}
    return subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_settings_accept_what_compose_gives_and_refuse_it_with_debug_off(tmp_path):
    key = tmp_path / "secret-key"
    key.write_text("k" * 50)
    accepted = check(SECRET_KEY_FILE=str(key))
    assert accepted.returncode == 0, accepted.stderr
    refused = check(SECRET_KEY_FILE=str(key), DEBUG="false")
    assert refused.returncode != 0
    assert "development password" in refused.stderr


def test_services_start_in_order_of_health():
    assert SERVICES["backend"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert SERVICES["cron"]["depends_on"]["backend"] == {"condition": "service_healthy"}
    assert default(SERVICES["backend"]["ports"][0]) == "127.0.0.1:8000:8000"
    assert "--host 0.0.0.0 --port 8000" in ENTRYPOINT


def test_the_schedule_runs_in_the_same_image_as_root_in_utc_and_its_jobs_as_the_user():
    assert SERVICES["cron"]["image"] == SERVICES["backend"]["image"]
    assert SERVICES["cron"]["user"] == "root"
    assert SERVICES["cron"]["environment"]["TZ"] == "UTC"
    assert "user" not in SERVICES["backend"]
    assert "as_app python manage.py crontab add" in ENTRYPOINT
    assert re.search(r"setpriv --reuid=app --regid=app", ENTRYPOINT)


def test_every_command_and_mode_that_the_containers_use_exists():
    used = set(re.findall(r"manage\.py (\w+)", ENTRYPOINT + (ROOT / "Dockerfile").read_text()))
    assert used == {"migrate", "crontab", "collectstatic"}
    assert used <= get_commands().keys()
    modes = set(re.findall(r"^    (\w+)\) \w+ ;;", ENTRYPOINT, re.MULTILINE))
    assert {SERVICES[name]["command"][0] for name in ("backend", "cron")} == modes


def test_volumes_are_named_and_the_code_is_mounted_for_development():
    assert set(COMPOSE["volumes"]) == {"database", "portal-state", "portal-log"}
    mounts = dict(mount.split(":") for mount in SERVICES["backend"]["volumes"])
    assert mounts["."] == "/app" == last("build", "WORKDIR")
    key_file = SERVICES["backend"]["environment"]["SECRET_KEY_FILE"]
    assert key_file.startswith(mounts["portal-state"] + "/")


def entrypoint(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The entrypoint as an ordinary user runs it: as root it would look for the image's own user."""
    (folder / "entrypoint.sh").write_text(ENTRYPOINT)
    as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
    command = [*as_nobody, "sh", "entrypoint.sh", *words]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def test_the_key_is_made_at_the_first_start_and_kept():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        state = Path(name)
        state.chmod(0o777)
        (state / "python").symlink_to("/usr/bin/python3")  # the image calls it python
        key = str(state / "key")
        shown = [entrypoint(state, "cat", key, PATH=f"{name}:/usr/bin:/bin", SECRET_KEY_FILE=key) for _ in range(2)]
        assert shown[0].stdout == shown[1].stdout, shown[0].stderr
        assert len(shown[0].stdout.strip()) >= 50
        assert (state / "key").stat().st_mode & 0o777 == 0o600
        assert sorted(path.name for path in state.iterdir()) == ["entrypoint.sh", "key", "python"]


@pytest.fixture
def portal():
    """A server that answers as the portal would: 200 under an accepted name, else 400."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.headers["Host"] == "portal.example.org" and self.path == "/healthz"
            self.send_response(200 if known else 400)
            self.end_headers()

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("hosts", "status"), [("portal.example.org,www.example.org", 0), (".portal.example.org", 0), ("other.example", 1)]
)
def test_the_health_check_asks_under_an_accepted_name_and_fails_when_refused(portal, hosts, status):
    words = [sys.executable, "config/docker/healthcheck.py", str(portal)]
    done = subprocess.run(words, cwd=ROOT, env={"ALLOWED_HOSTS": hosts}, capture_output=True, check=False)
    assert done.returncode == status
