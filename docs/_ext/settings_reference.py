"""The `setting` directive: a setting's description, with type and default read from the code.

Elsewhere, `NAME` in backquotes links to it. A name that the settings do not read, a missing default
and an undocumented variable are warnings, which `make docs` turns into errors.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.std import GenericObject
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from config.setup.variables import read_variables

log = logging.getLogger(__name__)
VARIABLES = read_variables()


class Setting(GenericObject):
    """Describe an environment variable; `:default:` says in words what the code computes."""

    indextemplate = "pair: %s; setting"
    option_spec = {**GenericObject.option_spec, "default": directives.unchanged}  # type: ignore[dict-item]

    def transform_content(self, content_node: Any) -> None:
        """Put type and default in front of the description."""
        name = self.arguments[0]
        variable = VARIABLES.get(name)
        if variable is None:
            log.warning("The settings read no variable %s.", name, location=self.get_location())
            return
        default = self.options.get("default")
        if default is None and variable.default is None:
            log.warning("%s needs a :default:.", name, location=self.get_location())
            return
        if default is None:
            default = f"`{variable.default}`" if variable.default else "empty"
        facts, messages = self.parse_inline(f"{variable.type} Default: {default}.")
        content_node.insert(
            0, [nodes.paragraph("", "", *facts, classes=["setting-facts"]), *messages]
        )


class SettingLinks(SphinxTransform):
    """Link each setting's name in backquotes, outside of headings and links, to its description."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext()
            if name in VARIABLES and not isinstance(literal.parent, nodes.title | nodes.reference):
                link = addnodes.pending_xref(
                    "",
                    literal.deepcopy(),
                    refdomain="std",
                    reftype="setting",
                    reftarget=name,
                    refdoc=self.env.docname,
                )
                literal.replace_self(link)


def warn_of_undocumented_settings(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of each variable without a `setting` directive."""
    documented = {name for kind, name in env.domains.standard_domain.objects if kind == "setting"}
    for name in sorted(VARIABLES.keys() - documented):
        log.warning("The setting %s is not documented.", name, location="operate/settings")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_object_type("setting", "setting", indextemplate=Setting.indextemplate)
    app.add_directive_to_domain("std", "setting", Setting, override=True)
    app.add_transform(SettingLinks)
    app.connect("env-check-consistency", warn_of_undocumented_settings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
