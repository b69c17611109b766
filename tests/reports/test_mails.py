"""Reports by e-mail: a bare link on its day, to whoever is in scope on that day, and to nobody else."""

import re
from datetime import date
from smtplib import SMTPServerDisconnected
from unittest.mock import patch

import pytest
from django.core import mail as outbox
from django.urls import resolve

from organisation.api import today, undo_reorganisation
from organisation.models import AuditEvent, RoleGrant, Unit, UnitVersion, User
from organisation.reorganising.steps import Create, Merge, NewUnit
from reports.api import (
    colleagues_of,
    find_mail,
    mails_and_lost_of,
    mails_asked_by,
    mails_of,
    send_due_mails,
    subscribe,
    subscribe_colleagues,
    unsubscribe,
)
from reports.models import ReportMail
from tests.factories.organisation import PersonFactory, RoleGrantFactory, UnitFactory
from tests.organisation.reorganising import applied

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


@pytest.fixture
def province():
    return UnitFactory(code="P-SECRET", kind="province", name_vi="Tỉnh Bí Mật", name_en="Secret Province")


@pytest.fixture
def officer(province) -> User:
    user: User = RoleGrantFactory(role="hr", unit=province).user
    User.objects.filter(pk=user.pk).update(email="an@example.vn", last_name="Nguyễn")
    user.refresh_from_db()
    return user


@pytest.fixture
def mail(officer, province) -> ReportMail:
    made = subscribe(officer, province, "week")
    ReportMail.objects.update(next_on=MONDAY)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(
    ("every", "day", "following"),
    [
        ("week", date(2026, 11, 23), date(2026, 11, 30)),
        ("week", date(2026, 11, 29), date(2026, 11, 30)),
        ("month", date(2026, 11, 1), date(2026, 12, 1)),
        ("month", date(2026, 12, 31), date(2027, 1, 1)),
        ("month", date(2027, 1, 31), date(2027, 2, 1)),
    ],
)
def test_the_next_day_is_the_first_of_its_kind(every, day, following):
    assert ReportMail(every=every).day_after(day) == following


@pytest.mark.parametrize(
    ("language", "subject"),
    [("vi", "Báo cáo khoảng cách năng lực của anh/chị"), ("en", "Your report on competency gaps")],
)
def test_the_mail_is_a_link_in_the_persons_language(mail, language, subject, settings):
    User.objects.update(language=language)
    assert (send_due_mails(MONDAY), len(outbox.outbox)) == (1, 1)
    (sent,) = outbox.outbox
    assert (sent.subject, sent.to, sent.content_subtype) == (subject, ["an@example.vn"], "plain")
    links = re.findall(r"https?://\S+", sent.body)
    assert links == [f"{settings.SITE_URL}/hr/mails/{mail.key}/", f"{settings.SITE_URL}/hr/mails/{mail.key}/stop/"]
    paths = [link.removeprefix(settings.SITE_URL) for link in links]
    assert [resolve(path).view_name for path in paths] == ["hr:mail-open", "hr:mail-stop"]
    assert sent.extra_headers["List-Unsubscribe"] == f"<{links[1]}>"


def test_the_mail_tells_of_no_unit_no_person_and_no_figure(mail):
    send_due_mails(MONDAY)
    raw = outbox.outbox[0].message().as_string() + outbox.outbox[0].body
    for secret in ("SECRET", "Secret", "Bí Mật", "Nguyễn"):
        assert secret not in raw
    assert re.findall(r"\d", outbox.outbox[0].body.replace(str(mail.key), "").replace("127.0.0.1:8000", "")) == []


def test_each_day_is_served_once(mail):
    assert [send_due_mails(MONDAY) for _time in range(3)] == [1, 0, 0]
    assert ReportMail.objects.get().next_on == date(2026, 11, 30)
    assert send_due_mails(date(2026, 12, 9)) == 1, "late, but once"
    assert ReportMail.objects.get().next_on == date(2026, 12, 14)


def test_what_is_not_due_waits(mail):
    assert (send_due_mails(date(2026, 11, 22)), outbox.outbox) == (0, [])


@pytest.mark.parametrize("change", ["grant", "elsewhere", "inactive", "unit"])
def test_whoever_left_the_scope_is_sent_nothing_and_the_mail_ends(mail, officer, province, change):
    if change == "grant":
        RoleGrant.objects.all().delete()
    elif change == "elsewhere":
        RoleGrant.objects.update(unit=UnitFactory(code="ELSE"))
    elif change == "inactive":
        User.objects.filter(pk=officer.pk).update(is_active=False)
    else:
        UnitVersion.objects.filter(unit=province).delete()
    assert mails_of(User.objects.get(pk=officer.pk)) == []
    assert (send_due_mails(MONDAY), outbox.outbox) == (0, [])
    assert (find_mail(mail.key, officer), mails_and_lost_of(officer)[1]) == (None, [mail])
    unsubscribe(mail.key)
    assert mails_and_lost_of(officer)[1] == []


def merge(province: Unit) -> None:
    UnitFactory(code="VN", kind="nation")
    applied(Merge((province.code,), "N", NewUnit("N", "Tỉnh Mới", "province", "VN")), day=today())


def test_a_mail_goes_on_with_what_took_the_place_of_its_unit(mail, officer, province):
    merge(province)
    assert send_due_mails(MONDAY) == 1
    kept = ReportMail.objects.get()
    assert (kept.pk, kept.unit.code, kept.next_on) == (mail.pk, "N", date(2026, 11, 30))
    assert mails_and_lost_of(officer) == ([mail], [])


def test_a_mail_of_a_unit_whose_making_was_undone_goes_back_to_what_that_was_made_of(mail, officer, province):
    UnitFactory(code="VN", kind="nation")
    UnitFactory(code="Q", kind="province")
    step = Merge(("Q", province.code), "N", NewUnit("N", "Tỉnh Mới", "province", "VN"))
    made = applied(step, day=today())
    assert send_due_mails(MONDAY) == 1
    undo_reorganisation(made.pk, actor=officer)
    ReportMail.objects.update(next_on=MONDAY)
    assert send_due_mails(MONDAY) == 1
    assert ReportMail.objects.get().unit == province


def test_the_page_names_a_lost_mail_of_a_unit_that_never_came_to_be(mail, officer, client):
    made = applied(Create(NewUnit("N", "Phòng Mới", "office", mail.unit.code)), day=today())
    kept = subscribe(officer, Unit.objects.get(code="N"), "week")
    undo_reorganisation(made.pk, actor=officer)
    RoleGrant.objects.update(unit=UnitFactory(code="ELSE"))
    ReportMail.objects.update(next_on=MONDAY)
    send_due_mails(MONDAY)
    assert kept in mails_and_lost_of(officer)[1]
    client.force_login(officer)
    page = client.get("/hr/exports/")
    assert page.status_code == 200
    assert "<strong>N</strong>" in page.content.decode()


@pytest.mark.parametrize("has_ended", [False, True])
def test_of_two_mails_that_come_to_one_unit_the_units_own_stays(mail, officer, province, has_ended):
    merge(province)
    own = subscribe(officer, Unit.objects.get(code="N"), "month")
    if has_ended:
        unsubscribe(own.key)
    assert send_due_mails(MONDAY) == 0
    assert ReportMail.objects.get() == own


def test_a_mail_whose_reader_may_not_read_what_took_the_place_ends_with_a_note(mail, officer, province):
    merge(province)
    RoleGrant.objects.all().delete()
    assert send_due_mails(MONDAY) == 0
    assert [each.unit for each in mails_and_lost_of(officer)[1]] == [province]
    assert subscribe(officer, province, "week").lost_at is None


def test_a_mail_that_the_server_does_not_take_stays_due(mail):
    with patch("django.core.mail.EmailMessage.send", side_effect=SMTPServerDisconnected):
        assert send_due_mails(MONDAY) == 0
    assert ReportMail.objects.get().next_on == MONDAY
    assert send_due_mails(MONDAY) == 1


@pytest.fixture
def colleague(province) -> User:
    user: User = RoleGrantFactory(role="hr", unit=province).user
    User.objects.filter(pk=user.pk).update(email="binh@example.vn")
    user.refresh_from_db()
    return user


def test_a_colleague_is_sent_a_link_and_told_who_wished_it(officer, colleague, province):
    assert subscribe_colleagues(officer, province, "week", [colleague]) == 1
    assert AuditEvent.objects.filter(actor=officer, action="report_mail_asked", target=province.code).count() == 1
    ReportMail.objects.update(next_on=MONDAY)
    User.objects.update(language="en")
    assert send_due_mails(MONDAY) == 1
    (sent,) = outbox.outbox
    assert (sent.to, "a colleague asks you to read a report" in sent.body) == (["binh@example.vn"], True)
    for secret in ("SECRET", "Secret", "Bí Mật", "Nguyễn", officer.username):
        assert secret not in sent.message().as_string() + sent.body
    assert [each.user for each in mails_asked_by(officer)] == [colleague]
    assert mails_asked_by(colleague) == []


def test_a_colleagues_own_wish_stays_as_it_is(officer, colleague, province):
    own = subscribe(colleague, province, "month")
    assert subscribe_colleagues(officer, province, "week", [colleague]) == 0
    kept = ReportMail.objects.get()
    assert (kept.pk, kept.every, kept.asked_by) == (own.pk, "month", None)


def test_asking_for_a_colleague_again_changes_how_often_and_their_own_wish_takes_it_over(officer, colleague, province):
    subscribe_colleagues(officer, province, "week", [colleague])
    assert subscribe_colleagues(officer, province, "month", [colleague]) == 0
    assert [(each.every, each.asked_by) for each in ReportMail.objects.all()] == [("month", officer)]
    subscribe(colleague, province, "week")
    assert [(each.every, each.asked_by) for each in ReportMail.objects.all()] == [("week", None)]


@pytest.mark.parametrize("who", ["oneself", "other unit", "unit below", "no address", "inactive", "trainer"])
def test_links_are_sent_to_nobody_who_does_not_answer_for_the_unit(officer, colleague, province, who):
    change = {"no address": {"email": ""}, "inactive": {"is_active": False}}
    if who == "oneself":
        colleague = officer
    elif who == "other unit":
        RoleGrant.objects.filter(user=colleague).update(unit=UnitFactory(code="ELSE"))
    elif who == "unit below":
        RoleGrant.objects.filter(user=colleague).update(unit=UnitFactory(code="BELOW", parent=province))
    elif who == "trainer":
        RoleGrant.objects.filter(user=colleague).update(role="trainer", unit=None)
    else:
        User.objects.filter(pk=colleague.pk).update(**change[who])
    assert colleague not in colleagues_of(officer, province)
    with pytest.raises(PermissionError):
        subscribe_colleagues(officer, province, "week", [colleague])
    assert ReportMail.objects.count() == 0


def test_who_answers_for_a_unit_above_is_a_colleague_in_the_order_of_names(officer, colleague, province):
    commune = UnitFactory(code="BELOW", parent=province)
    for user, name in ((officer, "Trần Ánh"), (colleague, "Lê An")):
        PersonFactory(user=user, full_name=name)
    outsider = RoleGrantFactory(role="hr", unit=commune, user__email="d@example.vn").user
    assert [each.shown_name for each in colleagues_of(outsider, commune)] == ["Lê An", "Trần Ánh"]


def test_a_wish_for_a_colleague_who_left_the_scope_is_not_listed(officer, colleague, province):
    subscribe_colleagues(officer, province, "week", [colleague])
    RoleGrant.objects.filter(user=colleague).update(unit=UnitFactory(code="ELSE"))
    assert mails_asked_by(officer) == []


def test_asking_again_changes_how_often_and_ending_is_by_key(mail, officer, province):
    again = subscribe(officer, province, "month")
    assert (again.pk, again.every, ReportMail.objects.count()) == (mail.pk, "month", 1)
    assert mails_of(officer) == [again]
    unsubscribe(mail.key)
    unsubscribe(mail.key)
    assert mails_of(officer) == []


def test_who_ended_a_mail_is_not_sent_it_by_colleagues_again_until_they_ask_themselves(officer, colleague, province):
    subscribe_colleagues(officer, province, "week", [colleague])
    unsubscribe(ReportMail.objects.get().key)
    assert subscribe_colleagues(officer, province, "month", [colleague]) == 0
    assert (mails_of(colleague), mails_asked_by(officer)) == ([], [])
    ReportMail.objects.update(next_on=MONDAY)
    assert send_due_mails(MONDAY) == 0
    subscribe(colleague, province, "month")
    ReportMail.objects.update(next_on=MONDAY)
    assert send_due_mails(MONDAY) == 1


def test_a_wish_that_is_taken_back_by_who_had_it_can_be_had_again(officer, colleague, province):
    subscribe_colleagues(officer, province, "week", [colleague])
    unsubscribe(ReportMail.objects.get().key, officer)
    assert subscribe_colleagues(officer, province, "week", [colleague]) == 1
    # The reader's own word is not taken back by whoever asked.
    unsubscribe(ReportMail.objects.get().key, colleague)
    unsubscribe(ReportMail.objects.get().key, officer)
    assert subscribe_colleagues(officer, province, "week", [colleague]) == 0


def test_an_account_without_a_person_goes_by_its_own_name(officer):
    assert officer.shown_name == "Nguyễn"
    officer.first_name = "An"
    assert officer.shown_name == "Nguyễn An"
    officer.first_name = officer.last_name = ""
    assert officer.shown_name == officer.username
