"""Sets the portal up on a bare machine: standard library only, since it runs before any package is
installed.
"""
