"""The report: one self-contained HTML file that opens offline."""

from syzygy.studies.report.writing import write_report

__all__ = ["write_report"]
