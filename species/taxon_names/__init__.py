"""Names of taxa as people type and paste them. `lookup` finds them in the database."""
