"""The report: tables with intervals, and what is noise in them."""
