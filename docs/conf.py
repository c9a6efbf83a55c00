"""How Sphinx builds these pages."""

from importlib.metadata import version as version_of

project = "Tilewright"
author = "the Tilewright authors"
release = version_of("tilewright")

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Tilewright"
