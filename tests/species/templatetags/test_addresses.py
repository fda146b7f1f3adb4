from django.urls import set_script_prefix

from species.templatetags.addresses import url_template


def test_an_address_has_the_placeholders_that_scripts_fill_in():
    assert (
        url_template("atlas:observation-tile", "z", "x", "y")
        == "/tiles/observations/{z}/{x}/{y}.mvt"
    )
    assert url_template("species:observation-card", "key") == "/observations/{key}/card/"


def test_an_address_begins_with_the_prefix_of_the_portal():
    set_script_prefix("/sea/")
    try:
        assert url_template("species:observation-card", "key") == "/sea/observations/{key}/card/"
    finally:
        set_script_prefix("/")
