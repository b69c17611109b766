"""The reform of 1 July 2025 as a draft reorganisation."""

from datetime import date
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from organisation.domain.imports.apply import ImportRefused
from organisation.domain.imports.before_reform import UnitsRefused
from organisation.domain.imports.plan import Findings
from organisation.domain.reorganisations.drafts import add_steps, draft_reorganisation
from organisation.importing.faults import FileRefused
from organisation.importing.reform import read_reform
from organisation.models import Reorganisation, User

REFORM_DAY = date(2025, 7, 1)
REFORM_DECISION = "202/2025/QH15"


@transaction.atomic
def import_reform(file: BinaryIO, *, number: str, title: str, in_force: date, author: User | None) -> Reorganisation:
    """Draft the reform that the table tells. Raises UnitsRefused with every problem of the table, ImportRefused when
    a reorganisation of that number is there already and was not undone."""
    there = Reorganisation.objects.filter(number=number).exclude(status=Reorganisation.Status.UNDONE)
    if there.exists():
        raise ImportRefused(_("A reorganisation with this number is there already."))
    findings = Findings()
    try:
        steps, faults = read_reform(file)
    except FileRefused as refused:
        steps, faults = [], [refused.fault]
    for fault in faults:
        findings.add_fault(fault)
    if findings.count:
        raise UnitsRefused(findings)
    reorganisation = draft_reorganisation(number=number, title=title, in_force=in_force, author=author)
    add_steps(reorganisation, steps)
    return reorganisation
