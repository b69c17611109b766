"""The addresses of pictures and recordings that questions show."""

import re
from collections.abc import Iterator
from typing import IO, cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from assessments.api import open_media_file
from assessments.models import Picture, Recording
from frontend.learn.access import refuse

SANDBOX = "default-src 'none'; sandbox"
"""What a file may do should a browser open it after all: nothing."""
CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@require_safe
@login_required
@cache_control(private=True, max_age=31536000, immutable=True)
def picture(request: HttpRequest, path: str) -> HttpResponse:
    """Show a picture of a question to whoever is signed in; its name is its digest, so it may be kept for good."""
    found = Picture.objects.filter(path=path).first()
    if found is None:
        raise refuse(request, f"picture {path}")
    return harmless(FileResponse(open_media_file(found), content_type=found.content_type))


@require_safe
@login_required
@cache_control(private=True, max_age=31536000, immutable=True)
def recording(request: HttpRequest, path: str) -> HttpResponse:
    """Play a sound or a film of a question to whoever is signed in, or the part of it that a player asks for.

    One range is answered (RFC 9110, section 14); several, or what is no range of bytes, are answered with the whole.
    """
    found = Recording.objects.filter(path=path).first()
    if found is None:
        raise refuse(request, f"recording {path}")
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    first, last = _bounds(asked[1], asked[2], found.size) if asked else (0, found.size - 1)
    response: HttpResponseBase
    if first > last:
        response = HttpResponse(status=416, content_type=found.content_type)
        response.headers["Content-Range"] = f"bytes */{found.size}"
    elif asked:
        file = open_media_file(found)
        file.seek(first)
        response = StreamingHttpResponse(_Part(file, last - first + 1), status=206, content_type=found.content_type)
        response.headers["Content-Range"] = f"bytes {first}-{last}/{found.size}"
        response.headers["Content-Length"] = str(last - first + 1)
    else:
        response = FileResponse(open_media_file(found), content_type=found.content_type)
    response.headers["Accept-Ranges"] = "bytes"
    return harmless(response)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and last byte of a range as it was asked for; the first is after the last where there is none."""
    if not first:
        return (max(0, size - int(last)), size - 1) if last and int(last) else (size, 0)
    return int(first), min(int(last), size - 1) if last else size - 1


class _Part:
    """The next bytes of a file, in pieces; whoever sends them closes it."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self.file, self.left = file, length

    def __iter__(self) -> Iterator[bytes]:
        while self.left and (piece := self.file.read(min(CHUNK, self.left))):
            self.left -= len(piece)
            yield piece

    def close(self) -> None:
        self.file.close()


def harmless(response: HttpResponseBase) -> HttpResponse:
    """The response with headers by which a browser that opens the file after all lets it do nothing."""
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return cast(HttpResponse, response)
