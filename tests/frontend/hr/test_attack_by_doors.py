"""An officer who reads every page, file and answer that there is, and does linear algebra on what they say."""

import itertools
import random
from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest
from django.test import Client

from courses.models import CourseEffect, ModuleOutcome
from organisation.api import issue_token, today, unit_tree
from organisation.models import PositionGroup, Unit, UnitVersion, User
from reports.api import make_snapshot, rebuild_cells, save_view
from reports.domain.plan_parts import plan_parts
from reports.domain.suppression import THRESHOLD, Counted, Family, Hidden
from tests.factories.courses import CourseFactory, ModuleFactory
from tests.factories.organisation import RoleGrantFactory
from tests.frontend.hr.doors import Doors, Figure
from tests.reports.attack import Published as Sum
from tests.reports.attack import determined_sets
from tests.reports.past import STEP, Past
from tests.reports.test_publishing import Watched

pytestmark = pytest.mark.django_db
Days = tuple[date, date]
Found = dict[Days, set[Figure]]
OF_ALL = {"heat map", "list", "file", "PDF", "JSON", "comparison", "saved view", "home", "workbook"}
DOORS = OF_ALL | {"plan", "plan's page", "trend"}


@pytest.fixture(autouse=True)
def files(settings, tmp_path) -> None:
    """What is exported goes elsewhere, and the key is the instance's own."""
    settings.MEDIA_ROOT, settings.PUBLISHING_KEY = str(tmp_path), ""


def primary_only(root: Counted, chain: list[Family], threshold: int = THRESHOLD) -> Hidden:
    """Hide what is small, and nothing that would give it away."""

    def is_small(people: np.ndarray) -> np.ndarray:
        return np.asarray(((people > 0) & (people < threshold)).any(axis=-1))

    whole, groups = is_small(root.count)[0], is_small(root.groups)[0]
    if len(chain) > 1:
        above, at = chain[-2].counted, chain[-2].parts.index(chain[-1].unit)
        whole, groups = is_small(above.count)[at], is_small(above.groups)[at]
    counted = chain[-1].counted
    return Hidden(whole, is_small(counted.count), groups, is_small(counted.groups))


class Reader:
    """A random organisation of two kept days and today, reorganised meanwhile, and an officer of the nation."""

    def __init__(self, seed: int, client) -> None:
        self.past = Past(random.Random(seed), 5, (60, 110), today() - timedelta(days=400))
        self.kept = [self.past.day - 2 * STEP, self.past.day]
        for day in self.kept:
            make_snapshot(day)
        rebuild_cells()
        nation, province = (Unit.objects.get(code=code) for code in ("VN", "P1"))
        officer: User = RoleGrantFactory(role="hr", unit=nation, sees_people=True).user
        RoleGrantFactory(user=officer, role="hr", unit=province, sees_people=True)  # home says of each what it lacks
        self.colleague: User = RoleGrantFactory(role="hr", unit=nation, sees_people=True).user
        client.force_login(officer)
        module = ModuleFactory(course=CourseFactory(code="c"))
        for competency in self.past.competencies:
            ModuleOutcome.objects.create(module=module, competency=competency, level=8)
            CourseEffect.objects.create(course=module.course, competency=competency, claimed=1.0)
        versions = {*UnitVersion.objects.values_list("name_vi", "unit__code")}
        names = dict(versions)
        assert len(names) == len(versions)  # no two units have the same
        groups = dict(PositionGroup.objects.values_list("name_vi", "code"))
        self.doors = Doors(client, {"authorization": f"Bearer {issue_token(officer, 'test')}"}, names, groups)

    def read(self) -> Found:
        """Return all that any door says, by the days that it says it of."""
        found: Found = defaultdict(set)
        first, second = self.kept
        for days in ((today(), today()), (first, today()), (second, today()), (first, second), (first, first)):
            codes = sorted(node.code for node in unit_tree(days[1]).nodes.values())
            for unit in codes:
                query = {} if days == (today(), today()) else {"competence": f"{days[0]}", "structure": f"{days[1]}"}
                others = self.past.dice.sample(codes, min(3, len(codes)))
                found[days].update(self.doors.read(unit, query, others))
                narrowed = [("group", each) for each in self.doors.groups.values()] if not query else []
                for name, each in [*narrowed, ("kind", "commune")]:
                    found[days].update(self.doors.read(unit, {**query, name: each}, []))
                asked = {**query, "sort": "name"} | dict(self.past.dice.sample(narrowed, min(1, len(narrowed))))
                home = Unit.objects.get(code=unit)
                shared = save_view(self.colleague, home, f"{unit} {days}", asked, share=True)
                found[days].update(self.doors.view(shared))
        names = {each.pk: each.code for each in self.past.competencies}
        found[today(), today()].update(self.doors.home())
        weights = {code: 1.0 + place for place, code in enumerate(self.doors.groups.values())}
        asked = {"seats-c": "99", "hours-c": "1", "cost-c": "1"}
        asked |= {f"weight-{code}": f"{weight}" for code, weight in weights.items()}
        for unit in sorted(node.code for node in unit_tree().nodes.values()):
            found[today(), today()].update(self.doors.workbook(unit))
            found[today(), today()].update(self.doors.plan(unit, asked))
            for competency in ("1.1", "1.2"):
                for text, figure in self.doors.trend(unit, competency):
                    day = date(*map(int, reversed(text.split("/"))))
                    found[day, today()].add(figure)
            for part in plan_parts(Unit.objects.get(code=unit), weights)[0]:
                at = part.unit.code, part.own, part.group.code if part.group else ""
                for pk, gap in part.gaps.items():
                    if gap.suppressed:
                        continue
                    found[today(), today()].add(Figure("plan", *at, names[pk], gap.required or 0, gap.assessed or 0))
        return found

    def worked_out(self, found: Found) -> set[str]:
        """Return the sets of one to four people whose figures follow from all that was said of some days."""
        units, groups = (dict(model.objects.values_list("pk", "code")) for model in (Unit, PositionGroup))
        names = {each.pk: each.code for each in self.past.competencies}
        followed = set()
        for days, figures in found.items():
            everybody = self.past.members(days[0])
            for competency, code in names.items():
                asked = [each for each in everybody if each.competency == competency]
                sets = {
                    (units[unit], own, groups[group] if group else ""): people
                    for (unit, own, group), people in self.past.sets(asked, *days).items()
                }
                said = {each[1:4] for each in figures if each.competency == code}
                for figure in figures:
                    people = sets.get(figure[1:4], [])
                    known = sum(each.estimate is not None for each in people)
                    assert figure.competency != code or figure[5:] == (len(people), known), (days, figure)
                for measure in (0, 1):
                    columns = {
                        key: frozenset((each.person, 0) for each in people if each.estimate or not measure)
                        for key, people in sets.items()
                    }
                    small = columns | {(*a, *b): columns[a] ^ columns[b] for a, b in itertools.combinations(columns, 2)}
                    targets = {f"{days} {code} {key}": each for key, each in small.items() if 0 < len(each) < THRESHOLD}
                    shown = {Sum(columns[key]) for key in said if columns.get(key)}
                    followed |= determined_sets(shown, sorted(set().union(*columns.values())), targets)
        return followed


@pytest.mark.parametrize("seed", range(3))
def test_nothing_of_few_people_follows_from_all_that_an_officer_can_read(client, seed):
    reader = Reader(seed, client)
    found = reader.read()
    assert {each.door for figures in found.values() for each in figures} == DOORS
    assert reader.worked_out(found) == set()


def test_it_would_without_complements(client, monkeypatch):
    """The control: with what is small hidden, and nothing else, the same reader works few people out."""
    monkeypatch.setattr("reports.domain.gap_report.hide_along", primary_only)
    reader = Reader(0, client)
    assert reader.worked_out(reader.read()) != set()


@pytest.mark.parametrize("seed", range(2))
def test_whoever_may_not_see_people_meets_published_figures_at_every_door(client, seed):
    """And nothing else, whatever is asked: those of which `test_publishing` shows that nobody follows over time."""
    watched = Watched(seed)
    officer: User = RoleGrantFactory(role="hr", unit=watched.units[0]).user
    RoleGrantFactory(user=officer, role="hr", unit=watched.units[1])
    colleague: User = RoleGrantFactory(role="hr", unit=watched.units[0], sees_people=True).user
    client.force_login(officer)
    administrator = Client()
    administrator.force_login(RoleGrantFactory(role="admin", unit=None).user)
    names = dict(UnitVersion.objects.values_list("name_vi", "unit__code"))
    groups = dict(PositionGroup.objects.values_list("name_vi", "code"))
    doors = Doors(client, {"authorization": f"Bearer {issue_token(officer, 'test')}"}, names, groups)
    past = today() - timedelta(days=60)
    make_snapshot(past)
    asked = [
        {},
        {"kind": "commune"},
        {"competence": f"{past}"},
        {"structure": f"{past}"},
        {"group": next(iter(groups.values()))},
    ]
    shared = [
        save_view(colleague, unit, f"{place} {unit}", query, share=True)
        for unit in watched.units
        for place, query in enumerate([*asked, {"trend": "1.1"}])
    ]
    above = Doors(administrator, doors.headers, names, groups)
    seen: set[Figure] = set()
    for turn in range(3):
        for _ in range(6):
            watched.submit()
        if turn == 1:
            watched.reorganise()
        watched.read()
        tree, codes = unit_tree(), [unit.code for unit in watched.units]
        own = {unit: len(columns) for unit, (_moment, columns) in watched.standing.items()}
        published = {(unit.code, True): own.get(unit.pk, 0) for unit in watched.units}
        published |= {
            (unit.code, False): sum(own.get(each, 0) for each in tree.subtree(unit.pk)) for unit in watched.units
        }
        read = [*doors.home(), *above.publication("P")]
        for view in shared:
            read += doors.view(view)
        for code in codes:
            read += doors.workbook(code)
            for query in asked:
                found = [*doors.read(code, query, codes[:2])]
                assert not query.keys() - {"kind"} or "JSON" not in {figure.door for figure in found}
                read += found
            assert [*doors.trend(code, "1.1")] == []
            assert client.get(f"/hr/units/{code}/people/").status_code == 404
            assert client.get(f"/hr/units/{code}/plans/").status_code == 403
        for figure in read:
            assert (figure.group, figure.assessed) == ("", published[figure.unit, figure.own]), figure
        seen |= {*read}
    assert {each.door for each in seen} == OF_ALL | {"publication"}
