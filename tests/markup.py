"""Compares HTML as browsers lay it out, whatever the line breaks of its templates."""

import re

BLOCKS = (
    "article|button|caption|dd|details|div|dl|dt|fieldset|form|h[1-6]|legend|li|nav|ol|option|p"
    "|section|summary|table|tbody|td|th|thead|title|tr|ul"
)
BLOCK = re.compile(rf"\s*(</?(?:{BLOCKS})\b[^<>]*>)\s*")
BUTTON = re.compile(r'(<a\b[^<>]*?class="button[^<>]*>) ?(.*?) ?(</a>)')
TAG = re.compile(r"<[^<>]+>")


def squeezed(html: str) -> str:
    """Return the HTML with single spaces, and none beside blocks, in buttons or at the end of tags."""
    text = re.sub(r"[ \n]+", " ", html)
    text = TAG.sub(lambda tag: tag[0].replace(" >", ">"), text)
    text = BUTTON.sub(r"\1\2\3", text)
    return BLOCK.sub(r"\1", text).strip()
