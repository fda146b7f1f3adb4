"""Static files with a hash in their names and in the imports of JavaScript modules."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Hash the imports in the portal's own modules only.

    Django's switch for modules would also read those of packages, some of which import missing
    files.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", IMPORTS),
        ("vendor/*/index.js", IMPORTS),
    )
