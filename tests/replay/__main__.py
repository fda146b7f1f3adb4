"""Run the stand-in: `python -m tests.replay --port P [--records N --datasets M]`."""

import argparse

from tests.replay.server import Replay
from tests.replay.world import World

parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__.split(": ")[-1])
parser.add_argument("--port", type=int, default=0, help="default: a free one")
parser.add_argument(
    "--records",
    type=int,
    default=0,
    help="serve this many generated records in place of the small world",
)
parser.add_argument(
    "--datasets", type=int, default=4, help="in how many datasets the generated records stand"
)
options = parser.parse_args()
running = Replay(options.port, World(options.records, options.datasets))
print(
    f"{sum(map(len, running.world.by_dataset.values()))} records in {len(running.world.datasets)} datasets"
)
print(f"OBIS_API_URL={running.obis_url}\nWORMS_API_URL={running.worms_url}", flush=True)
try:
    running.serve_forever()
except KeyboardInterrupt:
    print("stopped")
