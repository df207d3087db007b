"""The review page and the API: NiceGUI and FastAPI, guarded by ``security``."""
