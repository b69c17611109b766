"""Media as people meet them: on the page of a question, of a whole form, under review, and as files."""

import io

import pytest
from django.urls import reverse

from assessments.domain.items import provisional_parameters, publish_new_version, version_digest
from assessments.domain.media import keep_media_file
from assessments.items.registry import item_type
from assessments.models import Item, Recording
from tests.assessments.items_more.media_bytes import FILM, SOUND, VTT, png
from tests.factories.competencies import competency_of, make_framework
from tests.factories.forms import make_form
from tests.factories.organisation import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def kept(name: str, content: bytes) -> dict[str, str]:
    types = ("picture", "audio", "video", "captions")
    path = keep_media_file(name, io.BytesIO(content), author=None, types=types).path
    return {"vi": path, "en": path}


def make_version(kind: str = "single_choice"):
    competency = competency_of(make_framework("9.1"), "9.1")
    media = [
        {
            "type": "picture",
            "file": kept("a.png", png(40, 30)),
            "width": 40,
            "height": 30,
            "alt": {"vi": 'Con dấu "x" <b>', "en": "A stamp"},
        },
        {
            "type": "audio",
            "file": kept("a.mp3", SOUND),
            "bytes": {"vi": 4160, "en": 4160},
            "transcript": {"vi": "Alô, anh chị nghe rõ không?", "en": "Hello?"},
        },
        {
            "type": "video",
            "file": kept("a.mp4", FILM),
            "bytes": {"vi": 2_000_000, "en": 2_000_000},
            "captions": kept("a.vtt", VTT),
            "transcript": {"vi": "Phim", "en": "Film"},
        },
    ]
    module = item_type(kind)
    content = module.parse_content(module.SAMPLE | {"media": media}).to_dict()
    item = Item.objects.create(code=f"9.1-{kind}", kind=kind, competency=competency)
    parameters = {competency.pk: provisional_parameters(4)}
    return publish_new_version(item, content, version_digest(content, 4, 60), parameters, level=4, seconds=60)


def shown(html: str) -> None:
    """See that a page shows every medium, each with its alternative, and fetches no recording by itself."""
    assert 'alt="Con dấu &quot;x&quot; &lt;b&gt;" width="40" height="30" loading="lazy"' in html
    assert html.count('preload="none"') == 2
    assert "Âm thanh, 4,1 KB. Chỉ tải về khi anh/chị bấm phát." in html.replace("\xa0", " ")
    assert "Alô, anh chị nghe rõ không?" in html
    assert '<track kind="captions" src="/learn/recordings/bank/' in html


@pytest.mark.parametrize("one_page", [False, True])
def test_media_stand_with_the_question_and_in_its_review(client_of, one_page):
    version = make_version()
    form = make_form([version], code="media", one_page=one_page)
    person = PersonFactory()
    client = client_of(person)
    begun = client.post(reverse("learn:assessment", args=[form.code]), follow=True)
    shown(begun.content.decode())
    attempt = person.attempts.get()
    right = next(option["id"] for option in version.content["options"] if option["correct"])
    if one_page:
        client.post(reverse("learn:save-page", args=[attempt.pk]), {f"q{version.pk}-choice": right})
    client.post(reverse("learn:submit", args=[attempt.pk]), {"sure": "yes"})
    shown(client.get(reverse("learn:result", args=[attempt.pk])).content.decode())


@pytest.fixture
def recording(client_of):
    path = kept("a.mp3", SOUND)["vi"]
    return client_of(PersonFactory()), reverse("learn:recording", args=[path])


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_recording_is_played_whole_as_what_it_is_and_as_nothing_else(recording):
    client, address = recording
    response = client.get(address)
    assert (response.status_code, body(response)) == (200, SOUND)
    assert {name: response[name] for name in ("Content-Type", "Accept-Ranges", "X-Content-Type-Options")} == {
        "Content-Type": "audio/mpeg",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Length"] == str(len(SOUND))
    assert "private" in response["Cache-Control"]
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, len(SOUND) - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=100-999999999", 100, len(SOUND) - 1),
        ("bytes=-50", len(SOUND) - 50, len(SOUND) - 1),
        ("bytes=-999999999", 0, len(SOUND) - 1),
    ],
)
def test_range_of_a_recording_is_answered(recording, asked, first, last):
    client, address = recording
    response = client.get(address, headers={"range": asked})
    assert (response.status_code, body(response)) == (206, SOUND[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(SOUND)}"
    assert response["Content-Length"] == str(last - first + 1)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("asked", [f"bytes={len(SOUND)}-", "bytes=5-3", "bytes=-0", "bytes=-"])
def test_range_that_is_not_there_is_refused(recording, asked):
    client, address = recording
    response = client.get(address, headers={"range": asked})
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(SOUND)}")


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=" + "9" * 30 + "-"])
def test_what_is_no_single_range_is_answered_with_the_whole(recording, asked):
    client, address = recording
    assert body(client.get(address, headers={"range": asked})) == SOUND


def test_recording_is_for_those_who_are_signed_in_and_pictures_are_no_recordings(client, recording):
    signed_in, address = recording
    assert client.get(address).status_code == 302
    assert signed_in.get(reverse("learn:recording", args=["bank/none.mp3"])).status_code == 404
    picture = kept("a.png", png(9, 9))["vi"]
    assert signed_in.get(reverse("learn:recording", args=[picture])).status_code == 404
    assert signed_in.get(reverse("learn:picture", args=[Recording.objects.get().path])).status_code == 404


def test_policy_lets_media_come_from_here_alone(recording):
    client, _address = recording
    assert "media-src 'self'" in client.get("/")["Content-Security-Policy"]
