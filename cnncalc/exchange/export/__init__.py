"""Code of frameworks, written from the structure of a spec."""
