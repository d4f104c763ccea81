"""The printer part of the chaos runs, small."""

from pathlib import Path

import pytest

from tests.chaos.printer import judge, workshop


@pytest.mark.slow
def test_no_slip_comes_out_twice_whatever_befalls_printer_line_and_kiosk(tmp_path: Path) -> None:
    with workshop(tmp_path / "shop", "6") as shop:
        for _ in range(4):
            shop.step()
        wrong, accounts = judge(shop, tmp_path / "shop" / "server")

    assert not any(wrong.values()), wrong
    assert accounts.printed
