"""Long work: exports, and reading and taking in tables. It goes on when its page is left, is found again under
处理进度, says how many rows are done, and can be stopped."""

from server.office.work.works import Stopped, Work, Works

__all__ = ["Stopped", "Work", "Works"]
