"""The assessments that come with the project."""

from assessments.domain.simulation_log import playable_simulation
from assessments.models import Assessment, ItemVersion

QUIZ = "digital-ai-quiz"


def make_standard_assessments() -> list[Assessment]:
    """Make the adaptive quiz, and an assessment for every published simulation, where they do not exist yet.

    What an author changed about one stays as it is. A simulation's assessment is called like the simulation, with
    hyphens: one_stop_reply gives one-stop-reply.
    """
    quiz, _ = Assessment.objects.get_or_create(
        code=QUIZ,
        defaults={
            "mode": Assessment.Mode.ADAPTIVE,
            "name_vi": "Trắc nghiệm năng lực số và AI theo vị trí việc làm",
            "name_en": "Digital and AI competency quiz for your post",
            "summary_vi": "Tối đa 20 câu hỏi tình huống, chọn theo yêu cầu của vị trí việc làm và theo câu trả lời "
            "của anh/chị. Mỗi lần làm đo khoảng sáu năng lực; lần sau đo tiếp các năng lực còn lại.",
            "summary_en": "At most 20 situations from daily work, chosen by what your post requires "
            "and by your answers. Each sitting measures about six competencies; the next one goes on with the others.",
            "by_post": True,
            "minutes": 30,
            "max_items": 20,
            "max_items_per_competency": 4,
            "is_open": True,
        },
    )
    made = [quiz]
    published = ItemVersion.objects.filter(item__kind="simulation", status=ItemVersion.Status.PUBLISHED)
    for version in published.select_related("item").order_by("item__code"):
        simulation = playable_simulation(version.pk)
        assessment, _ = Assessment.objects.get_or_create(
            code=simulation.code.replace("_", "-"),
            defaults={
                "mode": Assessment.Mode.SIMULATION,
                "name_vi": simulation.title.vi,
                "name_en": simulation.title.en,
                "summary_vi": simulation.summary.vi,
                "summary_en": simulation.summary.en,
                "simulation": version.item,
                "minutes": simulation.limits.minutes,
                "is_open": True,
            },
        )
        made.append(assessment)
    return made
