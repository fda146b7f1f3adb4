"""Pages ask for every module at once, by names that change with the contents."""

import shutil

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

from config.static_files import HashedFiles
from species.templatetags.modules import imported, modules


def test_a_page_asks_at_once_for_all_that_its_modules_import():
    html = modules("js/observation-map.js", "js/view-summary.js")
    needed = imported("js/observation-map.js")
    assert {"js/tile-painter.js", "js/theme.js", "vendor/pbf-4.0.1/index.js"} <= set(needed)
    for name in needed:
        assert html.count(f'<link rel="modulepreload" href="{staticfiles_storage.url(name)}">') == 1
    assert html.count('<script type="module"') == 2


def test_modules_import_each_other_by_names_that_may_be_kept_for_ever(tmp_path):
    files = HashedFiles(location=str(tmp_path))
    names = ["js/land-layer.js", *imported("js/land-layer.js")]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(finders.find(name), tmp_path / name)
    list(files.post_process({name: (files, name) for name in names}))
    text = (tmp_path / files.stored_name("js/land-layer.js")).read_text()
    for name in ("js/theme.js", "vendor/pbf-4.0.1/index.js"):
        assert files.stored_name(name) != name
        assert files.stored_name(name).removeprefix("js/") in text
