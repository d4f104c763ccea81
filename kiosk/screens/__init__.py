"""The screens of the kiosk; the only place that imports Kivy.

Kivy reads its environment when it is first imported, and opens its window soon after: call
`kiosk.screens.window.prepare` before importing `kiosk.screens.app`.
"""
