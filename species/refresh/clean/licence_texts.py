"""How providers name Creative Commons licences: URIs, titles in several languages, and the standard
sentences.

Everything but the URIs is matched against folded words: lower case, without accents, single spaces.
The English sentences are those of GBIF's IPT and of creativecommons.org.
"""

import re

VERSIONS = frozenset({"1.0", "2.0", "2.1", "2.5", "3.0", "4.0"})
# Jurisdictions that licences up to version 3.0 were adapted to.
PORT_CODES = (
    "ar at au az be bg br ca ch cl cn co cr cz de dk ec ee eg es fi fr ge gr gt hk hr hu ie igo il in it jp kr lu mk mt"
    " mx my nl no nz pe ph pl pr pt ro rs scotland se sg si th tw ua ug uk us ve vn za"
)

# As written, before the text is split into words. Case and a trailing slash do not matter.
URI = re.compile(
    r"""(?<![\w./:@-])(?:https?://)?(?:www\.)?creativecommons\.org/
    (?:licenses/(?P<code>(?:by|nc|nd|sa)(?:-(?:nc|nd|sa)){{0,2}})/(?P<version>\d\.\d)
         (?:/(?P<port>{ports})(?![\w.]))?
      |publicdomain/(?P<tool>zero|mark)/1\.0)
    (?:/(?:deed|legalcode)(?:\.(?!n[cd]|sa)[a-z]{{2}}(?:[_-][a-z]{{2,4}})?)?(?:\.txt)?)?/?(?:\?ref=chooser-v1)?
    (?=[\s,;)\]"'<>|&]|\.?$|\.\s)""".format(ports="|".join(PORT_CODES.split())),
    re.IGNORECASE | re.VERBOSE,
)
# Norms are a request, not terms. SPDX's pages contain the licence in their address.
NEUTRAL_URI = re.compile(
    r"(?<![\w./:@-])https?://(?:(?:www\.)?canadensys\.net/norms/?(?=[\s'\"]|$)|spdx\.org/licenses/(?=CC))",
    re.IGNORECASE,
)

# Tags around a licence's address, once that is taken out: no other attribute may hide words.
MARKUP = re.compile(
    r"</?(?:a|ulink|citetitle|para|p)(?:\s+(?:href|url)\s*=\s*(?:\"\s*\"|'\s*'))?\s*/?>",
    re.IGNORECASE,
)

# Word in a licence's short name: the phrases that mean it.
ELEMENTS = {
    "cc": ("creative commons",),
    "by": (
        *(
            "attribution",
            "atribucion",
            "reconocimiento",
            "atribuicao",
            "paternite",
            "namensnennung",
            "attribuzione",
        ),
        "naamsvermelding",
    ),
    "nc": (
        *(
            "noncommercial",
            "non commercial",
            "nocomercial",
            "no comercial",
            "naocomercial",
            "nao comercial",
        ),
        *(
            "pas d utilisation commerciale",
            "non commerciale",
            "nicht kommerziell",
            "niet commercieel",
        ),
    ),
    "sa": (
        *(
            "sharealike",
            "share alike",
            "compartirigual",
            "compartir igual",
            "partage dans les memes conditions",
        ),
        *(
            "compartilhaigual",
            "weitergabe unter gleichen bedingungen",
            "condividi allo stesso modo",
            "gelijkdelen",
        ),
    ),
    "nd": (
        *(
            "noderivatives",
            "noderivs",
            "no derivatives",
            "no derivs",
            "sinderivadas",
            "sin derivadas",
        ),
        *(
            "sin obra derivada",
            "pas de modification",
            "semderivacoes",
            "keine bearbeitungen",
            "non opere derivate",
        ),
    ),
    "license": ("public license", "public licence"),
}
# Jurisdictions as titles name them.
PORTS = {
    "australia": "au", "au": "au", "austria": "at", "brasil": "br", "brazil": "br", "canada": "ca", "ca": "ca",
    "chile": "cl", "colombia": "co", "deutschland": "de", "germany": "de", "espana": "es", "spain": "es",
    "france": "fr", "igo": "igo", "ireland": "ie", "italia": "it", "italy": "it", "mexico": "mx", "nederland": "nl",
    "netherlands": "nl", "new zealand": "nz", "nz": "nz", "norge": "no", "norway": "no", "portugal": "pt",
    "united states": "us", "us": "us",
}  # fmt: skip

# CC0, cczero 1.0, CC BY-NC 4.0, ccby, CC_BY_4_0, and titles such as "Attribution 4.0
# International".
NAMING = re.compile(
    r"\b(?:cc ?(?:(?P<zero>0|zero) ?(?:v(?:ersion)? ?)?(?:1(?: 0)?)?|(?P<elements>by(?: ?nc)?(?: ?(?:sa|nd))?))"
    r"|(?P<title>by(?: nc)?(?: (?:sa|nd))?)(?= (?:v(?:ersion)? ?)?\d))(?![a-z])"
    r"(?(zero)|(?: ?(?:v(?:ersion)? ?)?(?P<version>\d(?: \d)?)\b"
    rf"(?: (?:international|unported|generic|(?P<port>{'|'.join(PORTS)}))\b)?)?)"
)

# Sentences that add nothing to the naming beside them.
SENTENCES = (
    "to view a copy of this license visit",
    "to view a copy of this licence visit",
    "or send a letter to creative commons po box 1866 mountain view ca 94042 usa",
    "or send a letter to creative commons 444 castro street suite 900 mountain view california 94041 usa",
)
# The waiver itself, which names CC0 also where the words "CC0 1.0" do not follow it.
WAIVER = re.compile(
    r"\bto the extent possible under law the (?:publisher|author|authors|data provider"
    r"|person who associated cc ?0 with this work) ha(?:s|ve) waived all (?:rights|copyright and related or"
    r" neighbou?ring rights) to (?:these data|this work|this dataset)"
    r"(?: and ha(?:s|ve) dedicated (?:them|it) to the public domain)?\b"
)
SENTENCES_OF_CC0 = (
    "the person who associated a work with this deed has dedicated the work to the public domain by waiving all of his"
    " or her rights to the work worldwide under copyright law including all related and neighboring rights to the"
    " extent allowed by law",
    "you can copy modify distribute and perform the work even for commercial purposes all without asking permission",
    "users may copy modify distribute and use the work including for commercial purposes without restriction",
    "dans la mesure du possible l editeur renonce a tous ses droits",
    "marked with",
    "no rights reserved",
)

# Words that leave a licence as it is in whatever order they come. "Provided", "terms" or "see"
# would not.
NEUTRAL = frozenset([
    "a", "an", "the", "this", "these", "is", "are", "under", "license", "licence", "licensed",
    "licenced", "cc", "work", "data", "dataset", "datasets", "records", "resource", "available",
    "released", "version", "deed", "legalcode", "international", "unported", "generic", "ulink",
    "url", "citetitle", "href", "html", "rel", "para", "licencia", "licenciada", "licenciado", "esta",
    "este", "obra", "trabajo", "bajo", "una", "internacional", "licenca", "uma", "ce", "cette",
    "travail", "oeuvre", "est", "sous", "la", "une", "dieses", "werk", "ist", "lizenziert", "unter",
    "einer", "lizenz", "quest", "opera", "licenza",
])  # fmt: skip
NEUTRAL_OF_CC0 = NEUTRAL | {"public", "domain", "dedication", "universal", "marked", "domaine"}
