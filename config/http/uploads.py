"""Uploads in memory, with a limit that is checked before the body is read."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

MAX_BODY = 4_000_000  # bytes, of all files and fields together


class SmallUploads(MemoryFileUploadHandler):
    """The only upload handler. Larger bodies are refused with 413."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803
        content_length: int,
        *rest: Any,
        **more: Any,
    ) -> None:
        if content_length > MAX_BODY:
            raise RequestDataTooBig(f"At most {MAX_BODY} bytes may be uploaded.")
        self.activated = True
