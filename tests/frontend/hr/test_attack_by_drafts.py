"""An officer who may not see people drafts one reorganisation after the other, and solves what their previews say."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.urls import reverse

from courses.models import Enrolment
from organisation.api import end_posting, preview_people, preview_reorganisation, today, unit_tree
from organisation.models import Posting, Reorganisation, Unit, UnitVersion, User
from organisation.reorganising.steps import Dissolve, Merge, Rename, Split, Step, units_named
from reports.domain.suppression import THRESHOLD
from tests.factories.courses import LessonFactory
from tests.factories.organisation import RoleGrantFactory
from tests.frontend.hr.doors import Doors
from tests.frontend.hr.reading import tables
from tests.organisation.reorganising import draft
from tests.reports.attack import Published, determined_sets
from tests.reports.test_publishing import Watched

pytestmark = pytest.mark.django_db
People = frozenset[int]


class Drafter(Watched):
    """A province whose posts all require the one competency. Some people leave soon, and many are in courses."""

    def __init__(self, seed: int, client) -> None:
        super().__init__(seed)
        self.client, self.days = client, (today(), today() + timedelta(days=20))
        for person in self.people:
            if self.dice.random() < 0.15:
                end_posting(Posting.objects.get(person=person), today() + timedelta(days=10))
        courses = [LessonFactory().module.course for _ in range(3)]
        self.enrolments: dict[int, set[int]] = defaultdict(set)
        for person in self.people:
            for course in self.dice.sample(courses, self.dice.choice([0, 0, 1, 2, 3])):
                self.enrolments[person.pk].add(Enrolment.objects.create(person=person, course=course).pk)
        self.officer: User = RoleGrantFactory(role="hr", unit=self.units[0]).user
        RoleGrantFactory(user=self.officer, role="hr", unit=self.units[1])
        client.force_login(self.officer)
        self.said: dict[date | str, set[People]] = defaultdict(set)
        self.sets: set[People] = set()

    def steps(self) -> Iterator[list[Step]]:
        """Yield what drafts consist of, in some of which units are named alone to be counted."""
        leaves = [unit.code for unit in self.units[2:]]
        for unit in self.units[1:]:
            yield [Rename(unit.code, f"Đơn vị {unit.code}")]
        for size in (2, 3, 3, 4):
            for codes in self.dice.sample([*itertools.combinations(leaves, size)], 5):
                yield [Merge(codes[1:], codes[0])]
        for code, other in self.dice.sample([*itertools.permutations(leaves, 2)], 5):
            yield [Split(code, (code, other), code, (), "evenly")]
            yield [Dissolve(code, self.dice.choice(["P", other]))]

    def read_all(self) -> None:
        """Read what is published, and the preview of each draft."""
        homes, tree = self.homes(), unit_tree()
        staff = self.staff(today())
        together = {
            home: frozenset().union(*(staff[at] for at in homes if homes[at] == home)) for home in {*homes.values()}
        }
        doors = Doors(self.client, {}, dict(UnitVersion.objects.values_list("name_vi", "unit__code")), {})
        for unit in self.units:
            for figure in doors.read(unit.code, {}, []):
                at = Unit.objects.get(code=figure.unit).pk
                below = [at] if figure.own else tree.subtree(at)
                self.tell(today(), frozenset().union(*(together.get(each, ()) for each in below)), figure.required)
        self.sets |= {*together.values()}
        for day in self.days:
            for steps in self.steps():
                codes = {code for step in steps for code in units_named(step)}
                inside = codes <= {unit.code for unit in self.units[5:]}
                for scope in self.units[: 2 if inside else 1]:
                    self.preview(draft(*steps, day=day, scope=scope))

    def preview(self, made: Reorganisation) -> None:
        """Read the page of a draft."""
        page = self.client.get(reverse("hr:reorganisation", args=[made.pk])).content.decode()
        preview, day, everywhere = preview_reorganisation(made), made.in_force, [each.pk for each in self.units]
        assert not preview.problems
        pks = dict(Unit.objects.values_list("code", "pk"))
        staff, now, going = self.staff(day), self.staff(today()), defaultdict[tuple[str, str], set[int]](set)
        for each in preview.units:
            for posting, to in preview_people(made, each.unit.code, homes=everywhere, start=0, most=999).rows:
                going[each.unit.code, to.code].add(posting.person_id)
        leave = {code: frozenset().union(*(them for (at, _to), them in going.items() if at == code)) for code in pks}
        (rows,) = (table[1:] for table in tables(page) if table[0][1] == "Thay đổi")
        for name, _becomes, people, parts, along in rows:
            code = name.split()[-1]
            here = staff[pks[code]]
            self.sets |= {here, leave[code], here - leave[code]}
            for found in (people, *re.findall(r"(\d+) yêu cầu của vị trí", along)):
                if found.isdigit():
                    self.tell(day, here, int(found))
            for part, count in re.findall(r"\((\S+)\): (\d+)", parts):
                self.tell(day, here - leave[code] if part == code else frozenset(going[code, part]), int(count))
            for count in re.findall(r"(?<!dưới )\b(\d+) lượt ghi danh", along):
                self.tell("enrolments", now[pks[code]], int(count))
        touched = [pks[each.unit.code] for each in preview.units if each.to]
        totals = {
            "người chuyển đơn vị": (day, frozenset().union(*leave.values())),
            "tổng số người, mỗi người thuộc một đơn vị": (
                day,
                frozenset().union(*(staff[each] for each in unit_tree(day).subtree(made.scope_id))),
            ),
            "lượt ghi danh đang mở mà người của các đơn vị này giữ nguyên": (
                "enrolments",
                frozenset().union(*(now[each] for each in touched)),
            ),
        }
        for label, count in re.findall(r'class="figure"><dt>([^<]*)</dt><dd>(\d+)', page):
            measure, members = totals[label]
            self.tell(measure, members, int(count))

    def staff(self, day: date) -> dict[int, People]:
        rows = Posting.objects.filter(kind="primary", valid__contains=day).values_list("unit", "person")
        found: dict[int, set[int]] = {unit.pk: set() for unit in self.units}
        for unit, person in rows:
            found[unit].add(person)
        return {unit: frozenset(people) for unit, people in found.items()}

    def tell(self, measure: date | str, people: People, count: int) -> None:
        enrolled = sum(len(self.enrolments[person]) for person in people)
        assert count == (enrolled if measure == "enrolments" else len(people)), (measure, people)
        self.said[measure].add(people)

    def worked_out_of_few(self) -> set[str]:
        """Return the sets of one to four people whose number, or the number of whose enrolments, follows."""
        pairs = {one ^ other for one, other in itertools.combinations(self.sets, 2)}
        few = {f"{sorted(each)}": each for each in self.sets | pairs if 0 < len(each) < THRESHOLD}
        found = set()
        for measure, figures in self.said.items():
            columns = sorted(frozenset().union(*figures, *few.values()))
            shown = {Published(each) for each in figures if each}
            found |= {f"{measure} of {each}" for each in determined_sets(shown, columns, few)}
        return found


@pytest.mark.parametrize("seed", [0, 4, 30])  # the last two have small units below a large one
def test_nothing_of_few_people_follows_from_previews_and_published_figures(client, seed):
    drafter = Drafter(seed, client)
    drafter.read_all()
    assert {*drafter.said} == {*drafter.days, "enrolments"}
    assert drafter.worked_out_of_few() == set()


def test_it_would_with_totals(client, monkeypatch):
    """The control: with what is small hidden, and totals shown, the same officer works few people out."""

    def all_totals(preview, _enrolments, _apart):
        return {"going": preview.people_going, "people": preview.people_in_all, "enrolments": None}

    monkeypatch.setattr("frontend.hr.reorganisations.shown_totals", all_totals)
    drafter = Drafter(0, client)
    drafter.read_all()
    assert drafter.worked_out_of_few() != set()
