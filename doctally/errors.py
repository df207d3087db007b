"""The errors of doctally.

DoctallyError
├── BadDocument            the document itself is at fault: recorded, never retried
│   ├── UnreadableDocument     empty, truncated, encrypted, unknown, too large, ...
│   └── RefusedRecord          an e-invoice whose XML breaks its standard
├── ConfigurationError     settings, backbone or bank do not fit: the operator must act
├── MissingDependency      an optional package is not installed
└── AccessDenied           a folder, file or database cannot be reached with our rights
"""


class DoctallyError(Exception):
    """Any failure that doctally names; carries a stable code and a sentence for a person."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class BadDocument(DoctallyError):
    """The document is at fault; trying again cannot help."""

    code = "bad_document"


class UnreadableDocument(BadDocument):
    """The bytes cannot be turned into pages or a record."""

    code = "unreadable"


class RefusedRecord(BadDocument):
    """A structured document (XML, EDI) breaks its standard."""

    code = "refused_record"


class ConfigurationError(DoctallyError):
    """Settings, backbone or prompt bank do not fit together."""

    code = "configuration"


class MissingDependency(DoctallyError):
    """An optional package or program is not installed."""

    code = "missing_dependency"


class AccessDenied(DoctallyError):
    """A folder, file or database cannot be used with the rights we run with."""

    code = "access_denied"
