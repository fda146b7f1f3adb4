"""The line at the top of the admin that says whether mail goes out."""

from django import template

from users.models import UnsentMail

register = template.Library()


@register.inclusion_tag("admin/users/mail_status.html")
def mail_status() -> dict[str, object]:
    """Return how many mails wait, how many were given up lately, and the newest error."""
    newest = UnsentMail.objects.order_by("-pk").first()
    waiting = UnsentMail.objects.waiting().count()
    return {
        "waiting": waiting,
        "ended": UnsentMail.objects.exclude(ended_at=None).count(),
        "newest": newest,
    }
