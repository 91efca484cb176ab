"""Sphinx configuration; the command reference and the validation page are generated at each build."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from generate import write_generated_pages

from syzygy import __version__

project = "Syzygy"
author = "The Syzygy authors"
project_copyright = "2026, The Syzygy authors"
version = release = __version__

# No page uses mathematics that a browser would have to fetch a script for: the pages open offline.
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Syzygy"
html_static_path = ["_static"]
html_copy_source = False
html_show_sphinx = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Accuracy", "notes"), ("Source", "notes"), ("Validity", "notes")]
python_display_short_literal_types = True
python_use_unqualified_type_names = True

# In short form the same name can mean two things (a field `frame` of two classes).
suppress_warnings = ["ref.python"]

write_generated_pages(Path(__file__).parent)

_ANNOTATION = re.compile(r"(: |-> )'([^']*)'")
_LITERAL = re.compile(r"(``.*?``)")


def escape_bars(app, what, name, obj, options, lines: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Let |x| be an absolute value in docstrings, as people read it, and no substitution of docutils."""
    for at, line in enumerate(lines):
        if "|" in line and not line.lstrip().startswith((">>>", "...")):
            parts = _LITERAL.split(line)
            lines[at] = "".join(p if p.startswith("``") else p.replace("|", r"\|") for p in parts)


def show_annotations_as_written(app, what, name, obj, options, signature, returns):  # type: ignore[no-untyped-def]
    """Show `NDArray` and `ArrayLike` as the source has them, not what they stand for."""
    if signature is None or what not in ("function", "method", "class"):
        return None
    try:
        text = _ANNOTATION.sub(r"\1\2", str(inspect.signature(obj)))
    except (TypeError, ValueError):
        return None
    if what == "method":
        text = re.sub(r"^\(self(, )?", "(", text)
    head, arrow, tail = text.rpartition(" -> ")
    return (head, None if what == "class" else tail) if arrow else (text, None)


def setup(app) -> None:  # type: ignore[no-untyped-def]
    """Connect the hooks."""
    app.connect("autodoc-process-signature", show_annotations_as_written)
    app.connect("autodoc-process-docstring", escape_bars)
