"""All routes of the pages of administration."""

from fastapi import APIRouter

from server_stub.admin_pages import (
    accounts_page,
    audit_page,
    displays_page,
    keys_page,
    kiosks_page,
    outbox_page,
    overview_page,
    retention_page,
    signs_page,
    wind_down_page,
)

router = APIRouter()
for page in (
    overview_page,
    accounts_page,
    kiosks_page,
    outbox_page,
    displays_page,
    keys_page,
    audit_page,
    retention_page,
    signs_page,
    wind_down_page,
):
    router.include_router(page.router)
