"""Gap reports of the country's real units, before anybody works there and after."""

import pytest
from django.core.management import call_command

from organisation.models import Unit
from reports.api import rebuild_cells
from tests.factories.organisation import RoleGrantFactory
from tests.factories.reports import staff
from tests.organisation.real_data import reform_file

pytestmark = pytest.mark.django_db
TITLES = {"VN": "Việt Nam", "P11": "Thành phố Hà Nội", "D3595": "Huyện Ba Vì", "C69131": "Xã Minh Châu"}


def test_a_gap_report_opens_for_a_real_unit_of_each_tier(client, competencies, desk):
    call_command("import_units", str(reform_file()), verbosity=0)
    nation = Unit.objects.get(code="VN")
    client.force_login(RoleGrantFactory(role="hr", unit=nation, sees_people=True).user)
    for code, title in TITLES.items():
        response = client.get(f"/hr/units/{code}/")
        assert (response.status_code, title in response.content.decode()) == (200, True)
        assert "29/29" not in response.content.decode()

    # The control: with people in one commune, every unit above it counts them.
    staff(Unit.objects.get(code="C69131"), desk, competencies[0], 29, mean=0.4)
    rebuild_cells()
    for code in TITLES:
        assert "29/29" in client.get(f"/hr/units/{code}/").content.decode()
