"""Take e-mail addresses and phone numbers out of upstream text before it is shown: text in, text out.

recordedBy, locality and citations hold people's addresses. Staff see the text as received; every public page, list and
API answer goes through `mask`.
"""

import re

EMAIL = re.compile(
    r"[\w.+%'-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.IGNORECASE | re.UNICODE
)
# A number counts as a phone's when it is written like one: +49 ..., (0431) ..., 0431/600-1234, 555-123-4567, or after
# "tel". Bare runs of digits, dates, coordinates and ORCID iDs are none of these.
PHONE = re.compile(
    r"""(?<![\w+.-])(?:
        \+\d[\d\s().\-/]{6,20}\d
      | (?:tel(?:ephone|efon)?|phone|mobile|fax)\b[.:\s]{0,3}[\d(+][\d\s().\-/]{4,20}\d
      | \(\d{2,5}\)\s?\d[\d\s.\-/]{4,12}\d
      | 0\d{2,5}[\s/-]\d[\d\s/-]{4,10}\d
      | \d{3}[\s.-]\d{3}[\s.-]\d{4}
    )(?![\d-])""",
    re.IGNORECASE | re.VERBOSE,
)


def mask(text: str | None) -> str:
    """The text without e-mail addresses and phone numbers; a short note stands where one was. None gives ""."""
    if not text:
        return ""
    return PHONE.sub("[phone number removed]", mask_addresses(text))


def mask_addresses(text: str) -> str:
    """The text without e-mail addresses: for identifiers, links and geometries, whose digits are no phone numbers."""
    lowered = text.lower()
    if "@" not in text and "(at)" not in lowered and "[at]" not in lowered:  # few texts need more than this glance
        return text
    return EMAIL.sub("[e-mail address removed]", text)
