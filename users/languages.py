"""Languages of common names, as ISO 639-3 codes like those of WoRMS."""

from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

LANGUAGES = {
    "afr": _("Afrikaans"),
    "ara": _("Arabic"),
    "bul": _("Bulgarian"),
    "cat": _("Catalan"),
    "ces": _("Czech"),
    "cmn": _("Mandarin Chinese"),
    "cym": _("Welsh"),
    "dan": _("Danish"),
    "deu": _("German"),
    "ell": _("Greek"),
    "eng": _("English"),
    "est": _("Estonian"),
    "eus": _("Basque"),
    "fao": _("Faroese"),
    "fas": _("Persian"),
    "fin": _("Finnish"),
    "fra": _("French"),
    "gle": _("Irish"),
    "glg": _("Galician"),
    "haw": _("Hawaiian"),
    "heb": _("Hebrew"),
    "hin": _("Hindi"),
    "hrv": _("Croatian"),
    "hun": _("Hungarian"),
    "ind": _("Indonesian"),
    "isl": _("Icelandic"),
    "ita": _("Italian"),
    "jpn": _("Japanese"),
    "kal": _("Greenlandic"),
    "kor": _("Korean"),
    "lav": _("Latvian"),
    "lit": _("Lithuanian"),
    "mlt": _("Maltese"),
    "mri": _("Māori"),
    "msa": _("Malay"),
    "nld": _("Dutch"),
    "nno": _("Norwegian Nynorsk"),
    "nob": _("Norwegian Bokmål"),
    "nor": _("Norwegian"),
    "pol": _("Polish"),
    "por": _("Portuguese"),
    "ron": _("Romanian"),
    "rus": _("Russian"),
    "slk": _("Slovak"),
    "slv": _("Slovenian"),
    "spa": _("Spanish"),
    "srp": _("Serbian"),
    "swe": _("Swedish"),
    "tgl": _("Tagalog"),
    "tha": _("Thai"),
    "tur": _("Turkish"),
    "ukr": _("Ukrainian"),
    "vie": _("Vietnamese"),
    "zho": _("Chinese"),
}
UNDETERMINED = "und"  # a language nobody named; records name none
# Where ISO 639-2 has a second, bibliographic code, WoRMS uses either.
SECOND_CODES = {
    **{
        "alb": "sqi",
        "arm": "hye",
        "baq": "eus",
        "bur": "mya",
        "chi": "zho",
        "cze": "ces",
        "dut": "nld",
        "fre": "fra",
    },
    **{
        "geo": "kat",
        "ger": "deu",
        "gre": "ell",
        "ice": "isl",
        "mac": "mkd",
        "mao": "mri",
        "may": "msa",
        "per": "fas",
    },
    **{"rum": "ron", "slo": "slk", "tib": "bod", "wel": "cym"},
}
# The tags that browsers know them by; of those that have none of two letters, the code is the tag.
TAGS = {
    **{
        "afr": "af",
        "ara": "ar",
        "bul": "bg",
        "cat": "ca",
        "ces": "cs",
        "cmn": "zh",
        "cym": "cy",
        "dan": "da",
    },
    **{
        "deu": "de",
        "ell": "el",
        "eng": "en",
        "est": "et",
        "eus": "eu",
        "fao": "fo",
        "fas": "fa",
        "fin": "fi",
    },
    **{
        "fra": "fr",
        "gle": "ga",
        "glg": "gl",
        "haw": "haw",
        "heb": "he",
        "hin": "hi",
        "hrv": "hr",
        "hun": "hu",
    },
    **{
        "ind": "id",
        "isl": "is",
        "ita": "it",
        "jpn": "ja",
        "kal": "kl",
        "kor": "ko",
        "lav": "lv",
        "lit": "lt",
    },
    **{
        "mlt": "mt",
        "mri": "mi",
        "msa": "ms",
        "nld": "nl",
        "nno": "nn",
        "nob": "nb",
        "nor": "no",
        "pol": "pl",
    },
    **{
        "por": "pt",
        "ron": "ro",
        "rus": "ru",
        "slk": "sk",
        "slv": "sl",
        "spa": "es",
        "srp": "sr",
        "swe": "sv",
    },
    **{"tgl": "tl", "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi", "zho": "zh"},
}
OF_PAGES = {"en": "eng", "de": "deu"}  # the interface's own


def language_name(code: str) -> str:
    """Return the language's name in the visitor's language, or an unknown code itself."""
    if code == UNDETERMINED:
        return gettext("Language not stated")
    return str(LANGUAGES.get(SECOND_CODES.get(code, code), code))


def language_tag(code: str) -> str:
    """Return the value of the attribute `lang`, "" for an unknown code."""
    return TAGS.get(SECOND_CODES.get(code, code), "")


def of_page() -> str:
    """Return the ISO 639-3 code of the page's language."""
    return OF_PAGES.get((get_language() or "").partition("-")[0], "eng")


def of_visitor(request: HttpRequest) -> str:
    """Return the ISO 639-3 code of the account's choice, else of the page's language."""
    return getattr(request.user, "vernacular_language", "") or of_page()
