"""cnncalc import and export: from and to frameworks."""
