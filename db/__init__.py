"""Tables, migrations, the repository of documents and the read model in SQL."""
