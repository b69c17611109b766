"""The connection: Django's, but for how it is checked at the start of each request."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that an idle server has nothing to say to."""

    def is_usable(self) -> bool:
        """Whether the server is still there: one that went away has closed the line, which then is readable.

        Only then it is asked. Asking each time costs a journey to the server and back before every page.
        """
        if self.connection is not None and not self.connection.closed:
            line = select.poll()
            line.register(self.connection.fileno(), select.POLLIN)
            if not line.poll(0):
                return True
        return bool(super().is_usable())
