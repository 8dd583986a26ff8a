"""The report as one HTML file: tables, figures, and every dialogue a click away."""
