"""Sphinx configuration; the command reference and the validation page are generated at each build."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from generate import write_generated_pages

from syzygy import __version__

project = "Syzygy"
author = "The Syzygy authors"
project_copyright = "2026, The Syzygy authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Syzygy"
html_static_path = ["_static"]
mathjax_path = ""
autodoc_member_order = "bysource"
autodoc_typehints = "description"
suppress_warnings = ["myst.xref_missing"]

write_generated_pages(Path(__file__).parent)
