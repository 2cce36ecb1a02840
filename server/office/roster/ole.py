"""A careful reader of the container of old Office files (OLE2, [MS-CFB]): names and one stream.

Every chain is walked no further than the file is long, so a loop in a hostile file ends as
`roster_broken`.
"""

import struct

from server.office.roster.errors import RosterRefused

_FREE = 0xFFFFFFFC
"""Sector numbers from here up are marks, not sectors."""


class Compound:
    """An OLE2 container held in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._open()
        except (struct.error, IndexError) as error:
            raise RosterRefused("roster_broken") from error

    def names(self) -> list[str]:
        """Names of all streams and storages."""
        return [name for name, _, _ in self._entries]

    def stream(self, *names: str) -> bytes:
        """The first of the named streams (names in lower case) that is there."""
        for wanted in names:
            for name, start, size in self._entries:
                if name.lower() == wanted:
                    try:
                        return self._read(start, size)
                    except (struct.error, IndexError) as error:
                        raise RosterRefused("roster_broken") from error
        raise RosterRefused("roster_broken")

    def _open(self) -> None:
        header = self._data[:512]
        if len(header) < 512:
            raise RosterRefused("roster_broken")
        shift, mini_shift = struct.unpack("<HH", header[30:34])
        if shift not in (9, 12) or mini_shift != 6:
            raise RosterRefused("roster_broken")
        self._size = 1 << shift
        self._limit = len(self._data) // self._size + 1
        directory, cutoff, mini_fat = (
            struct.unpack("<I", header[at : at + 4])[0] for at in (48, 56, 60)
        )
        self._cutoff = cutoff
        self._fat = self._read_fat(header)
        entries = self._chain(directory)
        self._entries: list[tuple[str, int, int]] = []
        for at in range(0, len(entries) - 127, 128):
            entry = entries[at : at + 128]
            length = struct.unpack("<H", entry[64:66])[0]
            if entry[66] in (1, 2, 5) and 2 <= length <= 64:
                name = entry[: length - 2].decode("utf-16-le", "replace")
                start, size = struct.unpack("<II", entry[116:124])
                self._entries.append((name, start, size))
                if entry[66] == 5:
                    self._mini = self._chain(start)[:size] if size else b""
        self._mini_fat = self._numbers(self._chain(mini_fat))

    def _read_fat(self, header: bytes) -> list[int]:
        sectors = [number for number in self._numbers(header[76:512]) if number < _FREE]
        more = struct.unpack("<I", header[68:72])[0]
        steps = 0
        while more < _FREE:
            steps += 1
            if steps > self._limit:
                raise RosterRefused("roster_broken")
            numbers = self._numbers(self._sector(more))
            sectors += [number for number in numbers[:-1] if number < _FREE]
            more = numbers[-1]
        if len(sectors) > self._limit:
            raise RosterRefused("roster_broken")
        return self._numbers(b"".join(self._sector(number) for number in sectors))

    @staticmethod
    def _numbers(data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise RosterRefused("roster_broken")
        return self._data[start : start + self._size]

    def _chain(self, sector: int) -> bytes:
        parts: list[bytes] = []
        while sector < _FREE:
            parts.append(self._sector(sector))
            if len(parts) > self._limit:
                raise RosterRefused("roster_broken")
            sector = self._fat[sector]
        return b"".join(parts)

    def _read(self, start: int, size: int) -> bytes:
        if size >= self._cutoff:
            return self._chain(start)[:size]
        parts: list[bytes] = []
        while start < _FREE:
            parts.append(self._mini[start * 64 : start * 64 + 64])
            if len(parts) * 64 > len(self._data):
                raise RosterRefused("roster_broken")
            start = self._mini_fat[start]
        return b"".join(parts)[:size]
