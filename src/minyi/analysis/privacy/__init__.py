"""Submissions and tables from which nobody can be told."""
