"""The commands of `python -m printer`, one file each or each pair."""
