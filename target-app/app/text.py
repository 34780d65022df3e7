"""Text clean-up shared by validation, slugs and search."""

import re
import unicodedata


def squeeze(text: str) -> str:
    """Trim the ends and reduce every run of white space to one space."""
    return " ".join(text.split())


def fold(text: str) -> str:
    """Reduce text to a form for comparison: no accents, no case, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return squeeze(bare.casefold())


def slugify(text: str) -> str:
    """Make an ASCII slug: "Café & Bar" becomes "cafe-bar". Symbols alone give ""."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
