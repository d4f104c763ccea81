from server_stub.needs import needs_of, pictograms


def test_each_stage_that_answers_lead_to_has_the_icon_of_what_was_answered(room):
    assert pictograms(room.site) == {
        "housing": "bed",
        "registration": "register",
        "benefits": "money",
        "onward-travel": "travel",
    }


def test_nobody_needs_the_stage_where_everybody_begins(room):
    icons = pictograms(room.site)

    assert needs_of(("information", "housing", "benefits"), icons) == ["housing", "benefits"]


def test_a_site_without_questions_has_no_pictograms(room):
    assert pictograms(room.site.model_copy(update={"questions": ()})) == {}
