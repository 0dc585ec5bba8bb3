"""The site: `python -m sphinx -W docs build/site` makes it; a link that leads nowhere fails."""

import importlib.metadata
import os
import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, os.fspath(DOCS))

import generated  # noqa: E402 # lies beside this file

PROJECT = importlib.metadata.metadata("cnncalc")
URLS = dict(each.split(", ") for each in PROJECT.get_all("Project-URL") or [])

project = html_title = PROJECT["Name"]
author = PROJECT["Author"]
release = PROJECT["Version"]
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3  # headings have the names that they have on GitHub
default_role = "code"  # docstrings have their names between single backticks
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]


def make_pages(_app: Sphinx) -> None:
    """The pages that are made of the program: see generated.py."""
    generated.write(DOCS / generated.FOLDER)


def link_to_the_repository(_app: Sphinx, page: str, source: list[str]) -> None:
    """What lies outside docs/ is no part of the site."""
    up = "../" * (page.count("/") + 1)
    repository = f"{URLS['Repository']}/blob/main/"
    text = source[0]
    for path, name in generated.MOVED.items():
        text = text.replace(f"](../{path}", f"]({generated.FOLDER}/{name}")
    text = text.replace(f"]({up}", f"]({repository}")
    source[0] = re.sub(rf"^(\[[^]]+\]: ){up}", rf"\1{repository}", text, flags=re.MULTILINE)


def write_llms(app: Sphinx, error: Exception | None) -> None:
    """llms.txt: every page with what it is about, for programs that read."""
    if error is not None or app.builder.name != "html":
        return
    pages = [
        page for page in app.env.toctree_includes.get("index", []) for page in _below(app, page)
    ]
    rows = [(f"{page}.html", app.env.titles[page].astext(), _about(app, page)) for page in pages]
    Path(app.outdir, "llms.txt").write_text(generated.llms(rows), "utf-8")


def _below(app: Sphinx, page: str) -> list[str]:
    """A page and those in its list of contents."""
    return [page, *app.env.toctree_includes.get(page, [])]


def _about(app: Sphinx, page: str) -> str:
    """The first sentence of a page."""
    first = next(app.env.get_doctree(page).findall(nodes.paragraph), None)
    text = " ".join(first.astext().split()) if first is not None else ""
    return re.split(r"(?<=[.:]) ", text)[0].rstrip(":")


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", make_pages)
    app.connect("source-read", link_to_the_repository)
    app.connect("build-finished", write_llms)
