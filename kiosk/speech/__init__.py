"""What the kiosk says aloud, the voice that says it, and who can hear it. No Kivy.

Screens make utterances with `sentences` and hand them to the one `Speaker`.
"""
