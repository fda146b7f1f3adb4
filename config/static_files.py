"""Static files with a hash in their names, and in what our own modules import, so that browsers
keep all of them.
"""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Django's own switch for modules reads the files of packages too, where one names what it does
    not bring.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", IMPORTS),
        ("vendor/*/index.js", IMPORTS),
    )
