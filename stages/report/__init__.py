"""The report: tables with intervals, and what can be told from them."""
