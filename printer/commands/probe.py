"""`probe` and `test-page`: what a printer can do, asked of it and of the person before it."""
