"""Contract v1: what travels between a kiosk and the central server, and what both are made with.

It imports nothing else of ours, and it is all that the server knows of the kiosk.
The golden messages in ``assets/contract/v1/`` show one of each.
"""
