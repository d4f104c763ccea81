"""The inside of the virtual printer: it reads ESC/POS by tables of its own.

Nothing here imports the codec or the raster of the rest of the package, so that a mistake in
one shows in the other.
"""
