"""Whatever the room and the things: each is on one page, in order, and none is too small."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.screens.paging import HEADING, Box, Group, Room, arrange

LENGTHS = st.floats(min_value=20, max_value=300)


def group_of(needs, *, columns=(1,), narrowest=0.0, **more):
    return Group(
        len(needs), lambda width: needs if width >= narrowest else None, columns=columns, **more
    )


groups = st.builds(
    group_of,
    st.lists(LENGTHS, max_size=16),
    columns=st.sampled_from([(1,), (2, 1), (2, 3, 1), (4, 2, 1)]),
    narrowest=st.floats(min_value=0, max_value=250),
    even=st.booleans(),
    heading=st.sampled_from([lambda _: 0.0, lambda _: 40.0]),
    highest=st.sampled_from([float("inf"), 200.0]),
    column=st.integers(min_value=0, max_value=1),
)
rooms = st.builds(
    Room,
    width=st.floats(min_value=420, max_value=1900),
    height=st.floats(min_value=370, max_value=1900),  # one thing, a heading and a gap fit
    gap=st.floats(min_value=0, max_value=30),
    arrows=st.floats(min_value=70, max_value=130),
)


def things(pages):
    return [(box.group, box.index) for page in pages for box in page if box.index != HEADING]


@given(st.lists(groups, min_size=1, max_size=3), rooms, st.booleans())
def test_everything_is_on_one_page_and_in_order(wanted, room, beside) -> None:
    pages = arrange(wanted, room, beside=beside)

    expected = [(g, index) for g, group in enumerate(wanted) for index in range(group.count)]
    # Columns side by side are filled one after the other.
    assert sorted(things(pages)) == expected
    assert beside or things(pages) == expected
    assert all(pages) or not expected


@given(st.lists(groups, min_size=1, max_size=3), rooms, st.booleans())
def test_nothing_is_smaller_than_it_needs_to_be(wanted, room, beside) -> None:
    for page in arrange(wanted, room, beside=beside):
        for box in page:
            if box.index == HEADING:
                assert box.height == wanted[box.group].heading(box.width)
            else:
                needs = wanted[box.group].needs(box.width)
                assert needs is not None
                assert box.height >= needs[box.index] - 0.02


@given(st.lists(groups, min_size=1, max_size=3), rooms, st.booleans())
def test_all_lies_in_the_room_and_nothing_overlaps(wanted, room, beside) -> None:
    pages = arrange(wanted, room, beside=beside)
    width = room.width if len(pages) == 1 else room.width - room.arrows - room.gap
    for page in pages:
        for box in page:
            assert -0.02 <= box.x <= box.x + box.width <= width + 0.02
            assert -0.02 <= box.y <= box.y + box.height <= room.height + 0.02
        for one in page:
            assert not any(overlap(one, other) for other in page if other is not one)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width - 0.02
        and other.x < one.x + one.width - 0.02
        and one.y < other.y + other.height - 0.02
        and other.y < one.y + one.height - 0.02
    )


@given(groups, rooms)
def test_rows_of_an_even_group_are_of_one_height_on_a_page(group, room) -> None:
    for page in arrange([group], room):
        heights = [box.height for box in page if box.index != HEADING]
        if group.even and heights:
            assert max(heights) - min(heights) < 0.02


def test_one_page_where_it_fits_and_as_few_as_can_be_where_not() -> None:
    room = Room(1000, 640, 20, arrows=100)
    few, many = group_of([100] * 10, columns=(2,)), group_of([100] * 14, columns=(2,))

    assert len(arrange([few], room)) == 1
    assert [len(page) for page in arrange([many], room)] == [8, 6]


def test_the_first_columns_that_fit_are_taken() -> None:
    room = Room(1000, 640, 20, arrows=100)
    roomy = arrange([group_of([100] * 4, columns=(2, 4))], room)
    full = arrange([group_of([300] * 6, columns=(2, 4))], room)

    assert {box.width for box in roomy[0]} == {490}
    assert {box.width for box in full[0]} == {235}


def test_what_is_too_narrow_for_its_words_takes_fewer_columns() -> None:
    pages = arrange([group_of([100] * 4, columns=(2, 1), narrowest=600)], Room(1000, 640, 20))

    assert {box.width for box in pages[0]} == {1000}


def test_height_to_spare_goes_to_what_grows() -> None:
    group = group_of([100, 50], even=False, grows=lambda index: 1.0 - index)
    (page,) = arrange([group], Room(500, 400, 10))

    assert [(box.y, box.height) for box in page] == [(0, 340), (350, 50)]


def test_groups_share_a_page_only_where_both_end_on_it() -> None:
    two = [group_of([100] * 2), group_of([100] * 2), group_of([100])]
    pages = arrange(two, Room(500, 500, 10, arrows=100))

    assert [{box.group for box in page} for page in pages] == [{0, 1}, {2}]


def test_a_heading_stands_above_its_things_on_each_page() -> None:
    two = [group_of([200] * 3, heading=lambda _: 50.0), group_of([300] * 2, heading=lambda _: 50.0)]
    pages = arrange(two, Room(500, 500, 10, arrows=100))

    assert [{box.group for box in page} for page in pages] == [{0}, {0}, {1}, {1}]
    assert all(page[0].index == HEADING for page in pages)


def test_rows_are_as_high_on_a_page_that_has_fewer_of_them() -> None:
    pages = arrange([group_of([200] * 5)], Room(500, 700, 10, arrows=100))

    assert [len(page) for page in pages] == [3, 2]
    assert len({round(box.height) for page in pages for box in page}) == 1


def test_groups_that_are_alike_stand_in_like_columns() -> None:
    alike = [group_of([100] * 10, columns=(5, 10)) for _ in range(2)]
    (page,) = arrange(alike, Room(1000, 340, 20))

    assert {box.width for box in page} == {82}


def test_nothing_to_show_is_one_empty_page() -> None:
    assert arrange([group_of([])], Room(500, 500, 10)) == ((),)
