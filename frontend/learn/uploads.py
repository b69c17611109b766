"""Files that a question form brings, and the addresses where files are read back."""

from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assessments.api import FileRefused, check_file, claim_uploads, keep_upload, open_uploaded
from assessments.items.file_upload import FileUpload
from assessments.models import Upload
from frontend.learn.access import learner_page, refuse
from frontend.learn.faults import describe_file_fault
from frontend.learn.media import harmless
from organisation.models import Person


class FilesRefused(ValueError):
    """Files of a form that were not taken; `messages` says why of each. `entries` are those that were."""

    def __init__(self, messages: list[str], entries: list[dict[str, Any]]) -> None:
        self.messages = messages
        self.entries = entries
        super().__init__("; ".join(messages))


def keep_files(request: HttpRequest, person: Person, content: FileUpload) -> dict[str, Any]:
    """Keep the files of a posted question form and return the answer that names them, with those kept before.

    Raises FilesRefused when any is not taken; the others are kept and need not be sent again.
    """
    entries = claim_uploads(person.pk, request.POST.getlist("kept"))
    sent = _sent(request)
    if len(entries) + len(sent) > content.most:
        raise FilesRefused([_too_many(content)], entries)
    messages = []
    for file in sent:
        try:
            upload = keep_upload(person, content, file.name or "", file)
        except FileRefused as refusal:
            messages.append(describe_file_fault(refusal.reason, file.name or ""))
        else:
            entries += claim_uploads(person.pk, [str(upload.pk)])
    if messages:
        raise FilesRefused(messages, entries)
    return {"files": entries}


def check_files(request: HttpRequest, content: FileUpload) -> dict[str, Any]:
    """Check the files of a form and return the answer that would name them; nothing is kept. Raises FilesRefused."""
    entries, messages = [], []
    sent = _sent(request)
    if len(sent) > content.most:
        raise FilesRefused([_too_many(content)], [])
    for file in sent:
        try:
            entries.append(check_file(content, file.name or "", file).claim(uuid4().hex))
        except FileRefused as refusal:
            messages.append(describe_file_fault(refusal.reason, file.name or ""))
    if messages:
        raise FilesRefused(messages, [])
    return {"files": entries}


@require_safe
@never_cache
@learner_page
def upload(request: HttpRequest, person: Person, upload_id: UUID) -> HttpResponse:
    """Give a person back a file that they handed in: always to save, never to open in the page."""
    found = Upload.objects.filter(pk=upload_id, person=person).first()
    if found is None:
        raise refuse(request, f"upload {upload_id}")
    return file_response(found)


def file_response(found: Upload) -> HttpResponse:
    """The response that hands a file over: as a download, of the type that its bytes were checked for."""
    response = FileResponse(
        open_uploaded(found), as_attachment=True, filename=found.name, content_type=found.content_type
    )
    return harmless(response)


def _sent(request: HttpRequest) -> list[UploadedFile]:
    return [file for file in request.FILES.getlist("files") if isinstance(file, UploadedFile)]


def _too_many(content: FileUpload) -> str:
    return _("At most %(count)d files are taken.") % {"count": content.most}
