"""The site: `python -m sphinx -W docs build/site` makes it; a link that leads nowhere fails."""

import importlib.metadata

from sphinx.application import Sphinx

PROJECT = importlib.metadata.metadata("cnncalc")
URLS = dict(each.split(", ") for each in PROJECT.get_all("Project-URL") or [])

project = html_title = PROJECT["Name"]
author = PROJECT["Author"]
release = PROJECT["Version"]
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3  # headings have the names that they have on GitHub
html_theme = "furo"


def link_to_the_repository(_app: Sphinx, _page: str, source: list[str]) -> None:
    """What lies outside docs/ is no part of the site."""
    source[0] = source[0].replace("](../", f"]({URLS['Repository']}/blob/main/")


def setup(app: Sphinx) -> None:
    app.connect("source-read", link_to_the_repository)
