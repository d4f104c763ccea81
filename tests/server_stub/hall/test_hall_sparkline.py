from server_stub.hall_sparkline import sparkline


def test_the_tallest_bar_has_the_full_height() -> None:
    line = sparkline([0, 3, 12])

    assert [(bar.x, bar.height, bar.y) for bar in line.bars] == [
        (0, 0, 36),
        (8, 9, 27),
        (16, 36, 0),
    ]
    assert (line.width, line.height, line.most) == (22, 36, 12)


def test_lines_with_one_scale_can_be_compared() -> None:
    assert sparkline([3], most=12).bars[0].height == 9


def test_nobody_came_is_no_bar_and_no_division() -> None:
    line = sparkline([0, 0])

    assert [bar.height for bar in line.bars] == [0, 0]
    assert sparkline([]).width == 1
