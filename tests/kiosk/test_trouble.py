from kiosk.contract.messages import CheckInContent
from kiosk.trouble import trouble


def test_what_a_visitor_entered_is_not_in_the_trouble_that_is_logged():
    try:
        CheckInContent.model_validate({"language": "a canary's song", "adults": "canary"})
    except ValueError as error:
        told = trouble(error)

    assert "canary" not in told
    assert told.startswith("ValidationError at ")
    assert "test_trouble.py:" in told


def test_trouble_that_was_never_raised_has_no_place():
    assert trouble(KeyError("x")) == "KeyError at an unknown place"
