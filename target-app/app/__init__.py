"""Stockroom: a small product catalogue with stock and orders."""

__version__ = "0.3.0"
