"""The service. `config` reads the environment, `commands` says which process does what, `web` and `worker` are the rest."""
