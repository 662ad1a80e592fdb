# SPDX-License-Identifier: BSD-3-Clause
"""How scripts/site makes a site of the pages: docs/ and the few beside it that docs/ link. All of them are plain Markdown."""
import pathlib
import re

root = pathlib.Path(__file__).resolve().parent.parent
project = "calor"
author = copyright = "The calor authors"
release = version = re.search(r"^project\(calor VERSION ([0-9.]+)", (root / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)[1]

# The source directory is the root, so that links from page to page are the same here and where the source is kept.
root_doc = "docs/index"
include_patterns = ["docs/*.md", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "bench/**.md", "scripts/python/README.md"]
exclude_patterns = ["build*", "out", "shared", ".git", ".cache"]

extensions = ["myst_parser"]
myst_heading_anchors = 4  # as code hosts make them: #exit-status
myst_url_schemes = ["http", "https", "mailto"]
suppress_warnings = ["myst.header"]  # CHANGELOG.md begins its versions at the second level
highlight_language = "none"

html_theme = "furo"
html_title = f"calor {release}"
html_baseurl = ""
html_copy_source = False
html_show_sphinx = False
templates_path = ["site/templates"]
html_additional_pages = {"index": "to_docs.html"}  # the pages stand below docs/
html_static_path = ["site/static"]
html_css_files = ["calor.css"]
html_js_files = ["calor.js"]
html_theme_options = {"light_css_variables": {"color-brand-primary": "#b23a00", "color-brand-content": "#b23a00"},
                      "dark_css_variables": {"color-brand-primary": "#ff9a5c", "color-brand-content": "#ff9a5c"}}
pygments_style = "tango"
pygments_dark_style = "native"


def setup(app):
    # The front page's own contents are the site's, which stand on the left.
    app.connect("html-page-context", lambda app, page, template, context, tree: context.update(toc="") if page == root_doc else None)
