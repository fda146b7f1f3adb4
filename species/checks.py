"""System checks: mistakes of deployment that should stop a start rather than surprise a visitor."""
