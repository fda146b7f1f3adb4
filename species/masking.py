"""Remove email addresses and phone numbers from upstream text before it is shown.

recordedBy, locality and citations contain personal addresses. Staff see the text as received;
public pages, lists and API responses show the result of `mask`.
"""

import re

_LETTER = r"[\w\u0300-\u036f]"  # with accents that are written as signs of their own
_LABEL = r"[\w\u0300-\u036f-]{1,63}"
_DOT = (
    r"(?:[.\u3002\uff0e\uff61]|\s\.\s|\s?[\[({<]\s?(?:dot|punkt|point|punto)\s?[\])}>]\s?"
    r"|\s(?:dot|punkt|punto)\s|_dot_)"
)
_AT_SIGN = r"(?:[@\uff20]|&(?:\#64|\#x40|commat);|%(?:25)?40)"
_AT = rf"(?:{_AT_SIGN}{{1,2}}|[\[({{<]\s?(?:{_AT_SIGN}|at|arroba)\s?[\])}}>])"
_TOP_LABEL = r"(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,24})(?![^\W_])"  # no number, unit or compass point
# Top-level domains by which "jdoe at example.org" is distinguished from "found at St.Johns".
_TOP = (
    "com|org|net|edu|gov|mil|int|info|eu|ac|ar|at|au|be|br|ca|ch|cl|cn|co|cz|de|dk|ee|es|fi|fr|gr|hr|ie|in|is|it|jp|kr"
    "|lt|lv|mx|nl|no|nz|pl|pt|ru|se|si|tr|uk|us|za"
)
# "Jane at example.org" may be a link, but nothing else than mail is found there.
_MAIL_HOSTS = (
    r"(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|protonmail|gmx)(?:\.|\sdot\s)[a-z]{2,3}"
)
EMAIL = re.compile(
    rf"""(?:mailto:)?[^\s@\uff20<>(),;:\[\]|/=]{{1,64}}
    (?: \s?{_AT}\s? (?:(?:{_LABEL}{_DOT}){{1,8}}{_TOP_LABEL}|\[[\da-f.:]{{3,45}}\])
      | [_-](?:at|arroba)[_-](?:{_LABEL}{_DOT}){{1,8}}(?:{_TOP})(?![^\W_])
      | \s(?:at|arroba)\s{_LABEL}(?:\s(?:dot|punto)\s{_LABEL}){{1,8}}
      | \s(?:at|[\[(](?:a|à|ä|ät)[\])])\s(?:{_MAIL_HOSTS})\b
      | \s[\[(](?:a|à|ä|ät)[\])]\s(?!www\.)(?:{_LABEL}\.){{1,5}}(?:{_TOP})(?!{_LETTER}|\.{_LETTER}) )""",
    re.IGNORECASE | re.VERBOSE,
)
# "jdoe at example.org", but not "diver at rocks.No photo", and not where the words say that
# something is found at a place or on a website.
_LINKING = (
    r"\w*(?:ed|able|ible|ing)|data(?:set|base)?s?|metadata|photo(?:graph)?s?|images?|pictures?|videos?|info|information"
    r"|details?|more|online|see|seen|found|held|kept|made|taken|caught|given|shown|(?:web|home)?(?:site|page)s?|project"
    r"|catalog(?:ue)?s?|archives?|portal|maps?|records?|reports?|documents?|here|there|look|also|free(?:ly)?|access|code"
    r"|files?|lists?|blog|posts?|accounts?|contact|us|me|e-?mail|mail|write|is|are|only|and|or|directly|visit|works?"
)
_PLACES = (
    r"st|ste|mt|pt|ft|no|ca|approx|sta|stn|station|sites?|samples?|hauls?|trawls?|dives?|cruise|casts?|depths?|reef|bay"
    r"|sea|beach|shore|harbou?r|port|pier|island|surface|bottom|night|dusk|dawn|noon|area|zone|grid|transect|quadrat"
    r"|point|coast|lake|river|estuary|cove|dock|buoy|mooring|location|locality|field"
)
_WEBSITES = r"www|flickr|inaturalist|zenodo|youtube|facebook|instagram|twitter|ebird|gbif|obis|doi|orcid|wikipedia"
SPOKEN_EMAIL = re.compile(
    rf"""(?<![\w.+-])(?!(?:{_LINKING})\s)[\w.+-]{{1,64}}\s{{1,3}}-?at-?\s{{1,3}}
    (?!(?:{_PLACES}|{_WEBSITES})\.)(?=[^\W\d_][\w-])(?:{_LABEL}\.){{1,5}}(?!(?-i:[A-Z][a-z]\b))(?:{_TOP})
    (?![\w/-]|\.\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_MAY_BE_EMAIL = re.compile(
    rf"{_AT_SIGN}|\b_?(?:at|arroba)_?\b|_(?:at|arroba)_|[\[(](?:a|à|ä|ät)[\])]", re.IGNORECASE
)

# Digits that are no phone number, whatever they look like: addresses on the web, DOIs, URNs, ORCID
# iDs, UUIDs.
_KEPT = r"""
    (?:https?://|www\.|doi:|urn:|10\.\d{4,9}/)\S+
  | \d{4}-\d{4}-\d{4}-\d{3}[\dX]
  | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}
"""
_NAMED = (
    r"(?:(?:t[eé]l(?:[eé](?:phone|fono|foon|fone|fon|fax))?|tlf|tfno|(?:cell\s?)?phone|telefax|fax|mobile|mobil|m[oó]vil"
    # not pH
    r"|mob|celular|handy|whatsapp|gsm|тел(?:ефон)?|電話|电话)\b(?:\s(?:no|nr|number)\b)?|(?-i:Ph)(?=[.:]))"
)
_PHONE = (
    r"""
    [+\uff0b](?!\d{1,3}\.\d{2,}(?![.\d]))\d[\d\s().\-\u2010-\u2014/]{6,20}\d   # +49 431 600-1234; no +54.1234
  | """
    + _NAMED
    + r"""(?:[./]{1,2}(?:fax|tel|mobile?)\b|\s?\([a-z]{1,10}\))?[.:=#\s]{0,3}(?:-\s)?
    (?!(?:1[5-9]|20)\d\d[-/.]\d)[\d(+][\d\s().\-\u2010-\u2014/]{4,20}\d         # Tel. 12 34 56 78; no date
  | (?:contact|call|portable|port\.|cel\.?|cell|(?-i:[TM]):)[.:=\s]{1,3}
    0[1-9][\d\s.\-/]{6,12}\d                                                    # Contact: 0612345678
  | \(0\d{0,4}\)\s?\d[\d\s.\-/]{4,14}\d                                       # (0431) 600 1234
  | (?:[18][\s.\-]?)?\([2-9]\d\d\)\s?\d{3}[\s.\-](?:\d{4}|\d\d[\s.\-]\d\d)     # (555) 123-4567, 8 (495) 123-45-67
  | \([1-9]\d\)\s?9\d{4}-\d{4}                                                 # (11) 91234-5678
  | (?:1[\s.\-])?[2-9]\d\d(?P<us>[\s.\-])\d{3}(?P=us)\d{4}                     # 555-123-4567
  | (?!0[1-9](?:[\s.\-]0\d){4})(?!0[1-9](?P<at>[.\-])(?:0[1-9]|1[0-2])(?P=at)\d\d(?P=at)(?:[01]\d|2[0-3])(?P=at)[0-5]\d)
    0[1-9](?P<pair>[\s.\-])\d\d(?:(?P=pair)\d\d){3}                             # 06 12 34 56 78
  | 0[1-9]\d(?:\s\d\d){3,4}                                                     # 030 12 34 56 78
  | (?!0\d\d\s\d\d\s\d\d\b)0[1-9]\d{1,3}[\s/\-]\d[\d\s/\-]{4,10}\d            # 0431/600 1234; no degrees
  | 0[1-9]\d{4}[\s/]\d[\d\s/]{4,10}\d                                         # 033701 123456
  | 00[1-9]\d{0,2}(?:[\s./\-]\(?\d{1,8}\)?){2,6}                            # 0049 431 600 1234
"""
)
# ranges of depths look like phone numbers
_LENGTH = r"(?:\s\d{1,4}){0,3}\s?(?:m|km|ft|fm|fathoms?)\b"
PHONE = re.compile(
    rf"(?<![\w+.\-])(?:(?P<kept>{_KEPT})|(?P<phone>{_PHONE})(?![\d\-]|[./]\d|{_LENGTH}))",
    re.IGNORECASE | re.VERBOSE,
)
# Mobile numbers of ten or eleven digits in one piece look like catalogue numbers, except behind a
# person's name.
NAMED_MOBILE = re.compile(
    r"""(?<!\w)(?P<name>(?:[A-Z]\.(?:-?[A-Z]\.){0,3}|[^\W\d_a-z][^\W\d_A-Z]{1,40})\s
    (?:[A-Z]'|Ma?c)?[^\W\d_a-z][^\W\d_A-Z]{1,40}\W{1,3})
    (?:0[67]\d{8}|07\d{9}|01[5-7]\d{8,9})(?![\w\-]|[./,]\d|\s\d)""",
    re.VERBOSE,
)
# The last word of these is no surname.
_INSTITUTION = re.compile(
    r"\b(?:museum|institut[eo]?|university|college|school|academy|herbarium|collection|laboratory|lab|centre|center"
    r"|survey|cruise|mission|campaign|expedition|dive|leg|log|lot|barcode|bar\s?code|number|no|id|code|series|event"
    r"|record|project|box|jar|slide|vial|ship|buoy|float|vessel|bay|sea|ocean|island|reef|bank|gulf|stream)\W+\Z",
    re.IGNORECASE,
)
# Directly before digits these say that they are a code.
_CODE = re.compile(
    r"\b(?:catal[a-z]{0,10}(?:\s?number)?|cat|station|stn?|cast|haul|tag|permit|licen[cs]e|sample|specimen|voucher|accession|pit|mmsi|imo"
    r"|utm|grid)\W{0,2}(?:(?:no|nr|num|number|id|code)\b)?\W{0,3}(?:\d{3}\s){0,2}\Z",
    re.IGNORECASE,
)
LONGEST_CODE_WORD = 40
EMAIL_REMOVED, PHONE_REMOVED = "[e-mail address removed]", "[phone number removed]"
FEWEST_DIGITS = 6  # of a phone number
FEWEST_ABROAD = 9  # of one that begins with 00, as catalogue numbers do


def mask(text: str | None) -> str:
    """Return the text with a note in place of each email address and phone number; "" for None."""
    if not text:
        return ""
    return NAMED_MOBILE.sub(_replace_mobile, PHONE.sub(_replace_phone, mask_addresses(text)))


def mask_addresses(text: str) -> str:
    """Return the text without email addresses.

    For identifiers, links and geometries, whose digits are no phone numbers.
    """
    if not _MAY_BE_EMAIL.search(text):  # few texts need more than this glance
        return text
    return SPOKEN_EMAIL.sub(EMAIL_REMOVED, EMAIL.sub(EMAIL_REMOVED, text))


def _replace_phone(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - LONGEST_CODE_WORD) : match.start()]
    if match["kept"] or (match[0][0] in "(0123456789" and _CODE.search(before)):
        return match[0]
    digits = sum(sign.isdigit() for sign in match[0])
    enough = FEWEST_ABROAD if match[0].startswith("00") else FEWEST_DIGITS
    return PHONE_REMOVED if digits >= enough else match[0]


def _replace_mobile(match: re.Match[str]) -> str:
    is_code = _INSTITUTION.search(match["name"]) or _CODE.search(match["name"])
    return match[0] if is_code else match["name"] + PHONE_REMOVED
