"""Dockerfile and docker-compose.yml say what the code expects: no engine runs where the tests run,
so both are read.
"""

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
PROXY = ROOT / "config" / "docker" / "proxy.sh"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DEVELOPMENT = yaml.safe_load((ROOT / "docker-compose.override.yml").read_text())["services"]
# Set by the image itself, or of no use in a container.
NOT_PASSED_ON = {"CRON_ENV_FILE", "CRON_LOG", "STATIC_ROOT", "LANE_FOLDER"}
NOT_PASSED_ON |= {"GDAL_LIBRARY_PATH", "GEOS_LIBRARY_PATH", "PORTAL_PROFILE", "TEST_DATABASE_NAME"}


def stages() -> dict[str, list[tuple[str, str]]]:
    """The Dockerfile's stages, each with its instructions in order, those of its parent stage
    first.
    """
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


def test_logs_and_keys_lie_in_folders_that_only_the_user_of_the_image_may_enter():
    commands = [
        command.strip()
        for word, rest in STAGES["base"]
        if word == "RUN"
        for command in rest.split("&&")
    ]
    assert (
        "install -d -o app -g app -m 0700 /var/lib/portal /run/portal /var/log/portal" in commands
    )
    assert not any(
        command.startswith("install -d") and "0700" not in command for command in commands
    )


def test_production_is_the_default_and_carries_no_tools():
    assert list(STAGES)[-1] == "production"
    assert not any(
        "poetry" in rest for word, rest in STAGES["production"] if word in ("RUN", "COPY")
    )
    assert any("poetry install --only main" in rest for word, rest in STAGES["build"])
    assert any(rest.startswith("poetry install --no-interaction") for word, rest in STAGES["dev"])
    assert STAGES["production"][0] == ("FROM", "python:3.11-slim-bookworm")


def test_static_files_are_collected_at_build_with_a_key_that_is_thrown_away():
    collect = next(rest for word, rest in STAGES["build"] if "collectstatic" in rest)
    assert "secrets.token_urlsafe" in collect
    for name in STAGES:
        assert not any(
            word in ("ENV", "ARG") and "SECRET_KEY" in rest for word, rest in STAGES[name]
        )


def test_no_image_is_pulled_but_those_that_the_stages_name():
    text = (ROOT / "Dockerfile").read_text()
    assert "# syntax" not in text
    parents = {rest[0][1] for rest in STAGES.values()}
    assert parents == {"python:3.11-slim-bookworm"}


def test_production_owns_its_code_as_root_and_development_as_the_user():
    copies = [rest for word, rest in STAGES["production"] if word == "COPY"]
    assert copies == [
        f"--from=build {folder} {folder}" for folder in ("/opt/venv", "/opt/static", "/app")
    ]
    assert not any("chown -R" in rest for _, rest in STAGES["dev"])  # it would copy the whole layer


def test_the_image_sets_only_variables_that_somebody_reads():
    own = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "TZ", "VIRTUAL_ENV", "PATH"}
    names = set(re.findall(r"(\w+)=", last("base", "ENV")))
    assert names - own <= settings_variables()


def test_the_tests_find_their_system_packages_in_the_image_too(monkeypatch):
    monkeypatch.setattr(packages, "find_browser", lambda: None)
    monkeypatch.setattr(packages, "_release", lambda: "debian 12")
    monkeypatch.setattr(packages.shutil, "which", lambda *words, **more: None)
    monkeypatch.setattr(Path, "glob", lambda *words: iter(()))
    installed = {
        word for _, rest in STAGES["dev"] if "apt-get install" in rest for word in rest.split()
    }
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
        "POSTGRES_INITDB_ARGS": "--locale=C.UTF-8 --encoding=UTF8",
        "TZ": "UTC",
    }
    assert "ports" not in db
    assert "-cmax_connections=${POSTGRES_MAX_CONNECTIONS:-200}" in db["command"]
    assert "pg_isready" in db["healthcheck"]["test"][1]


@pytest.mark.parametrize("service", ["backend", "cron"])
def test_the_portal_finds_the_database_under_the_same_defaults(service):
    url = default(SERVICES[service]["environment"]["DATABASE_URL"])
    assert url == "postgis://postgres:postgres@db:5432/marine_tracker"
    for services, target in ((SERVICES, "production"), (DEVELOPMENT, "dev")):
        assert services[service]["build"]["target"] == f"${{BUILD_TARGET:-{target}}}"
        assert services[service]["image"].endswith(f":${{BUILD_TARGET:-{target}}}")
        assert target in STAGES


@pytest.mark.parametrize("service", ["backend", "cron"])
def test_compose_passes_on_every_variable_that_the_portal_reads_and_no_other(service):
    environment = SERVICES[service]["environment"]
    assert set(environment) - {"TZ"} == (settings_variables() | {"WEB_CONCURRENCY"}) - NOT_PASSED_ON
    given = {name for name, value in environment.items() if value is not None}
    assert given == {"DATABASE_URL", "SECRET_KEY_FILE", "TRUSTED_PROXIES", "TZ"}


def test_documented_settings_can_be_set_in_compose():
    page = (ROOT / "docs" / "operate" / "settings.md").read_text()
    documented = set(re.findall(r"^:::\{setting\} ([A-Z_]+)$", page, re.MULTILINE))
    assert len(documented) > 40
    assert documented - NOT_PASSED_ON <= SERVICES["backend"]["environment"].keys()


def check(**variables: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with compose's environment, and these variables over it."""
    set_by_compose = SERVICES["backend"]["environment"] | DEVELOPMENT["backend"]["environment"]
    given = {name: default(value) for name, value in set_by_compose.items() if value is not None}
    environment = {"PATH": os.environ["PATH"], **given, **variables}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
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
    assert SERVICES["proxy"]["depends_on"] == {"backend": {"condition": "service_healthy"}}
    assert default(SERVICES["proxy"]["ports"][0]) == "127.0.0.1:8000:8080"
    assert "ports" not in SERVICES["backend"]
    assert "--host 0.0.0.0 --port 8000" in ENTRYPOINT


def test_the_schedule_runs_in_the_same_image_as_root_in_utc_and_its_jobs_as_the_user():
    assert SERVICES["cron"]["image"] == SERVICES["backend"]["image"]
    assert SERVICES["cron"]["init"] is True  # or SIGTERM would be ignored
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


def test_volumes_are_named_and_the_code_is_mounted_for_development_alone():
    assert set(COMPOSE["volumes"]) == {"database", "portal-state", "portal-log"}
    assert last("build", "WORKDIR") == "/app"
    for service in ("backend", "cron"):
        assert DEVELOPMENT[service]["volumes"] == [".:/app"]
        assert not any(mount.startswith((".", "/")) for mount in SERVICES[service]["volumes"])
    mounts = dict(mount.split(":") for mount in SERVICES["backend"]["volumes"])
    key_file = SERVICES["backend"]["environment"]["SECRET_KEY_FILE"]
    assert key_file.startswith(mounts["portal-state"] + "/")


def entrypoint(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The entrypoint as an ordinary user runs it: as root it would look for the image's own user."""
    (folder / "entrypoint.sh").write_text(ENTRYPOINT)
    as_nobody = (
        ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        if os.getuid() == 0
        else []
    )
    command = [*as_nobody, "sh", "entrypoint.sh", *words]
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


def test_the_key_is_made_at_the_first_start_and_kept():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        state = Path(name)
        state.chmod(0o777)
        (state / "python").symlink_to("/usr/bin/python3")  # the image calls it python
        key = str(state / "key")
        shown = [
            entrypoint(state, "cat", key, PATH=f"{name}:/usr/bin:/bin", SECRET_KEY_FILE=key)
            for _ in range(2)
        ]
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
    ("hosts", "status"),
    [("portal.example.org,www.example.org", 0), (".portal.example.org", 0), ("other.example", 1)],
)
def test_the_health_check_asks_under_an_accepted_name_and_fails_when_refused(portal, hosts, status):
    words = [sys.executable, "config/docker/healthcheck.py", str(portal)]
    done = subprocess.run(
        words, cwd=ROOT, env={"ALLOWED_HOSTS": hosts}, capture_output=True, check=False
    )
    assert done.returncode == status


def test_the_network_of_the_proxy_is_trusted_by_the_backend_and_those_of_proxies_further_out():
    subnet = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    for service in ("backend", "cron", "proxy"):
        assert (
            SERVICES[service]["environment"]["TRUSTED_PROXIES"]
            == f"{subnet},${{TRUSTED_PROXIES:-}}"
        )
    assert default(subnet) == "10.213.84.0/26"


@pytest.fixture
def proxy(tmp_path):
    """Run proxy.sh with a stand-in for nginx; return its exit and the configuration that it wrote."""

    def run(trusted: str) -> tuple[subprocess.CompletedProcess[str], str, str]:
        script = PROXY.read_text().replace("/tmp/proxy", f"{tmp_path}/proxy")
        script = script.replace(
            "/etc/nginx/portal/portal.conf", str(ROOT / "config" / "nginx" / "portal.conf")
        )
        (tmp_path / "nginx").write_text('#!/bin/sh\necho "$@"\n')
        (tmp_path / "nginx").chmod(0o755)
        path = f"{tmp_path}:{os.environ['PATH']}"
        environment = {"PATH": path, "TRUSTED_PROXIES": trusted}
        done = subprocess.run(
            ["sh", "-c", script], env=environment, capture_output=True, text=True, check=False
        )
        files = [tmp_path / "proxy" / name for name in ("visitors.conf", "portal.conf")]
        return done, *(file.read_text() if file.exists() else "" for file in files)

    return run


def test_the_proxy_believes_trusted_proxies_about_the_visitor_and_the_scheme(proxy):
    done, visitors, portal = proxy("10.213.84.0/26,203.0.113.7,2001:db8::/32,")
    assert (done.returncode, done.stderr) == (0, "")
    for network in ("10.213.84.0/26", "203.0.113.7", "2001:db8::/32"):
        assert f"set_real_ip_from {network};\n" in visitors
        assert f"    {network} yes;\n" in visitors
    assert "proxy_pass http://$backend;" in portal
    assert "proxy_set_header X-Forwarded-Proto $visitor_scheme;" in portal
    assert re.findall(r"^ +listen .*", portal, re.MULTILINE) == ["    listen 8080;"]


def test_the_proxy_compresses_nothing_so_that_pages_with_secrets_stay_as_the_portal_sends_them(
    proxy,
):
    """Debian's nginx.conf, into which a bare server includes portal.conf, switches gzip on."""
    *_, portal = proxy("")
    assert re.findall(r"^ +gzip\w* .*", portal, re.MULTILINE) == ["    gzip off;"]


def test_the_proxy_refuses_words_that_are_no_addresses(proxy):
    done, visitors, _ = proxy("10.0.0.1; include /etc/passwd")
    assert (done.returncode, visitors) == (1, "")
    assert "TRUSTED_PROXIES must be addresses" in done.stderr


def try_containers(folder: Path, docker: str = "") -> subprocess.CompletedProcess[str]:
    """Run what `make containers` runs, with this script as docker and no other program."""
    if docker:
        (folder / "docker").write_text(f"#!/bin/sh\n{docker}\n")
        (folder / "docker").chmod(0o755)
    command = [sys.executable, "-m", "config.setup.containers"]
    return subprocess.run(
        command, cwd=ROOT, env={"PATH": str(folder)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("docker", "sentence"),
    [
        ("", "There is no container engine: install Docker"),
        ("exit 1", "its engine does not answer: start it"),
        ('[ "$1" = info ]', "Docker is installed without Compose"),
    ],
)
def test_containers_are_tried_where_an_engine_is_and_one_sentence_says_that_none_is(
    tmp_path, docker, sentence
):
    done = try_containers(tmp_path, docker)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
