"""Ankunft printing: a slip in any language to ESC/POS to paper; useful on its own."""
