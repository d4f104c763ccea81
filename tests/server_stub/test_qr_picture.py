import io

import pytest
import resvg_py
import zxingcpp
from PIL import Image

from server_stub.qr_picture import qr_svg


@pytest.mark.parametrize(
    "text", ["https://ankunft.example/t/AAAAAAAAAAAAAAAAAAAAAA", "https://x.example/?a=1&b=<2>"]
)
def test_a_camera_reads_what_the_code_says(text):
    svg = str(qr_svg(text, label="Address"))
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1), width=400
    )

    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(bytes(drawn))))

    assert [code.text for code in read] == [text]


def test_a_label_cannot_break_out_of_the_picture():
    svg = str(qr_svg("x", label='"><script>'))

    assert "<script>" not in svg
