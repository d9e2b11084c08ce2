"""Data files, each headed by its source, licence and date; `build.py` makes those that are not written by hand."""
