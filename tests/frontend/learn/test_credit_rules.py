"""What a multiple choice question earns is said in plain words before it is answered."""

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from assessments.items import multiple_choice


@pytest.mark.parametrize(
    ("scoring", "said"),
    [
        ("all_or_nothing", "Chỉ được điểm khi chọn đủ các câu trả lời đúng và không chọn câu nào sai."),
        ("plus_minus", "Điểm bằng số lựa chọn đúng trừ số lựa chọn sai, thấp nhất là 0."),
    ],
)
def test_rule_of_credit_is_said_before_the_answer(scoring, said):
    content = multiple_choice.parse_content(multiple_choice.SAMPLE | {"scoring": scoring})
    question = multiple_choice.player_view(content, "vi", 1)
    with override("vi"):
        page = render_to_string("learn/questions/multiple_choice.html", {"question": question})
    assert said in page
    assert 'aria-describedby="stem credit"' in page
