"""Serve the portal with granian: the one configuration for `make run`, containers and bare servers."""

import argparse

from config.server.granian_server import serve, worker_count


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=worker_count())
    parser.add_argument(
        "--reload", action="store_true", help="restart the workers when a file changes"
    )
    parser.add_argument("--access-log", action="store_true")
    given = parser.parse_args()
    serve(given.host, given.port, given.workers, given.reload, given.access_log)


if __name__ == "__main__":
    main()
