"""Number what is alike: equal words of a column get equal numbers, in order of first sight, chunk after chunk.

An open-addressed hash table in arrays. It is exact: a number is given only where the word itself was compared.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
EMPTY = np.int64(-(1 << 63))  # no word: words use the bits below 62
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, its bits without pattern: neighbouring words fall far apart
FIRST_BITS = 10
ROOM_FOR = 8  # places for each word: rows seldom have to look twice


class Numbering:
    """Numbers for words; `words[number]` is the word. Words lie between 0 and 2**62."""

    def __init__(self) -> None:
        self.words: list[int] = []
        self._make(FIRST_BITS)

    def numbers(self, words: Words) -> Numbers:
        """The number of each word; a word never seen gets the next one."""
        places = self._places(words)
        unlike = self._word_at.take(places) != words
        if unlike.any() and not self._settle(words, places, np.flatnonzero(unlike)):
            return self.numbers(words)  # the table has grown: every word lies elsewhere
        return self._number_at.take(places)

    def _places(self, words: Words) -> npt.NDArray[np.int64]:
        places = np.multiply(words.view(np.uint64), SPREAD)
        np.right_shift(places, self._shift, out=places)
        return places.view(np.int64)

    def _settle(self, words: Words, places: npt.NDArray[np.int64], rows: npt.NDArray[np.intp]) -> bool:
        """Find or make the place of the words of these rows, looking on from their first place; False: it has grown."""
        while rows.size:
            vacant = self._word_at[places[rows]] == EMPTY
            if vacant.any():
                new = np.unique(words[rows[vacant]]).tolist()
                if (len(self.words) + len(new)) * ROOM_FOR > len(self._word_at):
                    self._make(((len(self.words) + len(new)) * ROOM_FOR).bit_length())
                    return False
                for word in new:
                    self._add(word)
            rows = rows[self._word_at[places[rows]] != words[rows]]
            places[rows] = (places[rows] + 1) & (len(self._word_at) - 1)
        return True

    def _add(self, word: int) -> None:
        place = int(self._places(np.array([word], dtype=np.int64))[0])
        while self._word_at[place] != EMPTY:
            if self._word_at[place] == word:
                return
            place = (place + 1) & (len(self._word_at) - 1)
        self._word_at[place], self._number_at[place] = word, len(self.words)
        self.words.append(word)

    def _make(self, bits: int) -> None:
        """A table of 2**bits places with the words numbered so far."""
        self._shift = np.uint64(64 - bits)
        self._word_at = np.full(1 << bits, EMPTY, dtype=np.int64)
        self._number_at = np.full(1 << bits, -1, dtype=np.int32)
        numbered, self.words = self.words, []
        for word in numbered:
            self._add(word)


class Combining:
    """Numbers for combinations of numbers, row by row."""

    def __init__(self) -> None:
        self._numberings: list[Numbering] = []

    def numbers(self, parts: Sequence[Numbers]) -> Numbers:
        """The number of each row's combination."""
        found = parts[0]
        for index, part in enumerate(parts[1:]):
            if index == len(self._numberings):
                self._numberings.append(Numbering())
            found = self._numberings[index].numbers(found.astype(np.int64) << 31 | part)
        return found
