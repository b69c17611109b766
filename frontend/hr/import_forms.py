"""The forms of HR's staff file: the file, and what its columns are."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisation.api import LEFT_OUT, fold_text
from organisation.models import StaffImport

MAX_UPLOAD_BYTES = 64 * 1024 * 1024
COLUMN_LABELS = {
    "unit_code": gettext_lazy("Unit code"),
    "unit_name": gettext_lazy("Unit name"),
    "unit_name_en": gettext_lazy("Unit name in English"),
    "unit_kind": gettext_lazy("Kind of unit"),
    "parent_code": gettext_lazy("Code of the unit above"),
    "employee_code": gettext_lazy("Code of the employee"),
    "full_name": gettext_lazy("Full name"),
    "email": gettext_lazy("E-mail address"),
    "gender": gettext_lazy("Gender"),
    "birth_date": gettext_lazy("Date of birth"),
    "position": gettext_lazy("Position"),
    "from": gettext_lazy("First day of the posting"),
    "to": gettext_lazy("Last day of the posting"),
    "posting_kind": gettext_lazy("Kind of posting"),
}


class FileForm(forms.Form):
    """A file to import, of `max_bytes` at most."""

    max_bytes = MAX_UPLOAD_BYTES
    file = forms.FileField(
        label=gettext_lazy("Table of the reform"),
        help_text=gettext_lazy("CSV in UTF-8 or Excel (.xlsx), with the columns named below."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        allow_empty_file=True,  # the import itself says what is wrong with it
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > self.max_bytes:
            raise forms.ValidationError(
                _("The file is larger than %(megabytes)s MB. Split it into several files.")
                % {"megabytes": self.max_bytes // 1024 // 1024}
            )
        return file


class StaffFileForm(FileForm):
    """The staff file to import."""

    file = forms.FileField(
        label=gettext_lazy("Staff file"),
        help_text=gettext_lazy(
            "Excel (.xlsx) or CSV in UTF-8. Columns that are not called as in the template can be told apart next."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        allow_empty_file=True,
    )


class ColumnsForm(forms.Form):
    """Which of our columns each foreign column of a file is: as told before, else the one whose label it bears."""

    def __init__(self, job: StaffImport, data: MultiValueDict[str, str] | None = None) -> None:
        super().__init__(data)
        by_label = {fold_text(str(label)): name for name, label in COLUMN_LABELS.items()}
        choices = [
            ("", _("Choose")),
            (LEFT_OUT, _("Leave this column out")),
            *((name, f"{label} ({name})") for name, label in COLUMN_LABELS.items()),
        ]
        self._fields_of: dict[str, str] = {}
        for number, header in enumerate(job.report.get("foreign_columns", []), start=1):
            self._fields_of[header] = f"column-{number}"
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=header, choices=choices, initial=job.columns.get(header) or by_label.get(fold_text(header), "")
            )

    @property
    def columns(self) -> dict[str, str]:
        """Our column or LEFT_OUT for each of the file's foreign columns. Needs a valid form."""
        return {header: self.cleaned_data[name] for header, name in self._fields_of.items()}
