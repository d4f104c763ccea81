"""The administrator's clicks: what the page says to do on pages, done on the pages themselves.

``python -m tests.install.clicks ADDRESS PASSWORD code|approve|waiting``; prints the code, the
fingerprint, or how many parties wait. REQUESTS_CA_BUNDLE names the CA.
"""

import re
import sys
import time

from tests.stand.staff import StaffMember, forms_of

LIST = "/staff/admin/kiosks"
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
FINGERPRINT = re.compile(r'class="fingerprint"[^>]*>(.*?)</span></span>', re.DOTALL)
VISIT = re.compile(r'<li class="visit[^"]*" id="visit-')
PATIENCE_SECONDS = 60.0


class Administrator(StaffMember):
    """Somebody who administers, in a browser."""

    def make_code(self, name: str) -> str:
        """Return a new code for a kiosk of that name."""
        found = CODE.search(self._press(self._page(LIST), LIST, name=name))
        if found is None:
            raise AssertionError("the page shows no code")
        return found[0]

    def approve(self) -> str:
        """Wait until a machine asks, approve it, and return its fingerprint."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            page = self._page(LIST)
            if found := FINGERPRINT.search(page):
                self._press(page, f"{LIST}/approve")
                return " ".join(re.sub("<[^>]*>", " ", found[1]).split())
            time.sleep(0.5)
        raise AssertionError("no machine asks to be enrolled")

    def waiting(self) -> int:
        """Return how many check-ins the page shows."""
        return len(VISIT.findall(self._page("/staff")))

    def _page(self, path: str) -> str:
        answer = self.session.get(self.address + path, timeout=30)
        answer.raise_for_status()
        return answer.text

    def _press(self, page: str, action: str, **filled_in: str) -> str:
        form = next(each for each in forms_of(page) if each.action == action)
        answer = self.session.post(
            self.address + action,
            data=form.values | filled_in,
            headers={"Origin": self.address},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.text


def main() -> int:
    """Click; return 0."""
    address, password, what = sys.argv[1:4]
    administrator = Administrator(address, "adam", password)
    clicks = {
        "code": lambda: administrator.make_code("entrance-1"),
        "approve": administrator.approve,
        "waiting": administrator.waiting,
    }
    sys.stdout.write(f"{clicks[what]()}\n")
    administrator.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
