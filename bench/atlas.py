"""Measure the atlas: its upkeep, tiles, counts, lists and pages over generated observations, and
whole requests.

    make bench                       # 1 and 5 million observations
    make bench ROWS=30000000         # so many; says first what time and disk they need

Works in a database of its own on the cluster that DATABASE_URL names, and drops it at the end. On a
shared machine trust the ratios, which were taken in one run, more than the milliseconds.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from urllib.parse import urlsplit

from refresh import ROOT, own_database

SIZES = [int(size) for size in os.environ.get("ROWS", "").split()] or [1_000_000, 5_000_000]
# to generate, index, fold and measure; at most, while it is made
SECONDS_PER_MILLION, BYTES_PER_ROW = 110, 1_400


def main() -> None:
    announce()
    results = {}
    for rows in SIZES:
        with own_database(urlsplit(os.environ["DATABASE_URL"])) as url:
            environment = os.environ | {"DATABASE_URL": url, "PORTAL_PROFILE": "private"}
            started = time.perf_counter()
            run(environment, "manage.py", "migrate", "-v", "0")
            run(environment, "bench/generate.py", "--rows", str(rows))
            print(
                f"\n{rows:,} observations made in {time.perf_counter() - started:,.0f} s",
                flush=True,
            )
            print(run(environment, "bench/atlas_upkeep.py", "rebuild"), end="", flush=True)
            results[rows] = figures(environment, "atlas_measures") | figures(
                environment, "atlas_pages"
            )
            if rows == SIZES[-1]:
                results[rows] |= figures(environment, "atlas_requests")
                accounts = run(environment, "bench/accounts.py")
                print(run(environment, "bench/atlas_upkeep.py", "changes"), end="", flush=True)
    report(results)
    print(f"\nlogging in, one at a time\n{accounts}", end="")


def announce() -> None:
    """Print the time and disk needed; exit if the disk is too small."""
    seconds, most = sum(SIZES) * SECONDS_PER_MILLION / 1e6, max(SIZES) * BYTES_PER_ROW
    print(f"{' and '.join(f'{rows:,}' for rows in SIZES)} observations: about {seconds / 60:,.0f} minutes and"
          f" {most / 1e9:,.1f} GB of disk in the database's folder.", flush=True)  # fmt: skip
    if shutil.disk_usage(ROOT).free < most:
        raise SystemExit("There is less room than that.")


def run(environment: dict[str, str], *words: str) -> str:
    """Return the standard output of a Python program of the checkout."""
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def figures(environment: dict[str, str], name: str) -> dict[str, list]:
    """Return the last line of one of the programs beside this one, which is JSON."""
    return json.loads(run(environment, f"bench/{name}.py").splitlines()[-1])


def report(results: dict[int, dict[str, list]]) -> None:
    """Print a line for each figure: the time for each size, and its growth from smallest to largest."""
    first, last = results[SIZES[0]], results[SIZES[-1]]
    print(
        f"\n{'':44}"
        + "".join(f"{f'{rows / 1e6:g} M':>20}" for rows in SIZES)
        + f"{'p95 grows':>11}  route"
    )
    for name, (*_, route) in last.items():
        if name.startswith("request"):
            continue
        cells = "".join(
            f"{f'{results[rows][name][0]:.1f} / {results[rows][name][1]:.1f}':>20}"
            for rows in SIZES
        )
        print(f"{name:44}{cells}{last[name][1] / first[name][1]:>11.2f}  {route}")
    print("\nwhole requests through granian, a second; and of which rate")
    for name, (rate, share, of) in last.items():
        if name.startswith("request"):
            compared = f"{share:.0%} of" if share < 2 else f"{share:.1f} times"
            print(
                f"{name:44}{rate:>12,.{0 if rate > 20 else 1}f}{f'  {compared} {of}' if of else ''}"
            )


if __name__ == "__main__":
    main()
