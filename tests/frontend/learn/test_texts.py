"""How an item's text becomes HTML."""

import pytest

from frontend.templatetags.learn import excerpt, new_key, plain_text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Một dòng", "<p>Một dòng</p>"),
        ("Một\n\nHai\nBa", "<p>Một</p><p>Hai</p><p>Ba</p>"),
        (
            "Thư viết:\n> Lệ phí 15.000 đồng.\n> Trân trọng.\nSai ở đâu?",
            "<p>Thư viết:</p><blockquote><p>Lệ phí 15.000 đồng.</p><p>Trân trọng.</p></blockquote><p>Sai ở đâu?</p>",
        ),
        ("3 > 2 và 1 < 2", "<p>3 &gt; 2 và 1 &lt; 2</p>"),
        ("> <b onclick=x>đậm</b>", "<blockquote><p>&lt;b onclick=x&gt;đậm&lt;/b&gt;</p></blockquote>"),
        ("Mở https://a.vn/ hoặc a@b.vn", "<p>Mở https://a.vn/ hoặc a@b.vn</p>"),
        (">\n", "<blockquote></blockquote>"),
        ("", ""),
    ],
)
def test_plain_text_escapes_everything_and_links_nothing(text, html):
    assert plain_text(text) == html


def test_keys_differ():
    assert len({new_key() for _each in range(100)}) == 100


def test_excerpt_is_one_line_of_whole_words_without_quotation_marks():
    assert excerpt("Thư viết:\n> Lệ phí  15.000 đồng.\nSai ở đâu?", 40) == "Thư viết: Lệ phí 15.000 đồng. Sai ở đâu?"
    assert excerpt("Thư viết:\n> Lệ phí  15.000 đồng.\nSai ở đâu?", 39) == "Thư viết: Lệ phí 15.000 đồng. Sai ở…"
