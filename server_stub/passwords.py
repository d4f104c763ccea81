"""The passwords of staff: kept as argon2id hashes, checked a few at a time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server_stub.settings import PasswordCost

LEAST_LENGTH = 8
"""Characters of a password."""

CHECKS_AT_ONCE = 2
"""Each check holds 64 MiB and a processor: a crowd of logins must not starve the kiosks."""


def hash_password(password: str, cost: PasswordCost) -> str:
    """Return what to store of a password. Takes about 0.1 s at the usual cost."""
    return _hasher(cost).hash(password)


class PasswordChecker:
    """Checks passwords beside the event loop, and as slowly for names that nobody has.

    Args:
        cost: Of the check that stands in where there is no hash to check.

    """

    def __init__(self, cost: PasswordCost) -> None:
        self._cost = cost
        self._hasher = _hasher(cost)
        self._threads = ThreadPoolExecutor(CHECKS_AT_ONCE, thread_name_prefix="passwords")

    async def is_right(self, password: str, password_hash: str | None) -> bool:
        """Tell whether the password has that hash; False, in the same time, where there is none."""
        check = partial(self._check, password, password_hash)
        return await asyncio.get_running_loop().run_in_executor(self._threads, check)

    def _check(self, password: str, password_hash: str | None) -> bool:
        nobodys = hash_of_nobody(self._cost)
        try:
            self._hasher.verify(password_hash or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None


@cache
def hash_of_nobody(cost: PasswordCost) -> str:
    """Return what stands in for the hash of a name that nobody has; it is made once."""
    return hash_password("nobody's", cost)


def _hasher(cost: PasswordCost) -> PasswordHasher:
    return PasswordHasher(
        time_cost=cost.rounds, memory_cost=cost.memory_kib, parallelism=cost.lanes
    )
