"""What holds for all tests."""

from hypothesis import settings

# No test is judged by the clock: these machines are shared and noisy.
settings.register_profile("ankunft", deadline=None)
settings.load_profile("ankunft")
