"""The state of outgoing mail, shown in the admin."""

from django import template

from users.models import UnsentMail

register = template.Library()


@register.inclusion_tag("admin/users/mail_status.html")
def mail_status() -> dict[str, object]:
    """Return the numbers of waiting and recently given up mails, and the latest error."""
    newest = UnsentMail.objects.order_by("-pk").first()
    waiting = UnsentMail.objects.waiting().count()
    return {
        "waiting": waiting,
        "ended": UnsentMail.objects.exclude(ended_at=None).count(),
        "newest": newest,
    }
