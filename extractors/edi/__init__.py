"""EDI: X12 and EDIFACT interchanges as records.

``syntax`` cuts segments, ``envelope`` messages, ``x12`` and ``edifact`` have one module a message,
``interchange`` puts them together. NOT handled: TRADACOMS, interactive EDIFACT, X12 with security
segments, binary segments (BIN), schemas of trading partners.
"""
