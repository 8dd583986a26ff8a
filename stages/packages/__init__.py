"""packages: the versions of the packages that decide numbers.

    python -m stages.packages

Writes data/packages/versions.json. Every stage names in dvc.yaml the packages that its
code imports, so that another TRL trains again, and generates no instance anew.
"""
