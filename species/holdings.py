"""What the portal holds as a whole, as the page about the data and the API tell it."""

from species.models import RejectedRecord
from species.models.observation_pages import BoundedCount
from species.rules import RULES

COUNTED_UP_TO = 100_000


def rejections() -> dict[str, BoundedCount]:
    """Refused records by the code of the rule, the most frequent first; each count stops at a
    bound, and says so.
    """
    codes = [rule.code for rule in RULES if rule.effect == "rejected"]
    counts = RejectedRecord.objects.count_by_reason(codes, COUNTED_UP_TO + 1)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {
        code: BoundedCount(min(n, COUNTED_UP_TO), n <= COUNTED_UP_TO) for code, n in ordered if n
    }
