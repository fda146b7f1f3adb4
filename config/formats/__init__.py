"""How dates read, where the portal differs from what Django knows of a language."""
