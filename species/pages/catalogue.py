"""The scripts' translations, one cacheable file for each language."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import override
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

LASTING = 3_600  # seconds


@require_safe
def words(request: HttpRequest, language: str) -> HttpResponse:
    """Return a script that defines gettext(); 404 for an unsupported language."""
    if language not in dict(settings.LANGUAGES):
        raise Http404("The pages are not translated to this language.")
    with override(language):
        response: HttpResponse = JavaScriptCatalog(packages=["species"]).get(request)
    patch_cache_control(response, public=True, max_age=LASTING)
    return response
