"""The JSON API under /api, described by OpenAPI, shown at /docs."""
