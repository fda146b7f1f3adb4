"""Usernames and display names: normalized, in one script, and unlike the portal's own names.

Follows UTS 39 as far as it needs no table of confusable characters: NFKC, one script, no invisible
characters. Names from before these rules remain valid.
"""
# ruff: noqa: RUF001  # letters that look alike are what this is about

import re
import unicodedata

from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import connection
from django.utils.translation import gettext_lazy as _

from users.normalization import normalize_display_name, normalize_name

LONGEST_USERNAME = 50
LONGEST_DISPLAY_NAME = 100
JAPANESE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"})
KOREAN = frozenset({"CJK", "HANGUL"})
# none of phonetics, none of clicks
LATIN_BLOCKS = ((0x41, 0x17F), (0x1CD, 0x21B), (0x1E00, 0x1EFF), (0x259, 0x259))
FILLERS = "\u115f\u1160\u3164\uffa0\u2800"  # letters and symbols that show nothing
MARKS_IN_A_ROW = 2
# Letters of other scripts that look like Latin ones: a name made of these alone reads as a Latin
# name.
LOOK_ALIKES = {
    "CYRILLIC": frozenset("авекмнорстухѕіјһԁԛԝѵӏүқѡ"),
    "GREEK": frozenset("αβγεζηικμνορτυχω"),
    "ARMENIAN": frozenset("օոսհցքզյ"),
    "CHEROKEE": frozenset("ꭰꭱꭲꭺꭻꭼꮃꮇꮋꮓꮖꮜꮞꮟꮢꮤꮥꮩꮪꮯꮲꮶꮷꮽ"),
    "HEBREW": frozenset("וןסט"),
}
PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k",
                       "æ": "ae", "œ": "oe", "ə": "e", "0": "o", "1": "i"})  # fmt: skip


def check_username(name: str) -> None:
    """Raise ValidationError for mixed scripts or letters that imitate another name."""
    name = normalize_name(name)
    UnicodeUsernameValidator()(name)
    MaxLengthValidator(LONGEST_USERNAME)(name)
    if not name[:1].isalnum() or any(char in FILLERS for char in name):
        raise ValidationError(_("Start your username with a letter or digit."), code="invalid")
    if any(char.isdigit() and not char.isascii() for char in name):
        raise ValidationError(_("Use only the digits 0 to 9."), code="invalid")
    check_word(name)


def check_display_name(name: str) -> None:
    """Raise ValidationError for invisible characters, stacked accents, mixed scripts, reserved
    names.
    """
    name = normalize_display_name(name)
    MaxLengthValidator(LONGEST_DISPLAY_NAME)(name)
    if any(
        unicodedata.category(char)[0] == "C" or char in FILLERS for char in name
    ) or has_heaps_of_marks(name):
        raise ValidationError(_("Remove invisible characters and stacked accents."), code="invalid")
    for word in re.findall(r"[^\W\d_]+", name):
        check_word(word)
    if is_reserved(name):
        raise ValidationError(_("This name is reserved. Choose another."), code="reserved")


def check_word(word: str) -> None:
    """Raise ValidationError for letters of several scripts, or that imitate Latin ones."""
    letters = [char for char in unicodedata.normalize("NFC", word) if char.isalpha()]
    scripts = {script_of(char) for char in letters}
    if len(scripts) > 1 and not any(scripts <= mixed for mixed in (JAPANESE, KOREAN)):
        raise ValidationError(
            _("Use letters of one script only, such as Latin or Cyrillic."), code="mixed_scripts"
        )
    if scripts == {"LATIN"} and not all(map(is_of_an_alphabet, letters)):
        raise ValidationError(_("Use letters, not phonetic symbols."), code="invalid")
    alike = LOOK_ALIKES.get(next(iter(scripts), ""), frozenset())
    if letters and all(char.lower() in alike for char in letters):
        raise ValidationError(
            _("This name can be confused with one in Latin letters. Choose another."),
            code="confusable",
        )


def is_of_an_alphabet(letter: str) -> bool:
    """Return whether some language is written with this Latin letter."""
    return any(low <= ord(letter) <= high for low, high in LATIN_BLOCKS)


def script_of(letter: str) -> str:
    """Return the script's name in Unicode, such as LATIN."""
    return unicodedata.name(letter, "UNKNOWN").split()[0]


def has_heaps_of_marks(text: str) -> bool:
    in_a_row = MARKS_IN_A_ROW  # none may come first
    for char in unicodedata.normalize("NFC", text):
        in_a_row = in_a_row + 1 if unicodedata.category(char)[0] == "M" else 0
        if in_a_row > MARKS_IN_A_ROW:
            return True
    return False


def is_reserved(name: str) -> bool:
    """Return whether the name is, or reads like, one of the portal's own.

    The database has its own rules of case ("ADMİN" may equal "admin" there), and names are looked
    up by them.
    """
    reserved = {skeleton(word) for word in settings.ACCOUNT_USERNAME_BLACKLIST}
    return not reserved.isdisjoint({skeleton(name), skeleton(fold_in_database(name))})


def fold_in_database(name: str) -> str:
    """Return the name in lower case by the database's locale, which also keeps names unique."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s)", [name])
        return cursor.fetchone()[0]


def skeleton(name: str) -> str:
    """Return the bare letters: lower case, no accents, marks or separators, digits as letters."""
    folded = unicodedata.normalize("NFKD", normalize_name(name).casefold())
    return "".join(filter(str.isalnum, folded.translate(PLAIN)))
