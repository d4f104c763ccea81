import asyncio

import pytest

from server_stub.one_write import GatheringTransport


class Line(asyncio.Transport):
    """Notes what is done to it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.7", 1)})
        self.done = []
        self.closing = False

    def write(self, data):
        self.done.append(bytes(data))

    def close(self):
        self.done.append("closed")
        self.closing = True

    def abort(self):
        self.done.append("aborted")
        self.closing = True

    def is_closing(self):
        return self.closing

    def pause_reading(self):
        self.done.append("paused")

    def resume_reading(self):
        self.done.append("resumed")


def story(tell):
    """Run what is told of a gathering transport in an event loop; return what came to the line."""

    async def told():
        line = Line()
        await tell(GatheringTransport(line), line)
        return line.done

    return asyncio.run(told())


def test_what_is_written_in_one_turn_of_the_loop_leaves_as_one_piece():
    async def tell(gathering, line):
        gathering.write(b"head, ")
        gathering.write(bytearray(b"body"))
        assert line.done == []
        await asyncio.sleep(0)
        gathering.write(b"the next answer")
        await asyncio.sleep(0)

    assert story(tell) == [b"head, body", b"the next answer"]


def test_what_was_written_leaves_before_the_line_is_closed():
    async def tell(gathering, _line):
        gathering.write(b"the last answer")
        gathering.close()
        assert gathering.is_closing()
        await asyncio.sleep(0)

    assert story(tell) == [b"the last answer", "closed"]


def test_nothing_is_written_to_a_line_that_was_lost_meanwhile():
    async def tell(gathering, line):
        gathering.write(b"for nobody")
        line.closing = True
        await asyncio.sleep(0)

    assert story(tell) == []


def test_an_aborted_line_gets_nothing_more():
    async def tell(gathering, _line):
        gathering.write(b"too late")
        gathering.abort()
        await asyncio.sleep(0)

    assert story(tell) == ["aborted"]


def test_a_piece_that_is_changed_after_it_was_written_leaves_as_it_was():
    async def tell(gathering, _line):
        piece = bytearray(b"before")
        gathering.write(piece)
        piece[:] = b"after "
        await asyncio.sleep(0)

    assert story(tell) == [b"before"]


@pytest.mark.parametrize("step", ["pause_reading", "resume_reading"])
def test_reading_is_the_lines_own(step):
    async def tell(gathering, _line):
        getattr(gathering, step)()
        assert gathering.get_extra_info("peername") == ("192.0.2.7", 1)

    assert len(story(tell)) == 1
