"""Every word a user reads, in English and in Chinese, on one entry.

Topic modules (``errors``, ``priors``, …) each hold a dict ``ENTRIES`` of key → ``Text(en, zh)``;
a new module in this package is found by itself, and a key claimed twice is an error at import.
``translator(lang)`` gives the function a page calls with a key; `Message` and `Refusal` carry a key
and its values out of code that does not know the reader's language.
"""

from flowviz.text.entry import Text
from flowviz.text.translation import (
    ENTRIES,
    LANGUAGES,
    HasMessage,
    Language,
    Message,
    Refusal,
    Translator,
    collect,
    excerpt,
    language_of,
    translator,
)

__all__ = [
    "ENTRIES",
    "LANGUAGES",
    "HasMessage",
    "Language",
    "Message",
    "Refusal",
    "Text",
    "Translator",
    "collect",
    "excerpt",
    "language_of",
    "translator",
]
