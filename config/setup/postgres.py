"""Runs PostgreSQL's own programs as a user they accept: never root, else whoever calls."""

from __future__ import annotations

import os
import pwd
import re
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from config.setup.console import SetupError

SERVERS = Path("/usr/lib/postgresql")
EXTENSIONS = "/usr/share/postgresql/{version}/extension/postgis.control"


def installed_versions() -> list[str]:
    """Return the major versions of PostgreSQL that have PostGIS, the newest first."""
    found = [path.parent.parent.name for path in SERVERS.glob("*/bin/initdb")]
    found = [version for version in found if Path(EXTENSIONS.format(version=version)).exists()]
    return sorted(found, key=float, reverse=True)


def bin_folder(version: str | None) -> Path:
    """Return the folder of PostgreSQL's programs: of this version, or of the newest one with
    PostGIS.
    """
    versions = installed_versions()
    if not versions:
        raise SetupError(
            "PostgreSQL with PostGIS is not installed. `make setup` installs it, or says how."
        )
    if version and version not in versions:
        raise SetupError(
            f"The data in .local were written by PostgreSQL {version}, and only {', '.join(versions)} is installed "
            f"with PostGIS. Install postgresql-{version}-postgis-3 to read them, or `make drop-data` to start anew."
        )
    return SERVERS / (version or versions[0]) / "bin"


def owner() -> pwd.struct_passwd:
    """Return the account that runs the server: `postgres` for root (PostgreSQL refuses root), else
    the caller.
    """
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise SetupError(
            "There is no user `postgres` yet. `make setup` installs PostgreSQL."
        ) from None


def run(
    command: Sequence[str | Path], folder: Path, text: str = "", keep_going: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL's as the server's owner with `text` as its input; its words are
    in the error.
    """
    account = owner()
    as_owner: dict[str, Any] = {}
    if os.getuid() == 0:
        as_owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": account.pw_dir,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder, env=environment, input=text, text=True, capture_output=True, check=False, **as_owner,
    )  # fmt: skip
    if done.returncode and not keep_going:
        raise SetupError(f"{Path(command[0]).name} failed:\n{(done.stdout + done.stderr).strip()}")
    return done


def can_enter(folder: Path) -> bool:
    """Return whether the server's owner can reach a folder; `postgres` cannot pass mode 0700."""
    return run(["/usr/bin/test", "-x", folder], Path("/"), keep_going=True).returncode == 0


def free_port(wanted: int | None = None) -> int:
    """Return the wanted TCP port of 127.0.0.1 when it is free, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                if port is not None:
                    probe.bind(("127.0.0.1", port))
                    return probe.getsockname()[1]
            except OSError:
                continue
    raise SetupError("No TCP port is free on 127.0.0.1.")


def processes(cluster_name: str, data: Path) -> list[int]:
    """Return the ids of the running processes of one cluster, its server first.

    Read from the command lines, which every user may see: the server's names the folder, its
    children's the cluster.
    """
    servers, children = [], []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        if re.search(r"/(postgres|postmaster)$", words[0]) and str(data) in words:
            servers.append(int(line.parent.name))
        elif words[0].startswith(f"postgres: {cluster_name}: "):
            children.append(int(line.parent.name))
    return servers + children
