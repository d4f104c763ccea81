"""The pages of administration: accounts, devices, the audit log, retention and door signs."""
