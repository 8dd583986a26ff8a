"""The project's own benchmark tasks: NAME.py makes the items, NAME.yaml asks them."""
