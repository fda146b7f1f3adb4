"""What a person sees of an answer or a mail."""

import re

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def link_in(mail) -> str:
    """The path of the link in the mail's text."""
    return re.search(r"https?://testserver(/accounts/\S+)", mail.body)[1]


def seen(answer) -> tuple[int, str]:
    """Status, and the page without its one-time tokens or the address that it leads to."""
    text = answer.content.decode() if answer.status_code == 200 else answer["location"]
    return answer.status_code, TOKEN.sub("", text)
