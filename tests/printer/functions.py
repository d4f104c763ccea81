"""The shapes of the functions that fixtures hand out."""

from collections.abc import Callable

from printer.marks import Layout

LayOut = Callable[..., Layout]
"""Slip and width of paper in dots to layout."""

Encode = Callable[..., bytes]
"""Slip, profile and rendition to the bytes of one job."""
