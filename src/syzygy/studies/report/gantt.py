"""The plan as a picture: one bar per project, coloured by field, with milestones."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup, escape

from syzygy.programme.records import Programme, Project

_LEFT, _WIDTH, _ROW, _TOP = 10.0, 980.0, 46.0, 30.0
_LABEL_FLIP = 560.0
"""Bars that begin right of this carry their name flush right."""


def draw_gantt(programme: Programme) -> Markup:
    """Return the plan as SVG; colours come from the style sheet, so it follows light and dark."""
    start, end = programme.programme.start, programme.programme.end
    projects = sorted(programme.project, key=lambda p: (p.start, p.id))
    height = _TOP + _ROW * len(projects) + 12
    parts = [
        f'<svg class="gantt" viewBox="0 0 1000 {height:.0f}" role="img" aria-label="Plan of the projects">',
        *_years(start, end, height),
    ]
    for row, project in enumerate(projects):
        field = programme.section_by_id(project.section).field
        parts.extend(_bar(project, field, _TOP + row * _ROW, start, end))
    parts.append("</svg>")
    return Markup("\n".join(parts))  # noqa: S704 - every text inside is escaped


def _x(day: date, start: date, end: date) -> float:
    return _LEFT + _WIDTH * (day - start).days / max((end - start).days, 1)


def _years(start: date, end: date, height: float) -> list[str]:
    parts = []
    for year in range(start.year, end.year + 1):
        x = _x(max(date(year, 1, 1), start), start, end)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="18" y2="{height - 6:.0f}"/>')
        parts.append(f'<text class="year" x="{x + 4:.1f}" y="16">{year}</text>')
    return parts


def _bar(project: Project, field: str, y: float, start: date, end: date) -> list[str]:
    left, right = _x(project.start, start, end), _x(project.end, start, end)
    anchor, x = ("end", right - 2) if left > _LABEL_FLIP else ("start", left + 2)
    title = escape(project.title)
    place = f'x="{left:.1f}" y="{y + 20:.1f}" width="{right - left:.1f}" height="14" rx="4"'
    hover = f"{title}: {project.start} to {project.end}, lead {escape(project.lead)}"
    parts = [
        f'<text class="name" text-anchor="{anchor}" x="{x:.1f}" y="{y + 14:.1f}">{title}</text>',
        f'<rect class="bar {field}" {place}><title>{hover}</title></rect>',
    ]
    for milestone in project.milestones:
        at = _x(milestone.due, start, end)
        corners = ((0, 19), (8, 27), (0, 35), (-8, 27))
        points = " ".join(f"{at + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
        hover = f"{escape(milestone.title)}, {milestone.due}"
        parts.append(f'<polygon class="milestone" points="{points}"><title>{hover}</title></polygon>')
    return parts
